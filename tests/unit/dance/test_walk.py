from __future__ import annotations

import math

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import body, ik, stance, walk
from livedance.dance import journey as journeys
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, Motion, Trace, sample_beats, sample_step_s
from livedance.messages import SAMPLES_PER_BEAT

STEP_S = sample_step_s(120.0)
SIDE = walk.Journey(start_beat=4, beats=4, start_xz=(-0.4, 0.2), end_xz=(0.3, 0.2))
FAR = walk.Journey(start_beat=4, beats=8, start_xz=(-1.2, -0.3), end_xz=(1.2, 0.3))
AHEAD = walk.Journey(start_beat=4, beats=6, start_xz=(0.5, -0.9), end_xz=(0.3, 0.9))
BACK = walk.Journey(start_beat=4, beats=6, start_xz=(0.3, 0.9), end_xz=(0.5, -0.9))
WAYS = [SIDE, FAR, AHEAD, BACK]


def swaying(beats: np.ndarray, wander_m: float = 0.15) -> tuple[Motion, Feet, np.ndarray]:
    """Return a dancer who sways and turns a little about its home on feet that stay."""
    n = len(beats)
    facing = 0.4 * np.sin(np.pi * beats / 4)
    turned = np.broadcast_to(stance.pose(), (n, 23, 4)).copy()
    turned[:, 0] = rotations.about_y(facing)
    root = np.zeros((n, 3))
    root[:, 0] = wander_m * np.sin(np.pi * beats / 2)
    root[:, 1] = stance.HIPS_HEIGHT_M
    motion = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((n, 4)))
    return motion, stance.feet(n, np.zeros(2), np.zeros(n)), facing


def travelled(journey: walk.Journey, beats: np.ndarray) -> tuple[Motion, Feet]:
    motion, feet, facing = swaying(beats)
    return walk.travel(motion, feet, journey, beats, facing)


def shown(journey: walk.Journey) -> Motion:
    """Return the journey as it leaves the brain, one window a beat, from two beats before it to two after."""
    trace: Trace | None = None
    windows = []
    for k in range(journey.beats + 4):
        start = journey.start_beat - 2.5 + k
        motion, trace = body.finish(*travelled(journey, sample_beats(start)), trace, start, STEP_S)
        windows.append(motion)
    return Motion(
        root_position_m=np.concatenate([w.root_position_m[:SAMPLES_PER_BEAT] for w in windows]),
        joint_rotations_wxyz=np.concatenate([w.joint_rotations_wxyz[:SAMPLES_PER_BEAT] for w in windows]),
        foot_contact=np.concatenate([w.foot_contact[:SAMPLES_PER_BEAT] for w in windows]),
    )


def under_way(journey: walk.Journey) -> np.ndarray:
    return np.arange(journey.start_beat, journey.end_beat, 1 / SAMPLES_PER_BEAT)


@pytest.mark.parametrize("journey", WAYS)
def test_the_home_is_at_the_start_before_and_at_the_end_after_and_goes_smoothly_between(journey: walk.Journey) -> None:
    beats = np.arange(journey.start_beat - 2.0, journey.end_beat + 2.0, 1 / 64)
    home = walk.home_at(journey, beats)
    assert np.array_equal(home[beats <= journey.start_beat], np.tile(journey.start_xz, (129, 1)))
    assert np.allclose(home[beats >= journey.end_beat], journey.end_xz, atol=1e-12)
    speed = np.diff(home, axis=0) * 64
    assert np.linalg.norm(speed, axis=1).max() < 1.8 * journey.distance_m / journey.beats
    # No jump in the acceleration: from one 64th beat to the next it changes by a small part of its range.
    gain = np.diff(speed, axis=0) * 64
    assert np.abs(np.diff(gain, axis=0)).max() < 0.1 * np.abs(gain).max()


def test_a_bend_bows_out_to_the_left_and_ends_in_the_same_place() -> None:
    way = walk.Journey(start_beat=0, beats=4, start_xz=(0.0, -1.0), end_xz=(0.0, 1.0), bend_m=0.4)
    home = walk.home_at(way, np.array([0.0, 2.0, 4.0]))
    assert np.allclose(home, [[0.0, -1.0], [0.4, 0.0], [0.0, 1.0]], atol=1e-9)


@pytest.mark.parametrize("journey", WAYS)
def test_before_and_after_the_dance_is_only_displaced(journey: walk.Journey) -> None:
    for beats, place in (
        (sample_beats(journey.start_beat - 2.0), journey.start_xz),
        (sample_beats(journey.end_beat + 0.1), journey.end_xz),
    ):
        motion, feet, _ = swaying(beats)
        moved, moved_feet = travelled(journey, beats)
        assert np.allclose(moved.root_position_m[:, [0, 2]] - motion.root_position_m[:, [0, 2]], place)
        assert np.array_equal(moved.joint_rotations_wxyz, motion.joint_rotations_wxyz)
        assert np.allclose(moved_feet.ankle_m[..., [0, 2]] - feet.ankle_m[..., [0, 2]], place)
        assert np.array_equal(moved.foot_contact, motion.foot_contact)


@pytest.mark.parametrize("journey", WAYS)
def test_it_joins_the_dance_at_both_ends_without_a_jump(journey: walk.Journey) -> None:
    beats = np.arange(journey.start_beat - 1.0, journey.end_beat + 1.0, 1 / SAMPLES_PER_BEAT)
    motion, feet = travelled(journey, beats)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).max() < 0.12
    assert np.linalg.norm(np.diff(feet.ankle_m, axis=0), axis=-1).max() < 0.2
    own = swaying(beats)[1]
    after = beats >= journey.end_beat
    assert np.allclose(feet.ankle_m[after], own.ankle_m[after] + [journey.end_xz[0], 0.0, journey.end_xz[1]])


