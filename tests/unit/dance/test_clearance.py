from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import clearance, stance
from livedance.dance.library import MotionLibrary
from livedance.dance.window import Motion
from tests.unit.dance.standing import standing

SWEEP = 97


def swept(first_deg: tuple[float, float, float], last_deg: tuple[float, float, float]) -> Motion:
    """Somebody whose left upper arm goes from one turn to another."""
    share = np.linspace(0.0, 1.0, SWEEP)[:, None]
    turned = np.broadcast_to(stance.pose(), (SWEEP, 23, 4)).copy()
    arm = np.radians((1.0 - share) * np.array(first_deg) + share * np.array(last_deg))
    turned[:, skeleton.INDEX["l_shoulder"]] = rotations.from_rotvec(arm)
    root = np.broadcast_to([0.3, stance.HIPS_HEIGHT_M, -0.2], (SWEEP, 3)).copy()
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((SWEEP, 4)))


THROUGH_THIGH = swept((-40.0, 0.0, -95.0), (40.0, 0.0, -95.0))
INTO_HIP = swept((0.0, 0.0, -60.0), (0.0, 0.0, -100.0))


def depth(motion: Motion) -> np.ndarray:
    return clearance.depth_m(motion.root_position_m, motion.joint_rotations_wxyz)


def wrists(motion: Motion) -> np.ndarray:
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    return joints[:, list(skeleton.WRISTS)]


def test_arms_that_touch_nothing_are_left_as_they_are() -> None:
    motion, _ = standing()
    free = motion.joint_rotations_wxyz.copy()
    free[:, skeleton.INDEX["l_shoulder"]] = free[:, skeleton.INDEX["r_shoulder"]] = [1.0, 0.0, 0.0, 0.0]
    motion = Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=free, foot_contact=motion.foot_contact)
    assert depth(motion).max() < -0.2
    assert clearance.push_out(motion) is motion


@pytest.mark.parametrize("motion", [THROUGH_THIGH, INTO_HIP])
def test_a_wrist_comes_out_of_thigh_and_hip(motion: Motion) -> None:
    assert depth(motion)[:, 0].max() > 0.05
    assert depth(clearance.push_out(motion))[:, 0].max() < 0.01


@pytest.mark.parametrize("motion", [THROUGH_THIGH, INTO_HIP])
def test_the_way_round_has_no_kink(motion: Motion) -> None:
    path = wrists(clearance.push_out(motion))[:, 0]
    step = np.linalg.norm(np.diff(path, axis=0), axis=-1)
    before = np.linalg.norm(np.diff(wrists(motion)[:, 0], axis=0), axis=-1).max()
    assert step.max() < 3.0 * before
    assert np.linalg.norm(np.diff(path, n=2, axis=0), axis=-1).max() < 0.6 * before


def test_a_hand_comes_out_of_the_face() -> None:
    turned = INTO_HIP.joint_rotations_wxyz.copy()
    turned[:, skeleton.INDEX["l_shoulder"]] = rotations.from_rotvec(np.radians([0.0, 0.0, 65.0]))
    turned[:, skeleton.INDEX["l_elbow"]] = rotations.from_rotvec(np.radians([0.0, 0.0, 115.0]))
    motion = replace(INTO_HIP, joint_rotations_wxyz=turned)
    assert depth(motion)[:, 0].min() > 0.02
    assert depth(clearance.push_out(motion))[:, 0].max() < 0.01


def test_only_upper_arms_turn_and_only_as_far_as_needed() -> None:
    after = clearance.push_out(INTO_HIP)
    others = [j for j in range(23) if j not in (skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"])]
    assert np.array_equal(after.joint_rotations_wxyz[:, others], INTO_HIP.joint_rotations_wxyz[:, others])
    moved = np.linalg.norm(wrists(after) - wrists(INTO_HIP), axis=-1)[:, 0]
    assert np.all(moved < np.maximum(depth(INTO_HIP)[:, 0], 0.0) + 0.04)


def test_left_and_right_are_treated_alike() -> None:
    root, turned = skeleton.mirror(THROUGH_THIGH.root_position_m, THROUGH_THIGH.joint_rotations_wxyz)
    other = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=THROUGH_THIGH.foot_contact)
    mirrored = skeleton.mirror(root, clearance.push_out(other).joint_rotations_wxyz)[1]
    wanted = clearance.push_out(THROUGH_THIGH).joint_rotations_wxyz
    assert np.abs(np.abs((mirrored * wanted).sum(axis=-1)) - 1.0).max() < 1e-9


def test_clips_with_hands_on_hips_are_clear_after_it() -> None:
    library = MotionLibrary.load()
    before, after = [], []
    for clip in [c for c in library.clips if c.id.startswith(("cmu_131", "m2m", "cmu_60_0"))][:6]:
        rows = slice(0, len(clip.root_position_m), 3)
        motion = Motion(
            root_position_m=np.asarray(clip.root_position_m[rows], dtype=np.float64),
            joint_rotations_wxyz=np.asarray(clip.joint_rotations_wxyz[rows], dtype=np.float64),
            foot_contact=np.asarray(clip.foot_contact[rows]),
        )
        before.append(depth(motion).max(axis=1))
        after.append(depth(clearance.push_out(motion)).max(axis=1))
    assert (np.concatenate(before) > 0.02).mean() > 0.02
    assert (np.concatenate(after) > 0.02).mean() <= 0.005
