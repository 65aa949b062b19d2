"""Tempo curves: monotone, invertible, and ramps that get where they say in the time they say."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.training.beat_music import tempos
from livedance.training.beat_music.arranger import compose


def _ramped(seed: int, share: float = 0.16):  # type: ignore[no-untyped-def]
    piece = compose(np.random.default_rng(seed), bpm=120, bars=48, form="loop", genre="house")
    return tempos.with_ramp(piece, np.random.default_rng(seed), share)


@pytest.mark.parametrize("seed", range(20))
def test_seconds_rise_and_the_inverse_leads_back(seed: int) -> None:
    for tempo in (_ramped(seed).tempo, tempos.drifting(100.0, 192, np.random.default_rng(seed))):
        beats = np.linspace(0, 190, 1901)
        seconds = tempo.seconds(beats)
        assert np.all(np.diff(seconds) > 0)
        back = np.interp(seconds, tempo.seconds(np.arange(0, 193, 1 / 64)), np.arange(0, 193, 1 / 64))
        np.testing.assert_allclose(back, beats, atol=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_a_ramp_reaches_the_tempo_of_its_second_knot_and_keeps_it(seed: int) -> None:
    piece = _ramped(seed)
    tempo = piece.tempo
    assert tempo.bpm[0] == 120 and 0 < tempo.beat[0] < tempo.beat[1] < piece.beats
    assert 0.04 - 1e-9 <= abs(tempo.bpm[1] / 120 - 1) <= 0.16 + 1e-9
    beat = tempo.beat[1]
    local = 60 * 0.01 / float(np.diff(tempo.seconds(np.array([beat, beat + 0.01])))[0])
    assert local == pytest.approx(tempo.bpm[1], rel=2e-3)


def test_a_ramp_takes_4_to_30_seconds() -> None:
    for seed in range(30):
        tempo = _ramped(seed).tempo
        seconds = float(np.diff(tempo.seconds(np.array(tempo.beat[:2])))[0])
        assert 3.9 <= seconds <= 30.1


@pytest.mark.parametrize("seconds", [4.0, 12.0, 30.0])
@pytest.mark.parametrize("last", [100.8, 120.0, 139.2])
def test_ramp_beats_is_the_integral_of_the_tempo(seconds: float, last: float) -> None:
    length = tempos.ramp_beats(120.0, last, seconds)
    at = np.linspace(0, length, 10_001)
    rate = 60.0 / np.interp(at, [0, length], [120.0, last])
    assert float(np.sum(0.5 * (rate[1:] + rate[:-1]) * np.diff(at))) == pytest.approx(seconds, rel=1e-6)


@pytest.mark.parametrize("bpm", [60.0, 62.0, 198.0, 200.0])
def test_ramps_stay_within_60_to_200(bpm: float) -> None:
    piece = compose(np.random.default_rng(1), bpm=bpm, bars=32, form="loop")
    for seed in range(20):
        ramped = tempos.with_ramp(piece, np.random.default_rng(seed))
        assert all(60.0 <= value <= 200.0 for value in ramped.tempo.bpm)
        assert ramped.tempo.bpm[1] != bpm


def test_drift_stays_within_a_percent_and_a_half_and_leaves_the_notes() -> None:
    piece = compose(np.random.default_rng(2), bpm=100, bars=16)
    drifted = tempos.with_drift(piece, np.random.default_rng(3))
    assert drifted.notes == piece.notes and len(set(drifted.tempo.bpm)) > 3
    assert np.abs(np.array(drifted.tempo.bpm) / 100 - 1).max() <= 0.015 + 1e-12