@pytest.mark.parametrize("journey", WAYS)
def test_windows_agree_where_they_overlap(journey: walk.Journey) -> None:
    for start in np.arange(journey.start_beat - 1.5, journey.end_beat):
        first, first_feet = travelled(journey, sample_beats(start))
        second, second_feet = travelled(journey, sample_beats(start + 1.0))
        a, b = slice(SAMPLES_PER_BEAT, TRACK_SAMPLES), slice(0, TRACK_SAMPLES - SAMPLES_PER_BEAT)
        assert np.allclose(first.root_position_m[a], second.root_position_m[b], atol=1e-9)
        assert np.allclose(first.joint_rotations_wxyz[a], second.joint_rotations_wxyz[b], atol=1e-9)
        assert np.allclose(first_feet.ankle_m[a], second_feet.ankle_m[b], atol=1e-9)
        assert np.array_equal(first.foot_contact[a], second.foot_contact[b])


@pytest.mark.parametrize("journey", WAYS)
def test_feet_do_not_slide_and_land_on_beats_one_after_the_other(journey: walk.Journey) -> None:
    motion = shown(journey)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    for toe, contact in ((13, 1), (17, 3)):
        down = motion.foot_contact[:, contact] > 0.5
        pinned = down[1:] & down[:-1]
        speed = np.linalg.norm(np.diff(joints[:, toe][:, [0, 2]], axis=0), axis=1) / STEP_S
        assert np.mean(speed[pinned] > 0.15) < 0.02
    landings = []
    for heel, toe in ((0, 1), (2, 3)):
        down = motion.foot_contact[:, [heel, toe]].max(axis=1) > 0.5
        rows = np.flatnonzero(down[1:] & ~down[:-1]) + 1
        landings += [(row / SAMPLES_PER_BEAT + journey.start_beat - 2.5, heel) for row in rows]
    landings.sort()
    assert [foot for _, foot in landings[:-1]] != [foot for _, foot in landings[1:]]
    assert len(landings) >= journey.beats
    assert all(abs(2 * beat - round(2 * beat)) < 0.26 for beat, _ in landings)
    assert landings[-1][0] == pytest.approx(journey.end_beat, abs=0.13)


@pytest.mark.parametrize("journey", WAYS)
def test_steps_are_short_enough_for_the_legs(journey: walk.Journey) -> None:
    motion, feet = travelled(journey, under_way(journey))
    over = np.linalg.norm(ik.legs_of(motion).hip_m - feet.ankle_m, axis=-1) - ik.REACH_M
    assert np.mean(over > 0.03) < 0.05
    assert over.max() < 0.08
    apart = np.linalg.norm(feet.ankle_m[:, 0, [0, 2]] - feet.ankle_m[:, 1, [0, 2]], axis=1)
    assert apart.max() < 0.8


@pytest.mark.parametrize("journey", WAYS)
def test_toes_clear_the_floor_and_never_sink(journey: walk.Journey) -> None:
    _, feet = travelled(journey, under_way(journey))
    toes = ik.toes_of(feet)[..., 1]
    assert toes.min() > 0.03
    assert toes.max(axis=0).min() > 0.06


def test_long_ways_are_walked_facing_the_way_with_an_open_chest_and_short_ones_facing_the_audience() -> None:
    middle = np.array([8.0])
    assert walk.facing_at(FAR, middle, np.zeros(1))[0] == pytest.approx(journeys.TURN_MOST_RAD, abs=1e-6)
    assert walk.facing_at(SIDE, np.array([6.0]), np.zeros(1))[0] == pytest.approx(0.0, abs=1e-6)
    assert abs(walk.facing_at(BACK, np.array([7.0]), np.zeros(1))[0]) < math.radians(15.0)
    motion, feet, _ = swaying(np.array([7.9, 8.0]))
    moved, _ = walk.travel(motion, feet, FAR, np.array([7.9, 8.0]), np.zeros(2))
    chest = rotations.multiply(moved.joint_rotations_wxyz[0, 0], moved.joint_rotations_wxyz[0, 1])
    hips = rotations.heading(moved.joint_rotations_wxyz[0, 0])
    assert rotations.heading(chest) < hips - math.radians(15.0)


def test_a_dancer_who_spins_or_looks_back_is_turned_without_a_jump() -> None:
    beats = under_way(FAR)
    facing = walk.facing_at(FAR, beats, np.linspace(-2.0, 8.0, len(beats)))
    steps = np.abs((np.diff(facing) + np.pi) % (2.0 * np.pi) - np.pi)
    assert steps.max() < 0.35


def test_far_in_a_short_time_the_steps_come_on_half_beats() -> None:
    hurried = walk.Journey(start_beat=0, beats=4, start_xz=(-1.0, 0.0), end_xz=(1.0, 0.0))
    easy = walk.Journey(start_beat=0, beats=8, start_xz=(-1.0, 0.0), end_xz=(1.0, 0.0))

    def lifts(journey: walk.Journey) -> int:
        down = travelled(journey, under_way(journey))[0].foot_contact.reshape(-1, 2, 2).max(axis=2) > 0.5
        return int((down[:-1] & ~down[1:]).sum())

    assert lifts(hurried) == 8
    assert lifts(easy) == 8


def test_who_stays_does_not_step() -> None:
    stays = walk.Journey(start_beat=0, beats=4, start_xz=(0.7, 0.1), end_xz=(0.7, 0.1))
    motion, _ = travelled(stays, sample_beats(1.0))
    assert np.all(motion.foot_contact[LEAD_IN:] == 1.0)
