import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import clip_sampler, conditions, pose_features
from livedance.dance.library import MotionLibrary
from livedance.dance.window import Motion

BEATS = np.arange(96) / 16


@pytest.fixture(scope="module", params=["g1_J_Dance5_Hype", "cmu_61_05_salsa", "cmu_indian_04"])
def motion(request) -> Motion:
    return clip_sampler.sample(MotionLibrary.shipped().clip(request.param), BEATS)


def joints(motion: Motion) -> np.ndarray:
    return skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)


def test_rows_give_the_motion_back(motion):
    rows, walked = pose_features.rows_of(motion)
    there = pose_features.walk(rows[1:], walked.heading_rad[0], walked.xz_m[0])
    back = pose_features.motion_of(rows[1:], there)
    assert np.abs(joints(back) - joints(motion)[1:]).max() < 1e-9
    assert np.allclose(back.foot_contact, motion.foot_contact[1:])


def test_rows_know_neither_place_nor_heading(motion):
    rows, _ = pose_features.rows_of(motion)
    moved = clip_sampler.moved(motion, np.full(len(BEATS), 1.3), np.zeros(2), np.full((len(BEATS), 2), 2.0))
    assert np.abs(pose_features.rows_of(moved)[0] - rows).max() < 1e-9


def test_mirrored_rows_are_those_of_the_mirrored_motion(motion):
    root, turned = skeleton.mirror(motion.root_position_m, motion.joint_rotations_wxyz)
    seen = Motion(
        root_position_m=root,
        joint_rotations_wxyz=turned,
        foot_contact=motion.foot_contact[:, clip_sampler.MIRRORED_CONTACT],
    )
    rows, _ = pose_features.rows_of(motion)
    assert np.abs(pose_features.mirrored(rows) - pose_features.rows_of(seen)[0]).max() < 1e-9
    assert np.array_equal(pose_features.mirrored(pose_features.mirrored(rows)), rows)


def test_one_row_alone_stands(motion):
    alone = Motion(
        root_position_m=motion.root_position_m[:1],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[:1],
        foot_contact=motion.foot_contact[:1],
    )
    rows, _ = pose_features.rows_of(alone)
    assert not rows[:, pose_features.WAY].any()
    assert np.allclose(rows[0, pose_features.TURNS], pose_features.rows_of(motion)[0][0, pose_features.TURNS])


def test_held_rows_stand_still_and_lead_nowhere(motion):
    rows, _ = pose_features.rows_of(motion)
    still = pose_features.held(rows, 40)
    walked = pose_features.walk(still[:40], 0.3, np.array([1.0, 2.0]))
    assert np.ptp(still[:40, pose_features.TURNS], axis=0).max() == 0.0
    assert np.allclose(walked.heading_rad, 0.3)
    assert np.allclose(walked.xz_m, [1.0, 2.0])
    assert np.array_equal(still[40:], rows[40:])


def test_six_numbers_of_any_size_become_a_rotation():
    rng = np.random.default_rng(0)
    q = rotations.normalise(rng.normal(size=(50, 4)))
    six = pose_features.six_of(q) * rng.uniform(0.2, 3.0, (50, 1))
    same = np.abs(np.sum(pose_features.wxyz_of(six) * q, axis=-1))
    assert np.abs(same - 1.0).max() < 1e-9


def test_conditions_tell_phase_energy_style_and_way():
    told = conditions.per_token(3.5, 0.8)
    assert told.shape == (conditions.N_TOKENS, conditions.N_PER_TOKEN)
    assert np.allclose(told[0], [-1.0, 0.0, 1.0, 0.0, 0.3], atol=1e-6)
    assert np.allclose(told[2, :2], [1.0, 0.0], atol=1e-6), "the third sixteenth after a half-beat is the beat"
    asked = conditions.Whole(style="salsa", bpm=240.0, path=(0.1, 0.2, 0.3))
    whole = conditions.whole(asked, noise=0.5)
    assert whole[conditions.STYLES.index("salsa")] == 1.0
    assert whole[: len(conditions.STYLES)].sum() == 1.0
    assert whole[conditions.TEMPO] == 1.0
    assert whole[conditions.NOISE] == 0.5
    assert np.allclose(whole[-4:], [1.0, 0.1, 0.2, 0.3])
    assert not conditions.whole(conditions.Whole(style="break"))[: len(conditions.STYLES)].any()
