"""The motion graph on the library that ships: what the audience sees of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import clip_sampler, idle_footwork, seam
from livedance.dance.direction import Role
from livedance.dance.library import MotionLibrary
from livedance.dance.life import LifeParts
from livedance.dance.motion_graph import GraphState, MotionGraph
from livedance.dance.performer import ALIVE
from livedance.errors import ConfigError
from livedance.evaluation import accents
from livedance.messages import SAMPLES_PER_BEAT, MotionWindow, Origin
from tests.unit.dance.dancing import FPS, LIFELESS, Dance, committed, shown


@cache
def graph() -> MotionGraph:
    return MotionGraph(MotionLibrary.load())


def roll(
    n: int, seed: int = 1, parts: LifeParts = ALIVE, **changes: Any
) -> tuple[list[MotionWindow], list[GraphState | None]]:
    dance, windows, states = Dance(graph(), seed=seed, parts=parts), [], []
    for i in range(n):
        now = {k: v(i) if callable(v) else v for k, v in changes.items()}
        windows += dance.at(i - 0.5, **now)
        states.append(dance.cast.voice_state(0))
    return windows, states


@pytest.mark.parametrize("music_bpm", [80, 100, 120, 140, 160, 180])
def test_the_dance_is_on_the_beat_of_the_music(music_bpm: int) -> None:
    ratio = 0.5 if music_bpm > 140 else 1.0
    dance_bpm = music_bpm * ratio
    windows, _ = roll(100, seed=5, dance_bpm=dance_bpm, energy=0.6)
    beats, joints = shown(windows, dance_bpm)
    music = (np.arange(np.ceil(beats[0] / ratio), beats[-1] / ratio) * ratio - beats[0]) * 60.0 / dance_bpm
    score = accents.align(accents.kinematic_beats(joints, FPS), music, len(beats) / FPS, n_rotations=200)
    assert score.bas_lift >= 0.5
    assert score.phase_r >= 0.55
    assert abs(score.offset_s) <= 0.020
    assert score.motion_beats > 0.4 * len(music)


def test_the_groove_is_what_makes_it_so() -> None:
    def lift(groove: float) -> float:
        lifts = []
        for seed in (2, 3, 4):
            windows, _ = roll(72, seed=seed, dance_bpm=110.0, groove=groove)
            beats, joints = shown(windows, 110.0)
            music = (np.arange(2.0, beats[-1]) - beats[0]) * 60.0 / 110.0
            found = accents.align(accents.kinematic_beats(joints, FPS), music, len(beats) / FPS, n_rotations=100)
            lifts.append(found.bas_lift)
        return float(np.mean(lifts))

    assert lift(0.35) > lift(0.0) + 0.1


def test_feet_skate_hardly_more_than_the_captured_ones() -> None:
    def skate(joints: np.ndarray, fps: float) -> float:
        feet = joints[:, list(skeleton.CONTACT_JOINTS)]
        speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * fps
        rest = np.array([skeleton.SOLE_TO_ANKLE_M, 0.035] * 2)
        return float(((speed > 0.5) & (feet[1:, :, 1] < rest + 0.015)).any(axis=1).mean())

    source = [
        skate(skeleton.forward_kinematics(c.root_position_m, c.joint_rotations_wxyz), c.fps)
        for c in MotionLibrary.load().clips
        if not c.tags & {"partner", "floor"}
    ]
    danced = [skate(shown(roll(120, seed=seed)[0], 120.0, 30.0)[1], 30.0) for seed in range(3, 9)]
    assert np.mean(danced) <= np.mean(source) + 0.02


def test_a_named_style_is_danced() -> None:
    for style in ("hype", "jazz", "break"):
        assert {w.style for w in roll(24, style=style)[0]} == {style}


@pytest.mark.parametrize("seed", [2, 4, 7])
def test_auto_leaves_the_floor_alone_and_nobody_holds_a_partner_who_is_not_there(seed: int) -> None:
    for state in roll(80, seed=seed)[1]:
        assert state is not None
        assert state.phrase is not None
        assert "floor" not in state.phrase.clip.tags
        assert state.phrase.arms is not None or "partner" not in state.phrase.clip.tags


def test_a_style_that_nobody_has_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match="did you mean 'groove'"):
        roll(1, style="groov")


def test_phrases_begin_at_bar_lines_and_do_not_come_back_soon() -> None:
    _, states = roll(300, seed=6)
    phrases = {s.phrase.number: s.phrase for s in states if s and s.phrase}
    starts = [p.start for p in phrases.values()]
    assert all((s + 0.5) % 4.0 == 0.0 for s in starts[1:])
    assert {p.beats for p in phrases.values()} <= {4, 5, 6, 7, 8}
    keys = [(p.clip.id, p.mirrored, beat) for p in phrases.values() for beat in np.arange(p.beats) + p.clip_start]
    assert len(keys) - len(set(keys)) < 0.05 * len(keys)
    assert len({p.clip.id for p in phrases.values()}) >= 7


def test_energy_is_seen() -> None:
    def speed(energy: float) -> float:
        _, joints = shown(roll(96, seed=7, energy=energy)[0], 120.0)
        return float(np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean() * FPS)

    assert speed(0.9) > 1.4 * speed(0.15)


def test_keeps_to_its_room() -> None:
    root, _ = committed(roll(120, seed=11, room=0.4)[0])
    assert np.abs(root[:, 0]).max() < 0.4 * 1.5 + 0.15
    assert np.abs(root[:, 2]).max() < 0.4 * 1.0 + 0.15


def test_faces_the_audience_most_of_the_time() -> None:
    _, joints = shown(roll(160, seed=8)[0], 120.0)
    assert np.mean(np.abs(clip_sampler.facing(joints)) < np.pi / 3) > 0.8


def test_silence_idles_and_the_first_sound_dances() -> None:
    windows, states = roll(40, is_silent=lambda i: 12 <= i < 24)
    origins = [w.origin for w in windows]
    assert origins == [Origin.MOTION_GRAPH] * 12 + [Origin.IDLE] * 12 + [Origin.MOTION_GRAPH] * 16
    before, after = states[11], states[24]
    assert before is not None
    assert after is not None
    assert before.phrase is not after.phrase
    beats, joints = shown(windows, 120.0)
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * FPS
    begins = int(np.searchsorted(beats, windows[12].beat_start))
    rests = speed[begins + round(seam.SETTLE_S * FPS) : begins + round(idle_footwork.AT_ONCE_S * FPS)]
    assert np.percentile(rests, 90) < 0.15, "it stands before it walks home"
    assert speed[begins + round(seam.SETTLE_S * FPS) : 22 * 30].max() < 0.65, "and walks, it does not dance"


def test_hold_stops_on_a_beat_and_goes_on_from_it() -> None:
    windows, states = roll(30, parts=LIFELESS, hold=lambda i: 10 <= i < 16, groove=0.0)
    root, turned = committed(windows)
    joints = skeleton.forward_kinematics(root, turned)
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * 32.0
    held = slice(12 * SAMPLES_PER_BEAT, 16 * SAMPLES_PER_BEAT - 1)
    assert speed[held][8:].max() < 0.02
    assert states[12] is not None
    assert states[12].hold_from == 10.0
    assert speed[17 * SAMPLES_PER_BEAT :].mean() > 0.1
    assert states[15] is not None
    assert states[16] is not None
    phrase, later = states[15].phrase, states[16].phrase
    assert phrase is not None
    assert later is not None
    if later.number == phrase.number:
        assert later.start - phrase.start == 6.0


def test_a_new_phrase_on_request() -> None:
    _, states = roll(10, seed=9, new_phrase=lambda i: i == 9)
    before, after = states[8], states[9]
    assert before is not None
    assert after is not None
    assert before.phrase is not None
    assert after.phrase is not None
    assert after.phrase.number == before.phrase.number + 1


def test_a_note_tells_how_much_of_the_clip_is_shown() -> None:
    dance = Dance(graph(), seed=2, is_choreographed=True)
    notes = []
    for i in range(64):
        dance.at(i - 0.5)
        notes += [note for note in dance.cast.notes if note.role != Role.BRIDGE]
    shown = [note.rate * note.beats for note in notes]
    assert np.allclose(shown, np.round(shown)), "whole beats of the clip"
    assert any(beats < note.beats for beats, note in zip(shown, notes, strict=True)), "a pause takes one of them"
