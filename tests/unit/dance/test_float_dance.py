from __future__ import annotations

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import body, float_dance
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT

STEP_S = 60.0 / 90.0 / SAMPLES_PER_BEAT


def swayed(energy: float, beats: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Return joints and contacts at 90 BPM."""
    trace, kept = None, []
    for beat in range(beats):
        wish = float_dance.wish(1, 0, beat - 0.5, energy)
        motion, trace = body.finish(wish.motion, wish.feet, trace, beat - 0.5, STEP_S)
        kept.append(motion)
    parts = [(m.root_position_m, m.joint_rotations_wxyz, m.foot_contact) for m in kept]
    root, turned, contact = (np.concatenate([p[k][:COMMIT_SAMPLES] for p in parts]) for k in range(3))
    return skeleton.forward_kinematics(root, turned), contact


def speed_of(joints: np.ndarray) -> np.ndarray:
    speed: np.ndarray = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) / STEP_S
    return speed


def test_energy_makes_it_larger() -> None:
    low, middle, high = (speed_of(swayed(e)[0]).mean() for e in (0.0, 0.5, 1.0))
    assert 0.05 < low < 0.7 * middle < 0.6 * high


@pytest.mark.parametrize("energy", [0.0, 0.4, 1.0])
def test_there_is_no_accent_in_it(energy: float) -> None:
    joints, _ = swayed(energy)
    speed = speed_of(joints)
    assert speed.max() < 2.5 * speed.mean()
    jerk = np.linalg.norm(np.diff(joints, n=3, axis=0), axis=-1).mean(axis=1) / STEP_S**3
    assert jerk.max() < 80.0


@pytest.mark.parametrize("energy", [0.0, 0.4, 1.0])
def test_feet_stand_or_step(energy: float) -> None:
    joints, contact = swayed(energy)
    toes = [skeleton.INDEX["l_toe"], skeleton.INDEX["r_toe"]]
    on = contact[:, 1::2] > 0.5
    assert on.any(axis=1).all()
    moved = np.linalg.norm(np.diff(joints[:, toes][..., [0, 2]], axis=0), axis=-1)
    assert moved[on[1:] & on[:-1]].max() < 1e-6
    heels = joints[:, [skeleton.INDEX["l_ankle"], skeleton.INDEX["r_ankle"]], 1]
    assert (np.ptp(heels, axis=0) > 0.02).all()
    assert joints[:, toes, 1].min() > 0.034


def test_windows_agree_where_they_overlap() -> None:
    for beat in (-0.5, 7.5, 102.25):
        a, b = (float_dance.wish(3, 1, beat + i, 0.6) for i in (0, 1))
        assert np.abs(a.motion.joint_rotations_wxyz[16:] - b.motion.joint_rotations_wxyz[:17]).max() < 1e-9
        assert np.abs(a.motion.root_position_m[16:] - b.motion.root_position_m[:17]).max() < 1e-9
        assert np.abs(a.feet.ankle_m[16:] - b.feet.ankle_m[:17]).max() < 1e-9


def test_the_hips_are_over_the_foot_that_carries() -> None:
    wish = float_dance.wish(1, 0, 0.0, 1.0)
    x, free = wish.motion.root_position_m[:, 0], wish.motion.foot_contact[:, ::2] < 0.5
    side = np.where(free[:, 1], 1.0, -1.0)[free.any(axis=1)]
    assert (x[free.any(axis=1)] * side).min() > -0.02
    assert np.abs(x).max() > 0.08
