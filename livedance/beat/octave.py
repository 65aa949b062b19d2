"""Which octave of the tempo is the beat: read from how strongly beats alternate, not from how often they repeat.

The network answers every beat of a piece alike; where it is drawn to the eighths as well, it answers them more faintly,
again and again. A filter that adds up evidence comes to believe in the faint ones too; here the heights are compared
instead. If every other beat is much fainter, the tempo is half of what was counted; if the places between the beats are
as strong as the beats, it is twice; if all beats are faint beside them, they are the beats. Pure but for `OctaveVote`,
which is mutable, one per run.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from livedance.beat.bar_pointer import Reading
from livedance.beat.grid import Grid

NEAR_BEATS: Final = 0.12
"""So near to its place an answer counts for a beat, or for the middle between two."""
SLOWEST_BPM: Final = 60.0
FASTEST_BPM: Final = 200.0
FAINT: Final = 0.45
"""Every other beat below this share of the rest: the tempo is half."""
FAST_BPM: Final = 181.0
"""Few pieces count beats that are faster than this; the first guess at a tempo is known to 2 %."""
OFF: Final = 0.5
"""All beats below this share of the middles: the beats are the middles."""
ALIKE: Final = 0.7
"""The middles above this share of the beats: the tempo is double."""
STRONG: Final = 0.65
"""Beats must be at least so high to speak at all."""
GAIN: Final = 0.25
"""Of each new height in its mean."""
HEARD: Final = 4
"""Heights of each kind before anything is decided ..."""
HEARD_AGAIN: Final = 12
"""... and after the octave was changed once in this tune."""
SAME: Final = 0.06
"""Relative difference of tempi that are called the same ..."""
PLACE_BEATS: Final = 0.2
"""... and of places, in beats of the slower tempo."""


def fold(reading: Reading, grid: Grid, heard_s: float) -> Reading:
    """Return `reading` in the octave of `grid` where it means the same beats, twice or half as often; else as it is."""
    ratio = grid.period_s / reading.period_s
    position = grid.position(heard_s)
    if abs(0.5 * ratio - 1.0) < SAME:
        phase = min((0.5 * reading.phase, 0.5 * reading.phase + 0.5), key=lambda p: abs(_wrap(p - position)))
        period_s, off = 2.0 * reading.period_s, _wrap(phase - position)
    elif abs(2.0 * ratio - 1.0) < SAME:
        phase, period_s = (2.0 * reading.phase) % 1.0, 0.5 * reading.period_s
        off = 0.5 * _wrap(phase - position)
    else:
        return reading
    if abs(off) > PLACE_BEATS:
        return reading
    return reading._replace(phase=phase, period_s=period_s)


def slowed(reading: Reading, heard_s: float, began_s: float) -> Reading:
    """Return `reading` at half its tempo where that is so fast that few pieces count it, else as it is.

    For the first lock of a piece that began at `began_s`: its first sound is taken for a beat. An intro on eighths
    looks like a fast piece; a fast piece is soon found to have middles as strong as its beats.
    """
    if 60.0 / reading.period_s <= FAST_BPM:
        return reading
    beats = (heard_s - began_s) / reading.period_s - reading.phase
    phase = 0.5 * (reading.phase + round(beats) % 2)
    return reading._replace(period_s=2.0 * reading.period_s, phase=phase)


class Change(NamedTuple):
    """Another line on the same pulses."""

    factor: float
    """By how much its tempo is faster: 2, 1/2, or 1 for the line through the middles."""
    phase: float
    """[0, 1) of the new line, now."""


class OctaveVote:
    """Heights of beats, by parity, and of the middles between them, since the line was last laid."""

    def __init__(self) -> None:
        self._changed = False
        self.begin()

    def begin(self, *, changed: bool = False) -> None:
        """Start afresh on a new line; `changed` when it is the old one in another octave."""
        self._changed = changed
        self._means = [0.0, 0.0, 0.0]
        """Of even beats, odd beats, middles."""
        self._counts = [0, 0, 0]
        self._place: int | None = None
        """The half beat that is being heard ..."""
        self._highest = 0.0
        """... and the highest answer near it."""

    def step(self, position: float, activation: float, tempo_bpm: float) -> Change | None:
        """Take one answer (0-1) at `position` (beats); return the line that is meant, if it is another one."""
        place = round(2.0 * position)
        if place != self._place:
            if self._place is not None:
                self._learn(self._place, self._highest)
            self._place, self._highest = place, 0.0
        if abs(2.0 * position - place) < 2.0 * NEAR_BEATS:
            self._highest = max(self._highest, activation)
        return self._verdict(position, tempo_bpm)

    def _learn(self, place: int, height: float) -> None:
        kind = 2 if place % 2 else (place // 2) % 2
        self._counts[kind] += 1
        gain = max(GAIN, 1.0 / self._counts[kind])
        self._means[kind] += gain * (height - self._means[kind])

    def _verdict(self, position: float, tempo_bpm: float) -> Change | None:
        if min(self._counts) < (HEARD_AGAIN if self._changed else HEARD):
            return None
        even, odd, middle = self._means
        strong, faint = max(even, odd), min(even, odd)
        if middle > STRONG and strong < OFF * middle:
            return Change(1.0, (position + 0.5) % 1.0)
        if strong < STRONG:
            return None
        if faint < FAINT * strong and 0.5 * tempo_bpm >= SLOWEST_BPM:
            return Change(0.5, 0.5 * (position - (even < odd)) % 1.0)
        if middle > ALIKE * faint and middle > STRONG and 2.0 * tempo_bpm <= FASTEST_BPM:
            return Change(2.0, 2.0 * position % 1.0)
        return None


def _wrap(beats: float) -> float:
    return beats - math.floor(beats + 0.5)
