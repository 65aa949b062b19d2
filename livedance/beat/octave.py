"""Which octave of the tempo is the beat: read from how strongly beats alternate, not from how often they repeat.

The network answers every beat of a piece alike; where it is drawn to the eighths as well, it answers them more faintly,
again and again. A filter that adds up evidence comes to believe in the faint ones too; here the heights are compared
instead. If every other beat is much fainter, the tempo is half of what was counted; if the places between the beats are
as strong as the beats, it is twice. Pure but for `OctaveVote`, which is mutable, one per run.
"""

from __future__ import annotations

import math
from typing import Final

from livedance.beat.bar_pointer import Reading
from livedance.beat.grid import Grid

NEAR_BEATS: Final = 0.12
"""So near to its place an answer counts for a beat, or for the middle between two."""
SLOWEST_BPM: Final = 60.0
FASTEST_BPM: Final = 200.0
FAINT: Final = 0.45
"""Every other beat below this share of the rest: the tempo is half ..."""
FAST_BPM: Final = 178.0
FAINT_FAST: Final = 0.65
"""... and below this one where beats come so fast that few pieces count them: an intro on eighths."""
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

    def step(self, position: float, activation: float, tempo_bpm: float) -> float:
        """Take one answer (0-1) at `position` (beats); return by how much the tempo is to change: 2, 1/2 or 1."""
        place = round(2.0 * position)
        if place != self._place:
            if self._place is not None:
                self._learn(self._place, self._highest)
            self._place, self._highest = place, 0.0
        if abs(2.0 * position - place) < 2.0 * NEAR_BEATS:
            self._highest = max(self._highest, activation)
        return self._verdict(tempo_bpm)

    def phase(self, position: float, factor: float) -> float:
        """Return the phase at `position` of the line that is `factor` times as fast, on the stronger beats."""
        if factor > 1.0:
            return (2.0 * position) % 1.0
        strong = 0 if self._means[0] >= self._means[1] else 1
        return (0.5 * (position - strong)) % 1.0

    def _learn(self, place: int, height: float) -> None:
        kind = 2 if place % 2 else (place // 2) % 2
        self._counts[kind] += 1
        gain = max(GAIN, 1.0 / self._counts[kind])
        self._means[kind] += gain * (height - self._means[kind])

    def _verdict(self, tempo_bpm: float) -> float:
        if min(self._counts) < (HEARD_AGAIN if self._changed else HEARD):
            return 1.0
        even, odd, middle = self._means
        if max(even, odd) < STRONG:
            return 1.0
        faint = FAINT_FAST if tempo_bpm > FAST_BPM else FAINT
        if min(even, odd) < faint * max(even, odd) and 0.5 * tempo_bpm >= SLOWEST_BPM:
            return 0.5
        if middle > ALIKE * min(even, odd) and middle > STRONG and 2.0 * tempo_bpm <= FASTEST_BPM:
            return 2.0
        return 1.0


def _wrap(beats: float) -> float:
    return beats - math.floor(beats + 0.5)
