from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance import foot_roll, gaze, ik, life, looks
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, Motion, sample_beats
from tests.unit.dance.standing import NOTHING, context, standing

HEAD, NECK, CHEST = gaze.HEAD, gaze.NECK, gaze.CHEST


def head_yaw(motion: Motion) -> np.ndarray:
    """Where the head looks on the stage."""
    return np.unwrap(rotations.heading(skeleton.world_rotations(motion.joint_rotations_wxyz)[:, HEAD]))


def clip_rows(beat_start: float) -> tuple[Motion, Feet]:
    """A made-up dance, known at every beat: steps, turns and twists."""
    beats = sample_beats(beat_start)
    yaw = 0.7 * np.sin(0.8 * beats)
    motion, _ = standing(yaw)
    turned = motion.joint_rotations_wxyz.copy()
    twist = np.stack([0.2 * np.sin(beats), 0.3 * np.sin(1.7 * beats), 0.1 * np.cos(beats)], axis=-1)
    turned[:, CHEST] = rotations.from_rotvec(twist)
    turned[:, HEAD] = rotations.from_rotvec(-0.5 * twist)
    up = np.clip(np.sin(np.pi * beats)[:, None] * np.array([1.0, -1.0]), 0.0, 1.0)
    feet = standing(yaw)[1]
    ankle = feet.ankle_m.copy()
    ankle[..., 1] += 0.1 * up
    contact = np.repeat(1.0 - np.clip(8.0 * up, 0.0, 1.0), 2, axis=1)
    motion = replace(motion, joint_rotations_wxyz=turned, foot_contact=contact)
    return motion, replace(feet, ankle_m=ankle)


def test_nothing_changes_nothing() -> None:
    motion, feet = clip_rows(0.5)
    alive, rolled = life.enliven(motion, feet, context(0.5), NOTHING)
    assert alive is motion
    assert rolled is feet


@pytest.mark.parametrize(
    ("part", "joints"),
    [
        ("gaze", {HEAD}),
        ("head", {HEAD}),
        ("nod", {HEAD, NECK}),
        ("breath", {CHEST, NECK, *life.SHOULDERS}),
        ("chest", {CHEST}),
        ("weight", {0, CHEST}),
        ("feet", set()),
    ],
)
def test_each_part_turns_its_own_joints_and_no_other(part: str, joints: set[int]) -> None:
    motion, feet = clip_rows(0.5)
    spin = rotations.about_y(2.5 * sample_beats(0.5))
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, 0] = rotations.multiply(spin, turned[:, 0])
    motion = replace(motion, joint_rotations_wxyz=turned)
    alive, rolled = life.enliven(motion, feet, context(0.5), replace(NOTHING, **{part: 1.0}))
    moved = np.any(alive.joint_rotations_wxyz != motion.joint_rotations_wxyz, axis=(0, 2))
    assert set(np.flatnonzero(moved).tolist()) == joints
    assert (rolled is feet) == (part != "feet")


@pytest.mark.parametrize("beat_start", [0.5, 3.5, 30.5])
def test_windows_agree_where_they_overlap(beat_start: float) -> None:
    first, second = (
        life.enliven(motion, feet, context(start), life.LifeParts())
        for start in (beat_start, beat_start + 1.0)
        for motion, feet in [clip_rows(start)]
    )
    # The head looks 15 samples ahead in a turn: at the seam itself nothing may differ.
    a, b = first[0].joint_rotations_wxyz[16 : 16 + 2], second[0].joint_rotations_wxyz[:2]
    assert np.abs(np.abs((a * b).sum(axis=-1)) - 1.0).max() < 1e-9
    assert np.abs(first[0].root_position_m[16:18] - second[0].root_position_m[:2]).max() < 1e-6
    assert np.abs(first[1].ankle_m[16:18] - second[1].ankle_m[:2]).max() < 1e-6


def test_no_part_jerks() -> None:
    motion, feet = clip_rows(0.5)
    alive, _ = life.enliven(motion, feet, context(0.5), life.LifeParts())
    before, after = (
        skeleton.forward_kinematics(m.root_position_m, m.joint_rotations_wxyz)[:, :10] for m in (motion, alive)
    )
    # Third differences of what life adds, metres per sample cubed: 1 mm is 0.5 m/s more or less within 60 ms.
    assert np.abs(np.diff(after - before, n=3, axis=0)).max() < 0.004


