from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance import body, ik, stance
from livedance.dance import wish as wishes
from livedance.dance.window import TRACK_SAMPLES, Motion, Wish


def swaying() -> Wish:
    turned = np.broadcast_to(stance.pose(), (TRACK_SAMPLES, 23, 4)).copy()
    wave = np.sin(np.arange(TRACK_SAMPLES) / 5.0)
    j = skeleton.INDEX["l_shoulder"]
    turned[:, j] = rotations.multiply(turned[:, j], rotations.from_rotvec(wave[:, None] * [0.3, 0.2, 0.4]))
    root = np.stack([0.2 * wave, np.full(TRACK_SAMPLES, stance.HIPS_HEIGHT_M), 0.1 * wave], axis=-1)
    contact = np.tile([1.0, 1.0, 0.0, 0.5], (TRACK_SAMPLES, 1))
    motion = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact)
    return Wish(
        motion=motion, feet=ik.feet_of(motion), facing_rad=0.3 * wave, mean_wxyz=turned, mean_xz=root[:, [0, 2]]
    )


def joints(motion: Motion) -> np.ndarray:
    return skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)


def test_a_mirror_image_is_one_and_its_own_mirror_image_is_the_wish() -> None:
    wish = swaying()
    other = wishes.mirrored(wish)
    assert np.allclose(joints(other.motion)[:, list(skeleton.MIRROR)] * [-1, 1, 1], joints(wish.motion), atol=1e-12)
    assert np.allclose(other.feet.ankle_m, ik.feet_of(other.motion).ankle_m, atol=1e-9)
    assert np.array_equal(other.motion.foot_contact[0], [0.0, 0.5, 1.0, 1.0])
    assert np.array_equal(other.facing_rad, -wish.facing_rad)
    back = wishes.mirrored(other)
    assert np.allclose(back.motion.joint_rotations_wxyz, wish.motion.joint_rotations_wxyz, atol=1e-12)
    assert back.mean_xz is not None
    assert np.allclose(back.mean_xz, wish.mean_xz)


def test_a_shift_is_later_or_earlier_by_part_of_a_sample() -> None:
    wish = swaying()
    assert wishes.shifted(wish, 0.0) is wish
    x = wish.motion.root_position_m[:, 0]
    later = wishes.shifted(wish, 0.25).motion.root_position_m[:, 0]
    earlier = wishes.shifted(wish, -1.0).motion.root_position_m[:, 0]
    assert np.allclose(later[1:], 0.75 * x[1:] + 0.25 * x[:-1])
    assert np.allclose(earlier[:-1], x[1:])


def test_what_was_shown_at_a_place_is_seen_about_home() -> None:
    wish = swaying()
    home = np.tile([1.5, -0.5], (TRACK_SAMPLES, 1))
    motion, feet = wishes.placed(wish.motion, wish.feet, home)
    _, trace = body.finish(motion, feet, None, 0.5, 1 / 32)
    local = wishes.about_home(trace, home, is_mirrored=False)
    assert np.allclose(local.body.root_position_m, wish.motion.root_position_m)
    assert np.allclose(local.feet.ankle_m[..., 0], trace.feet.ankle_m[..., 0] - 1.5)
    flipped = wishes.about_home(trace, home, is_mirrored=True)
    assert np.allclose(flipped.body.root_position_m[:, 0], -wish.motion.root_position_m[:, 0])
    assert np.array_equal(flipped.locks.mode, local.locks.mode[:, ::-1])
