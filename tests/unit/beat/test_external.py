from __future__ import annotations

import pytest

from livedance.beat.external import MAX_TAPS, add_tap, fit_taps


def row(*times: float) -> tuple[float, ...]:
    taps: tuple[float, ...] = ()
    for t in times:
        taps = add_tap(taps, t)
    return taps


def test_three_taps_make_a_tempo() -> None:
    assert fit_taps(row(1.0, 1.5)) is None
    fit = fit_taps(row(1.0, 1.5, 2.0))
    assert fit is not None
    assert fit == pytest.approx((2.0, 2.0))


def test_jitter_is_averaged() -> None:
    fit = fit_taps(row(0.0, 0.52, 0.99, 1.51, 2.0, 2.49, 3.01))
    assert fit is not None
    assert 60.0 * fit[1] == pytest.approx(120.0, abs=1.0)
    assert fit[0] == pytest.approx(3.0, abs=0.015)


def test_a_missed_tap_is_two_beats() -> None:
    fit = fit_taps(row(0.0, 0.5, 1.0, 2.0, 2.5))
    assert fit is not None
    assert fit[1] == pytest.approx(2.0)


def test_a_pause_starts_anew_and_a_bounce_is_dropped() -> None:
    assert row(0.0, 0.5, 5.0) == (5.0,)
    assert row(0.0, 0.05, 0.5) == (0.0, 0.5)
    assert row(0.0, 0.15, 0.3) == (0.0, 0.3), "400 a minute are a machine, or a cable that bounces"


def test_old_taps_are_forgotten() -> None:
    assert len(row(*(0.5 * i for i in range(20)))) == MAX_TAPS
