from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import elbow_room
from livedance.dance.motion_graph import MotionGraph
from livedance.messages import Controls, MotionWindow
from tests.unit.dance.dancing import LIFELESS, Dance

BEATS = np.linspace(0.0, 2.0, 33)


def passing(aside: float) -> np.ndarray:
    """Two who pass each other, `aside` apart, within two beats."""
    along = np.cos(np.pi * BEATS / 2.0)
    return np.stack([np.stack([along, aside / 2 + 0 * along], -1), np.stack([-along, -aside / 2 + 0 * along], -1)])


def distance(paths: np.ndarray) -> np.ndarray:
    out: np.ndarray = np.linalg.norm(paths[0] - paths[1], axis=-1)
    return out


def test_who_is_far_away_gives_no_way() -> None:
    assert elbow_room.given(passing(1.2)) is None
    assert elbow_room.given(passing(0.5)[:1]) is None


def test_two_who_pass_keep_apart_share_the_way_and_do_not_jump() -> None:
    paths = passing(0.5)
    gives = elbow_room.given(paths)
    assert gives is not None
    assert distance(paths).min() < 0.51
    assert distance(paths + gives).min() >= elbow_room.MEANT_M - 1e-6
    assert np.allclose(gives[0], -gives[1])
    assert np.abs(gives[:, [0, -1]]).max() == 0.0
    assert np.abs(np.diff(gives, axis=1)).max() < 0.08


@pytest.mark.parametrize("aside", [0.0, 0.001, -0.04, 0.1])
def test_two_who_walk_through_each_other_are_led_round(aside: float) -> None:
    along = np.linspace(-1.0, 1.0, 33)
    paths = np.stack([np.stack([along, aside / 2 + 0 * along], -1), np.stack([-along, 0.05 * along - aside / 2], -1)])
    gives = elbow_room.given(paths)
    assert gives is not None
    assert distance(paths).min() < 0.11
    assert distance(paths + gives).min() >= elbow_room.MEANT_M - 1e-6
    assert np.abs(np.diff(paths + gives, axis=1)).max() < 0.18  # 6 m/s at 124 BPM; at once it would be 30


def test_two_at_the_very_same_place_come_apart() -> None:
    gives = elbow_room.given(np.zeros((2, 33, 2)))
    assert gives is not None
    assert distance(gives).min() >= elbow_room.MEANT_M - 1e-6


def test_partners_may_be_near_and_give_way_together() -> None:
    three = np.concatenate([passing(0.5), np.full((1, 33, 2), [0.0, 0.6])])
    gives = elbow_room.given(three, couples=[(1, 0)])
    assert gives is not None
    assert np.allclose(gives[0], gives[1])
    moved = three + gives
    assert distance(moved).min() < 0.51
    assert min(np.linalg.norm(moved[i] - moved[2], axis=-1).min() for i in (0, 1)) >= elbow_room.MEANT_M - 1e-6


def test_partners_who_part_take_a_beat() -> None:
    near = np.stack([np.full((33, 2), [-0.25, 0.0]), np.full((33, 2), [0.25, 0.0])])
    gives = elbow_room.given(near, parting=[(0, 1)])
    assert gives is not None
    kept = distance(near + gives)
    assert kept[0] == pytest.approx(0.5, abs=0.01)
    assert kept[17:].min() >= elbow_room.MEANT_M - 1e-6
    assert np.abs(np.diff(kept)).max() < 0.12


@cache
def windows() -> tuple[MotionWindow, ...]:
    dance = Dance(MotionGraph(), seed=3, is_choreographed=True, parts=LIFELESS)
    return tuple(dance.roll(4, Controls(dancers=3))[-3:])


def test_the_exact_pass_moves_hips_over_feet_that_stay() -> None:
    one = windows()[0]
    near = [replace(one, root_position_m=one.root_position_m + np.array([0.85 * i, 0.0, 0.0])) for i in range(3)]
    apart = elbow_room.kept_apart(near)
    for a, b in combinations(apart, 2):
        way = (a.root_position_m - b.root_position_m)[:, [0, 2]]
        assert np.linalg.norm(way, axis=-1).min() >= elbow_room.LEAST_M - 1e-6
    feet = [skeleton.INDEX[f"{side}_ankle"] for side in "lr"]
    for before, after in zip(near, apart, strict=True):
        was, now = (skeleton.forward_kinematics(w.root_position_m, w.joint_rotations_wxyz) for w in (before, after))
        assert np.abs(was[:, feet] - now[:, feet]).max() < 0.02
    assert np.abs(apart[0].root_position_m - near[0].root_position_m).max() > 0.03


def test_windows_of_dancers_who_are_apart_are_left_as_they_are() -> None:
    assert elbow_room.kept_apart(windows()) == list(windows())
