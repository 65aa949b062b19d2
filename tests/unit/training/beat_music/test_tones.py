"""Harmony moves on its bars, and loops follow it within the stretch they are given."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.training.beat_music import figures, harmony
from livedance.training.beat_music.arranger import TABLE
from livedance.training.beat_music.tones import Loop, play


def _key(seed: int) -> harmony.Harmony:
    return harmony.draw(np.random.default_rng(seed), modes=("minor", "major"), sevenths=0.5, meter=4)[0]


@pytest.mark.parametrize("seed", range(15))
def test_chords_change_on_whole_half_bars_and_stay_near_each_other(seed: int) -> None:
    key = _key(seed)
    assert key.beats_per_chord in (2.0, 4.0, 8.0, 16.0)
    assert key.at(key.beats_per_chord - 0.01) is key.chords[0]
    assert key.at(key.beats_per_chord) is key.chords[1 % len(key.chords)]
    for chord in key.chords:
        assert 36 <= chord.root < 48 and 48 <= chord.voicing[0] <= chord.voicing[-1] <= 76
        pitch_classes = {(chord.root + offset) % 12 for offset in chord.offsets}
        assert {note % 12 for note in chord.voicing} == pitch_classes <= {(key.tonic + s) % 12 for s in key.scale}


def test_a_chord_loop_plays_the_chord_of_each_bar_and_a_push_plays_it_early() -> None:
    key = next(k for k in map(_key, range(50)) if k.beats_per_chord == 4.0 and len(k.chords) > 1)
    notes = ((0.0, 0.5, 0, 0.8), (3.5, 0.5, 0, 0.8))
    for push, expected in ((0.0, 0), (0.5, 1)):
        loop = Loop(layer="chords", part="chord", notes=notes, beats=4.0, voicing="chord", push=push)
        late = tuple(hit.pitch for hit in play(loop, key, 0.0, 8.0) if hit.beat == 3.5)
        assert late == key.chords[expected].voicing


def test_a_loop_is_cut_where_its_scene_ends() -> None:
    loop = Loop(layer="pad", part="pad", notes=((0.0, 8.0, 0, 0.8),), beats=8.0, voicing="chord")
    hits = play(loop, _key(0), 4.0, 16.0)
    assert max(hit.beat + hit.beats for hit in hits) == 16.0
    assert {hit.beat for hit in hits} == {4.0, 12.0}


@pytest.mark.parametrize("name", ["house", "shuffle", "six-eight", "five-four", "waltz"])
def test_figures_of_every_metre_have_notes_inside_their_loops(name: str) -> None:
    genre = TABLE[name]
    for seed in range(20):
        loops = figures.draw(genre, np.random.default_rng(seed), alone=seed % 2 == 0)
        assert {"bass", "chords", "pad", "lead", "vocal"} <= set(loops)
        for loop in loops.values():
            assert loop.notes
            assert all(0 <= beat < loop.beats and length > 0 for beat, length, _, _ in loop.notes)
