import sys
from pathlib import Path

import numpy as np

from livedance import rotations, skeleton
from livedance.training import twist

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.training import raw_clips


def speeds(q):
    step = rotations.multiply(rotations.conjugate(q[:-1]), q[1:])
    return np.linalg.norm(rotations.to_rotvec(step), axis=-1) * 30.0


def test_a_clean_dance_is_not_touched():
    _, q = raw_clips.dance()
    assert np.allclose(twist.calm(q, 30.0), rotations.continuous(q), atol=1e-9)


def test_a_flip_is_taken_out_and_no_joint_moves():
    root, q = raw_clips.dance()
    joint, child = skeleton.INDEX["l_hip"], skeleton.INDEX["l_knee"]
    world = skeleton.world_rotations(q)
    half_turn = rotations.from_rotvec(np.array([0.0, -2.5, 0.0]))
    world[100:, joint] = rotations.multiply(world[100:, joint], np.broadcast_to(half_turn, (140, 4)))
    flipped = q.copy()
    flipped[:, joint] = rotations.multiply(rotations.conjugate(world[:, 0]), world[:, joint])
    flipped[:, child] = rotations.multiply(rotations.conjugate(world[:, joint]), skeleton.world_rotations(q)[:, child])
    assert speeds(skeleton.world_rotations(flipped)[:, joint]).max() > 60
    calmed = twist.calm(flipped, 30.0)
    assert speeds(skeleton.world_rotations(calmed)[:, joint]).max() < 12
    before, after = skeleton.forward_kinematics(root, flipped), skeleton.forward_kinematics(root, calmed)
    assert np.abs(before - after).max() < 1e-6


def test_a_removed_flip_comes_back_slowly():
    world = np.tile(rotations.IDENTITY, (120, 1))
    world[30:] = rotations.from_rotvec(np.array([0.0, 0.0, 2.0]))
    offset = twist.flip_offset(world, np.array([0.0, 0.0, 1.0]), 30.0)
    assert offset[29] == 0 and np.isclose(offset[30], 2.0)
    assert (np.diff(offset[30:]) < 0).all() and offset[-1] < 0.02


def test_rate_is_limited_and_then_catches_up():
    q = np.tile(rotations.IDENTITY, (40, 1))
    q[10:] = rotations.from_rotvec(np.array([1.0, 0.0, 0.0]))
    limited = twist.limit_rate(q, 0.1)
    assert speeds(limited).max() < 0.1 * 30 + 1e-6
    assert np.allclose(limited[25], q[25])
