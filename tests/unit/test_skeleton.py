"""The rig: rest pose, bone lengths, mirror, layouts."""

import numpy as np

from livedance import rotations, skeleton


def random_rotations(n=20, seed=0):
    return rotations.normalise(np.random.default_rng(seed).normal(size=(n, skeleton.N_JOINTS, 4)))


def test_rest_pose_is_a_t_pose_on_the_floor():
    positions = skeleton.forward_kinematics(*skeleton.rest_pose())
    at = {name: positions[i] for i, name in enumerate(skeleton.JOINT_NAMES)}
    assert at["l_wrist"][0] > 0.7 > -0.7 > at["r_wrist"][0]
    assert abs(at["l_wrist"][1] - at["l_shoulder"][1]) < 1e-9
    assert at["l_toe"][2] > 0.1 and 0 < at["l_toe"][1] < 0.05
    assert 1.55 < at["l_eye"][1] < 1.72


def test_bone_lengths_do_not_depend_on_the_pose():
    positions = skeleton.forward_kinematics(np.zeros((20, 3)), random_rotations())
    for parent, joint in skeleton.BONES:
        lengths = np.linalg.norm(positions[:, joint] - positions[:, parent], axis=-1)
        assert np.allclose(lengths, np.linalg.norm(skeleton.REST_OFFSETS_M[joint]))


def test_mirrored_motion_has_mirrored_positions_and_twice_is_nothing():
    root, rot = np.random.default_rng(1).normal(size=(20, 3)), random_rotations()
    mirrored = skeleton.forward_kinematics(*skeleton.mirror(root, rot))
    expected = skeleton.forward_kinematics(root, rot)[:, list(skeleton.MIRROR)] * [-1, 1, 1]
    assert np.allclose(mirrored, expected)
    again = skeleton.mirror(*skeleton.mirror(root, rot))
    assert np.allclose(again[0], root) and np.allclose(again[1], rot)


def test_world_rotations_carry_children():
    _, rot = skeleton.rest_pose()
    rot[0] = rotations.about_y(0.5)
    world = skeleton.world_rotations(rot)
    assert np.allclose(world, rotations.about_y(0.5))


def test_layouts_are_selections():
    assert len(set(skeleton.layout_indices(skeleton.OPENPOSE_18))) == 18
    assert len(set(skeleton.layout_indices(skeleton.COCO_17))) == 17
    assert skeleton.layout_indices(skeleton.OPENPOSE_18)[0] == skeleton.INDEX["nose"]
