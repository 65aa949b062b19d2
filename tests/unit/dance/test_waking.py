from __future__ import annotations

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import body, idle, ik, stance, waking
from livedance.dance.window import Feet, Motion, Wish, sample_beats

STEP_S = 1.0 / 32.0
WOKE_AT = 10.5
HEAD, CHEST = skeleton.INDEX["head"], skeleton.INDEX["chest"]


def a_dance(beats: np.ndarray, yaw_rad: float = 0.4) -> tuple[Motion, Feet]:
    """Return somebody who swings about, a little off home, with feet that step in turn."""
    turned = np.broadcast_to(stance.pose(), (len(beats), 23, 4)).copy()
    swing = 0.4 * np.sin(np.pi * beats)
    for joint in (CHEST, HEAD, *(skeleton.INDEX[f"{s}_shoulder"] for s in "lr")):
        turned[:, joint] = rotations.multiply(turned[:, joint], rotations.about_y(swing))
    turned[:, 0] = rotations.multiply(rotations.about_y(yaw_rad + 0.3 * swing), turned[:, 0])
    root = np.tile([0.25, stance.HIPS_HEIGHT_M - 0.05, 0.15], (len(beats), 1))
    feet = stance.feet(len(beats), np.array([0.25, 0.15]), yaw_rad)
    lift = np.stack([np.maximum(0.0, np.sin(np.pi * beats)), np.maximum(0.0, -np.sin(np.pi * beats))], axis=-1)
    ankle = feet.ankle_m.copy()
    ankle[..., 1] += 0.08 * lift
    contact = np.repeat((lift == 0.0).astype(float), 2, axis=1)
    motion = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact)
    return motion, Feet(ankle_m=ankle, rotation_wxyz=feet.rotation_wxyz)


def standing_at(beat_start: float) -> Wish:
    return idle.wish(1, 0, idle.Standing(since_beat=0.0, clock_s=20.0 + 0.5 * beat_start), STEP_S)


def woken(beat_start: float, woke_at: float = WOKE_AT, yaw_rad: float = 0.4) -> tuple[Motion, Feet]:
    beats = sample_beats(beat_start)
    return waking.gesture(*a_dance(beats, yaw_rad), beats, woke_at, standing_at(beat_start))


