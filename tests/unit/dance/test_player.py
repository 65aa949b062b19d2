"""The score player: golden vectors, purity, continuity, and every rule of docs/conventions.md."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance import skeleton
from livedance.broadcast import text, wire
from livedance.dance.gap import STAND_HEIGHT_M
from livedance.dance.player import ScorePlayer
from livedance.evaluation.golden import LOCKED, window
from livedance.messages import Arrangement, Origin, ShownDancer

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "player.json").read_text("utf-8"))


def player(*windows, clock=LOCKED, delay_s=0.0):
    made = ScorePlayer(delay_s=delay_s)
    for w in windows or [window(0.5 + k, k) for k in range(8)]:
        made.add(w)
    made.set_clock(clock)
    return made


def joints(made, times):
    return np.array([made.pose_at(t).joint_positions_m[0] for t in times])


def play(script):
    """Run one golden script; yields (step, our pose)."""
    made = ScorePlayer(delay_s=script["delay_s"])
    for step in script["steps"]:
        if step["op"] == "window":
            made.add(wire.motion_window(wire.decode(base64.b64decode(step["bytes"]))), step["t_s"])
        elif step["op"] == "clock":
            made.set_clock(wire.clock_state(wire.decode(base64.b64decode(step["bytes"]))))
        elif step["op"] == "arrangement":
            made.set_arrangement(text.arrangement_from(step["arrangement"]), step["t_s"])
        else:
            yield step, made.pose_at(step["t_s"])


@pytest.mark.parametrize("script", GOLDEN["scripts"], ids=lambda s: s["name"].split(":")[0].split(",")[0])
def test_golden_scripts(script):
    for step, pose in play(script):
        expected = np.frombuffer(base64.b64decode(step["positions"]), "<f4").reshape(-1, 23, 3)
        assert np.abs(pose.joint_positions_m - expected).max() < GOLDEN["tolerance_m"], step["t_s"]
        assert pose.beat_position == pytest.approx(step["beat_position"], abs=GOLDEN["tolerance_beats"])
        assert pose.dance_position == pytest.approx(step["dance_position"], abs=GOLDEN["tolerance_beats"])
        assert pose.origin.tolist() == step["origin"]
        assert pose.hands.tolist() == step["hands"]
        assert np.abs(pose.foot_contact - step["foot_contact"]).max() < 1e-5


def test_a_sample_is_shown_at_its_beat():
    w = window(0.5, 0)
    pose = player(w).pose_at((0.5 + 12 / 16) / 2)
    assert pose.dance_position == pytest.approx(1.25)
    # The voice starts in the score with the first clock state; by now nothing is left of any jump.
    assert pose.joint_positions_m.shape == (1, 23, 3)
    late = player(w, clock=replace(LOCKED, t_s=-5.0, beat_position=-10.0)).pose_at(0.6 + 1 / 160)
    assert late.origin.tolist() == [Origin.MOTION_GRAPH]


def test_a_window_made_far_ahead_is_played_as_it_is():
    made = player()
    made.pose_at(0.7)
    expected = skeleton.forward_kinematics(window(2.5, 2).root_position_m[8], window(2.5, 2).joint_rotations_wxyz[8])
    assert np.allclose(made.pose_at(1.5).joint_positions_m[0], expected, atol=1e-9)


def scene(times):
    """Return a player that is told an eventful scene; poses at `times` are asked for as it goes."""
    made = ScorePlayer()
    events = [
        (0.0, lambda: made.set_clock(LOCKED)),
        (0.0, lambda: made.add(window(0.5, 0), 0.0)),
        (0.1, lambda: made.add(window(1.5, 1), 0.1)),
        (1.0, lambda: made.set_clock(replace(LOCKED, t_s=1.0, beat_position=2.0, beats_per_s=2.2))),
        (1.5, lambda: made.add(window(5.5, 2, phase=1.0), 1.5)),
        (1.6, lambda: made.set_arrangement(Arrangement(beat=4.0, dancers=(ShownDancer(id=0, lag_beats=0.25),)), 1.6)),
        (2.9, lambda: made.set_clock(replace(LOCKED, t_s=2.9, beat_position=6.7, epoch=1))),
        (3.0, lambda: made.add(window(6.0, 3, phase=2.0, origin=Origin.NETWORK), 3.0)),
    ]
    shown = {}
    for t in sorted({*times, *(e[0] for e in events)}):
        for at, act in events:
            if at == t:
                act()
        if t in times:
            shown[t] = made.pose_at(t).joint_positions_m
    return shown


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3900), max_size=60, unique=True), st.integers(0, 3900))
def test_a_pose_depends_on_events_and_time_and_not_on_when_others_were_asked_for(others, asked):
    t = asked / 1000 + 0.0005
    alone = scene([t])[t]
    among = scene([t, *(o / 1000 + 0.0003 for o in others)])[t]
    assert np.allclose(alone, among, atol=1e-9)


def test_whether_somebody_looked_before_the_first_clock_changes_nothing():
    looked, not_looked = ScorePlayer(), ScorePlayer()
    for made in (looked, not_looked):
        made.add(window(0.5, 0), 0.0)
    looked.pose_at(0.2)
    for made in (looked, not_looked):
        made.set_clock(replace(LOCKED, t_s=0.3, beat_position=0.6))
    assert np.array_equal(joints(looked, [0.31, 0.5]), joints(not_looked, [0.31, 0.5]))


def test_asking_twice_and_asking_for_the_past_change_nothing():
    made = player(window(0.5, 0), window(4.0, 1))
    times = np.linspace(0.2, 2.4, 45)
    first = joints(made, times)
    assert np.array_equal(joints(made, [times[-1]])[0], first[-1])
    recent = times > 0.5
    assert np.allclose(joints(made, times[recent]), first[recent], atol=1e-12)


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(lambda p: p.set_clock(replace(LOCKED, t_s=1.3, beat_position=3.4, epoch=1)), id="new epoch"),
        pytest.param(
            lambda p: p.set_clock(replace(LOCKED, t_s=1.3, beat_position=90.0, epoch=1)), id="epoch to nowhere"
        ),
        pytest.param(lambda p: p.add(window(2.0, 50, phase=1.5), 1.3), id="window of a higher plan"),
        pytest.param(lambda p: p.add(window(3.0, 50, phase=1.5, origin=Origin.IDLE), 1.3), id="other origin"),
        pytest.param(lambda p: p.add(window(3.0, 50, phase=1.5, seam_samples=10), 1.3), id="declared seam"),
        pytest.param(lambda p: None, id="the score ends"),
    ],
)
def test_nothing_jumps(tell):
    made = player(*(window(0.5 + k, k) for k in range(3)))
    times = np.arange(0.9, 3.2, 1 / 240)
    told = False
    places = []
    for t in times:
        if t >= 1.3 and not told:
            tell(made)
            told = True
        places.append(made.pose_at(t).joint_positions_m[0])
    speed = np.linalg.norm(np.diff(places, axis=0), axis=-1).max(axis=1) * 240
    acceleration = np.abs(np.diff(places, n=2, axis=0)).max(axis=(1, 2)) * 240**2
    assert speed.max() < 9.0  # m/s; without inertialisation a jump here reads 50 and more
    assert acceleration.max() < 700.0  # m/s2; a step of velocity of 3 m/s would read 720


def test_ordinary_seams_are_left_alone():
    made = player(*(window(0.5 + k, k) for k in range(3)))
    for t in (0.74, 0.75, 0.77, 0.9):
        found = made.pose_at(t)
        expected = made.score.sample(0, 2 * t).body
        assert np.array_equal(found.root_position_m[0], expected.root_position_m)
        assert np.array_equal(found.joint_rotations_wxyz[0], expected.joint_rotations_wxyz)


def test_positions_never_go_back_within_an_epoch_and_may_in_a_new_one():
    made = player()
    seen = [made.pose_at(t).dance_position for t in (0.9, 1.0)]
    made.set_clock(replace(LOCKED, t_s=1.0, beat_position=1.8))
    seen += [made.pose_at(t).dance_position for t in (1.01, 1.05, 1.09, 1.1, 1.11, 1.2)]
    assert (np.diff(seen) >= 0).all()
    assert seen[-1] == pytest.approx(2.2)
    made.set_clock(replace(LOCKED, t_s=1.2, beat_position=0.7, epoch=1))
    assert made.pose_at(1.25).dance_position == pytest.approx(0.8)


def test_an_older_clock_state_that_comes_late_is_ignored():
    made = player()
    made.set_clock(replace(LOCKED, t_s=1.0, beat_position=2.0, beats_per_s=2.2))
    made.pose_at(1.1)
    made.set_clock(replace(LOCKED, t_s=0.5, beat_position=77.0, epoch=3))
    assert made.pose_at(1.2).beat_position == pytest.approx(2.44)


def test_without_news_the_last_clock_goes_on():
    assert player().pose_at(1000.0).beat_position == pytest.approx(2000.0)


def test_without_score_the_dancer_stands_sways_and_is_never_still():
    made = player(window(0.5, 0))
    times = np.arange(4.0, 12.0, 0.1)
    poses = [made.pose_at(t) for t in times]
    roots = np.array([p.root_position_m[0] for p in poses])
    ankles = np.array([p.joint_positions_m[0, [skeleton.INDEX["l_ankle"], skeleton.INDEX["r_ankle"]]] for p in poses])
    assert all(p.origin.tolist() == [Origin.IDLE] for p in poses)
    assert np.allclose(roots[:, 1], STAND_HEIGHT_M)
    assert 0.02 < np.ptp(roots[:, 0]) + np.ptp(roots[:, 2]) < 0.06
    assert np.ptp(ankles, axis=0).max() < 0.002
    assert np.allclose(ankles[..., 1], skeleton.SOLE_TO_ANKLE_M, atol=0.002)


def test_before_anything_is_known_there_is_a_dancer():
    pose = ScorePlayer().pose_at(3.0)
    assert pose.joint_positions_m.shape == (1, 23, 3)
    assert pose.beat_position == 0.0
    assert np.isfinite(pose.joint_positions_m).all()


def test_mirror_place_and_turn():
    made = player()
    plain = made.pose_at(1.0)
    shown = (
        ShownDancer(id=4, mirror=True, x_m=1.0, z_m=0.5),
        ShownDancer(id=5, yaw_rad=np.pi / 2, x_m=-1.0),
    )
    made.set_arrangement(Arrangement(beat=0.0, dancers=shown))
    pose = made.pose_at(1.0)
    mirrored = plain.joint_positions_m[0, list(skeleton.MIRROR)] * [-1, 1, 1] + [1.0, 0, 0.5]
    assert np.allclose(pose.joint_positions_m[0], mirrored)
    x, y, z = np.moveaxis(plain.joint_positions_m[0], -1, 0)
    assert np.allclose(pose.joint_positions_m[1], np.stack([z - 1.0, y, -x], axis=-1))
    assert pose.hands[0].tolist() == plain.hands[0, ::-1].tolist()
    assert np.allclose(pose.foot_contact[0], plain.foot_contact[0, [2, 3, 0, 1]])
    assert np.allclose(np.linalg.norm(pose.joint_rotations_wxyz, axis=-1), 1)


def test_lag_shows_what_the_source_showed_beats_ago():
    made = player(clock=replace(LOCKED, t_s=0.0))
    made.set_arrangement(Arrangement(dancers=(ShownDancer(id=0), ShownDancer(id=1, lag_beats=1.5))))
    made.pose_at(1.0)
    earlier = made.pose_at(1.75).joint_positions_m[0]
    assert np.allclose(made.pose_at(2.5).joint_positions_m[1], earlier, atol=1e-12)


def test_an_arrangement_waits_for_its_beat_and_the_last_one_told_wins():
    made = player()
    two = Arrangement(beat=3.0, dancers=(ShownDancer(id=0), ShownDancer(id=1, x_m=1.0)))
    made.set_arrangement(two)
    assert len(made.pose_at(1.49).origin) == 1
    assert len(made.pose_at(1.5).origin) == 2
    made.set_arrangement(Arrangement(beat=0.0, dancers=()))
    empty = made.pose_at(1.6)
    assert empty.joint_positions_m.shape == (0, 23, 3)


def test_an_arrangement_survives_a_clock_that_goes_back():
    made = player()
    made.set_arrangement(Arrangement(beat=3.0, dancers=(ShownDancer(id=0), ShownDancer(id=1))))
    assert len(made.pose_at(2.0).origin) == 2
    made.set_clock(replace(LOCKED, t_s=2.0, beat_position=0.6, epoch=1))
    assert len(made.pose_at(2.1).origin) == 2


def test_a_delay_reads_ahead_and_events_count_from_when_they_are_seen():
    made = player(delay_s=0.2)
    made.set_clock(replace(LOCKED, t_s=1.0, beat_position=2.6, epoch=1))
    assert made.pose_at(1.19).beat_position == pytest.approx(2.38)
    assert made.pose_at(1.2).beat_position == pytest.approx(3.0)


def test_a_page_that_draws_nothing_stays_small():
    made = player()
    made.pose_at(0.5)
    for k in range(250):
        made.set_clock(replace(LOCKED, t_s=1.0 + k * 0.1, beat_position=2.0 + k * 0.2))
        made.add(window(2.5 + k * 0.2, 100 + k, samples=2), 1.0 + k * 0.1)
    assert len(made._waiting) <= 257
    made.pose_at(300.0)
    assert len(made.score.windows()) <= 64
    assert len(made._regimes) <= 257
