"""From clock time to beat time: a smooth monotone beat map, and motion sampled 16 times a beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]


def monotone_slopes(x: Array, y: Array) -> Array:
    """Return Hermite slopes (K,) that keep a cubic through increasing knots increasing (Fritsch & Butland 1984)."""
    step = np.diff(x)
    rate = np.diff(y) / step
    if len(rate) == 1:
        return np.repeat(rate, 2)
    slopes = np.empty(len(x))
    before, after = step[:-1], step[1:]
    near = (2 * after + before) / (3 * (before + after))
    product = rate[:-1] * rate[1:]
    mean = near * rate[1:] + (1 - near) * rate[:-1]
    slopes[1:-1] = np.where(product > 0, product / np.where(product > 0, mean, 1.0), 0.0)
    slopes[0], slopes[-1] = rate[0], rate[-1]
    return slopes


def hermite(x: Array, y: Array, at: Array) -> Array:
    """Return the monotone cubic through knots (x, y) at `at`; outside the knots it goes on as a straight line."""
    slopes = monotone_slopes(x, y)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    h = x[i + 1] - x[i]
    s = np.clip((at - x[i]) / h, 0.0, 1.0)
    s2, s3 = s * s, s * s * s
    inside = (
        (2 * s3 - 3 * s2 + 1) * y[i]
        + (s3 - 2 * s2 + s) * h * slopes[i]
        + (3 * s2 - 2 * s3) * y[i + 1]
        + (s3 - s2) * h * slopes[i + 1]
    )
    out: Array = inside + slopes[0] * np.minimum(at - x[0], 0.0) + slopes[-1] * np.maximum(at - x[-1], 0.0)
    return out


def beat_knots(beat_times_s: Array, half_beat_times_s: Array | None = None) -> tuple[Array, Array]:
    """Return (beats, clip seconds) of the knots: whole beats, and half-beats where the map has them."""
    whole = np.asarray(beat_times_s, dtype=np.float64)
    if half_beat_times_s is None or len(half_beat_times_s) != len(whole) - 1:
        return np.arange(len(whole), dtype=np.float64), whole
    seconds = np.empty(2 * len(whole) - 1)
    seconds[::2], seconds[1::2] = whole, half_beat_times_s
    return 0.5 * np.arange(len(seconds)), seconds


def sample_times(beat_times_s: Array, half_beat_times_s: Array | None = None) -> Array:
    """Return the clip seconds (S,) of the 16 samples of each of the B - 1 beats, S = 16 (B - 1)."""
    beats, seconds = beat_knots(beat_times_s, half_beat_times_s)
    n_samples = SAMPLES_PER_BEAT * (len(beat_times_s) - 1)
    return hermite(beats, seconds, np.arange(n_samples) / SAMPLES_PER_BEAT)


def cubic(track: Array, at: Array) -> Array:
    """Return `track` (T, ...) at fractional frames `at` (S,) by Catmull-Rom; ends are held."""
    last = len(track) - 1
    at = np.clip(at, 0.0, last)
    i = np.minimum(at.astype(np.int64), max(last - 1, 0))
    s = (at - i).reshape(-1, *([1] * (track.ndim - 1)))
    p0, p1, p2, p3 = (track[np.clip(i + k, 0, last)] for k in (-1, 0, 1, 2))
    out: Array = p1 + 0.5 * s * (p2 - p0 + s * (2 * p0 - 5 * p1 + 4 * p2 - p3 + s * (3 * (p1 - p2) + p3 - p0)))
    return out


def sample_rotations(quaternions: Array, at: Array) -> Array:
    """Return rotations (S, J, 4) of a track (T, J, 4) at fractional frames: a smooth cubic, made unit again."""
    return rotations.normalise(cubic(rotations.continuous(np.asarray(quaternions, dtype=np.float64)), at))


def sample_linear(track: Array, at: Array) -> Array:
    """Return `track` (T, C) at fractional frames `at`, linear: for contacts, which must not overshoot."""
    last = len(track) - 1
    at = np.clip(at, 0.0, last)
    i = np.minimum(at.astype(np.int64), max(last - 1, 0))
    s = (at - i)[:, None]
    out: Array = (1 - s) * track[i] + s * track[np.minimum(i + 1, last)]
    return out
