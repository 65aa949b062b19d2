from __future__ import annotations

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import reach

NECK_M = skeleton.forward_kinematics(*skeleton.rest_pose())[skeleton.INDEX["neck"]]


def wrist_of(pose: reach.Pose, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Return elbow and wrist from the neck joint."""
    root, turned = skeleton.rest_pose()
    for name, q in pose.items():
        turned[skeleton.INDEX[name]] = q
    joints = skeleton.forward_kinematics(root, turned)
    return joints[skeleton.INDEX[f"{side}_elbow"]] - NECK_M, joints[skeleton.INDEX[f"{side}_wrist"]] - NECK_M


@pytest.mark.parametrize("wrist", [(0.2, -0.4, 0.1), (-0.1, -0.2, 0.3), (0.1, 0.4, 0.05)])
def test_the_wrist_is_where_it_was_asked_for(wrist: tuple[float, float, float]) -> None:
    elbow, reached = wrist_of(reach.left_arm(wrist, (1.0, -0.5, 0.0)), "l")
    assert np.allclose(reached, wrist, atol=1e-9)
    line = reached - reach.SHOULDER_M
    aside = elbow - reach.SHOULDER_M - np.dot(elbow - reach.SHOULDER_M, line) / np.dot(line, line) * line
    assert np.dot(aside, (1.0, -0.5, 0.0)) > 0.0


def test_the_right_arm_is_the_left_one_in_a_mirror() -> None:
    _, left = wrist_of(reach.left_arm((0.1, -0.3, 0.25), (1.0, -1.0, 0.2), 30.0), "l")
    _, right = wrist_of(reach.right_arm((-0.1, -0.3, 0.25), (-1.0, -1.0, 0.2), 30.0), "r")
    assert np.allclose(left * [-1.0, 1.0, 1.0], right)


def test_out_of_reach_is_pulled_in_along_the_line() -> None:
    far = reach.SHOULDER_M + np.array([0.0, 0.9, 0.0])
    _, reached = wrist_of(reach.left_arm(tuple(far.tolist()), (1.0, 0.0, 0.0)), "l")
    assert np.linalg.norm(reached - reach.SHOULDER_M) == pytest.approx(reach.REACH_M)
    assert np.allclose((reached - reach.SHOULDER_M)[[0, 2]], 0.0, atol=1e-9)
