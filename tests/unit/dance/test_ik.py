from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance import ik
from livedance.dance.window import Feet, Motion

RNG = np.random.default_rng(5)


def bent(n: int = 20) -> Motion:
    vectors = RNG.normal(0.0, 0.25, (n, skeleton.N_JOINTS, 3))
    vectors[:, ik.HIPS, 0] -= 0.6
    vectors[:, ik.KNEES] = [[0.9, 0.0, 0.0]]
    root = RNG.normal(0.0, 0.2, (n, 3)) + np.array([0.0, 0.9, 0.0])
    return Motion(
        root_position_m=root, joint_rotations_wxyz=rotations.from_rotvec(vectors), foot_contact=np.zeros((n, 4))
    )


def knees(motion: Motion) -> np.ndarray:
    return skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)[:, ik.KNEES]


def test_legs_agree_with_forward_kinematics() -> None:
    motion = bent()
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    feet = ik.feet_of(motion)
    assert np.allclose(feet.ankle_m, joints[:, ik.ANKLES], atol=1e-12)
    assert np.allclose(ik.toes_of(feet), joints[:, ik.TOES], atol=1e-12)


def test_feet_that_are_in_place_leave_the_legs_alone() -> None:
    motion = bent()
    placed = ik.place_feet(motion, ik.feet_of(motion))
    assert np.abs(knees(placed) - knees(motion)).max() < 1e-6


def test_feet_within_reach_are_met_with_their_rotation() -> None:
    motion = bent()
    feet = ik.feet_of(motion)
    moved = Feet(
        ankle_m=feet.ankle_m + RNG.normal(0.0, 0.05, feet.ankle_m.shape),
        rotation_wxyz=rotations.multiply(rotations.from_rotvec(RNG.normal(0, 0.3, (20, 2, 3))), feet.rotation_wxyz),
    )
    reached = np.linalg.norm(moved.ankle_m - ik.legs_of(motion).hip_m, axis=-1) < ik.REACH_M
    placed = ik.feet_of(ik.place_feet(motion, moved))
    assert reached.mean() > 0.8
    assert np.abs(placed.ankle_m - moved.ankle_m)[reached].max() < 1e-9
    assert np.abs(np.sum(placed.rotation_wxyz * moved.rotation_wxyz, axis=-1)).min() > 1 - 1e-9


def test_a_leg_is_never_stretched_beyond_its_reach() -> None:
    motion = bent()
    feet = ik.feet_of(motion)
    far = Feet(ankle_m=feet.ankle_m - np.array([0.0, 1.0, 0.0]), rotation_wxyz=feet.rotation_wxyz)
    legs = ik.legs_of(ik.place_feet(motion, far))
    assert np.linalg.norm(legs.ankle_m - legs.hip_m, axis=-1).max() < ik.REACH_M + 1e-9


def test_knees_do_not_flip_while_a_foot_passes_under_the_hips() -> None:
    n = 60
    root, rest = skeleton.rest_pose()
    turned = np.broadcast_to(rest, (n, *rest.shape)).copy()
    turned[:, ik.KNEES] = rotations.from_rotvec(np.array([0.15, 0.0, 0.0]))
    motion = Motion(
        root_position_m=np.broadcast_to(root - [0, 0.06, 0], (n, 3)),
        joint_rotations_wxyz=turned,
        foot_contact=np.ones((n, 4)),
    )
    feet = ik.feet_of(motion)
    sweep = np.linspace(-0.3, 0.3, n)[:, None, None] * np.array([1.0, 0.0, 0.7])
    placed = ik.place_feet(motion, Feet(ankle_m=feet.ankle_m + sweep, rotation_wxyz=feet.rotation_wxyz))
    step = np.linalg.norm(np.diff(knees(placed), axis=0), axis=-1)
    assert step.max() < 0.04


def test_a_knee_that_a_seam_carries_past_straight_stays_in_front() -> None:
    n = 40
    vectors = np.zeros((n, skeleton.N_JOINTS, 3))
    bend = np.radians(np.linspace(20.0, -20.0, n))
    vectors[:, ik.KNEES, 0] = bend[:, None]
    motion = Motion(
        root_position_m=np.tile([0.0, 0.9, 0.0], (n, 1)),
        joint_rotations_wxyz=rotations.from_rotvec(vectors),
        foot_contact=np.zeros((n, 4)),
    )
    feet = ik.feet_of(motion)
    raised = Feet(ankle_m=feet.ankle_m + np.array([0.0, 0.06, 0.0]), rotation_wxyz=feet.rotation_wxyz)
    placed = ik.place_feet(motion, raised)
    legs = ik.legs_of(placed)
    middle = 0.5 * (legs.hip_m + legs.ankle_m)
    assert (legs.knee_m - middle)[..., 2].min() > 0.1
    assert np.abs(np.diff(knees(placed), axis=0)).max() < 0.03
