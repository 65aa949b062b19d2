from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.fit import AUBIO_LOOKBACK_S, ahead, fit_events, fit_newest, ramp
from livedance.beat.grid import Grid


def test_events_refine_tempo_and_phase_and_keep_the_count() -> None:
    events = [10.0 + 0.5 * k for k in range(10)]
    fitted = fit_events(events, Grid(beat_s=10.02, period_s=0.503, count=20.0))
    assert fitted is not None
    assert fitted.period_s == pytest.approx(0.5)
    assert fitted.position(10.0) == pytest.approx(20.0)


def test_half_beat_events_say_the_same_as_beats() -> None:
    events = [10.25 + 0.5 * k for k in range(10)]
    fitted = fit_events(events, Grid(beat_s=10.01, period_s=0.5, count=20.0))
    assert fitted is not None
    assert fitted.position(10.0) == pytest.approx(20.0)


def test_strays_and_too_few_events_are_not_fitted() -> None:
    grid = Grid(beat_s=10.0, period_s=0.5, count=20.0)
    assert fit_events([10.0, 10.5, 11.0], grid) is None
    assert fit_events([10.12 + 0.5 * k for k in range(8)], grid) is None


def test_newest_events_make_a_grid_when_they_agree() -> None:
    found = fit_newest([1.0, 1.5, 2.0, 2.5])
    assert found is not None
    assert found.tempo_bpm == pytest.approx(120.0)
    assert fit_newest([1.0, 1.5, 2.0]) is None
    assert fit_newest([1.0, 1.43, 2.0, 2.6]) is None


def test_a_missed_beat_is_no_disagreement() -> None:
    found = fit_newest([1.0, 1.5, 2.0, 3.0])
    assert found is not None
    assert found.tempo_bpm == pytest.approx(120.0)


def test_ramp_is_seen_and_noise_is_not() -> None:
    times = np.arange(16) * 0.5
    assert ramp([(t, 2.0 + 0.005 * t) for t in times]) == pytest.approx(0.005)
    wobble = np.random.default_rng(0).normal(0.0, 0.004, 16)
    assert ramp([(t, 2.0 + w) for t, w in zip(times, wobble, strict=True)]) == 0.0
    assert ramp([(0.0, 2.0), (0.5, 2.1)]) == 0.0


def test_ahead_moves_by_half_the_square_of_the_lookback() -> None:
    grid = Grid(beat_s=10.0, period_s=0.5, count=20.0)
    moved = ahead(grid, 12.0, 0.004)
    assert moved.position(12.0) - grid.position(12.0) == pytest.approx(0.5 * 0.004 * AUBIO_LOOKBACK_S**2)
    assert moved.tempo_bpm > grid.tempo_bpm
    assert ahead(grid, 12.0, 0.0) is grid