def test_the_head_stays_with_the_audience_while_the_body_turns_aside() -> None:
    yaw = np.radians(35.0)
    seen = []
    for beat_start in np.arange(0.5, 40.5, 2.0):
        motion, feet = standing(yaw)
        alive, _ = life.enliven(motion, feet, context(beat_start), replace(NOTHING, gaze=1.0))
        seen.append(np.degrees(head_yaw(alive)[LEAD_IN:]))
    yaws = np.concatenate(seen)
    assert abs(np.median(yaws)) < 18.0
    assert np.ptp(yaws) > 15.0, "somebody who stares at one point is not alive"


def test_somebody_who_stands_with_the_back_to_the_audience_looks_ahead() -> None:
    motion, feet = standing(np.pi)
    alive, _ = life.enliven(motion, feet, context(0.5), replace(NOTHING, gaze=1.0))
    yaw, _ = gaze.angles(alive.joint_rotations_wxyz[:, HEAD])
    assert np.degrees(np.abs(yaw)).max() < 5.0


def test_glances_at_the_others_are_seldom_and_short() -> None:
    other = ((1.2, 0.0),)
    seen = [looks._look(7, 0, beat, False, (0.0, 0.0), other)[1] for beat in range(0, 1200, looks.LOOK_BEATS)]
    at_other = np.array([look[:1] == (1.2,) and look[2] == 0.0 for look in seen])
    assert 0.06 < at_other.mean() < 0.25
    assert looks.LOOK_BEATS <= 2


def test_the_head_goes_into_a_turn_before_the_body() -> None:
    beats = sample_beats(0.5)
    s = np.clip((beats - 1.0) / 1.5, 0.0, 1.0)
    yaw = np.radians(120.0) * s * s * (3.0 - 2.0 * s)
    motion, feet = standing(yaw)
    alive, _ = life.enliven(motion, feet, context(0.5), replace(NOTHING, head=1.0))
    ahead = np.degrees(head_yaw(alive) - yaw)
    at = int(np.argmax(yaw > np.radians(8.0)))
    assert ahead[at] > 8.0
    body, head = (int(np.argmax(track > np.radians(30.0))) for track in (yaw, head_yaw(alive)))
    assert 2 <= body - head <= 8, "about a quarter of a beat"


def test_a_spin_is_spotted() -> None:
    beats = sample_beats(0.5)
    yaw = 2.0 * np.pi * np.clip((beats - 0.75) / 1.25, 0.0, 1.0)
    motion, feet = standing(yaw)
    alive, _ = life.enliven(motion, feet, context(0.5), replace(NOTHING, head=1.0, gaze=1.0))
    head = np.degrees(head_yaw(alive))
    body = np.degrees(yaw)
    held = (body > 25.0) & (body < 60.0)
    assert np.abs(head[held]).max() < 40.0
    back = (body > 290.0) & (body < 335.0)
    assert head[back].min() > body[back].max() - 5.0
    assert np.diff(head).max() > 1.3 * np.diff(body).max(), "the head whips round"


def test_the_head_never_goes_further_than_a_neck_can() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        beat_start = float(rng.integers(0, 200)) + 0.5
        beats = sample_beats(beat_start)
        yaw = rng.uniform(-3.0, 3.0) + rng.uniform(-6.0, 6.0) * (beats - beat_start)
        motion, feet = standing(yaw)
        place = rng.uniform(-1.5, 1.5, 2)
        motion = replace(motion, root_position_m=motion.root_position_m + np.array([place[0], 0.0, place[1]]))
        alive, _ = life.enliven(motion, feet, context(beat_start, energy=1.0), life.LifeParts())
        turned = alive.joint_rotations_wxyz
        aside, down = gaze.angles(rotations.multiply(turned[:, NECK], turned[:, HEAD]))
        assert np.degrees(np.abs(aside)).max() <= 80.0
        assert np.degrees(np.abs(down)).max() <= 45.0


def nod_pitch(bar: int, seed: int = 1) -> np.ndarray:
    """Return how far down the head is on the four beats of a bar, and whether it is lowest there."""
    out = []
    for beat in range(4):
        start = 4.0 * bar + beat - 0.5
        motion, feet = standing()
        alive, _ = life.enliven(motion, feet, context(start, seed=seed), replace(NOTHING, nod=1.0))
        out.append(gaze.angles(alive.joint_rotations_wxyz[:, HEAD])[1][LEAD_IN : LEAD_IN + 16])
    return np.array(out)


