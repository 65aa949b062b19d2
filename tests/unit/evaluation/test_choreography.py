"""The rulers of the choreography, on made-up motion whose figures are known."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import elbow_room, formation
from livedance.dance.direction import PhraseNote, Role
from livedance.errors import ConfigError
from livedance.evaluation import choreography, choreography_night, choreography_pairs, choreography_pictures
from livedance.evaluation import choreography_accents as accents
from livedance.evaluation import choreography_body as bodies
from livedance.evaluation import choreography_group as group
from livedance.evaluation import choreography_set as sets
from livedance.evaluation import choreography_variety as varieties
from livedance.evaluation.choreography_figure import Figure
from livedance.evaluation.choreography_goals import verdicts
from livedance.evaluation.choreography_track import BeatTrack, of_windows, shown
from livedance.evaluation.choreography_trials import tour
from livedance.messages import SAMPLES_PER_BEAT, MotionWindow

ROOT, TURNS = skeleton.rest_pose()
REST = skeleton.forward_kinematics(ROOT, TURNS)
BEAT_S = 0.5


def track_of(positions_m: np.ndarray) -> BeatTrack:
    n = len(positions_m)
    return BeatTrack(
        name="made up",
        first_beat=-0.5,
        t_s=np.arange(n) / SAMPLES_PER_BEAT * BEAT_S,
        root_position_m=positions_m[:, 0],
        joint_rotations_wxyz=np.repeat(TURNS[None], n, axis=0),
        foot_contact=np.ones((n, 4)),
        joint_positions_m=positions_m,
        is_dancing=np.ones(n, np.bool_),
        seam_beats=np.arange(-0.5, n / SAMPLES_PER_BEAT - 0.5),
    )


def beats_of(n_beats: float) -> np.ndarray:
    return np.arange(round(n_beats * SAMPLES_PER_BEAT)) / SAMPLES_PER_BEAT - 0.5


def steps(n_beats: int, metres: np.ndarray) -> BeatTrack:
    """Move by `metres[k]` within the half-beat before beat k and stand for the other half."""
    beats = beats_of(n_beats)
    k = np.ceil(beats).astype(int)
    share = np.clip(1.0 - (k - beats) / 0.5, 0.0, 1.0)
    gone = np.concatenate([[0.0], np.cumsum(metres)])
    x = gone[np.clip(k, 0, n_beats)] + metres[np.clip(k, 0, n_beats - 1)] * 0.5 * (1 - np.cos(np.pi * share))
    positions = np.repeat(REST[None], len(beats), axis=0)
    positions[..., 0] += x[:, None]
    return track_of(positions)


def test_equal_accents_do_not_vary_and_a_loud_first_does() -> None:
    even = accents.variation(accents.strengths(steps(40, np.full(40, 0.2))))
    loud = accents.variation(accents.strengths(steps(40, np.where(np.arange(40) % 8 == 0, 0.6, 0.2))))
    assert even < 0.05
    assert loud > 0.35


def test_the_strongest_count_is_found() -> None:
    metres = np.where(np.arange(40) % 8 == 0, 0.6, 0.2)
    beats = np.arange(0.0, 39.0)
    found = accents.profile(steps(40, metres), beats, np.arange(39) % 8)
    assert found.argmax() == 0
    assert found[0] / found[4] == pytest.approx(3.0, rel=0.1)


def test_settling_is_the_time_from_90_to_10_percent() -> None:
    speed = np.concatenate([np.ones(10), np.linspace(1.0, 0.0, 13)])
    assert accents.settling_s(speed, len(speed) - 1) == pytest.approx(0.8 * 12 / 60.0, rel=0.02)


def test_a_jolt_at_a_seam_is_told_from_smooth_motion() -> None:
    beats = beats_of(64)
    positions = np.repeat(REST[None], len(beats), axis=0)
    positions[..., 0] += 0.2 * np.sin(2 * np.pi * beats)[:, None]
    seams = np.array([19.5, 35.5])
    assert bodies.ratio(*bodies.seams(track_of(positions), seams)) == pytest.approx(1.0, abs=0.15)
    positions[beats >= 19.5, :, 1] += 0.05
    positions[beats >= 35.5, :, 1] -= 0.05
    assert bodies.ratio(*bodies.seams(track_of(positions), seams)) > 1.5


def test_a_dancer_who_turns_the_back_is_not_at_the_front() -> None:
    n = 32 * SAMPLES_PER_BEAT
    positions = np.repeat(REST[None], n, axis=0)
    positions[n // 2 :, :, [0, 2]] *= -1.0
    found = bodies.facing(track_of(positions), np.arange(0.0, 32.0, 4.0))
    assert found.front == pytest.approx(0.5, abs=0.05)
    assert found.longest_back_beats == 16


def test_a_turn_that_lands_to_the_front_on_one() -> None:
    beats = beats_of(24)
    yaw = 2 * np.pi * np.clip((beats - 9.0) / 3.0, 0.0, 1.0)
    positions = np.repeat(REST[None], len(beats), axis=0)
    x, z = positions[..., 0].copy(), positions[..., 2].copy()
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    positions[..., 0], positions[..., 2] = cos * x + sin * z, cos * z - sin * x
    found = bodies.facing(track_of(positions), np.arange(0.0, 24.0, 4.0))
    assert (found.turns, found.landed_front, found.landed_on_one) == (1, 1.0, 1.0)


def test_standing_longer_than_a_beat_is_a_freeze() -> None:
    beats = beats_of(32)
    positions = np.repeat(REST[None], len(beats), axis=0)
    moving = np.where(beats < 16, beats, np.maximum(beats - 3.0, 16.0))
    positions[..., 0] += 0.2 * np.sin(2 * np.pi * moving)[:, None]
    found = bodies.stillness(track_of(positions))
    assert found.freezes == 1
    assert found.longest_beats == pytest.approx(3.0, abs=0.5)


def test_head_and_feet_are_measured_in_degrees() -> None:
    n = 128
    positions = np.repeat(REST[None], n, axis=0)
    yaw = np.radians(np.linspace(-50.0, 50.0, n))
    for ear, sign in (("l_ear", 1.0), ("r_ear", -1.0)):
        place = np.stack([np.cos(yaw), np.zeros(n), -np.sin(yaw)], axis=1)
        positions[:, skeleton.INDEX[ear]] = REST[skeleton.INDEX["head"]] + 0.08 * sign * place
    assert bodies.head_range_deg(positions) == pytest.approx(90.0, abs=1.0)
    assert bodies.foot_pitch_deg(positions) == pytest.approx(0.0, abs=1e-6)


def test_dancers_who_pass_are_as_near_as_they_come() -> None:
    n = 32 * SAMPLES_PER_BEAT
    left, right = (np.repeat(REST[None], n, axis=0) for _ in range(2))
    left[..., 0] -= np.linspace(2.0, 0.4, n)[:, None]
    right[..., 0] += np.linspace(2.0, 0.4, n)[:, None]
    assert group.apart([track_of(left), replace(track_of(right), dancer=1)]).min() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("ends_at", "on_one"), [(28.0, 1.0), (30.0, 0.0)])
def test_an_arrival_is_where_the_way_ends(ends_at: float, on_one: float) -> None:
    beats = beats_of(64)
    sway = 0.1 * np.sin(np.pi * beats)
    gone = np.clip((beats - (ends_at - 4.0)) / 4.0, 0.0, 1.0)
    stays, goes = (np.repeat(REST[None], len(beats), axis=0) for _ in range(2))
    stays[..., 0] += sway[:, None]
    goes[..., 0] += (sway + gone * gone * (3.0 - 2.0 * gone))[:, None]
    found = group.change([track_of(goes)], [track_of(goes)], [track_of(stays)], "line", 20.3, np.arange(0.0, 64.0, 4.0))
    assert (found.moved, found.on_one) == (1, on_one)
    assert found.moved_m == pytest.approx(1.0, abs=0.01)
    assert found.beats == pytest.approx(ends_at - 20.3, abs=0.6)


def test_nobody_has_arrived_before_the_last_foot() -> None:
    beats = beats_of(64)
    stays, goes = (np.repeat(REST[None], len(beats), axis=0) for _ in range(2))
    goes[..., 0] += np.clip((beats - 24.0) / 2.0, 0.0, 1.0)[:, None]
    goes[:, skeleton.INDEX["l_ankle"], 0] = stays[:, 0, 0] + np.where(beats < 28.0, 0.0, 1.0)
    found = group.change([track_of(goes)], [track_of(goes)], [track_of(stays)], "line", 20.3, np.arange(0.0, 64.0, 4.0))
    assert found.beats == pytest.approx(28.0 - 20.3, abs=0.1)


def test_where_nobody_moves_the_ways_end_where_they_begin() -> None:
    here, there = np.zeros((2, 2)), np.ones((2, 2))
    with group.nobody_moves():
        assert [way.distance_m for way in formation.journeys(here, there, 3.5, 0.0)] == [0.0, 0.0]
        assert elbow_room.given(np.zeros((2, 33, 2))) is None
    assert formation.journeys(here, there, 3.5, 0.0)[0].distance_m > 1.0
    assert elbow_room.given(np.zeros((2, 33, 2))) is not None


def note(beat: float, clip_beat: float, theme: int, mirrored: bool = False) -> PhraseNote:
    return PhraseNote(
        beat=beat, beats=8, dancer=0, role=Role.THEME, theme=theme, style="club", clip="c", clip_beat=clip_beat,
        mirrored=mirrored, energy=0.5,
    )  # fmt: skip


def test_a_theme_may_return_and_another_phrase_may_not() -> None:
    def found(*notes: PhraseNote) -> varieties.Variety:
        return varieties.variety(notes, lambda beat: 0.5 * beat, [])

    again = found(note(-0.5, 0.5, 0), note(7.5, 20.5, 1), note(15.5, 0.5, 0))
    assert (again.themes_again, again.repeats) == (1, 0)
    unasked = found(note(-0.5, 0.5, 0), note(7.5, 2.5, 1), note(15.5, 0.5, 2, mirrored=True))
    assert (unasked.repeats, unasked.repeats_varied) == (1, 1)
    later = found(note(-0.5, 0.5, 0), note(700.0, 0.5, 9))
    assert later.repeats == 0


def test_pieces_are_cut_to_whole_phrases_on_their_downbeats() -> None:
    beats = 0.3 + 0.5 * np.arange(70)
    piece = sets.cut("x", np.zeros(44_100 * 36, np.float32), beats)
    assert piece is not None
    assert len(piece.beats_s) == 64
    assert piece.seconds == pytest.approx(32.0, abs=0.001)
    music = sets.mixed([piece], 2.0, 1)
    assert np.allclose(np.diff(music.beats_s), 0.5, atol=1e-3)
    assert sum(1 for _ in music.hops()) == int(music.seconds * 44_100 / 512)


def test_every_style_follows_every_other_once() -> None:
    order = list(tour(["a", "b", "c", "d"], 1))
    assert len(order) == 13
    assert len(set(itertools.pairwise(order))) == 12


def test_goals_are_held_against_what_was_measured() -> None:
    found = {
        v.goal.name: v
        for v in verdicts({"skate": Figure(value=6.0), "front": Figure(value=70.0)}, {"skate": Figure(value=5.0)})
    }
    assert found["skate"].reached is True
    assert found["front"].reached is False
    assert found["cpu_4"].reached is None


def test_what_is_shown_has_the_speed_that_was_danced() -> None:
    positions = np.repeat(REST[None], 160, axis=0)
    positions[..., 0] += 0.7 * (np.arange(160) / SAMPLES_PER_BEAT * BEAT_S)[:, None]
    seen = shown(track_of(positions))
    speed = np.diff(seen.positions_m[:, 0, 0])[4:-4] * 60.0
    assert speed == pytest.approx(np.full(len(speed), 0.7), rel=1e-6)


def window(beat_start: float, plan: int, x_m: float, seam_samples: int = 0) -> MotionWindow:
    return MotionWindow(
        beat_start=beat_start, plan=plan, root_position_m=np.tile(ROOT + np.array([x_m, 0.0, 0.0]), (32, 1)),
        joint_rotations_wxyz=np.repeat(TURNS[None], 32, axis=0), foot_contact=np.ones((32, 4)),
        hands=np.zeros((32, 2), np.uint8), seam_samples=seam_samples,
    )  # fmt: skip


def committed(*windows: MotionWindow) -> list[BeatTrack]:
    beats = np.arange(-1.0, 20.0, 0.02)
    return of_windows(windows, beats, 0.5 * (beats + 1.0))


def test_the_later_plan_wins_and_an_announced_jump_is_hidden_as_players_hide_it() -> None:
    (track,) = committed(window(-0.5, 0, 0.0), window(0.5, 1, 0.1), window(1.5, 2, 0.3, seam_samples=8))
    x = track.root_position_m[:, 0]
    assert x[track.index(0.5) - 1 : track.index(0.5) + 1] == pytest.approx([0.0, 0.1])
    assert x[track.index(1.5)] == pytest.approx(0.1, abs=1e-6)
    assert x[track.index(2.1)] == pytest.approx(0.3, abs=1e-6)
    assert np.abs(np.diff(x[track.index(1.0) :])).max() < 0.06


def test_a_dancer_who_leaves_and_comes_back_dances_twice() -> None:
    tracks = committed(window(-0.5, 0, 0.0), window(0.5, 1, 0.0), window(9.5, 2, 0.0), window(10.5, 3, 0.0))
    assert [(t.first_beat, len(t.t_s)) for t in tracks] == [(-0.5, 32), (9.5, 32)]


def test_answers_are_counted_by_what_ours_stood_against(tmp_path: Path) -> None:
    made = {"style": "club", "music": "m", "beat": 0.0, "clip": ""}
    key = [
        {"number": "01", "above": "ours", "below": "bare graph", **made},
        {"number": "02", "above": "held-out", "below": "ours", **made},
    ]
    (tmp_path / "key.json").write_text(json.dumps(key))
    told = {"judge": "x", "answers": {"01": ["A", "swings"], "02": ["a", "weight"]}}
    (tmp_path / "x.json").write_text(json.dumps(told))
    said = choreography_pairs.tally(tmp_path / "key.json", [tmp_path / "x.json"])
    assert "Against held-out: ours was called alive in 0 of 1" in said
    assert "Against bare graph: ours was called alive in 1 of 1" in said


def test_pictures_are_strips_with_path_and_speed(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    made = choreography_pictures.sheet([steps(12, np.full(12, 0.1))], 1.0, "a step a beat")
    assert made.shape[1] == choreography_pictures.PICTURES * choreography_pictures.SIZE_PX[0]
    choreography_pictures.save(made, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size < 200_000


def test_a_night_is_danced_and_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choreography, "mixed", lambda pieces, minutes, seed: sets.clicks(120.0, 20.0))
    monkeypatch.setattr(choreography_night, "held_out", lambda: {"skate": Figure(value=5.0)})
    outcome = choreography.run(choreography.Plan(parts=("night",)))
    assert 0.1 < outcome.ours["speed"].value < 2.0
    assert outcome.ours["phrases"].value >= 2
    assert outcome.ours["faster_than_time"].value > 1.0
    assert {v.goal.name for v in verdicts(outcome.ours, outcome.held_out) if v.reached is not None} >= {
        "skate",
        "front",
    }


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(ConfigError, match="There are: night"):
        choreography.Plan(parts=("nigth",))
