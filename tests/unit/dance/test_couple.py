"""Couples: in place to each other, hands joined where they were near, and left alone where they were not."""

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import arms, couple
from livedance.dance.library import MotionLibrary


@pytest.fixture(scope="module")
def couples():
    return couple.takes(MotionLibrary.load())


@pytest.fixture(scope="module")
def danced(couples):
    """Each take whole, at 8 samples a beat: (leader, follower, grip)."""
    out = []
    for pair in couples:
        beats = np.arange(8 * pair.n_beats) / 8
        out.append((*couple.sample(pair, beats), couple.grip(pair, beats)))
    return out


def apart(leader, follower):
    return np.linalg.norm((leader.root_position_m - follower.root_position_m)[:, [0, 2]], axis=-1)


def test_every_take_of_two_is_there(couples):
    assert len(couples) == 13
    assert all(pair.leader.partner == pair.follower.id for pair in couples)
    assert all(pair.leader.n_beats == pair.follower.n_beats == pair.n_beats for pair in couples)


def test_partners_keep_their_distance(danced):
    for leader, follower, _ in danced:
        assert 0.55 < np.median(apart(leader, follower)) < 0.9
        assert apart(leader, follower).max() < 1.6


def test_partners_face_each_other_more_often_than_not(danced):
    towards = []
    for leader, follower, _ in danced:
        to = (follower.root_position_m - leader.root_position_m)[:, [0, 2]]
        joints = skeleton.forward_kinematics(leader.root_position_m, leader.joint_rotations_wxyz)
        across = joints[:, skeleton.INDEX["l_hip"]] - joints[:, skeleton.INDEX["r_hip"]]
        towards.append(((-across[:, 2] * to[:, 0] + across[:, 0] * to[:, 1]) > 0).mean())
    assert np.mean(towards) > 0.75


def test_joined_hands_meet(danced):
    gaps = []
    for leader, follower, held in danced:
        joined = couple.hands_joined(leader, follower, held)
        gaps.append(couple.gaps_m(*joined)[held > 0.99])
    gaps = np.concatenate(gaps)
    assert (gaps < 0.03).mean() > 0.98
    assert np.median(gaps) < 0.005


def test_hands_are_held_for_most_of_the_dance_and_in_one_pair_each(danced):
    held = np.concatenate([g for _, _, g in danced])
    assert 0.6 < (held > 0.5).any(axis=1).mean() < 0.95
    firm = held > 0.99
    assert not (firm[:, 0] & firm[:, 1]).any() and not (firm[:, 2] & firm[:, 3]).any()
    assert not (firm[:, 0] & firm[:, 2]).any() and not (firm[:, 1] & firm[:, 3]).any()


def test_free_hands_are_left_alone(danced):
    leader, follower, held = danced[0]
    one, other = couple.hands_joined(leader, follower, held)
    free = (held == 0.0).all(axis=1)
    assert free.any()
    for before, after in ((leader, one), (follower, other)):
        a, b = arms.arms_of(before), arms.arms_of(after)
        assert np.abs(a.wrist_m - b.wrist_m)[free].max() < 1e-4
    same = couple.hands_joined(leader, follower, np.zeros_like(held))
    assert same == (leader, follower)


def test_joining_is_not_rough(danced):
    def jerk(motion):
        joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
        return np.linalg.norm(np.diff(joints[:, :18], n=3, axis=0), axis=-1).mean()

    for leader, follower, held in danced:
        one, other = couple.hands_joined(leader, follower, held)
        assert jerk(one) < 1.1 * jerk(leader) and jerk(other) < 1.1 * jerk(follower)


def test_two_windows_agree_where_they_overlap(couples):
    pair = couples[3]
    early, late = 10 + np.arange(33) / 16, 11 + np.arange(33) / 16
    shown = [couple.hands_joined(*couple.sample(pair, b), couple.grip(pair, b)) for b in (early, late)]
    for one, other in zip(*shown, strict=True):
        first, second = (skeleton.forward_kinematics(m.root_position_m, m.joint_rotations_wxyz) for m in (one, other))
        assert np.abs(first[16:] - second[:17]).max() < 1e-4


def test_a_mirrored_take_is_the_mirror_image(couples):
    pair, beats = couples[4], 12 + np.arange(17) / 8
    plain = couple.hands_joined(*couple.sample(pair, beats), couple.grip(pair, beats))
    mirrored = couple.hands_joined(*couple.sample(pair, beats, True), couple.grip(pair, beats, True))
    for one, other in zip(plain, mirrored, strict=True):
        root, turned = skeleton.mirror(one.root_position_m, one.joint_rotations_wxyz)
        at = skeleton.forward_kinematics(root, turned)
        assert np.allclose(
            at, skeleton.forward_kinematics(other.root_position_m, other.joint_rotations_wxyz), atol=1e-5
        )
