"""Regression over beat events: a grid from the times at which something said "beat". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from livedance.beat.grid import Grid, fold_tempo
from livedance.messages import Array

MIN_EVENTS: Final = 4
FIT_EVENTS: Final = 10
"""Beats in a fit: enough to average aubio's jitter of a few ms, few enough to follow a pitch fader."""
FORGETTING: Final = 0.75
"""Weight of each event relative to the next newer one."""
NEAR_BEATS: Final = 0.12
"""An event this far from every half beat of the grid says nothing about it."""
AUBIO_LOOKBACK_S: Final = 3.8
"""aubio's beats stand where the tempo of this long ago would have put them (measured on pitch-fader ramps)."""
RAMP_MIN: Final = 8
RAMP_MIN_SLOPE: Final = 0.0012
"""Beats/s^2: 0.07 BPM a second; slower changes need no help."""
TOGETHER_BEATS: Final = 0.06
"""Events agree with each other when none is farther than this from their common line."""


def fit_events(events: Sequence[float], grid: Grid) -> Grid | None:
    """Return `grid` refined by the newest events that lie near its half beats, or None when they are too few.

    The count and the choice of the half stay those of `grid`.
    """
    times = np.asarray(events[-FIT_EVENTS:])
    positions = grid.count + (times - grid.beat_s) / grid.period_s
    halves = np.round(2.0 * positions) / 2.0
    near = np.abs(positions - halves) < NEAR_BEATS
    if near.sum() < MIN_EVENTS:
        return None
    period_s, beat_s = _line(halves[near], times[near])
    if abs(period_s / grid.period_s - 1.0) > 0.1:
        return None
    count = float(halves[near][-1])
    return Grid(beat_s=beat_s + period_s * count, period_s=period_s, count=count)


def fit_newest(events: Sequence[float]) -> Grid | None:
    """Return the grid of the newest four events if they lie on one line, else None."""
    times = np.asarray(events[-MIN_EVENTS:])
    if len(times) < MIN_EVENTS:
        return None
    gaps = np.diff(times)
    period = float(np.median(gaps))
    if not period > 0.0:
        return None
    index = np.concatenate([[0.0], np.cumsum(np.round(gaps / period))])
    if len(np.unique(index)) < MIN_EVENTS:
        return None
    period_s, beat_s = _line(index, times)
    if period_s <= 0.0 or np.abs(times - beat_s - period_s * index).max() > TOGETHER_BEATS * period_s:
        return None
    return Grid(beat_s=beat_s + period_s * float(index[-1]), period_s=fold_tempo(period_s))


def ramp(rates: Sequence[tuple[float, float]]) -> float:
    """Return how fast the tempo changes (beats per second, per second) over the newest fits; 0 when it stands."""
    if len(rates) < RAMP_MIN:
        return 0.0
    times, values = np.asarray(rates).T
    centred = times - times.mean()
    slope = float((centred * values).sum() / max(1e-9, (centred**2).sum()))
    noise = float(np.std(values - values.mean() - slope * centred)) / max(1e-9, float(times[-1] - times[0]))
    return slope if abs(slope) > 3.0 * noise + RAMP_MIN_SLOPE else 0.0


def ahead(grid: Grid, t_s: float, slope: float) -> Grid:
    """Return `grid` moved to where a tempo that changes by `slope` has got to while aubio still looked back."""
    if slope == 0.0:
        return grid
    rate = 1.0 / grid.period_s + slope * AUBIO_LOOKBACK_S
    position = grid.position(t_s) + 0.5 * slope * AUBIO_LOOKBACK_S**2
    return Grid(beat_s=t_s + (grid.count - position) / rate, period_s=1.0 / rate, count=grid.count)


def _line(positions: Array, times: Array) -> tuple[float, float]:
    """Return (slope, intercept) of times over positions, newer events weighing more."""
    weights = FORGETTING ** np.arange(len(times) - 1, -1, -1)
    mean_position = float(np.average(positions, weights=weights))
    mean_time = float(np.average(times, weights=weights))
    centred = positions - mean_position
    slope = float((weights * centred * (times - mean_time)).sum() / max(1e-12, (weights * centred**2).sum()))
    return slope, mean_time - slope * mean_position
