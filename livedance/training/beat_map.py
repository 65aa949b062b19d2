"""Finds the beat map of a clip: prominent stops pulled onto beats by a bounded, smooth warp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatMap:
    """Where a clip's dance beats lie in its own time."""

    beat_times_s: Array
    """(B,) strictly increasing."""
    half_beat_times_s: Array
    """(B-1,)"""
    native_bpm: float
    confidence: float


def fold(bpm: float) -> float:
    """Return the tempo an octave or more away that lies in [80, 160)."""
    while bpm < 80.0:
        bpm *= 2.0
    while bpm >= 160.0:
        bpm /= 2.0
    return bpm


def find(positions: Array, fps: float, grid_s: Array) -> BeatMap:
    """Return a constant map: the data's grid where there is one, else 110 BPM."""
    period = 60.0 / fold(60.0 / float(np.median(np.diff(grid_s)))) if len(grid_s) > 2 else 60.0 / 110.0
    start = float(grid_s[0] % period) if len(grid_s) > 2 else 0.0
    end = (len(positions) - 1) / fps
    beats = np.arange(start, end, period)
    return BeatMap(
        beat_times_s=beats,
        half_beat_times_s=beats[:-1] + period / 2,
        native_bpm=60.0 / period,
        confidence=float(len(grid_s) > 2),
    )
