"""Loads and starts from made-up samples."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation.show_load import dance_begins_s, dance_ends_s, summarise


def poses(sound_s: float, silence_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a body that sways a little, dances from 1 s after the sound to 0.5 s after its end, at 60 Hz."""
    times = np.arange(0.0, 40.0, 1 / 60)
    dancing = (times > sound_s + 1.0) & (times < silence_s + 0.5)
    speed = np.where(dancing, 1.0, 0.05)
    path = np.cumsum(speed) / 60
    return times, np.stack(
        [path[:, None] * np.ones((1, 4)), np.zeros((len(times), 4)), np.zeros((len(times), 4))], axis=2
    )


def test_begin_and_end_of_the_dance_are_seen_in_its_speed() -> None:
    times, body = poses(5.0, 30.0)
    assert dance_begins_s(times, body, 5.0, 30.0) == pytest.approx(1.0, abs=0.15)
    assert dance_ends_s(times, body, 5.0, 30.0) == pytest.approx(0.5, abs=0.15)


def test_no_poses_are_not_a_number() -> None:
    nothing = np.zeros(0), np.zeros((0, 4, 3))
    assert np.isnan(dance_begins_s(*nothing, 5.0, 30.0)) and np.isnan(dance_ends_s(*nothing, 5.0, 30.0))


def test_shares_and_slopes_leave_out_the_start() -> None:
    def sample(t: float) -> tuple[float, dict[int, tuple[str, float, float]]]:
        cpu = 3.0 + 0.2 * (t - 6.0) if t >= 6.0 else 0.5 * t
        return t, {1: ("brain", cpu, 100.0 + t / 3600.0), 2: ("stage", 0.1 * t, 50.0)}

    loads = {load.role: load for load in summarise([sample(float(t)) for t in range(60)])}
    assert loads["brain"].cpu_percent == pytest.approx(20.0)
    assert loads["brain"].rss_mb_per_h == pytest.approx(1.0, abs=0.01)
    assert loads["stage"].cpu_percent == pytest.approx(10.0)
    assert loads["all"].cpu_percent == pytest.approx(30.0)
    assert loads["all"].rss_mb == pytest.approx(150.0, abs=0.1)
