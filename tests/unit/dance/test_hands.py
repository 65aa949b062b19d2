from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import hands
from livedance.dance.direction import GROOVE, Direction, Role
from livedance.dance.hands import Hand
from livedance.dance.window import TRACK_SAMPLES, Motion, sample_beats
from tests.unit.dance.standing import context, standing

DROP = replace(GROOVE, role=Role.DROP)
LOW = replace(GROOVE, role=Role.LOW)


def with_arms(angles_deg: tuple[float, float, float], bend_deg: float = 0.0) -> Motion:
    """Somebody who holds the left upper arm so, and the right one the same way on the other side."""
    motion, _ = standing()
    turned = motion.joint_rotations_wxyz.copy()
    for side, sign in (("l_", 1.0), ("r_", -1.0)):
        vector = np.radians(angles_deg) * np.array([1.0, sign, sign])
        turned[:, skeleton.INDEX[side + "shoulder"]] = rotations.from_rotvec(vector)
        turned[:, skeleton.INDEX[side + "elbow"]] = rotations.from_rotvec(np.radians([0.0, -sign * bend_deg, 0.0]))
    return replace(motion, joint_rotations_wxyz=turned)


ARMS_UP = with_arms((0.0, 0.0, 55.0))
BENT = with_arms((0.0, 0.0, -10.0), 110.0)
HANGING = standing()[0]


def many(motion: Motion, direction: Direction, style: str = "club", n: int = 120) -> np.ndarray:
    """Poses of the left hand in many windows."""
    starts = np.arange(n) * 2.0 + 0.5
    return np.concatenate(
        [hands.poses(motion, context(float(s), direction=direction, energy=0.8), 1.0, style)[1:, 0] for s in starts]
    )


def test_hanging_arms_have_relaxed_hands() -> None:
    assert np.all(many(HANGING, DROP) == Hand.RELAXED)


def test_amount_nothing_is_relaxed() -> None:
    assert not hands.poses(ARMS_UP, context(), 0.0, "club").any()


def test_raised_arms_point_spread_or_are_flat() -> None:
    seen = many(ARMS_UP, GROOVE)
    assert np.isin(seen, [Hand.POINT, Hand.SPREAD, Hand.FLAT]).mean() > 0.6
    assert len(np.unique(seen)) >= 4


def test_bent_arms_make_fists() -> None:
    seen = many(BENT, GROOVE, "hype")
    assert (seen == Hand.FIST).mean() > 0.5


def test_role_and_style_count() -> None:
    assert np.isin(many(ARMS_UP, DROP), [Hand.SPREAD, Hand.FIST]).mean() > 0.55
    assert (many(ARMS_UP, LOW) == Hand.RELAXED).mean() > (many(ARMS_UP, GROOVE) == Hand.RELAXED).mean() + 0.15
    assert (many(ARMS_UP, GROOVE, "modern") == Hand.POINT).mean() < (many(ARMS_UP, GROOVE, "hype") == Hand.POINT).mean()


@pytest.mark.parametrize("beat_start", [0.5, 0.75, 7.25, 12.5])
def test_poses_change_only_half_way_between_beats(beat_start: float) -> None:
    for k in range(40):
        now = context(beat_start + 4.0 * k, direction=DROP)
        shown = hands.poses(ARMS_UP, now, 1.0, "club")
        changes = np.flatnonzero(np.any(np.diff(shown.astype(int), axis=0) != 0, axis=1)) + 1
        at = sample_beats(now.beat_start)[changes] % 1.0
        assert np.all(np.isclose(at, 0.5))


def test_windows_agree_on_the_beat_they_share() -> None:
    for k in range(60):
        first = hands.poses(ARMS_UP, context(k + 0.5), 1.0, "club")
        second = hands.poses(ARMS_UP, context(k + 1.5), 1.0, "club")
        assert np.array_equal(first[17:], second[1:17])


def test_the_same_seed_gives_the_same_hands_and_another_dancer_others() -> None:
    first, again, other = (
        [hands.poses(ARMS_UP, context(k + 0.5, dancer=d), 1.0, "club").tolist() for k in range(0, 80, 2)]
        for d in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_shape_and_ids() -> None:
    shown = hands.poses(BENT, context(), 1.0, "no such style")
    assert shown.shape == (TRACK_SAMPLES, 2)
    assert shown.dtype == np.uint8
    assert shown.max() <= 4
