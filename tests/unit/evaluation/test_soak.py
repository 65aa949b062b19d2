"""What a long show's samples say about growth."""

from __future__ import annotations

import pytest

from livedance.evaluation.soak import _Track, grown_of


def track(rss_mb: list[float]) -> _Track:
    n = len(rss_mb)
    times_s = [60.0 * minute for minute in range(n)]
    return _Track(times_s=times_s, rss=rss_mb, threads=[3] * n, handles=[7] * n, cpu=[6.0 * m for m in range(n)])


def test_a_process_that_fills_its_pages_and_rests_shows_no_growth_in_the_last_third() -> None:
    grown = grown_of("herald", track([min(50.0 + 0.1 * minute, 52.0) for minute in range(31)]))
    assert grown.late_mb_per_h == pytest.approx(0.0, abs=0.01)
    assert grown.rss_mb_per_h > 1.0
    assert (grown.rss_mb, grown.threads, grown.handles) == (52.0, (3, 3), (7, 7))
    assert grown.cpu_percent == pytest.approx(10.0)


def test_a_leak_shows_in_both_slopes() -> None:
    grown = grown_of("stage", track([50.0 + 0.5 * minute for minute in range(31)]))
    assert grown.rss_mb_per_h == pytest.approx(30.0)
    assert grown.late_mb_per_h == pytest.approx(30.0)
