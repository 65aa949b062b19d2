from __future__ import annotations

import numpy as np
import pytest

from livedance.dance import idle_feet, idle_footwork
from livedance.dance.idle_footwork import GROUP_S, Stance

START = idle_footwork.stance_at((0.0, 0.0), 0.0, 0.12, 0.0, (0.2, 0.2))


def stand(first_s: float, last_s: float, start: Stance = START, seed: int = 1) -> idle_feet.Stand:
    return idle_feet.stand(seed, 0, np.arange(first_s, last_s, 1.0 / 32.0), 0.0, start)


def test_a_group_ends_as_the_next_one_begins() -> None:
    for number in range(8):
        edge = (number + 1) * GROUP_S
        before, after = stand(edge - 0.25, edge - 0.1), stand(edge + 0.01, edge + 0.2)
        assert np.abs(before.feet.ankle_m[-1] - after.feet.ankle_m[0]).max() < 1e-9
        assert abs(before.weight[-1] - after.weight[0]) < 0.01
        assert abs(before.yaw_rad[-1] - after.yaw_rad[0]) < 0.01


def test_a_foot_moves_only_while_the_other_one_carries() -> None:
    for number in range(1, 12):
        s = stand(number * GROUP_S, (number + 1) * GROUP_S - 0.05)
        left, right = (s.contact[:, 2 * side] < 0.5 for side in (0, 1))
        assert not (left & right).any()
        # In the middle of the flight; the weight goes over while the heel begins to rise.
        high = s.feet.ankle_m[..., 1] > 0.12
        assert (s.weight[high[:, 0]] < -0.4).all()
        assert (s.weight[high[:, 1]] > 0.4).all()
        for side in (0, 1):
            rests = s.contact[1:, 2 * side] + s.contact[:-1, 2 * side] == 2.0
            assert np.abs(np.diff(s.feet.ankle_m[:, side], axis=0)[rests]).max() < 1e-12


def test_nothing_drifts_and_legs_never_cross() -> None:
    for number in (*range(1, 60), 20_000):
        s = stand(number * GROUP_S, (number + 1) * GROUP_S)
        assert np.linalg.norm(s.middle_xz, axis=-1).max() < 0.25
        assert np.abs(s.yaw_rad).max() < 0.6
        side = np.stack([np.cos(s.yaw_rad), -np.sin(s.yaw_rad)], axis=-1)
        assert np.sum(s.across_xz * side, axis=-1).min() > 0.04


@pytest.mark.parametrize(
    ("start", "begins_s"),
    [
        (START, idle_footwork.SETTLED_S),
        (idle_footwork.stance_at((0.0, 0.0), 0.0, 0.4, 0.0, (0.2, 0.2)), idle_footwork.AT_ONCE_S),
        (idle_footwork.stance_at((0.0, 0.0), 0.0, -0.1, 0.0, (0.2, 0.2)), idle_footwork.AT_ONCE_S),
        (idle_footwork.stance_at((0.9, 0.0), 0.0, 0.12, 0.0, (0.2, 0.2)), idle_footwork.AT_ONCE_S),
        (idle_footwork.stance_at((0.0, 0.0), -2.9, 0.12, 0.0, (0.2, 0.2)), idle_footwork.AT_ONCE_S),
    ],
)
def test_who_stands_badly_steps_at_once(start: Stance, begins_s: float) -> None:
    moves = idle_footwork.group(1, 0, 0, start, 0).moves
    assert begins_s < min(move.start_s for move in moves) < begins_s + 1.0
    assert max(move.start_s + move.span_s for move in moves) < GROUP_S


def test_strides_are_short() -> None:
    far = idle_footwork.stance_at((1.0, 1.0), 3.0, 0.12, 0.0, (0.2, 0.2))
    for start in (START, far):
        for move in idle_footwork.group(1, 0, 0, start, 0).moves:
            assert np.hypot(*move.by_xz) < 0.75
            assert abs(move.by_rad) < 1.2
