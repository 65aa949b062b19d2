"""Which beat is the one, and how many beats a bar has: a forward filter over the places in bars of 4, 3 and 2 beats.

Each beat brings what the network said of "downbeat" there, and now and then the structure says "a phrase begins
here". The filter moves one place per beat; a cut may put it anywhere. What is shown changes only when the filter is
sure, at once after a new lock; the count of bars never goes back. Five beats to the bar are taken for something else.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

METERS: Final = (4, 3, 2)
METER_PRIOR: Final = (0.93, 0.05, 0.02)
"""Dance music is in four; two is six-eight, felt in two."""
JUMP: Final = 0.004
"""Per beat: belief that goes back to "anywhere" (a cut, an added bar of two)."""
NEW_METER: Final = 0.0005
"""Per bar line: belief that another meter begins."""

BASE_RATE: Final = 0.3
"""An answer of this speaks neither for the one nor against it."""
TEMPER: Final = 0.7
"""Beats of one record are alike: each says a little less than if it were alone."""
LEAST: Final = -1.6
MOST: Final = 2.2
"""Nepers per beat."""
PHRASE: Final = 2.5
"""Nepers for a phrase that begins here, at certainty 1."""

FIRST_SURE: Final = 0.4
SURE: Final = 0.75
"""Belief in another place that moves the bar line: at once after a lock, later ..."""
MARGIN: Final = 5.5
"""... which must be so many times the belief in the present one: the place whose turn is next leads by default."""
SURE_BEATS: Final = 3
"""For so many beats in a row."""
YOUNG_BEATS: Final = 8

_FIRST: Final = [sum(METERS[:i]) for i in range(len(METERS))]
"""Index of the one of each meter; the places of a meter follow each other."""
_N: Final = sum(METERS)
_NEXT: Final = np.array([start + (i + 1) % m for start, m in zip(_FIRST, METERS, strict=True) for i in range(m)])
_IS_ONE: Final = np.isin(np.arange(_N), _FIRST)
_PRIOR: Final = np.concatenate([np.full(m, p / m) for m, p in zip(METERS, METER_PRIOR, strict=True)])


def evidence(activation: float) -> float:
    """Return how much more likely `activation` (0-1) is on the one than elsewhere, in nepers, bounded."""
    p = min(1.0 - 1e-3, max(1e-3, activation))
    odds = math.log(p / (1.0 - p)) - math.log(BASE_RATE / (1.0 - BASE_RATE))
    return min(MOST, max(LEAST, TEMPER * odds))


class BarPhase:
    """Counts bars over the beats of one run. Mutable; driven once per beat."""

    def __init__(self) -> None:
        self.meter = METERS[0]
        self.one = 0
        """A beat that is a downbeat; others are multiples of `meter` away."""
        self.index = 0
        """Bars begun; never goes back."""
        self.certainty = 0.0
        """Belief in the bar line that is shown."""
        self._belief: F64 = _PRIOR.copy()
        self._beats = 0
        self._waits = 0
        self._lean = 0.0
        """Nepers for the place that was begun with, until the first beat is heard."""

    def begin(self, beat: int, lean: float = 0.0) -> None:
        """Take `beat` for the one until the music says otherwise: a new lock; it counts for `lean` nepers."""
        self._belief = _PRIOR.copy()
        self._beats, self._waits, self._lean = 0, 0, lean
        self.meter, self.one = METERS[0], beat

    def hear(self, beat: int, downbeat: float) -> None:
        """Weigh the network's "downbeat" at `beat`; each beat is heard once, in order; beats may be left out."""
        moved = self._belief[_NEXT_FROM]
        ones = moved[_FIRST]
        moved[_FIRST] = (1.0 - NEW_METER) * ones + NEW_METER * float(ones.sum()) * np.array(METER_PRIOR)
        moved = (1.0 - JUMP) * moved + JUMP * float(moved.sum()) * _PRIOR
        moved[_FIRST] *= math.exp(evidence(downbeat))
        if self._beats == 0:
            moved[[first + (beat - self.one) % m for first, m in zip(_FIRST, METERS, strict=True)]] *= math.exp(
                self._lean
            )
        self._belief = moved / moved.sum()
        self._beats += 1
        self._decide(beat)

    def skip(self) -> None:
        """Let a beat pass that says nothing: no rhythm."""
        self._belief = self._belief[_NEXT_FROM]

    def hear_phrase(self, beat: int, certainty: float) -> None:
        """Weigh that a phrase begins at `beat`, the one heard last."""
        self._belief[_FIRST] *= math.exp(PHRASE * certainty)
        self._belief /= self._belief.sum()
        self._decide(beat)

    def pass_beat(self, beat: int) -> bool:
        """Note that the music passes `beat`; return whether it is a downbeat."""
        is_one = (beat - self.one) % self.meter == 0
        if is_one:
            self.one = beat
            self.index += 1
        return is_one

    def phase(self, position: float) -> float:
        """Return [0, 1) of the bar at `position` (beats)."""
        return ((position - self.one) / self.meter) % 1.0

    def _decide(self, beat: int) -> None:
        shown = _FIRST[METERS.index(self.meter)] + (beat - self.one) % self.meter
        best = int(self._belief.argmax())
        self.certainty = float(self._belief[shown])
        if best == shown:
            self._waits = 0
            return
        is_young = self._beats <= YOUNG_BEATS
        needed = max(FIRST_SURE if is_young else SURE, MARGIN * self.certainty)
        sure = float(self._belief[best]) > needed
        self._waits = self._waits + 1 if sure else 0
        if self._waits < (1 if is_young else SURE_BEATS):
            return
        at = max(i for i, start in enumerate(_FIRST) if start <= best)
        self.meter, self.one, self._waits = METERS[at], beat - (best - _FIRST[at]), 0
        self.certainty = float(self._belief[best])


def _origins() -> NDArray[np.intp]:
    """Return for each place the place before it."""
    before = np.zeros(_N, dtype=np.intp)
    before[_NEXT] = np.arange(_N)
    return before


_NEXT_FROM: Final = _origins()
