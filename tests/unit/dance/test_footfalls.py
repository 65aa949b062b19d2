from __future__ import annotations

import numpy as np
import pytest

from livedance import rotations
from livedance.dance import footfalls, ik
from livedance.dance.footfalls import NEVER, Footfalls

PLACE = np.array([[[0.3, -0.2], [-0.3, 0.1]]])
YAW = np.array([[0.5, -0.9]])


def one_step(land_rad: float = 0.0, rest_rad: float = 0.0, rise_rad: float = 0.4) -> Footfalls:
    """Return the left foot landing once on beat 2; the right one never moves."""
    shape = (2, 2)
    return Footfalls(
        land_beat=np.array([[-NEVER, 2.0], [-NEVER, NEVER]]),
        swing_beats=np.full(shape, 0.75),
        rise_rad=np.full(shape, rise_rad),
        land_rad=np.array([[0.0, land_rad], [0.0, 0.0]]),
        rest_rad=np.array([[0.0, rest_rad], [0.0, 0.0]]),
        lift_m=np.full(shape, 0.08),
        interval_beats=1.0,
    )


def contacts(falls: Footfalls, beat: float) -> list[float]:
    out: list[float] = footfalls.phases(falls, np.array([beat])).contact[0].tolist()
    return out


def test_a_foot_stands_rolls_swings_and_lands_on_its_beat() -> None:
    falls = one_step()
    assert contacts(falls, 0.5) == [1, 1, 1, 1]
    assert contacts(falls, 1.2) == [0, 1, 1, 1]
    assert contacts(falls, 1.6) == [0, 0, 1, 1]
    assert contacts(falls, 2.5) == [1, 1, 1, 1]
    swing = footfalls.phases(falls, np.array([1.25, 1.625, 2.0, 7.0])).swing
    assert np.allclose(swing, [[0.0, 0.0], [0.5, 0.0], [0.0, 0.0], [0.0, 0.0]])


def test_it_lands_on_the_heel_on_the_ball_or_touches() -> None:
    assert contacts(one_step(land_rad=-0.2), 2.05)[:2] == [1, 0]
    assert contacts(one_step(land_rad=0.3), 2.05)[:2] == [0, 1]
    assert contacts(one_step(land_rad=0.3), 3.0)[:2] == [1, 1]
    assert contacts(one_step(land_rad=0.4, rest_rad=0.4), 3.0)[:2] == [0, 1]


@pytest.mark.parametrize("pitch", [0.2, 0.6])
def test_the_toe_stays_while_the_heel_rises(pitch: float) -> None:
    flat = footfalls.stand(PLACE, YAW, np.zeros((1, 2)))
    risen = footfalls.stand(PLACE, YAW, np.full((1, 2), pitch))
    assert np.allclose(ik.toes_of(flat), ik.toes_of(risen))
    assert np.allclose(flat.ankle_m[0, :, [0, 2]].T, PLACE[0])
    assert np.all(risen.ankle_m[..., 1] > flat.ankle_m[..., 1] + 0.02)


def test_the_heel_stays_while_the_toes_are_up() -> None:
    flat = footfalls.stand(PLACE, YAW, np.zeros((1, 2)))
    struck = footfalls.stand(PLACE, YAW, np.full((1, 2), -0.3))
    assert np.allclose(flat.ankle_m, struck.ankle_m)
    assert np.all(ik.toes_of(struck)[..., 1] > ik.toes_of(flat)[..., 1] + 0.02)


def test_a_swing_begins_and_ends_still_and_is_highest_in_the_middle() -> None:
    beats = np.arange(1.2, 2.05, 1 / 64)
    now = footfalls.phases(one_step(rise_rad=0.0), beats)
    here = footfalls.stand(np.repeat(PLACE, len(beats), axis=0), np.repeat(YAW, len(beats), axis=0), now.last_pitch_rad)
    there = footfalls.stand(
        np.repeat(PLACE + 0.4, len(beats), axis=0), np.repeat(YAW, len(beats), axis=0), 0.0 * now.last_pitch_rad
    )
    feet = footfalls.swung(here, there, now)
    assert np.allclose(feet.ankle_m[:, 1], here.ankle_m[:, 1])
    left = feet.ankle_m[beats <= 2.0, 0]
    assert left[:, 1].max() == pytest.approx(0.18, abs=1e-3)
    speed = np.linalg.norm(np.diff(left, axis=0), axis=1)
    assert max(speed[0], speed[-1]) < 0.05 * speed.max()


def test_feet_are_placed_beside_the_home_across_the_facing() -> None:
    home = np.zeros((1, 2, 2))
    across = footfalls.beside(home, np.full((1, 2), np.pi / 2))
    # Facing the dancers' left, the left foot is at the back of the stage.
    assert across[0, 0, 1] == pytest.approx(-across[0, 1, 1])
    assert across[0, 0, 1] < -0.1
    turned = footfalls.yawed_and_pitched(np.array(0.7), np.array(0.3))
    separate = rotations.multiply(rotations.about_y(0.7), rotations.from_rotvec(np.array([0.3, 0.0, 0.0])))
    assert np.allclose(turned, separate)
