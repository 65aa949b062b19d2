from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance import seam
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion

STEP_S = 1.0 / 32.0
ROW = 17


def a_motion(speed: float, turn: float, x: float = 0.0, step_s: float = STEP_S) -> Motion:
    t = (np.arange(TRACK_SAMPLES) * step_s)[:, None]
    root = np.array([[x, 1.0, 0.0]]) + speed * t * np.array([[1.0, 0.0, 0.5]])
    vectors = turn * (1.0 + t)[:, None] * np.ones((1, skeleton.N_JOINTS, 3))
    return Motion(
        root_position_m=root, joint_rotations_wxyz=rotations.from_rotvec(vectors), foot_contact=np.ones((33, 4))
    )


def test_weights_begin_whole_and_end_at_nothing() -> None:
    assert seam.weights(0.0) == (1.0, 0.0)
    assert seam.weights(1.0) == (0.0, 0.0)
    assert seam.weights(0.5)[0] == 0.5
    h = 1e-4
    assert abs((seam.weights(h)[1] - seam.weights(0.0)[1]) / h - 1.0) < 1e-3


def test_position_and_velocity_go_on_over_the_seam() -> None:
    step_s = STEP_S / 64
    before, new = a_motion(0.8, 0.2, x=0.3, step_s=step_s), a_motion(-0.4, -0.15, step_s=step_s)
    joined = seam.inertialise(new, before, ROW, step_s)
    assert np.allclose(joined.root_position_m[LEAD_IN], before.root_position_m[ROW], atol=1e-12)
    dots = np.sum(joined.joint_rotations_wxyz[LEAD_IN] * before.joint_rotations_wxyz[ROW], axis=-1)
    assert np.abs(dots).min() > 1 - 1e-12
    came = before.root_position_m[ROW] - before.root_position_m[ROW - 1]
    goes = joined.root_position_m[LEAD_IN + 1] - joined.root_position_m[LEAD_IN]
    assert np.linalg.norm(goes - came) / step_s < 0.01
    assert np.linalg.norm(new.root_position_m[1] - new.root_position_m[0] - came) / step_s > 1.0


def test_the_new_motion_is_untouched_when_the_seam_is_over() -> None:
    before, new = a_motion(0.8, 0.2, x=0.3), a_motion(-0.4, -0.15)
    joined = seam.inertialise(new, before, ROW, STEP_S)
    over = LEAD_IN + int(np.ceil(seam.DURATION_S / STEP_S))
    assert np.array_equal(joined.root_position_m[over:], new.root_position_m[over:])
    dots = np.sum(joined.joint_rotations_wxyz[over:] * new.joint_rotations_wxyz[over:], axis=-1)
    assert np.abs(dots).min() > 1 - 1e-12


def test_a_motion_that_goes_on_is_not_changed() -> None:
    motion = a_motion(0.8, 0.2)
    later = Motion(
        root_position_m=np.roll(motion.root_position_m, -(ROW - LEAD_IN), axis=0),
        joint_rotations_wxyz=np.roll(motion.joint_rotations_wxyz, -(ROW - LEAD_IN), axis=0),
        foot_contact=motion.foot_contact,
    )
    joined = seam.inertialise(later, motion, ROW, STEP_S)
    assert np.abs(joined.root_position_m - later.root_position_m).max() < 1e-12
