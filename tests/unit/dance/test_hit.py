from __future__ import annotations

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import hit, stance
from livedance.dance.window import Motion

BPM = 120.0
BEATS = np.arange(0.0, 8.0, 1 / 64)
HIT = 4.0


def struck(number: int = 0) -> np.ndarray:
    turned = np.broadcast_to(stance.pose(), (len(BEATS), 23, 4)).copy()
    root = np.tile([0.0, stance.HIPS_HEIGHT_M, 0.0], (len(BEATS), 1))
    still = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((len(BEATS), 4)))
    out = hit.strike(still, BEATS, HIT, BPM, number)
    return skeleton.forward_kinematics(out.root_position_m, out.joint_rotations_wxyz)


@pytest.mark.parametrize("number", range(8))
def test_the_pose_is_there_on_its_beat_and_settles_within_150_ms(number: int) -> None:
    joints = struck(number)
    wrist = joints[:, skeleton.WRISTS[0]]
    on = np.searchsorted(BEATS, HIT)
    settled = wrist[np.searchsorted(BEATS, HIT + 0.15 * BPM / 60.0)]
    went = np.linalg.norm(wrist[on] - wrist[0])
    assert went > 0.2
    assert np.linalg.norm(wrist[on] - settled) < 0.15 * went + 0.02
    later = np.linalg.norm(
        wrist[np.searchsorted(BEATS, HIT + 0.3) : np.searchsorted(BEATS, HIT + 0.44)] - settled, axis=1
    )
    assert later.max() < 0.03


def test_before_and_after_nothing_is_changed() -> None:
    joints = struck()
    before, after = BEATS < HIT - 0.5, BEATS > HIT + hit.HOLD_BEATS + hit.RELEASE_BEATS
    assert np.ptp(joints[before], axis=0).max() < 1e-9
    assert np.abs(joints[after] - joints[0]).max() < 1e-9


def test_an_arm_is_no_faster_than_an_arm_can_be() -> None:
    for number in range(8):
        speed = np.linalg.norm(np.diff(struck(number), axis=0), axis=-1) * 64 * BPM / 60.0
        assert speed.max() < 10.0


def test_a_pose_comes_on_both_sides() -> None:
    on = np.searchsorted(BEATS, HIT + 0.3)
    one, other = struck(1)[on], struck(5)[on]
    assert np.abs(one - other).max() > 0.2
    assert np.allclose(other[list(skeleton.MIRROR)] * [-1.0, 1.0, 1.0], one, atol=1e-6)
