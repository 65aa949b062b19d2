"""Arms: the kinematics of the rig, wrists where they are wanted, and arms of one dance over the legs of another."""

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import arms, clip_sampler
from livedance.dance.library import MotionLibrary
from livedance.dance.window import Motion

BEATS = 4 + np.arange(33) / 16


@pytest.fixture(scope="module")
def library():
    return MotionLibrary.load()


@pytest.fixture(scope="module")
def hype(library):
    return clip_sampler.sample(library.clip("g1_J_Dance5_Hype"), BEATS)


@pytest.fixture(scope="module")
def salsa(library):
    return clip_sampler.sample(library.clip("cmu_61_05_salsa"), BEATS)


def test_every_style_knows_whose_arms_fit(library):
    assert set(arms.FITTING) == set(library.styles)
    assert all(set(styles) <= set(library.styles) - {"break"} for styles in arms.FITTING.values())


def joints(motion):
    return skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)


def test_arms_are_those_of_the_rig(salsa):
    limbs, world = arms.arms_of(salsa), joints(salsa)
    assert np.allclose(limbs.shoulder_m, world[:, arms.SHOULDERS])
    assert np.allclose(limbs.elbow_m, world[:, arms.ELBOWS])
    assert np.allclose(limbs.wrist_m, world[:, arms.WRISTS])


def test_wrists_go_where_they_are_wanted_and_hands_keep_their_direction(salsa):
    limbs = arms.arms_of(salsa)
    middle = 0.5 * (limbs.shoulder_m + limbs.wrist_m) + [0.02, 0.03, 0.01]
    placed = arms.place_wrists(salsa, limbs, middle)
    after = arms.arms_of(placed)
    assert np.abs(after.wrist_m - middle).max() < 1e-6
    assert np.abs(np.abs((after.hand * limbs.hand).sum(axis=-1)) - 1.0).max() < 1e-6
    other = [j for j in range(23) if j not in (*arms.SHOULDERS, *arms.ELBOWS, *arms.WRISTS)]
    assert np.allclose(placed.joint_rotations_wxyz[:, other], salsa.joint_rotations_wxyz[:, other])


def test_a_wrist_that_stays_changes_nothing(salsa):
    limbs = arms.arms_of(salsa)
    placed = arms.place_wrists(salsa, limbs, limbs.wrist_m)
    assert np.abs(joints(placed) - joints(salsa)).max() < 0.002


def test_a_wrist_out_of_reach_points_there(salsa):
    limbs = arms.arms_of(salsa)
    far = limbs.shoulder_m + np.array([0.0, 0.0, 5.0])
    after = arms.arms_of(arms.place_wrists(salsa, limbs, far))
    arm = after.wrist_m - after.shoulder_m
    length = np.linalg.norm(arm, axis=-1)
    assert (length >= arms.REACH_M - 1e-6).all() and (length < 1.021 * arms.REACH_M).all()
    assert (arm[..., 2] > 0.99 * arms.REACH_M).all()


def test_a_graft_has_the_legs_of_one_and_the_arms_of_the_other(salsa, hype):
    made = arms.graft(salsa, hype, np.ones(33))
    legs = [skeleton.INDEX[f"{s}_{j}"] for s in "lr" for j in ("hip", "knee", "ankle", "toe")]
    assert np.allclose(joints(made)[:, legs], joints(salsa)[:, legs])
    ours, theirs = arms.arms_of(made), arms.arms_of(hype)
    # As high as they were, and as far to the front and side of where the chest faces.
    assert np.allclose(
        (ours.elbow_m - ours.shoulder_m)[..., 1], (theirs.elbow_m - theirs.shoulder_m)[..., 1], atol=1e-6
    )
    turn = rotations.heading(ours.trunk) - rotations.heading(theirs.trunk)
    turned = rotations.rotate(rotations.about_y(turn)[:, None], theirs.wrist_m - theirs.shoulder_m)
    assert np.allclose(ours.wrist_m - ours.shoulder_m, turned, atol=1e-6)


def test_no_weight_is_no_graft_and_half_is_between(salsa, hype):
    none = arms.graft(salsa, hype, np.zeros(33))
    assert np.allclose(joints(none), joints(salsa), atol=1e-9)
    rising = arms.graft(salsa, hype, np.linspace(0.0, 1.0, 33))
    assert np.abs(joints(rising)[0] - joints(salsa)[0]).max() < 1e-9
    full = arms.graft(salsa, hype, np.ones(33))
    assert np.abs(joints(rising)[-1] - joints(full)[-1]).max() < 1e-9


def test_a_graft_moves_no_more_roughly_than_its_parents(salsa, hype):
    def jerk(motion):
        return np.linalg.norm(np.diff(joints(motion)[:, :18], n=3, axis=0), axis=-1).mean()

    made = arms.graft(salsa, hype, np.ones(33))
    assert jerk(made) < 1.5 * max(jerk(salsa), jerk(hype))


def test_counter_swing_tells_walking_from_ambling():
    n = 32
    turned = np.zeros((n, 23, 4))
    turned[..., 0] = 1.0
    swing = 0.5 * np.sin(np.arange(n) / 4.0)
    forward = rotations.from_rotvec(np.stack([-swing, 0 * swing, 0 * swing], axis=-1))
    hanging = rotations.from_rotvec(np.array([[0.0, 0.0, -np.pi / 2], [0.0, 0.0, np.pi / 2]]))
    turned[:, skeleton.INDEX["l_hip"]] = forward
    turned[:, skeleton.INDEX["r_hip"]] = rotations.conjugate(forward)
    turned[:, arms.SHOULDERS[0]] = rotations.multiply(rotations.conjugate(forward), hanging[0])
    turned[:, arms.SHOULDERS[1]] = rotations.multiply(forward, hanging[1])
    walk = Motion(root_position_m=np.zeros((n, 3)), joint_rotations_wxyz=turned, foot_contact=np.ones((n, 4)))
    root, other = skeleton.mirror(walk.root_position_m, turned)
    mirrored = Motion(root_position_m=root, joint_rotations_wxyz=other, foot_contact=walk.foot_contact)
    assert arms.counter_swing(walk, walk) > 0.95
    assert arms.counter_swing(walk, mirrored) < -0.95