def track(woke_at: float = WOKE_AT) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (beats since waking, joints, ankles, contacts) of six beats."""
    parts = [woken(woke_at + i, woke_at) for i in range(6)]
    rows = slice(1, 17)
    placed = [ik.place_feet(*part) for part in parts]
    joints = [skeleton.forward_kinematics(m.root_position_m[rows], m.joint_rotations_wxyz[rows]) for m in placed]
    return (
        np.arange(6 * 16) / 16.0,
        np.concatenate(joints),
        np.concatenate([feet.ankle_m[rows] for _, feet in parts]),
        np.concatenate([motion.foot_contact[rows] for motion, _ in parts]),
    )


def test_awake_it_is_the_dance_bit_for_bit() -> None:
    beats = sample_beats(WOKE_AT + waking.BEATS + 1.0)
    motion, feet = a_dance(beats)
    assert waking.gesture(motion, feet, beats, WOKE_AT, standing_at(beats[1])) == (motion, feet)
    across = sample_beats(WOKE_AT + 3.0)
    motion, feet = a_dance(across)
    shown, stepped = waking.gesture(motion, feet, across, WOKE_AT, standing_at(across[1]))
    awake = across >= WOKE_AT + waking.BEATS
    assert awake.any()
    for a, b in (
        (shown.root_position_m, motion.root_position_m),
        (shown.joint_rotations_wxyz, motion.joint_rotations_wxyz),
        (shown.foot_contact, motion.foot_contact),
        (stepped.ankle_m, feet.ankle_m),
        (stepped.rotation_wxyz, feet.rotation_wxyz),
    ):
        assert np.array_equal(a[awake], b[awake])
        assert np.isfinite(a).all()


def test_it_begins_in_standing() -> None:
    shown, feet = woken(WOKE_AT)
    still = standing_at(WOKE_AT)
    assert np.abs(shown.joint_rotations_wxyz[:2] - still.motion.joint_rotations_wxyz[:2]).max() < 1e-6
    assert np.abs(shown.root_position_m[:2] - still.motion.root_position_m[:2]).max() < 1e-6
    assert np.array_equal(feet.ankle_m[:2], still.feet.ankle_m[:2])


def test_head_then_hips_then_feet() -> None:
    since, joints, ankle, _ = track()
    still = np.concatenate(
        [
            skeleton.forward_kinematics(m.root_position_m[1:17], m.joint_rotations_wxyz[1:17])
            for m in (standing_at(WOKE_AT + i).motion for i in range(6))
        ]
    )
    stood = np.concatenate([standing_at(WOKE_AT + i).feet.ankle_m[1:17] for i in range(6)])

    def begins(away_m: np.ndarray) -> float:
        return float(since[np.argmax(away_m > 0.012)])

    nose = begins(np.linalg.norm((joints - still)[:, skeleton.INDEX["nose"]], axis=-1))
    hips = begins(np.linalg.norm((joints - still)[:, 0], axis=-1))
    feet = begins(np.linalg.norm(ankle - stood, axis=-1).max(axis=1))
    assert 0.0 < nose < 0.5
    assert nose < hips < feet
    assert 1.25 <= feet < 3.0


def test_the_head_nods_on_the_beat() -> None:
    since, joints, _, _ = track()
    on = (since >= 0.5) & (since < 2.5)
    low = (joints[:, skeleton.INDEX["nose"], 1] - joints[:, HEAD, 1])[on].reshape(2, 16)
    # A half-beat on both sides of each beat: the nose is lowest near its middle.
    around = np.roll(low, 8, axis=1)
    assert (np.abs(around.argmin(axis=1) - 8) <= 2).all()
    assert np.ptp(low, axis=1).min() > 0.03


@pytest.mark.parametrize("woke_at", [10.5, 10.75, 11.0, 11.25])
def test_feet_go_over_by_one_step_each_that_lands_on_a_beat(woke_at: float) -> None:
    _, _, ankle, contact = track(woke_at)
    last = int(np.floor(woke_at + waking.BEATS))
    landings = []
    for side in (0, 1):
        on = contact[:, 2 * side] > 0.5
        still = on[1:] & on[:-1]
        assert np.abs(np.diff(ankle[:, side], axis=0)[still]).max() < 1e-9
        # Before the dance's own steps.
        lifted = np.flatnonzero(~on)
        landings.append(woke_at + (lifted[0] + waking.STEP_BEATS * 16 - 1) / 16.0)
        assert ankle[lifted[0] : lifted[0] + 12, side, 1].max() > 0.1 + 0.8 * waking.STEP_M
    assert sorted(round(beat) for beat in landings) == [last - 1, last]
    assert np.abs(np.array(landings) - np.round(landings)).max() <= 1.0 / 16.0 + 1e-9


def test_windows_agree_where_they_overlap() -> None:
    for i in range(4):
        (a, feet_a), (b, feet_b) = woken(WOKE_AT + i), woken(WOKE_AT + i + 1)
        assert np.abs(a.root_position_m[16:] - b.root_position_m[:17]).max() < 1e-9
        assert np.abs(a.joint_rotations_wxyz[16:] - b.joint_rotations_wxyz[:17]).max() < 1e-9
        assert np.abs(feet_a.ankle_m[16:] - feet_b.ankle_m[:17]).max() < 1e-9


def test_turns_the_short_way_to_a_dance_that_faces_away() -> None:
    headings = [rotations.heading(woken(WOKE_AT + i, yaw_rad=3.0)[0].joint_rotations_wxyz[1:17, 0]) for i in range(5)]
    turned = np.unwrap(np.concatenate(headings))
    assert np.abs(np.diff(turned)).max() < 0.25
    assert np.ptp(turned) < 3.6


def test_it_is_no_rougher_than_a_dance() -> None:
    trace, windows = None, []
    for i in range(4):
        motion, feet = woken(WOKE_AT + i)
        shown, trace = body.finish(motion, feet, trace, WOKE_AT + i, STEP_S)
        windows.append(shown)
    root = np.concatenate([w.root_position_m[:16] for w in windows])
    turned = np.concatenate([w.joint_rotations_wxyz[:16] for w in windows])
    joints = skeleton.forward_kinematics(root, turned)
    assert np.linalg.norm(np.diff(joints, n=2, axis=0), axis=-1).max() / STEP_S**2 < 60.0
