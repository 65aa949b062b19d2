from __future__ import annotations

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import exaggerate
from livedance.dance.window import TRACK_SAMPLES, Motion, sample_beats
from tests.unit.dance.standing import standing


def swaying(size_rad: float) -> tuple[Motion, np.ndarray]:
    """Somebody whose upper body sways with the beat, and the pose it sways about."""
    motion, _ = standing()
    mean = motion.joint_rotations_wxyz
    wave = size_rad * np.sin(np.pi * sample_beats(0.5))
    turned = mean.copy()
    for name in exaggerate.GAINS:
        j = skeleton.INDEX[name]
        sway = rotations.from_rotvec(wave[:, None] * np.array([0.6, 0.5, 0.3]))
        turned[:, j] = rotations.multiply(turned[:, j], sway)
    root, contact = motion.root_position_m, motion.foot_contact
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact), mean


def deviation(motion: Motion, mean: np.ndarray, name: str) -> np.ndarray:
    j = skeleton.INDEX[name]
    away = rotations.multiply(rotations.conjugate(mean[:, j]), motion.joint_rotations_wxyz[:, j])
    return np.linalg.norm(rotations.to_rotvec(away), axis=-1)


def test_a_human_source_is_left_as_it_is() -> None:
    motion, mean = swaying(0.2)
    assert exaggerate.exaggerate(motion, mean, 0.0) is motion


@pytest.mark.parametrize("name", ["hips", "chest", "l_elbow", "r_wrist"])
@pytest.mark.parametrize("damped", [0.5, 1.0])
def test_small_movements_are_made_larger_by_the_joints_own_gain(name: str, damped: float) -> None:
    motion, mean = swaying(0.1)
    larger = exaggerate.exaggerate(motion, mean, damped)
    wanted = 1.0 + damped * (exaggerate.GAINS[name] - 1.0)
    most = np.argmax(deviation(motion, mean, name))
    assert deviation(larger, mean, name)[most] / deviation(motion, mean, name)[most] == pytest.approx(wanted, rel=0.02)


def test_the_pose_swayed_about_stays() -> None:
    motion, mean = swaying(0.0)
    larger = exaggerate.exaggerate(motion, mean, 1.0)
    assert np.abs(larger.joint_rotations_wxyz - motion.joint_rotations_wxyz).max() < 1e-12


def test_legs_root_and_contacts_are_not_touched() -> None:
    motion, mean = swaying(0.3)
    larger = exaggerate.exaggerate(motion, mean, 1.0)
    legs = [skeleton.INDEX[s + n] for s in ("l_", "r_") for n in ("hip", "knee", "ankle", "toe")]
    assert np.array_equal(larger.joint_rotations_wxyz[:, legs], motion.joint_rotations_wxyz[:, legs])
    assert larger.root_position_m is motion.root_position_m
    assert larger.foot_contact is motion.foot_contact


@pytest.mark.parametrize("name", ["chest", "neck", "head", "l_elbow"])
def test_nothing_is_carried_over_what_a_joint_can_do(name: str) -> None:
    j, limit = skeleton.INDEX[name], np.radians(exaggerate.RANGES_DEG[name])
    motion, _ = standing()
    bends = np.linspace(0.0, limit + 0.2, TRACK_SAMPLES)
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, j] = rotations.from_rotvec(bends[:, None] * np.array([0.0, 1.0, 0.0]))
    mean = motion.joint_rotations_wxyz.copy()
    mean[:, j] = rotations.from_rotvec(np.maximum(bends - 0.3, 0.0)[:, None] * np.array([0.0, 1.0, 0.0]))
    bent = Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)
    after = exaggerate.exaggerate(bent, mean, 1.0)
    angle = np.linalg.norm(rotations.to_rotvec(after.joint_rotations_wxyz[:, j]), axis=-1)
    assert np.all(angle <= np.maximum(bends, limit) + 1e-9)
    assert angle.max() > bends[bends < limit - exaggerate.MARGIN_RAD].max(initial=0.0)
    assert np.diff(angle).min() > 0.0, "more bend never becomes less"
