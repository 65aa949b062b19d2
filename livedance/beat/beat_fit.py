"""The line of the beat from single beats: weighted regression, over as many as still lie on one line. Pure.

A record runs at one tempo to a few parts in a million, a hand on the pitch fader bends it by a percent a beat. So lines
and parabolas through windows of several lengths compete: each is charged for how far the newest beats lie beside it and
for how unsure its prediction is. Steady music is averaged over 32 beats; a bend is followed by a parabola over ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedance.beat.grid import Grid

F64 = NDArray[np.float64]

MODELS: Final = ((32, 1), (16, 1), (8, 1), (5, 1), (16, 2), (10, 2))
"""(beats in the window, degree)."""
NEWEST: Final = 4
"""So many beats tell whether a line still holds."""
FAR: Final = 6.0
"""Most that one beat can charge, in variances: less than a bent line costs, so it takes two beats to bend it."""
UNSURE: Final = 6.0
"""Charge per variance of the prediction of the next beat."""
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


class Fit(NamedTuple):
    """A line and how well single beats keep to it."""

    grid: Grid
    """Tangent where the next beat is expected."""
    scatter_s: float
    """Mean distance of the newest beats from the curve, scaled to one sigma."""


def fit(strikes: Sequence[Strike], grid: Grid, sigma_s: float) -> Fit | None:
    """Return the best line through the newest of `strikes`, or None when they are too few or contradict `grid`.

    Args:
        strikes: oldest first.
        grid: what is believed so far.
        sigma_s: scatter of single strikes around the line.
    """
    beats = np.array([s.beat for s in strikes])
    times = np.array([s.t_s for s in strikes])
    weights = np.array([s.weight for s in strikes])
    best: tuple[float, Fit] | None = None
    used = 0
    for window, degree in MODELS:
        inside = beats > beats[-1] - window
        n = int(inside.sum())
        if n < FEWEST[degree] or (degree == 1 and n == used):
            continue
        used = n if degree == 1 else used
        line, residual, variance = _fit(beats[inside], times[inside], weights[inside], degree, sigma_s)
        if abs(line.period_s / grid.period_s - 1.0) > MOST_CHANGE:
            continue
        newest = np.abs(residual[-NEWEST:])
        charge = float(np.minimum((newest / sigma_s) ** 2, FAR).sum()) * NEWEST / len(newest) + UNSURE * variance
        if best is None or charge < best[0]:
            best = (charge, Fit(line, 1.25 * float(newest.mean())))
    return None if best is None else best[1]


def _fit(beats: F64, times: F64, weights: F64, degree: int, sigma_s: float) -> tuple[Grid, F64, float]:
    """Return the tangent at the next beat, the residuals in seconds, and the variance of the next beat in sigmas^2."""
    x = beats - beats[-1]
    powers = x[:, None] ** np.arange(degree + 1)
    y = times - times[-1]
    trusted = weights
    for _ in range(2):
        weighed = (powers * trusted[:, None]).T
        normal = weighed @ powers
        normal.flat[:: degree + 2] += 1e-9  # the diagonal
        inverse = np.linalg.inv(normal)
        coefficients = inverse @ (weighed @ y)
        residual = y - powers @ coefficients
        trusted = weights * np.minimum(1.0, OUTLIER * sigma_s / np.maximum(np.abs(residual), 1e-9))
    ahead = np.ones(degree + 1)
    variance = float(ahead @ inverse @ ahead) * float(weights.mean())
    beat_s = float(times[-1] + coefficients.sum())
    period_s = float(coefficients @ np.arange(degree + 1))
    return Grid(beat_s=beat_s, period_s=max(period_s, 1e-3), count=float(beats[-1] + 1.0)), residual, variance
