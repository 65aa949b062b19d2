"""A tracker that is told the beats: what the dance would be with nothing to find out. For evaluation only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import registry
from livedance.messages import BeatEstimate, Features, Hop

Array = NDArray[np.floating]

NAME: Final = "exact"
METER: Final = 4
_told: list[tuple[Array, float]] = []


@contextmanager
def exact_beats(beats_s: Array, first_downbeat: int = 0) -> Iterator[str]:
    """Within the context, the tracker of the name given out knows `beats_s` (stream seconds), each as it comes."""
    _told.append((np.asarray(beats_s, np.float64), float(first_downbeat)))
    registry.REGISTRY["tracker"][NAME] = f"{__name__}:ExactTracker"
    try:
        yield NAME
    finally:
        del registry.REGISTRY["tracker"][NAME]
        _told.pop()


class ExactTracker:
    """Says the beats of the innermost `exact_beats`, from the second one on; never one that has not come."""

    latency_s = 0.0
    knows_structure = False

    def __init__(self) -> None:
        self._beats, self._one = _told[-1]

    def initial_state(self) -> float:
        """Return the beat position of the hop before."""
        return -1.0

    def step(self, state: float, hop: Hop, features: Features) -> tuple[BeatEstimate, float]:
        """Return the estimate for one hop: position by the last two beats, tempo by the last interval."""
        heard = int(np.searchsorted(self._beats, hop.t_s, side="right"))
        is_known = heard >= 2 and hop.t_s < self._beats[-1] + 2.0
        last = min(heard, len(self._beats)) - 1
        period_s = float(self._beats[last] - self._beats[last - 1]) if is_known else 0.0
        position = last + (hop.t_s - float(self._beats[last])) / period_s if is_known else None
        if position is not None:
            position = max(position, state)
        phase = 0.0 if position is None else ((position - self._one) % METER) / METER
        is_beat = position is not None and np.floor(position) > np.floor(state)
        estimate = BeatEstimate(
            index=hop.index,
            t_s=hop.t_s,
            tempo_bpm=60.0 / period_s if is_known else 0.0,
            confidence=1.0 if is_known else 0.0,
            beat_position=position,
            bar_phase=phase,
            bar_index=0 if position is None else int((position - self._one) // METER),
            phrase_bar=0 if position is None else int((position - self._one) // METER) % 8,
            is_beat=bool(is_beat),
            is_downbeat=bool(is_beat) and phase < 0.125,
            next_beat_s=None if position is None else hop.t_s + max(1e-4, (1.0 - position % 1.0) * period_s),
            onset_strength=features.onset_low,
        )
        return estimate, state if position is None else position
