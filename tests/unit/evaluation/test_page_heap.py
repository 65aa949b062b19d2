"""What the samples of a page's heap say about growth."""

from __future__ import annotations

import pytest

from livedance.errors import ConfigError
from livedance.evaluation import page_heap
from livedance.evaluation.page_heap import HeapSample, growth_of


def samples(live_mb: list[float], nodes: int = 0) -> list[HeapSample]:
    return [
        HeapSample(
            t_s=15.0 * (i + 1), heap_mb=mb - 3.0, dom_mb=1.0, buffers_mb=2.0, nodes=100 + nodes * i, listeners=15,
            browser_mb=900.0, fps=50.0 if i % 2 else 60.0,
        )
        for i, mb in enumerate(live_mb)
    ]  # fmt: skip


def test_a_heap_that_fills_and_rests_is_flat():
    growth = growth_of("3d", samples([min(10.0 + 0.1 * i, 12.0) for i in range(120)]))
    assert growth.is_flat and growth.late_mb_per_h == pytest.approx(0.0, abs=0.01)
    assert (growth.live_mb, growth.minutes, growth.samples) == (12.0, 30.0, 120)
    assert growth.fps == pytest.approx(55.0)


def test_a_leak_of_two_megabytes_an_hour_is_none_that_is_flat():
    growth = growth_of("2d", samples([10.0 + 2.0 * 15.0 * i / 3_600.0 for i in range(120)], nodes=2))
    assert not growth.is_flat
    assert (growth.live_mb_per_h, growth.late_mb_per_h) == pytest.approx((2.0, 2.0))
    assert growth.nodes == (148, 338)


@pytest.mark.parametrize(("minutes", "mode"), [(1.0, "3d"), (30.0, "4d")])
def test_what_cannot_be_measured_is_refused_before_anything_starts(minutes, mode):
    with pytest.raises(ConfigError, match=r"too short|3d, 2d"):
        page_heap.run(minutes, mode, (640, 360), None, range)
