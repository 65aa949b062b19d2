"""Swing and spread move what they should, and only that."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.training.beat_music.feel import Feel, Hit, perform, swung


def test_swing_moves_the_second_sixteenth_and_leaves_beats_and_eighths() -> None:
    steps = np.arange(0, 4, 0.25)
    moved = swung(steps, share=2 / 3, unit=0.5)
    np.testing.assert_allclose(moved[::2], steps[::2])
    np.testing.assert_allclose(moved[1::2], steps[::2] + 1 / 3)


def test_shuffle_moves_the_offbeat_eighth_to_the_triplet() -> None:
    np.testing.assert_allclose(swung(np.array([0.0, 0.5, 1.0, 1.5]), share=2 / 3, unit=1.0), [0, 2 / 3, 1, 5 / 3])


def test_played_notes_swing_too() -> None:
    hits = [Hit(0.25 * i, 0.25, "hat", 0, 0.8) for i in range(16)]
    notes = perform(hits, Feel(swing=0.6), bpm=120, beats=4, rng=np.random.default_rng(0))
    assert [round(note.beat % 0.5, 3) for note in notes] == [0.0, 0.3] * 8


def test_a_habit_makes_one_part_late_by_its_milliseconds() -> None:
    hits = [Hit(float(i), 0.25, part, 0, 0.8) for i in range(1, 9) for part in ("kick", "snare")]  # type: ignore[arg-type]
    feel = Feel(habit_ms={"snare": 20.0})
    notes = perform(hits, feel, bpm=90, beats=16, rng=np.random.default_rng(0))
    late = {part: np.mean([n.beat % 1.0 for n in notes if n.part == part]) * 60 / 90 for part in ("kick", "snare")}
    assert late["kick"] == pytest.approx(0.0, abs=1e-9)
    assert late["snare"] == pytest.approx(0.020, abs=1e-9)


def test_nobody_is_ever_more_than_40_ms_off_and_nothing_leaves_the_piece() -> None:
    hits = [Hit(i / 4, 3.0, "vocal", 60, 0.8) for i in range(64)]
    notes = perform(hits, Feel(spread_ms=30.0), bpm=120, beats=16, rng=np.random.default_rng(1))
    near = np.array([[abs(n.beat - i / 4) for i in range(64)] for n in notes]).min(axis=1)
    assert near.max() <= 0.040 * 2 + 1e-9
    assert all(n.beat >= 0 and n.beat + n.beats <= 16 + 1e-9 for n in notes)


def test_silence_is_no_error() -> None:
    assert perform([], Feel(), bpm=120, beats=4, rng=np.random.default_rng(0)) == ()
