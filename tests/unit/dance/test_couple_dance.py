"""A couple through the whole chain: two wishes, two bodies, hands closed; together, on the stage, without jumps."""

from dataclasses import replace

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import couple, couple_dance, performer
from livedance.dance.direction import Direction
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.style_table import Heard
from livedance.dance.window import Motion
from livedance.messages import Section

HOMES = np.array([[0.6, 0.2], [1.4, 0.2]])
BEATS = 48


def request(k, **changes):
    """Window k of a groove at 120, in slots of eight beats."""
    slot = k // 8
    direction = Direction(slot=slot, start=slot * 8 + 0.5, beats=8, theme=slot, style="salsa")
    shown = WindowRequest(
        beat_start=k + 0.5, dancer=0, plan=k, seed=3, dance_bpm=120.0, bar_beat=(k + 0.5) % 4, phrase_bar=(k // 4) % 8,
        energy=0.5, sounds=Heard(tempo=120.0), section=Section.GROOVE, build=0.0, is_silent=False, heard=True,
        style="salsa", groove=0.5, direction=direction,
    )  # fmt: skip
    return replace(shown, **changes)


class Show:
    """Both dancers, window after window."""

    def __init__(self, generator, seed=3):
        self.generator, self.state = generator, generator.initial_state(seed, 0)
        self.dancers = [performer.begin(seed, i) for i in range(2)]
        self.notes = []

    def window(self, asked):
        cues = [
            performer.Cue(request=replace(asked, dancer=i), place=performer.Place(xz=tuple(home)))
            for i, home in enumerate(HOMES)
        ]
        pasts = tuple(performer.past(d, c) for d, c in zip(self.dancers, cues, strict=True))
        wishes, self.state = self.generator.step(self.state, asked, pasts, HOMES)
        made = []
        for i, wish in enumerate(wishes):
            window, self.dancers[i] = performer.perform(self.dancers[i], wish, cues[i])
            made.append(window)
        note = self.generator.notes(self.state)
        if not self.notes or self.notes[-1] != note:
            self.notes.append(note)
        return couple_dance.joined(self.state, tuple(made))


@pytest.fixture(scope="module")
def generator():
    return couple_dance.CoupleDance(MotionLibrary.load())


@pytest.fixture(scope="module")
def shown(generator):
    """(show, joints of both (T, 23, 3), grip (T, 4)) of 24 s."""
    show = Show(generator)
    rows, held = [[], []], []
    for k in range(BEATS):
        for track, window in zip(rows, show.window(request(k)), strict=True):
            track.append((window.root_position_m[:16], window.joint_rotations_wxyz[:16]))
        held.append(show.state.phrase.grip(k + 0.5 + np.arange(16) / 16))
    motions = [
        Motion(
            root_position_m=np.concatenate([r for r, _ in track]),
            joint_rotations_wxyz=np.concatenate([q for _, q in track]),
            foot_contact=np.ones((16 * BEATS, 4)),
        )
        for track in rows
    ]
    return show, motions, np.concatenate(held)


def joints(motion):
    return skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)


def test_a_phrase_for_every_slot(shown):
    show, _, _ = shown
    assert len(show.notes) == BEATS // 8
    assert all(note.style == "salsa" and note.beats == 8 for note in show.notes)
    danced = [(note.clip, note.clip_beat) for note in show.notes]
    assert len(set(danced)) == len(danced)


def test_the_couple_stays_together_about_its_own_middle(shown):
    _, (leader, follower), _ = shown
    apart = np.linalg.norm((leader.root_position_m - follower.root_position_m)[:, [0, 2]], axis=-1)
    assert apart.min() > 0.3 and apart.max() < 1.7
    assert 0.5 < np.median(apart) < 0.95
    middle = 0.5 * (leader.root_position_m + follower.root_position_m)[:, [0, 2]] - HOMES.mean(axis=0)
    assert np.abs(middle).max() < 1.6


def test_held_hands_are_held_in_the_end(shown):
    _, (leader, follower), held = shown
    gaps = couple.gaps_m(leader, follower)[held > 0.99]
    assert (held > 0.5).any(axis=1).mean() > 0.4
    assert (gaps < 0.03).mean() > 0.97


def test_no_body_jumps(shown):
    _, motions, _ = shown
    for motion in motions:
        speed = np.linalg.norm(np.diff(joints(motion)[:, :18], axis=0), axis=-1) * 32.0
        assert speed.max() < 12.0
        jolt = np.linalg.norm(np.diff(joints(motion)[:, :18], n=2, axis=0), axis=-1).mean(axis=1) * 32.0**2
        seams = jolt[16 * 8 - 1 :: 16 * 8]
        assert seams.mean() < 2.0 * jolt.mean()


def test_entries_have_their_mirror_image(generator):
    table = generator._loaded()
    assert (table.mirrored != table.mirrored[table.twin]).all()
    for name in ("take", "beat"):
        assert np.array_equal(getattr(table, name), getattr(table, name)[table.twin])
    plain, image = table.moments.position_m, table.moments.position_m[table.twin]
    middle = [0, 1, 10, 11]  # chests and heads are as high as in the other
    assert np.allclose(plain[:, middle, 1], image[:, middle, 1], atol=1e-6)


def test_the_same_seed_dances_the_same(generator):
    one, other, third = Show(generator), Show(generator), Show(generator, seed=4)
    for k in range(3):
        first, second = one.window(request(k)), other.window(request(k))
        third.window(request(k))
        for a, b in zip(first, second, strict=True):
            assert np.array_equal(a.joint_rotations_wxyz, b.joint_rotations_wxyz)
    assert one.notes == other.notes
    assert one.notes != third.notes


def test_a_hold_stops_both(generator):
    show = Show(generator)
    for k in range(4):
        show.window(request(k))
    direction = replace(request(4).direction, hold_from=5.0)
    windows = [show.window(request(k, hold=True, direction=direction)) for k in (4, 5, 6)]
    for window in windows[-1]:
        still = np.linalg.norm(np.diff(window.root_position_m[:16], axis=0), axis=-1).sum()
        assert still < 0.06


def test_a_new_phrase_comes_when_it_is_asked_for(generator):
    show = Show(generator)
    for k in range(3):
        show.window(request(k))
    show.window(request(3, new_phrase=True))
    assert show.notes[-1].beat == 3.5
