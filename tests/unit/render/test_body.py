"""The body has volume, the right order and the right size."""

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.messages import PoseFrame
from livedance.render import body
from livedance.render.bench import swaying
from livedance.render.camera import Camera


def pose_of(rotvecs=None, hands=0):
    root, rotation = skeleton.rest_pose()
    turns = rotation[None].copy()
    for name, v in (rotvecs or {}).items():
        turns[0, skeleton.INDEX[name]] = rotations.from_rotvec(np.array(v, float))
    return PoseFrame(
        t_s=0.0, beat_position=0.0, dance_position=0.0, root_position_m=root[None], joint_rotations_wxyz=turns,
        joint_positions_m=skeleton.forward_kinematics(root[None], turns), origin=np.zeros(1),
        hands=np.full((1, 2), hands), foot_contact=np.zeros((1, 4)),
    )  # fmt: skip


def figure_of(pose, **kwargs):
    return body.figures(body.posed(pose), Camera().view(pose, 1280, 720), **kwargs)[0]


def test_rest_pose_has_human_extent():
    dancers = body.posed(pose_of())
    spheres = dancers.spheres_m[0]
    assert spheres[:, 1].min() < 0.06 and 1.60 < spheres[:, 1].max() < 1.72
    assert np.ptp(spheres[:, 0]) == pytest.approx(2 * (0.176 + 0.285 + 0.25 + 0.168), abs=0.02)
    assert np.allclose(np.sort(spheres[:, 0]), np.sort(-spheres[:, 0]), atol=1e-9)


def test_matrices_agree_with_the_rig():
    pose = swaying(0.7, 2)
    world = rotations.to_matrix(skeleton.world_rotations(pose.joint_rotations_wxyz))
    assert np.allclose(body.posed(pose).matrices, world)


def test_polygons_are_convex_and_one_per_part():
    figure = figure_of(swaying(1.3))
    polygons = figure.polygons()
    assert len(polygons) == len(body.PARTS) and sum(map(len, polygons)) == len(figure.points)
    for polygon in polygons:
        p = polygon[:, 0].astype(np.int64)
        edge = np.roll(p, -1, axis=0) - p
        turn = edge[:, 0] * np.roll(edge[:, 1], -1) - edge[:, 1] * np.roll(edge[:, 0], -1)
        assert (turn >= 0).all() or (turn <= 0).all()


def test_moved_and_divided_polygons():
    figure = figure_of(swaying(0.2))
    for plain, moved in zip(figure.polygons(divide=4), figure.polygons((3, -5), 4), strict=True):
        assert np.array_equal(plain + np.array([3, -5]), moved)


def test_grown_is_larger():
    small, large = figure_of(pose_of()), figure_of(pose_of(), grow_px=6.0)
    assert large.box[0] <= small.box[0] - 5 and large.box[3] >= small.box[3] + 5


def test_arm_in_front_is_drawn_after_the_torso_and_arm_behind_before():
    torso, arm = body.GROUPS.index("torso"), body.GROUPS.index("l_arm")
    front = figure_of(pose_of({"l_shoulder": [0, -np.pi / 2, 0]}))
    behind = figure_of(pose_of({"l_shoulder": [0, np.pi / 2, 0]}))
    assert front.order.index(arm) > front.order.index(torso) and front.nearness[arm] > 0.3
    assert behind.order.index(arm) < behind.order.index(torso) and behind.nearness[arm] < -0.3


def test_far_dancers_come_first():
    pose = swaying(0.0, 3)
    roots = pose.root_position_m.copy()
    roots[:, 2] = [0.5, -1.0, 0.0]
    shifted = PoseFrame(
        t_s=0.0, beat_position=0.0, dance_position=0.0, root_position_m=roots,
        joint_rotations_wxyz=pose.joint_rotations_wxyz, origin=pose.origin, hands=pose.hands,
        joint_positions_m=skeleton.forward_kinematics(roots, pose.joint_rotations_wxyz), foot_contact=pose.foot_contact,
    )  # fmt: skip
    figures = body.figures(body.posed(shifted), Camera().view(shifted, 1280, 720))
    assert [f.dancer for f in figures] == [1, 2, 0]


def test_hands_open_and_close_and_odd_numbers_are_drawn():
    reach = [np.ptp(body.posed(pose_of(hands=h)).tips_m[0, :, 0]) for h in range(5)]
    assert min(reach) == reach[1] and max(reach) == reach[2]
    assert np.isfinite(body.posed(pose_of(hands=250)).spheres_m).all()


def test_nothing_to_draw():
    pose = swaying(0.0, 0)
    assert body.figures(body.posed(pose), Camera().view(pose, 640, 360)) == []
