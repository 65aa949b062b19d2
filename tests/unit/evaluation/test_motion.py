"""Figures of the body, on made-up motion whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from livedance import skeleton
from livedance.evaluation.motion import FPS, at_rate, body

ROOT, TURNS = skeleton.rest_pose()
REST = skeleton.forward_kinematics(ROOT, TURNS)


def standing(seconds: float = 10.0) -> np.ndarray:
    return np.repeat(REST[None], round(seconds * FPS), axis=0)


def test_standing_still_moves_nothing_and_slides_nowhere() -> None:
    found = body(standing(), FPS)
    assert (found.speed_m_per_s, found.jerk_m_per_s3, found.skate, found.sunk) == (0.0, 0.0, 0.0, 0.0)


def test_a_standing_body_that_is_pushed_sideways_skates() -> None:
    pushed = standing()
    pushed[..., 0] += 0.8 * (np.arange(len(pushed)) / FPS)[:, None]
    assert body(pushed, FPS).skate == 1.0
    slow = standing()
    slow[..., 0] += 0.3 * (np.arange(len(slow)) / FPS)[:, None]
    assert body(slow, FPS).skate == 0.0


def test_a_flying_foot_may_move() -> None:
    flying = standing()
    flying[..., 0] += 0.8 * (np.arange(len(flying)) / FPS)[:, None]
    flying[..., 1] += 0.3
    assert body(flying, FPS).skate == 0.0


def test_soles_under_the_floor_are_counted() -> None:
    low = standing()
    low[: len(low) // 4, :, 1] -= 0.03
    assert body(low, FPS).sunk == pytest.approx(0.25)


def test_jerk_of_a_swing_is_that_of_its_formula() -> None:
    t = np.arange(0.0, 20.0, 1 / FPS)
    swing = standing(20.0)
    swing[..., 0] += (0.2 * np.sin(2 * np.pi * t))[:, None]
    expected = 0.2 * (2 * np.pi) ** 3 * 2 / np.pi
    assert body(swing, FPS).jerk_m_per_s3 == pytest.approx(expected, rel=0.03)


def test_a_second_of_stillness_in_a_dance_is_frozen() -> None:
    t = np.arange(0.0, 10.0, 1 / FPS)
    moving = standing()
    moving[..., 0] += (0.2 * np.sin(2 * np.pi * np.minimum(t, 8.0)))[:, None]
    assert body(moving, FPS).frozen == pytest.approx(0.2)


def test_frame_rates_do_not_change_the_figures() -> None:
    def swing(fps: float) -> np.ndarray:
        t = np.arange(0.0, 10.0, 1 / fps)
        return REST[None] + 0.2 * np.sin(2 * np.pi * t)[:, None, None]

    slow, fast = body(swing(30.0), 30.0), body(swing(60.0), 60.0)
    assert fast.jerk_m_per_s3 == pytest.approx(slow.jerk_m_per_s3, rel=0.01)
    assert len(at_rate(swing(60.0), 60.0)) == 300
