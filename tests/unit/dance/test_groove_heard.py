"""Kick pattern and swing, from drum patterns through the real feature extractor and an exact clock."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from livedance.audio.features import FeatureExtractor
from livedance.dance.groove_heard import GrooveHeard
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, ClockState, Hop, LockState
from tests.unit.beat.beat_sounds import hat, kick, place, snare

HOP_S = HOP_SAMPLES / HOP_RATE_HZ
STRAIGHT_8, STRAIGHT_16 = (0.0, 0.5), (0.0, 0.25, 0.5, 0.75)
SHUFFLE_8, SHUFFLE_16 = (0.0, 2 / 3), (0.0, 1 / 3, 0.5, 5 / 6)
FOUR, HALF_TIME, TRESILLO = (0, 1, 2, 3), (0, 2.5), (0, 0.75, 1.5, 2.25, 3.5)


def drums(bpm, bars, kicks, hats, *, backbeat=True):
    """Sound with kicks at beats of the bar and hats at places of the beat; beat 0 lies at 0.25 s."""
    beat_s, seconds = 60.0 / bpm, 0.25 + bars * 240.0 / bpm
    bar_starts = 0.25 + 4 * beat_s * np.arange(bars)
    at = lambda places: np.sort(np.concatenate([bar_starts + beat_s * p for p in places]))  # noqa: E731
    sound = place(hat(), at([b + p for b in range(4) for p in hats]), seconds, 0.4)
    if kicks:
        sound = sound + place(kick(), at(kicks), seconds, 0.8)
    return sound + place(snare(), at([1, 3]), seconds, 0.3) if backbeat else sound


def clock(bpm, t_s, **fields):
    beat = (t_s - 0.25) * bpm / 60.0
    line = ClockState(t_s=t_s, beat_position=beat, beats_per_s=bpm / 60.0, state=LockState.LOCKED, confidence=1.0)
    return replace(line, bar_start_beat=4.0 * np.floor(beat / 4.0), **fields)


def heard(sound, bpm, state=None, start_s=0.0, **fields):
    extract = FeatureExtractor()
    features_state, state = extract.initial_state(), state or GrooveHeard.initial()
    for i in range(len(sound) // HOP_SAMPLES):
        samples = sound[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES]
        hop = Hop(index=i, t_s=start_s + (i + 1) * HOP_S, samples=samples.astype(np.float32))
        features, features_state = extract.step(features_state, hop)
        state = state.step(features, clock(bpm, features.t_s, **fields))
    return state


@cache
def of(bpm, kicks, hats, backbeat=True):
    return heard(drums(bpm, 8, kicks, hats, backbeat=backbeat), bpm)


@pytest.mark.parametrize("bpm", [90, 124, 140])
def test_four_on_the_floor_is_known_from_broken_beats(bpm):
    assert of(bpm, FOUR, STRAIGHT_8).kick.four > 0.9
    assert of(bpm, FOUR, STRAIGHT_16, False).kick.four > 0.9
    assert of(bpm, HALF_TIME, STRAIGHT_8).kick.broken > 0.8
    assert of(bpm, TRESILLO, STRAIGHT_8).kick.broken > 0.9


def test_without_a_low_drum_it_is_sparse_and_shares_sum_to_one():
    for state in (of(124, (), STRAIGHT_16, False), of(124, FOUR, STRAIGHT_8), GrooveHeard.initial()):
        assert state.kick.four + state.kick.broken + state.kick.sparse == pytest.approx(1.0)
    assert of(124, (), STRAIGHT_16, False).kick.sparse > 0.9
    assert GrooveHeard.initial().kick.four == pytest.approx(1 / 3)


@pytest.mark.parametrize("bpm", [92, 120, 138])
def test_swing_is_the_place_of_the_off_beat(bpm):
    assert of(bpm, FOUR, STRAIGHT_8, False).swing < 0.2
    assert of(bpm, FOUR, STRAIGHT_16, False).swing < 0.25
    assert of(bpm, FOUR, SHUFFLE_8, False).swing > 0.75
    half_way = of(bpm, FOUR, (0.0, 7 / 12), False).swing
    assert 0.25 < half_way < 0.8


def test_sixteenths_can_swing_over_straight_eighths():
    assert of(96, HALF_TIME, SHUFFLE_16, False).swing > 0.6


def test_it_hears_a_change_within_eight_bars():
    before = of(124, FOUR, STRAIGHT_8)
    after = heard(drums(124, 10, TRESILLO, SHUFFLE_8, backbeat=False), 124, state=before, start_s=8 * 240 / 124)
    assert after.kick.broken > 0.7 and after.swing > 0.5


def test_nothing_is_counted_while_nobody_knows_the_beat():
    lost = heard_in_state(LockState.SEARCHING)
    assert lost.bars == 0.0 and not lost.low.any() and not lost.off.any()
    assert heard_in_state(LockState.LOCKED).bars == pytest.approx(2.9, abs=0.1)  # of four, fading


def heard_in_state(lock):
    extract, bpm = FeatureExtractor(), 124
    features_state, state = extract.initial_state(), GrooveHeard.initial()
    sound = drums(bpm, 4, FOUR, STRAIGHT_8)
    for i in range(len(sound) // HOP_SAMPLES):
        hop = Hop(index=i, t_s=(i + 1) * HOP_S, samples=sound[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES])
        features, features_state = extract.step(features_state, hop)
        state = state.step(features, replace(clock(bpm, features.t_s), state=lock))
    return state


def test_a_step_changes_no_earlier_state():
    state = of(124, FOUR, STRAIGHT_8)
    low, off = state.low.copy(), state.off.copy()
    heard(drums(124, 2, TRESILLO, SHUFFLE_8), 124, state=state, start_s=8 * 240 / 124)
    assert np.array_equal(state.low, low) and np.array_equal(state.off, off)


def test_energy_and_brightness_are_means_over_bars():
    state = of(124, FOUR, STRAIGHT_8)
    what = state.heard(clock(124, 10.0, dance_ratio=0.5))
    assert what.tempo == pytest.approx(62.0)
    assert 0.2 < what.energy < 1.0 and 0.2 < what.brightness < 1.0
    assert what.kick == state.kick and what.swing == state.swing
