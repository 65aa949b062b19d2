from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance.idle import Idle
from livedance.dance.probe import Probe
from livedance.messages import COMMIT_SAMPLES, MotionWindow, Origin
from tests.unit.dance.test_probe import a_request


def roll(n: int, bpm: float = 120.0, seed: int = 1, dancer: int = 0) -> list[MotionWindow]:
    idle, windows = Idle(), []
    state = idle.initial_state(seed, dancer)
    for i in range(n):
        window, state = idle.step(state, a_request(i - 0.5, i, dance_bpm=bpm, seed=seed, dancer=dancer))
        windows.append(window)
    return windows


def joints_of(windows: list[MotionWindow]) -> np.ndarray:
    return skeleton.forward_kinematics(
        np.concatenate([w.root_position_m[:COMMIT_SAMPLES] for w in windows]),
        np.concatenate([w.joint_rotations_wxyz[:COMMIT_SAMPLES] for w in windows]),
    )


def test_alive_but_calm_and_on_its_feet() -> None:
    joints = joints_of(roll(120))
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * 32.0
    assert 0.01 < speed.mean() < 0.15
    assert speed.max() < 0.6
    second = speed.mean(axis=1)[: 59 * 32].reshape(59, 32).mean(axis=1)
    assert second.min() > 0.004
    feet = joints[:, list(skeleton.CONTACT_JOINTS)]
    assert np.linalg.norm(np.diff(feet, axis=0), axis=-1).max() < 1e-6


def test_no_loop_is_seen() -> None:
    head = joints_of(roll(360))[::16, skeleton.INDEX["nose"]]
    head = head - head.mean(axis=0)
    for lag in range(20, 160):
        a, b = head[:-lag].ravel(), head[lag:].ravel()
        assert np.corrcoef(a, b)[0, 1] < 0.9


def test_the_tempo_does_not_hurry_an_idle_dancer() -> None:
    slow, fast = joints_of(roll(40, 80.0)), joints_of(roll(80, 160.0))
    assert np.abs(slow[: 39 * 16] - fast[::2][: 39 * 16]).max() < 0.02


def test_dancers_idle_differently() -> None:
    assert np.abs(joints_of(roll(8, dancer=0)) - joints_of(roll(8, dancer=1))).max() > 0.01


def test_comes_to_rest_from_a_dance_within_a_second_and_a_half() -> None:
    probe, idle = Probe(), Idle()
    state = probe.initial_state(1, 0)
    for i in range(5):
        last, state = probe.step(state, a_request(i - 0.5, i))
    resting, windows = idle.resume(1, 0, last), []
    for i in range(5, 12):
        window, resting = idle.step(resting, a_request(i - 0.5, i))
        assert window.origin == Origin.IDLE
        windows.append(window)
    joints = joints_of(windows)
    before = skeleton.forward_kinematics(last.root_position_m, last.joint_rotations_wxyz)[16]
    assert np.abs(joints[0] - before).max() < 0.02
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * 32.0
    assert speed[:8].max() > 0.3
    assert speed[int(1.5 * 32) :].max() < 0.15


def test_turns_back_to_the_audience() -> None:
    windows = roll(2)
    last = windows[-1]
    turned = last.joint_rotations_wxyz.copy()
    turned[:, 0] = rotations.multiply(rotations.about_y(1.2), turned[:, 0])
    away = MotionWindow(
        beat_start=last.beat_start,
        root_position_m=last.root_position_m,
        joint_rotations_wxyz=turned,
        foot_contact=last.foot_contact,
        hands=last.hands,
        plan=1,
    )
    idle = Idle()
    state = idle.resume(1, 0, away)
    for i in range(2, 20):
        window, state = idle.step(state, a_request(i - 0.5, i))
    assert abs(float(rotations.heading(window.joint_rotations_wxyz[-1, 0]))) < 0.15
