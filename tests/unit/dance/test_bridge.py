from __future__ import annotations

import math

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import body, bridge, ik
from livedance.dance.window import TRACK_SAMPLES, Motion, Trace, sample_beats, sample_step_s
from livedance.errors import ConfigError
from livedance.messages import SAMPLES_PER_BEAT

START = 7.5
STEP_S = sample_step_s(120.0)
TURNS = [("step_touch", 0.3, -0.2), ("walk", -0.4, 0.0), ("turn", math.radians(170.0), 0.0), ("turn", -2.2, 0.4)]


def shown(kind: str, start_facing: float, end_facing: float, energy: float = 0.6) -> Motion:
    trace: Trace | None = None
    windows = []
    for k in range(bridge.BEATS):
        beats = sample_beats(START + k)
        wished, feet, _ = bridge.dance(kind, beats, START, start_facing, end_facing, energy)
        motion, trace = body.finish(wished, feet, trace, START + k, STEP_S)
        windows.append(motion)
    return Motion(
        root_position_m=np.concatenate([w.root_position_m[:SAMPLES_PER_BEAT] for w in windows]),
        joint_rotations_wxyz=np.concatenate([w.joint_rotations_wxyz[:SAMPLES_PER_BEAT] for w in windows]),
        foot_contact=np.concatenate([w.foot_contact[:SAMPLES_PER_BEAT] for w in windows]),
    )


@pytest.mark.parametrize(("kind", "start_facing", "end_facing"), TURNS)
def test_it_turns_from_one_facing_to_the_other_in_four_beats(kind: str, start_facing: float, end_facing: float) -> None:
    beats = START + np.arange(0.0, bridge.BEATS + 1 / 64, 1 / 16)
    motion, _, facing = bridge.dance(kind, beats, START, start_facing, end_facing, 0.5)
    assert facing[0] == pytest.approx(start_facing)
    assert facing[-1] == pytest.approx(end_facing)
    hips = rotations.heading(motion.joint_rotations_wxyz[:, 0])
    away = np.abs((hips - facing + np.pi) % (2.0 * np.pi) - np.pi)
    assert away.max() < 0.3


def test_it_takes_the_short_way_round() -> None:
    beats = START + np.arange(0.0, 4.0, 1 / 16)
    _, _, facing = bridge.dance("turn", beats, START, math.radians(170.0), math.radians(-170.0), 0.5)
    assert np.ptp(facing) == pytest.approx(math.radians(20.0), abs=1e-6)


@pytest.mark.parametrize(("kind", "start_facing", "end_facing"), TURNS)
def test_feet_do_not_slide_and_legs_reach(kind: str, start_facing: float, end_facing: float) -> None:
    motion = shown(kind, start_facing, end_facing)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    for toe, contact in ((13, 1), (17, 3)):
        down = motion.foot_contact[:, contact] > 0.5
        speed = np.linalg.norm(np.diff(joints[:, toe][:, [0, 2]], axis=0), axis=1) / STEP_S
        assert np.mean(speed[down[1:] & down[:-1]] > 0.15) < 0.02
    wished, feet, _ = bridge.dance(kind, START + np.arange(0, 4, 1 / 16), START, start_facing, end_facing, 1.0)
    over = np.linalg.norm(ik.legs_of(wished).hip_m - feet.ankle_m, axis=-1) - ik.REACH_M
    assert over.max() < 0.05


@pytest.mark.parametrize("kind", bridge.KINDS)
def test_a_step_lands_on_every_beat(kind: str) -> None:
    motion = shown(kind, 0.0, 1.0)
    down = motion.foot_contact.reshape(-1, 2, 2).max(axis=2) > 0.5
    rows, _ = np.nonzero(down[1:] & ~down[:-1])
    assert sorted((rows + 1) / SAMPLES_PER_BEAT) == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.13)


def test_a_touch_keeps_its_heel_up_and_the_weight_stays() -> None:
    beats = START + 0.5 + np.array([1.0, 1.2, 1.4])
    motion, feet, _ = bridge.dance("step_touch", beats, START, 0.0, 0.0, 0.5)
    assert np.all(motion.foot_contact[:, 2:] == [0.0, 1.0])
    assert np.all(motion.foot_contact[:, :2] == 1.0)
    assert np.all(feet.ankle_m[:, 1, 1] > feet.ankle_m[:, 0, 1] + 0.02)
    left, right = feet.ankle_m[:, 0, 0], feet.ankle_m[:, 1, 0]
    assert np.all(np.abs(motion.root_position_m[:, 0] - left) < np.abs(motion.root_position_m[:, 0] - right))


@pytest.mark.parametrize("kind", bridge.KINDS)
def test_arms_swing_against_each_other_and_more_with_more_energy(kind: str) -> None:
    def wrists(energy: float) -> np.ndarray:
        motion = shown(kind, 0.0, 0.0, energy)
        joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
        return (joints[:, [6, 9], 2] - joints[:, [2], 2])[:]

    calm, wild = wrists(0.0), wrists(1.0)
    assert np.corrcoef(wild.T)[0, 1] < -0.6
    assert np.ptp(wild[:, 0]) > 1.3 * np.ptp(calm[:, 0])


@pytest.mark.parametrize("kind", bridge.KINDS)
def test_windows_agree_where_they_overlap(kind: str) -> None:
    first, first_feet, _ = bridge.dance(kind, sample_beats(START + 1.0), START, 0.2, 1.4, 0.7)
    second, second_feet, _ = bridge.dance(kind, sample_beats(START + 2.0), START, 0.2, 1.4, 0.7)
    a, b = slice(SAMPLES_PER_BEAT, TRACK_SAMPLES), slice(0, TRACK_SAMPLES - SAMPLES_PER_BEAT)
    assert np.allclose(first.root_position_m[a], second.root_position_m[b], atol=1e-12)
    assert np.allclose(first.joint_rotations_wxyz[a], second.joint_rotations_wxyz[b], atol=1e-12)
    assert np.allclose(first_feet.ankle_m[a], second_feet.ankle_m[b], atol=1e-12)


def test_the_kind_follows_from_the_facings() -> None:
    assert bridge.kind_for(2.0, 0.0, 4) == "turn"
    assert {bridge.kind_for(0.1, 0.0, slot) for slot in range(4)} == {"walk", "step_touch"}


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ConfigError, match="moonwalk"):
        bridge.dance("moonwalk", sample_beats(0.5), 0.5, 0.0, 0.0, 0.5)
