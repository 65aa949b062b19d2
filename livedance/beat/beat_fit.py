"""The line of the beat from single beats: weighted regression, over as many as still lie on one line. Pure.

A record runs at one tempo to a few parts in a million, a hand on the pitch fader bends it by a percent a beat. So the
longest window whose newest beats do not leave its line is taken; when they leave all of them, a parabola.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedance.beat.grid import Grid

F64 = NDArray[np.float64]

MODELS: Final = ((32, 1), (16, 1), (8, 1), (16, 2), (10, 2))
"""(beats in the window, degree), the steadiest first; the last one is taken when none fits."""
NEWEST: Final = 4
"""So many beats tell whether a line still holds."""
LEAVES: Final = 1.3
"""Their mean may be off by so many of its standard errors ..."""
LEAVES_LEAST_S: Final = 0.0015
"""... and this much, before the line is given up."""
FEWEST: Final = {1: 3, 2: 7}
"""Beats that a line and a parabola need."""
OUTLIER: Final = 2.0
"""Beats farther than this many sigmas from the line count less, as 1 / distance."""
MOST_CHANGE: Final = 0.12
"""Relative change of the period beyond which a fit is not believed."""


class Strike(NamedTuple):
    """One beat as it was heard."""

    beat: float
    """Which beat of the grid it is: an integer."""
    t_s: float
    weight: float
    """0-1."""


def fit(strikes: Sequence[Strike], grid: Grid, sigma_s: float) -> Grid | None:
    """Return the grid through the newest of `strikes`, or None when they are too few or contradict `grid`.

    Args:
        strikes: oldest first.
        grid: what is believed so far.
        sigma_s: scatter of single strikes around the line.
    """
    counts = np.array([s.beat for s in strikes])
    times = np.array([s.t_s for s in strikes])
    weights = np.array([s.weight for s in strikes])
    found: Grid | None = None
    for beats, degree in MODELS:
        inside = counts > counts[-1] - beats
        if inside.sum() < FEWEST[degree]:
            continue
        line, residual = _fit(counts[inside], times[inside], weights[inside], degree, sigma_s)
        if abs(line.period_s / grid.period_s - 1.0) > MOST_CHANGE:
            continue
        found = line
        if _holds(residual, weights[inside], sigma_s):
            break
    return found


def _holds(residual: F64, weights: F64, sigma_s: float) -> bool:
    """Return whether the newest beats lie around the line and not on one side of it."""
    newest = residual[-NEWEST:]
    if len(residual) <= NEWEST:
        return True
    share = weights[-NEWEST:] / weights[-NEWEST:].sum()
    return abs(float(newest @ share)) < LEAVES_LEAST_S + LEAVES * sigma_s * float(np.sqrt((share**2).sum()))


def _fit(counts: F64, times: F64, weights: F64, degree: int, sigma_s: float) -> tuple[Grid, F64]:
    """Return the tangent at the newest beat, and the residuals in seconds."""
    x = counts - counts[-1]
    powers = x[:, None] ** np.arange(degree + 1)
    trusted = weights
    for _ in range(2):
        coefficients = _solved(powers, times - times[-1], trusted)
        residual = times - times[-1] - powers @ coefficients
        trusted = weights * np.minimum(1.0, OUTLIER * sigma_s / np.maximum(np.abs(residual), 1e-9))
    period_s = float(coefficients[1])
    beat_s = float(times[-1] + coefficients[0])
    if degree == 2:  # the next beats are a little beyond the newest: half a beat of curvature
        period_s += float(coefficients[2])
    return Grid(beat_s=beat_s, period_s=max(period_s, 1e-3), count=float(counts[-1])), residual


def _solved(powers: F64, values: F64, weights: F64) -> F64:
    weighted = powers * weights[:, None]
    normal = weighted.T @ powers
    normal[np.diag_indices_from(normal)] += 1e-9
    return np.asarray(np.linalg.solve(normal, weighted.T @ values))
