"""Marks of every beat: what a made clip shows is what is read, and what is read of the library makes sense."""

import dataclasses

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import marks, stance
from livedance.dance.library import Clip, MotionLibrary

BEATS = 8
FPS = 30.0


def clip(turned, root, tags=frozenset()):
    """A clip of eight beats of half a second."""
    n = len(root)
    return Clip(
        id="made", style="club", licence="CC0", source="here", fps=FPS, root_position_m=root,
        joint_rotations_wxyz=turned, foot_contact=np.ones((n, 4)), beat_times_s=np.arange(BEATS + 1) * 0.5,
        native_bpm=120.0, beat_energy=np.zeros(BEATS), confidence=1.0, tags=tags,
    )  # fmt: skip


def posed(lift_rad, bend=0.0, tags=frozenset()):
    """Standing; both arms turn up from hanging by `lift_rad` (T,), sinking `bend` metres."""
    n = len(lift_rad)
    turned = np.repeat(stance.pose()[None], n, axis=0)
    zero = np.zeros(n)
    for side, sign in (("l", 1.0), ("r", -1.0)):
        angle = sign * (lift_rad - np.pi / 2)
        turned[:, skeleton.INDEX[f"{side}_shoulder"]] = rotations.from_rotvec(np.stack([zero, zero, angle], axis=-1))
    root = np.zeros((n, 3))
    root[:, 1] = skeleton.REST_HIPS_HEIGHT_M - bend
    return clip(turned, root, tags)


def swinging(still_beats, at=1.0):
    """Arms swing about the height `at`, and stop on the beats that are named."""
    t = np.arange(int(BEATS * 0.5 * FPS) + 1) / FPS
    moving = ~np.isin(np.floor(t / 0.5), still_beats)
    phase = np.cumsum(moving) / FPS
    return posed(at + 0.5 * np.sin(2 * np.pi * phase))


@pytest.fixture(scope="module")
def shipped():
    library = MotionLibrary.load()
    return [(c, marks.marks_of(c)) for c in library.clips]


def test_a_pose_between_moving_beats_is_a_hold():
    seen = marks.marks_of(swinging([3]))
    assert seen.still.tolist() == [False] * 3 + [True] + [False] * 4
    assert seen.hold.tolist() == seen.still.tolist()
    assert not seen.waits.any()


def test_standing_with_hanging_arms_is_no_hold():
    seen = marks.marks_of(swinging([3, 4], at=0.05))
    assert seen.still[[3, 4]].all() and not seen.hold.any()
    assert marks.longest_waits(seen, BEATS)[0] >= 2


def test_a_still_end_is_waiting():
    seen = marks.marks_of(swinging([6, 7]))
    assert seen.waits.tolist() == [False] * 6 + [True] * 2
    assert marks.longest_waits(seen, 6)[0] == 0
    assert marks.longest_waits(seen, 4)[4] == 2


def test_arms_and_width_and_hips_are_measured():
    n = int(BEATS * 0.5 * FPS) + 1
    hanging, level, up = (marks.marks_of(posed(np.full(n, a))) for a in (0.0, np.pi / 2, np.pi))
    assert hanging.arms_up.mean() < 0.05 and up.arms_up.mean() > 0.9
    assert abs(level.arms_up.mean() - 0.5) < 0.1
    assert level.width.mean() > hanging.width.mean() + 0.5
    sinking = posed(np.zeros(n))
    sinking = dataclasses.replace(sinking, root_position_m=sinking.root_position_m - [[0.0, 0.3, 0.0]] * _late(n))
    assert -0.3 <= marks.marks_of(sinking).hips_m[-1] < -0.2  # the last beat begins upright


def _late(n):
    return (np.arange(n) > 0.9 * n)[:, None] * np.ones((1, 3))


def test_turning_to_the_left_is_positive():
    n = int(BEATS * 0.5 * FPS) + 1
    turning = posed(np.zeros(n))
    yaw = np.linspace(0.0, 8.0, n)
    turned = turning.joint_rotations_wxyz.copy()
    turned[:, 0] = rotations.multiply(rotations.about_y(yaw), turned[:, 0])
    seen = marks.marks_of(dataclasses.replace(turning, joint_rotations_wxyz=turned))
    assert np.allclose(seen.turn, 1.0, atol=0.05)


def test_only_floor_work_is_down(shipped):
    for c, seen in shipped:
        assert all(len(getattr(seen, f.name)) == c.n_beats for f in dataclasses.fields(seen)), c.id
        assert ("floor" in c.tags) or not seen.down.any(), c.id
    down = {c.id: seen.down for c, seen in shipped if c.style == "break"}
    assert all(d.any() and not d[0] and not d[-1] for d in down.values())  # a way down and a way up


def test_most_beats_move_and_holds_are_few(shipped):
    still = np.concatenate([m.still for c, m in shipped if not c.partner])
    hold = np.concatenate([m.hold for c, m in shipped if not c.partner])
    assert 0.01 < hold.mean() < 0.1 and still.mean() < 0.15
    assert not (hold & ~still).any()
