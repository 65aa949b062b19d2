"""Timing of accents against beats, on made-up dancers whose timing is known."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation.timing import chance, locked_s, picture_accents, pose_accents, signed_offsets, timing

BEATS = np.arange(1.0, 31.0, 0.5)


def swinging(times: np.ndarray, late_s: float = 0.0, bpm: float = 120.0) -> np.ndarray:
    """Return poses (T, 3, 3) that stop and turn back exactly `late_s` after each beat (beats at whole multiples)."""
    swing = np.cos(np.pi * (times - late_s) * bpm / 60.0)
    return np.stack([swing[:, None] * np.array([[1.0, 0.5, 0.0]]) * (j + 1) for j in range(3)], axis=1)


def test_offsets_are_to_the_nearest_beat_and_signed() -> None:
    assert signed_offsets(np.array([1.02, 1.49, 1.26, 0.9]), BEATS) == pytest.approx([0.02, -0.01, -0.24, -0.1])


def test_a_constant_delay_is_the_mean_and_jitter_the_spread() -> None:
    rng = np.random.default_rng(1)
    found = timing(BEATS + 0.03 + rng.normal(0, 0.01, len(BEATS)), BEATS)
    assert found.mean_ms == pytest.approx(30.0, abs=4.0)
    assert found.sd_ms == pytest.approx(10.0, abs=3.0)
    assert found.circular_ms == pytest.approx(30.0, abs=4.0)
    assert found.phase_r > 0.98


def test_accents_before_the_start_do_not_count() -> None:
    early = np.concatenate([[1.1, 1.6, 2.1], BEATS[10:]])
    assert timing(early, BEATS, from_s=5.0).mean_ms == pytest.approx(0.0)
    assert timing(early, BEATS).mean_ms > 1.0


def test_nothing_seen_is_not_a_number() -> None:
    assert np.isnan(timing(np.zeros(0), BEATS).mean_ms)


def test_chance_is_unlocked_and_wide() -> None:
    found = chance(BEATS, BEATS)
    assert found.phase_r < 0.25
    assert found.sd_ms == pytest.approx(1000 * 0.5 / np.sqrt(12), rel=0.1)


@pytest.mark.parametrize("late_ms", [0.0, 25.0, -15.0])
@pytest.mark.parametrize("bpm", [80.0, 120.0, 170.0])
def test_stops_are_found_in_poses_that_come_irregularly(late_ms: float, bpm: float) -> None:
    rng = np.random.default_rng(2)
    times = np.cumsum(rng.uniform(0.012, 0.022, 1500))
    beats = np.arange(0.0, times[-1], 60.0 / bpm)
    accents = pose_accents(times, swinging(times, late_ms / 1e3, bpm))
    found = timing(accents, beats, from_s=1.0)
    assert found.mean_ms == pytest.approx(late_ms, abs=2.0)
    assert found.sd_ms < 6.0
    assert found.accents == pytest.approx(len(beats), abs=4)


def test_poses_that_arrive_in_a_heap_count_when_the_last_is_there() -> None:
    times = np.repeat(np.arange(0.0, 20.0, 0.05), 3)
    accents = pose_accents(times, swinging(times))
    assert timing(accents, np.arange(0.0, 20.0, 0.5), from_s=1.0).phase_r > 0.95


def test_stops_are_found_in_pictures() -> None:
    times = np.arange(0.0, 20.0, 1 / 30)
    x = 32 + 20 * np.cos(np.pi * (times - 0.02) * 2.0)
    columns = np.arange(64)
    pictures = (255 * np.exp(-((columns - x[:, None]) ** 2) / 18))[:, None, :].repeat(8, axis=1).astype(np.uint8)
    found = timing(picture_accents(times, pictures), np.arange(0.0, 20.0, 0.5), from_s=1.0)
    assert found.mean_ms == pytest.approx(20.0, abs=6.0)
    assert found.phase_r > 0.95


def test_too_few_frames_give_no_accents() -> None:
    assert len(pose_accents(np.arange(3.0), np.zeros((3, 2, 3)))) == 0
    assert len(picture_accents(np.arange(3.0), np.zeros((3, 2, 2), np.uint8))) == 0


def test_locked_is_the_first_of_four_good_accents() -> None:
    late = np.concatenate([BEATS[:6] + 0.2, BEATS[6:] + 0.01])
    assert locked_s(late, BEATS) == pytest.approx(3.01)
    assert np.isnan(locked_s(BEATS + 0.2, BEATS))
    assert np.isnan(locked_s(np.zeros(0), BEATS))
