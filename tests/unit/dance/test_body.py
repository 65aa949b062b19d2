from __future__ import annotations

import numpy as np

from livedance import skeleton
from livedance.dance import body, chance, ik, stance
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion, as_window
from livedance.messages import WINDOW_SAMPLES, Origin

STEP_S = 1.0 / 32.0


def crouching(height: np.ndarray) -> Motion:
    root = np.zeros((TRACK_SAMPLES, 3))
    root[:, 1] = height
    turned = np.broadcast_to(stance.pose(), (TRACK_SAMPLES, 23, 4)).copy()
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((TRACK_SAMPLES, 4)))


def test_feet_stay_while_the_body_goes_up_and_down() -> None:
    height = stance.HIPS_HEIGHT_M - 0.1 + 0.08 * np.sin(np.arange(TRACK_SAMPLES) / 5)
    feet = stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(()))
    shown, trace = body.finish(crouching(height), feet, None, 0.5, STEP_S)
    assert len(shown.root_position_m) == WINDOW_SAMPLES
    joints = skeleton.forward_kinematics(shown.root_position_m, shown.joint_rotations_wxyz)
    assert np.ptp(joints[:, list(skeleton.CONTACT_JOINTS)], axis=0).max() < 1e-9
    assert trace.row_at(0.5) == LEAD_IN
    assert trace.row_at(1.5) == LEAD_IN + 16
    assert trace.row_at(2.5) is None
    assert trace.row_at(0.0) is None


def test_hips_come_down_before_a_leg_is_torn() -> None:
    feet = stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(()))
    shown, _ = body.finish(crouching(np.full(TRACK_SAMPLES, 1.2)), feet, None, 0.5, STEP_S)
    legs = ik.legs_of(shown)
    assert np.linalg.norm(legs.ankle_m - legs.hip_m, axis=-1).max() <= ik.REACH_M + 1e-6
    assert np.abs(legs.ankle_m[:, :, 1] - skeleton.SOLE_TO_ANKLE_M).max() < 1e-6
    assert shown.root_position_m[:, 1].max() < 0.95


def test_another_generators_window_is_gone_on_from() -> None:
    feet = stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(()))
    shown, _ = body.finish(crouching(np.full(TRACK_SAMPLES, 0.85)), feet, None, 0.5, STEP_S)
    window = as_window(shown, beat_start=0.5, dancer=0, plan=3, origin=Origin.NETWORK, style="", seam_samples=0)
    trace = body.trace_of(window)
    assert body.reaches(trace, 1.5)
    assert not body.reaches(trace, 9.5)
    row = trace.row_at(1.5)
    assert row is not None
    assert np.allclose(trace.feet.ankle_m[row], ik.feet_of(shown).ankle_m[16])


def test_chance_is_keyed_by_seed_dancer_and_phrase() -> None:
    draws = {
        tuple(chance.generator(*key).integers(0, 2**32, 3))
        for key in [(1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0), (-1, 0, 0), (2**70, 0, 0)]
    }
    assert len(draws) == 6
    assert chance.generator(5, 2, 9).random() == chance.generator(5, 2, 9).random()
