"""Where the grid of true beats changes: cuts, changes of tune, ramps of the pitch fader. Pure NumPy."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]

JUMP: Final = 0.04
"""An interval this much off the three before is a cut."""
STEADY: Final = 0.005
"""Intervals of a steady tempo differ by less."""
BEND_LEAST: Final = 2e-4
"""Intervals that go on changing by more than this each are a ramp."""
BEND_BEATS: Final = 6
"""Shortest ramp."""


def changes(truth: Truth) -> tuple[float, ...]:
    """Return the first beats of a new grid (cut, mix) and the last beats of tempo ramps, ascending."""
    if truth.category in ("cut", "mix"):
        return cuts(truth.beat_s)
    return ramp_ends(truth.beat_s) if truth.category == "ramp" else ()


def cuts(beat_s: F64) -> tuple[float, ...]:
    """Return the first beats of a new grid: where an interval is not that of the beats before."""
    gaps = np.diff(beat_s)
    found: list[float] = []
    i = 2
    while i < len(gaps):
        usual = float(np.median(gaps[max(0, i - 3) : i]))
        if abs(gaps[i] / usual - 1.0) <= JUMP:
            i += 1
            continue
        is_odd = i + 1 < len(gaps) and abs(gaps[i + 1] / gaps[i] - 1.0) > JUMP
        found.append(float(beat_s[i + 1] if is_odd else beat_s[i]))
        i += 4
    return tuple(found)


def ramp_ends(beat_s: F64) -> tuple[float, ...]:
    """Return the beats at which steady changes of tempo come to their end."""
    gaps = np.diff(beat_s)
    bends = np.abs(gaps[1:] / gaps[:-1] - 1.0)
    is_bent = np.concatenate(([False], (bends > BEND_LEAST) & (bends <= JUMP), [False]))
    edges = np.flatnonzero(np.diff(is_bent.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    return tuple(float(beat_s[end]) for start, end in zip(starts, ends, strict=True) if end - start >= BEND_BEATS)


def is_steady(beat_s: F64, start_s: float, end_s: float) -> bool:
    """Whether all intervals between beats in [start, end] are alike."""
    gaps = np.diff(beat_s[(beat_s >= start_s) & (beat_s <= end_s + 0.02)])
    return len(gaps) > 0 and bool(np.all(np.abs(gaps / np.median(gaps) - 1.0) <= STEADY))
