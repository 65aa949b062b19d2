from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.grid import Grid, fold_tempo, guess_grid, half_beat_vote, quarter_beat_vote, rhythm
from livedance.beat.onset import OnsetMeter
from livedance.messages import F32, Array
from tests.unit.beat.beat_sounds import four_on_the_floor, hops, noise


def past_of(audio: F32) -> tuple[Array, float]:
    meter = OnsetMeter()
    for hop in hops(audio):
        meter.step(hop.samples)
    return meter.past, hop.t_s


def test_position_and_time_are_inverse() -> None:
    grid = Grid(beat_s=3.0, period_s=0.48, count=7.0)
    assert grid.position(3.0) == 7.0
    assert grid.position(grid.time(12.25)) == pytest.approx(12.25)
    assert grid.tempo_bpm == pytest.approx(125.0)


@pytest.mark.parametrize(("bpm", "folded"), [(240.0, 120.0), (30.0, 60.0), (124.0, 124.0), (200.0, 200.0)])
def test_tempo_is_folded_into_range(bpm: float, folded: float) -> None:
    assert 60.0 / fold_tempo(60.0 / bpm) == pytest.approx(folded)


def test_vote_knows_the_beat_from_the_off_beat() -> None:
    past, now_s = past_of(four_on_the_floor(120.0, 6.0, off_hat=0.8))
    on = Grid(beat_s=0.25, period_s=0.5)
    off = Grid(beat_s=0.5, period_s=0.5)
    assert half_beat_vote(past, now_s, on) > 1.0
    assert half_beat_vote(past, now_s, off) < -1.0


def test_vote_knows_the_beat_from_between_the_halves() -> None:
    past, now_s = past_of(four_on_the_floor(120.0, 6.0, off_hat=0.8))
    assert quarter_beat_vote(past, now_s, Grid(beat_s=0.25, period_s=0.5)) > 1.0
    assert quarter_beat_vote(past, now_s, Grid(beat_s=0.5, period_s=0.5)) > 1.0, "either half"
    assert quarter_beat_vote(past, now_s, Grid(beat_s=0.375, period_s=0.5)) < -1.0


def test_rhythm_is_high_at_the_tempo_and_low_elsewhere_and_in_noise() -> None:
    past, _ = past_of(four_on_the_floor(120.0, 8.0))
    assert rhythm(past, 0.5) > 0.5
    assert rhythm(past, 0.5 * 1.17) < 0.25
    hiss, _ = past_of(noise(8.0))
    assert rhythm(hiss, 0.5) < 0.15


def test_rhythm_of_silence_is_zero() -> None:
    assert rhythm(np.zeros((768, 3)), 0.5) == 0.0


@pytest.mark.parametrize("bpm", [84.0, 100.0, 124.0, 140.0, 170.0])
def test_guess_finds_tempo_and_phase_within_two_seconds_of_music(bpm: float) -> None:
    past, now_s = past_of(four_on_the_floor(bpm, 2.4))
    found = guess_grid(past, now_s, 2.2)
    assert found is not None
    grid, salience = found
    octaves = np.log2(grid.tempo_bpm / bpm)
    assert abs(octaves - round(octaves)) < 0.04, "the tempo, up to an octave"
    halves = 2.0 * (grid.beat_s - 0.25) / (60.0 / bpm)
    assert abs(halves - round(halves)) < 0.25, "the phase, up to half a beat"
    assert salience > 0.3


def test_guess_of_silence_is_none() -> None:
    assert guess_grid(np.zeros((768, 3)), 10.0, 5.0) is None
