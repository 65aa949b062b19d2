"""Cuts, ramps, breaks and spans, found in lists of beats."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation import beat_truth
from livedance.training.beat_music.piece import Tempo
from tests.unit.evaluation.beat_cases import steady, truth


def test_a_cut_is_the_first_beat_of_the_new_grid() -> None:
    beats = np.concatenate([steady(seconds=10.0), steady(bpm=140.0, seconds=20.0, first_s=10.1)])
    assert beat_truth.changes(truth(beats, category="cut")) == pytest.approx((10.1,))
    assert beat_truth.changes(truth(beats)) == ()


def test_a_change_of_tempo_on_the_beat_counts_from_that_beat() -> None:
    beats = np.concatenate([steady(seconds=10.0), steady(bpm=150.0, seconds=20.0, first_s=10.25)])
    assert beat_truth.cuts(beats) == pytest.approx((10.25,))


def test_a_steady_grid_has_no_cuts_even_with_a_drummer() -> None:
    rng = np.random.default_rng(1)
    beats = steady() + rng.normal(0.0, 0.003, len(steady()))
    assert beat_truth.cuts(beats) == ()


def test_a_ramp_ends_where_the_tempo_stays() -> None:
    tempo = Tempo(beat=(0.0, 16.0, 48.0, 80.0), bpm=(120.0, 120.0, 130.0, 130.0))
    beats = tempo.seconds(np.arange(80.0))
    assert beat_truth.changes(truth(beats, category="ramp")) == pytest.approx((beats[48],), abs=0.6)


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


def test_scoring_begins_with_the_rhythm_and_ends_soon_after_it() -> None:
    beats = steady()
    assert beat_truth.scored_span(truth(beats)) == pytest.approx((5.0, float(beats[-1]) + 0.5))
    assert beat_truth.scored_span(truth(beats, rhythm=((12.0, 20.0),))) == pytest.approx((12.0, 28.0))
    assert beat_truth.first_beat_s(truth(beats, rhythm=((12.0, 20.0),))) == pytest.approx(12.25)
