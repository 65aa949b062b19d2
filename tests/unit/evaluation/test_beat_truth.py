"""Cuts, ramps, breaks and spans, found in lists of beats."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation import beat_changes, beat_truth
from livedance.training.beat_music.piece import Tempo, Truth
from tests.unit.evaluation.beat_cases import steady, truth


def test_a_cut_is_the_first_beat_of_the_new_grid() -> None:
    beats = np.concatenate([steady(seconds=10.0), steady(bpm=140.0, seconds=20.0, first_s=10.1)])
    assert beat_changes.changes(truth(beats, category="cut")) == pytest.approx((10.1,))
    assert beat_changes.changes(truth(beats)) == ()


def test_a_change_of_tempo_on_the_beat_counts_from_that_beat() -> None:
    beats = np.concatenate([steady(seconds=10.0), steady(bpm=150.0, seconds=20.0, first_s=10.25)])
    assert beat_changes.cuts(beats) == pytest.approx((10.25,))


def test_a_steady_grid_has_no_cuts_even_with_a_drummer() -> None:
    rng = np.random.default_rng(1)
    beats = steady() + rng.normal(0.0, 0.003, len(steady()))
    assert beat_changes.cuts(beats) == ()


def test_a_ramp_ends_where_the_tempo_stays() -> None:
    tempo = Tempo(beat=(0.0, 16.0, 48.0, 80.0), bpm=(120.0, 120.0, 130.0, 130.0))
    beats = tempo.seconds(np.arange(80.0))
    assert beat_changes.changes(truth(beats, category="ramp")) == pytest.approx((beats[48],), abs=0.6)


def test_local_periods_have_two_sides_at_a_cut() -> None:
    beats = np.concatenate([steady(seconds=10.0), steady(bpm=150.0, seconds=20.0, first_s=10.25)])
    before, after = beat_truth.local_periods(beats)
    at = int(np.searchsorted(beats, 10.2))
    assert before[at] == pytest.approx(0.5) and after[at] == pytest.approx(0.4)
    assert before[0] == pytest.approx(0.5) and after[-1] == pytest.approx(0.4)


def test_breaks_are_gaps_in_the_rhythm_whose_beat_could_be_known() -> None:
    beats = steady()
    long = ((0.0, 15.0), (23.0, 40.0))
    assert beat_truth.breaks(truth(beats, rhythm=long)) == ((15.0, 23.0),)
    assert beat_truth.breaks(truth(beats, rhythm=((0.0, 15.0), (17.0, 40.0)))) == ()
    assert beat_truth.breaks(truth(beats, rhythm=((13.0, 15.0), (23.0, 40.0)))) == ()
    bent = Tempo(beat=(0.0, 30.0, 46.0, 90.0), bpm=(120.0, 120.0, 126.0, 126.0)).seconds(np.arange(80.0))
    assert beat_truth.breaks(truth(bent, rhythm=long)) == ()


def counted(known: Truth) -> np.ndarray:
    return known.beat_s[beat_truth.scored(known, known.beat_s)]


def test_scoring_begins_with_the_rhythm_and_ends_soon_after_it() -> None:
    beats = steady()
    assert counted(truth(beats)) == pytest.approx(beats[beats >= 5.0])
    late = truth(beats, rhythm=((12.0, 20.0),))
    assert counted(late)[[0, -1]] == pytest.approx([12.25, 27.75])
    assert beat_truth.first_beat_s(late) == pytest.approx(12.25)


def test_beats_that_nobody_can_know_are_not_scored() -> None:
    beats = np.concatenate([steady(seconds=14.0), steady(bpm=140.0, seconds=40.0, first_s=14.1)])
    cut_into_break = truth(beats, category="cut", rhythm=((0.0, 15.0), (23.0, 40.0)))
    found = counted(cut_into_break)
    assert not np.any((found > 15.0) & (found < 22.9)) and np.any(found > 23.0) and np.any(found < 15.0)
    through_break = truth(steady(), rhythm=((0.0, 15.0), (23.0, 40.0)))
    assert np.sum((counted(through_break) > 15.0) & (counted(through_break) < 23.0)) == 16


def test_a_search_begins_where_a_rhythm_is_heard_after_the_change() -> None:
    beats = np.concatenate([steady(seconds=14.0), steady(bpm=140.0, seconds=40.0, first_s=14.1)])
    first, second = beat_truth.waits(truth(beats, category="cut", rhythm=((0.0, 15.0), (23.0, 40.0))))
    assert first == pytest.approx((0.25, 14.1))
    assert second[0] == pytest.approx(beats[np.searchsorted(beats, 23.0 - 0.02)])
    assert beat_truth.waits(truth(beats, category="cut", rhythm=((0.0, 15.0),))) == (first,)