def test_a_nod_is_lowest_on_the_beat_and_strongest_on_one() -> None:
    rest = gaze.angles(standing()[0].joint_rotations_wxyz[:, HEAD])[1][0]
    depths = np.array([nod_pitch(bar) - rest for bar in range(8)])
    deepest = depths.max(axis=-1)
    nodded = deepest > np.radians(1.0)
    assert np.all(np.argmax(depths, axis=-1)[nodded] == 8)
    assert nodded[::2, 0].all()
    assert 0.3 < nodded.mean() < 0.9, "some beats and not all"
    assert np.all(deepest[:, 0].max() >= deepest)


def test_a_nod_begins_before_its_beat() -> None:
    one = nod_pitch(0)[0]
    assert one[3] > one[0] + np.radians(0.3)
    assert one[0] < one[8] - np.radians(4.0)


def test_breath_is_deeper_in_a_calm() -> None:
    def breath(energy: float) -> float:
        motion, feet = standing()
        alive, _ = life.enliven(motion, feet, context(0.5, energy=energy), replace(NOTHING, breath=1.0))
        return float(np.ptp(alive.root_position_m[:, 1]))

    assert breath(0.0) > 2.0 * breath(1.0) > 0.0


def test_the_chest_turns_against_the_hips() -> None:
    hips = np.radians(20.0) * np.cos(2.0 * np.pi * sample_beats(0.5))
    motion, _ = standing(hips)
    alive, _ = life.enliven(motion, standing()[1], context(0.5), replace(NOTHING, chest=1.0))
    chest = np.degrees(rotations.heading(alive.joint_rotations_wxyz[:, CHEST]))[:17]
    assert np.corrcoef(chest, hips[:17])[0, 1] < -0.8
    assert 3.0 < np.abs(chest).max() < 12.0


@pytest.mark.parametrize(("lifted", "side"), [(1, 1.0), (0, -1.0)])
def test_the_weight_goes_over_the_standing_foot(lifted: int, side: float) -> None:
    motion, feet = standing()
    contact = motion.foot_contact.copy()
    contact[:, 2 * lifted : 2 * lifted + 2] = 0.0
    alive, _ = life.enliven(replace(motion, foot_contact=contact), feet, context(), replace(NOTHING, weight=1.0))
    shift = side * alive.root_position_m[:, 0]
    assert 0.01 < shift.min() <= shift.max() < 0.05


def test_the_heel_comes_up_before_the_foot_leaves_and_the_toe_stays() -> None:
    motion, feet = standing()
    contact = motion.foot_contact.copy()
    contact[20:, :2] = 0.0
    motion = replace(motion, foot_contact=contact)
    root, turned = motion.root_position_m, motion.joint_rotations_wxyz
    rolled, let_go = foot_roll.rolled(root, turned, contact, feet, np.zeros((TRACK_SAMPLES, 2)), 1.0)
    heel = rolled.ankle_m[:, 0, 1]
    assert heel[8] == pytest.approx(heel[0], abs=0.004)
    assert heel[19] > heel[0] + 0.05
    assert np.all(np.diff(heel[8:20]) >= -1e-9)
    assert np.abs(ik.toes_of(rolled) - ik.toes_of(feet)).max() < 1e-9
    assert let_go[19, 0] < 0.1
    assert let_go[19, 1] == 1.0
    assert np.abs(rolled.ankle_m[:, 1] - feet.ankle_m[:, 1]).max() < 0.004, "the other foot stays flat"


def test_heels_pop_to_the_beat_on_one_foot_after_the_other() -> None:
    lifted = []
    for beat_start in np.arange(0.5, 32.5, 1.0):
        motion, feet = standing()
        _, rolled = life.enliven(motion, feet, context(beat_start), replace(NOTHING, feet=1.0))
        lifted.append((rolled.ankle_m - feet.ankle_m)[LEAD_IN : LEAD_IN + 16, :, 1])
    track = np.concatenate(lifted)
    assert track[8::32, 0].mean() > 2.0 * track[8::32, 1].mean() + 0.01
    assert track[24::32, 1].mean() > 2.0 * track[24::32, 0].mean() + 0.01
