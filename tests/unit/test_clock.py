"""The map from stream time to show time."""

import numpy as np
import pytest

from livedance.clock import MAX_RATE_ERROR, TimeMap, VirtualClock


def feed(time_map, rate=1.0, offset_s=3.0, jitter_s=0.012, seconds=90.0, seed=0):
    """Blocks of 256 samples whose arrivals are late by a random time, never early."""
    rng = np.random.default_rng(seed)
    errors = []
    for stream_s in np.arange(0.0, seconds, 256 / 44_100):
        true_s = offset_s + rate * stream_s
        time_map.observe(float(stream_s), true_s + rng.exponential(jitter_s))
        if stream_s > 20.0:
            errors.append(time_map.show_at(stream_s) - true_s)
    return np.array(errors)


def test_first_block_sets_the_map():
    time_map = TimeMap()
    assert not time_map.ready
    time_map.observe(0.0, 5.0)
    assert time_map.ready and time_map.show_at(2.0) == 7.0 and time_map.stream_at(7.0) == 2.0


@pytest.mark.parametrize("ppm", [0, 150, -150])
def test_follows_a_device_that_runs_fast_or_slow(ppm):
    errors = feed(TimeMap(), rate=1.0 + ppm * 1e-6)
    assert np.abs(errors).max() < 0.004


def test_rate_stays_within_bounds_and_map_is_continuous():
    time_map, last = TimeMap(), None
    rng = np.random.default_rng(1)
    for stream_s in np.arange(0.0, 60.0, 0.01):
        time_map.observe(float(stream_s), 1.0 + stream_s * 1.0004 + rng.exponential(0.005))
        assert abs(time_map.b - 1.0) <= MAX_RATE_ERROR
        shown = time_map.show_at(stream_s)
        if last is not None and stream_s > 1.0:
            assert 0.005 < shown - last < 0.015
        last = shown


def test_earlier_arrival_proves_the_map_late():
    time_map = TimeMap()
    time_map.observe(0.0, 2.0)
    time_map.observe(0.01, 1.0)
    assert time_map.show_at(0.01) == pytest.approx(1.0)


def test_rigid_map_never_bends_and_starts_anew_when_reopened():
    time_map = TimeMap(rigid=True)
    time_map.observe(0.0, 1.0)
    time_map.observe(10.0, 11.5)
    assert time_map.b == 1.0 and time_map.show_at(10.0) == 11.0
    time_map.reopen()
    time_map.observe(20.0, 22.0)
    assert time_map.show_at(20.0) == 22.0


def test_virtual_clock_moves_only_when_told():
    clock = VirtualClock()
    clock.sleep(0.5)
    clock.sleep(-1.0)
    assert clock.now() == 0.5


@pytest.mark.parametrize("wrong_s", [-0.022, 0.022])
def test_a_map_that_was_guessed_before_the_device_opened_is_put_right_soon(wrong_s):
    time_map, rng = TimeMap(), np.random.default_rng(2)
    time_map.seed(3.0 + wrong_s, 1.0)
    time_map.reopen()
    for stream_s in np.arange(0.0, 4.0, 256 / 44_100):
        time_map.observe(float(stream_s), 3.0 + stream_s + rng.exponential(0.004))
    assert time_map.show_at(4.0) == pytest.approx(7.0, abs=0.002)
