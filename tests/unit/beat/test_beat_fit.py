"""The line through single beats."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.beat_fit import Strike, fit
from livedance.beat.grid import Grid


def strikes(times: list[float], sigma_s: float = 0.0, seed: int = 0) -> list[Strike]:
    rng = np.random.default_rng(seed)
    return [Strike(float(i), t + float(rng.normal(0.0, sigma_s or 1e-12)), 0.8) for i, t in enumerate(times)]


def test_steady_beats_give_the_tempo_to_a_thousandth() -> None:
    times = [0.3 + 0.4713 * i for i in range(32)]
    found = fit(strikes(times, 0.008), Grid(beat_s=0.3, period_s=0.48), 0.008)
    assert found is not None
    assert found.grid.period_s == pytest.approx(0.4713, rel=1e-3)
    assert found.grid.time(40.0) == pytest.approx(0.3 + 0.4713 * 40, abs=0.02)


def test_a_ramp_is_followed() -> None:
    """One percent a beat: the next beats are where the parabola says."""
    steady = [0.5 * i for i in range(20)]
    gaps = 0.5 / (1.0 + 0.01 * np.arange(1, 11))
    ramp = list(steady[-1] + np.cumsum(gaps))
    found = fit(strikes(steady + ramp, 0.002), Grid(beat_s=0.0, period_s=0.5), 0.004)
    assert found is not None
    assert found.grid.time(30.0) == pytest.approx(ramp[-1] + 0.5 / 1.11, abs=0.012)
    assert found.grid.period_s == pytest.approx(0.5 / 1.105, rel=0.015)


def test_one_beat_far_out_does_not_bend_the_line() -> None:
    times = [0.5 * i for i in range(16)]
    bent = strikes(times)
    bent[-1] = Strike(15.0, times[-1] + 0.04, 0.9)
    found = fit(bent, Grid(beat_s=0.0, period_s=0.5), 0.004)
    assert found is not None
    assert abs(found.grid.time(16.0) - 8.0) < 0.02


def test_too_few_beats_or_an_absurd_line_give_nothing() -> None:
    assert fit(strikes([0.0, 0.5]), Grid(beat_s=0.0, period_s=0.5), 0.005) is None
    assert fit(strikes([0.0, 0.5, 1.0, 1.5]), Grid(beat_s=0.0, period_s=0.8), 0.005) is None
