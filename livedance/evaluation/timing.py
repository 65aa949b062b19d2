"""How far the accents of what was shown lie from the beats that were heard. Pure NumPy; seconds in, ms out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation.accents import kinematic_beats, mean_offset_s, phase_R, smooth

Array = NDArray[np.floating]

GRID_HZ: Final = 120.0
"""Received poses come at irregular times; they are read on this grid, joints moving straight between them."""
PICTURE_SMOOTH_S: Final = 0.05
MIN_GAP_S: Final = 0.18


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Accents against beats."""

    accents: int
    beats: int
    mean_ms: float
    """Signed mean of the distance to the nearest beat; positive = the picture is late."""
    sd_ms: float
    median_ms: float
    p95_ms: float
    """95th percentile of the absolute distance."""
    phase_r: float
    """1 = locked to one phase of the beat, about 0 = chance."""
    circular_ms: float
    """Circular mean of the distance; robust against a few accents near the half-beat."""


def timing(accents_s: Array, beats_s: Array, from_s: float = -np.inf) -> Timing:
    """Return how `accents_s` lie on `beats_s`, from `from_s` on and only between the first and last beat."""
    inside = accents_s[(accents_s >= max(from_s, beats_s[0] - 0.1)) & (accents_s <= beats_s[-1] + 0.1)]
    heard = beats_s[beats_s >= from_s]
    if not len(inside) or len(heard) < 2:
        nan = float("nan")
        return Timing(
            accents=len(inside), beats=len(heard), mean_ms=nan, sd_ms=nan, median_ms=nan, p95_ms=nan, phase_r=0.0,
            circular_ms=nan,
        )  # fmt: skip
    off_ms = 1e3 * signed_offsets(inside, beats_s)
    return Timing(
        accents=len(inside),
        beats=len(heard),
        mean_ms=float(off_ms.mean()),
        sd_ms=float(off_ms.std()),
        median_ms=float(np.median(off_ms)),
        p95_ms=float(np.percentile(np.abs(off_ms), 95)),
        phase_r=phase_R(inside, beats_s),
        circular_ms=1e3 * mean_offset_s(inside, beats_s),
    )


def locked_s(accents_s: Array, beats_s: Array, within_s: float = 0.06, n: int = 4) -> float:
    """Return the seconds from the first beat to the first of `n` accents in a row that lie within `within_s` of a beat.

    NaN when that never happens. The accents of the time before the first beat do not count.
    """
    after = accents_s[accents_s >= beats_s[0] - within_s]
    good = np.abs(signed_offsets(after, beats_s)) <= within_s if len(after) else np.zeros(0, bool)
    runs = np.convolve(good, np.ones(n), mode="valid") if len(good) >= n else np.zeros(0)
    at = np.flatnonzero(runs >= n - 1e-9)
    return float(after[at[0]] - beats_s[0]) if len(at) else float("nan")


def signed_offsets(accents_s: Array, beats_s: Array) -> Array:
    """Return accent minus nearest beat for each accent."""
    right = np.searchsorted(beats_s, accents_s).clip(1, len(beats_s) - 1)
    before, after = accents_s - beats_s[right - 1], accents_s - beats_s[right]
    nearest: Array = np.where(np.abs(before) <= np.abs(after), before, after)
    return nearest


def chance(accents_s: Array, beats_s: Array, from_s: float = -np.inf, seed: int = 0, n: int = 200) -> Timing:
    """Return the mean timing of the same number of accents thrown at random over the same time."""
    inside = accents_s[(accents_s >= max(from_s, beats_s[0])) & (accents_s <= beats_s[-1])]
    rng = np.random.default_rng(seed)
    start, end = max(from_s, beats_s[0]), beats_s[-1]
    runs = [timing(np.sort(rng.uniform(start, end, max(1, len(inside)))), beats_s, from_s) for _ in range(n)]
    names = ("mean_ms", "sd_ms", "median_ms", "p95_ms", "phase_r", "circular_ms")
    means = {name: float(np.mean([getattr(run, name) for run in runs])) for name in names}
    return Timing(accents=len(inside), beats=runs[0].beats, **means)


def pose_accents(times_s: Array, positions_m: Array) -> Array:
    """Return the accent times of poses (T, J, 3) that were received at `times_s`: stops of the whole body.

    Poses that arrive together (a late thread) count at the time of the last of them; gaps are crossed in a straight
    line, as a receiver would show them.
    """
    if len(times_s) < 8:
        return np.zeros(0)
    is_last = np.concatenate([np.diff(times_s) > 1e-4, [True]])
    times_s, positions_m = times_s[is_last], positions_m[is_last]
    grid = np.arange(times_s[0], times_s[-1], 1.0 / GRID_HZ)
    flat = positions_m.reshape(len(positions_m), -1)
    read = np.stack([np.interp(grid, times_s, column) for column in flat.T], axis=1)
    found: Array = times_s[0] + kinematic_beats(read.reshape(len(grid), -1, 3), GRID_HZ, min_gap_s=MIN_GAP_S)
    return found


def picture_accents(times_s: Array, pictures: NDArray[np.uint8]) -> Array:
    """Return the accent times of grey pictures (T, H, W): moments at which the picture moves least.

    The change between two pictures belongs to the time half-way between them.
    """
    if len(times_s) < 8:
        return np.zeros(0)
    change = np.abs(np.diff(pictures.astype(np.int16), axis=0)).mean(axis=(1, 2)) / np.maximum(np.diff(times_s), 1e-3)
    middle = 0.5 * (times_s[1:] + times_s[:-1])
    grid = np.arange(middle[0], middle[-1], 1.0 / GRID_HZ)
    calm = smooth(np.interp(grid, middle, change), PICTURE_SMOOTH_S * GRID_HZ)
    found: Array = middle[0] + _minima(calm) / GRID_HZ
    return found


def _minima(values: Array) -> Array:
    """Return fractional indices of the minima that are lowest within `MIN_GAP_S` and under the median."""
    reach = round(MIN_GAP_S * GRID_HZ)
    if len(values) < 2 * reach + 1:
        return np.zeros(0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="edge"), 2 * reach + 1)
    lowest = (values <= around.min(axis=1)) & (values < np.median(values))
    lowest[[0, -1]] = False
    at = np.flatnonzero(lowest)
    at = at[np.concatenate([[True], np.diff(at) > reach])[: len(at)]]
    before, here, after = values[at - 1], values[at], values[at + 1]
    curve = np.maximum(before - 2 * here + after, 1e-12)
    found: Array = at + np.clip(0.5 * (before - after) / curve, -0.5, 0.5)
    return found
