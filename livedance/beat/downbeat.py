"""Which of four beats is the one: counted from where the sound began, corrected by a vote of kick and snare."""

from __future__ import annotations

from typing import Final

import numpy as np

from livedance.messages import Array

METER: Final = 4
DECAY: Final = 0.94
"""Per beat: the vote remembers about four bars."""
MARGIN: Final = 0.12
"""Another beat must be ahead of the present one by this much evidence (shares of the bar's energy) ..."""
PATIENCE_BEATS: Final = 16
"""... for this many beats in a row. Four kicks alike say nothing, and the count stays."""
NEAR_BEATS: Final = 0.2
"""Onsets this near to a beat are its own."""


class DownbeatVote:
    """Collects onset strength per beat of the bar. The one has a kick (low) and no snare (mid). Mutable."""

    def __init__(self) -> None:
        self.one = 0
        """A beat count that is a downbeat; others are multiples of four away."""
        self._strength: Array = np.zeros((METER, 2))
        self._beat: Array = np.zeros(2)
        self._index: int | None = None
        self._rival = 0
        self._patience = 0

    def begin(self, position: float) -> None:
        """Take the beat nearest to `position`, where the sound began, for the one until the music says otherwise."""
        self.one = round(position)
        self._strength[:] = 0.0
        self._patience = 0

    def step(self, position: float, low: float, mid: float) -> None:
        """Take one hop at `position` (beats) with its onset strengths."""
        index = round(position)
        if index != self._index:
            if self._index is not None:
                self._count(self._index)
            self._index = index
            self._beat[:] = 0.0
        if abs(position - index) < NEAR_BEATS:
            self._beat += (low, mid)

    def _count(self, index: int) -> None:
        """Close a beat: add its strength, and move the one when a rival has led for long enough."""
        self._strength *= DECAY
        self._strength[index % METER] += self._beat
        share = self._strength / (self._strength.sum(axis=0) + 1e-9)
        evidence = share[:, 0] - share[:, 1]
        rival = int(np.argmax(evidence))
        leads = evidence[rival] > evidence[self.one % METER] + MARGIN
        self._patience = self._patience + 1 if leads and rival == self._rival else 0
        self._rival = rival
        if self._patience >= PATIENCE_BEATS:
            self.one = index + (rival - index) % METER
            self._patience = 0
