import numpy as np
import pytest

from livedance.training.beat_music import speech, venue
from tests.unit.training.beat_music.tiny_sounds import RATE, blip


def _beats(seconds=4):
    audio = np.zeros(seconds * RATE, np.float32)
    for start in range(0, len(audio) - 3_000, RATE // 2):
        audio[start : start + 2_000] += blip(0.8)
    return audio


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_heard_is_finite_within_range_and_not_late(strength, seed):
    dry = _beats()
    wet = venue.heard(dry, np.random.default_rng(seed), strength)
    assert wet.shape == dry.shape
    assert wet.dtype == np.float32
    assert np.all(np.isfinite(wet))
    assert np.abs(wet).max() <= 1.0
    # How well the wet sound fits the dry one, shifted by -2 to 2 ms.
    lags = np.arange(-88, 89, 4)
    fits = [abs(float(np.dot(wet[200:-200], dry[200 + lag : len(dry) - 200 + lag]))) for lag in lags]
    assert abs(int(lags[int(np.argmax(fits))])) <= 24


def test_a_strong_venue_is_noisier_than_a_clean_line():
    gaps = slice(RATE // 4 * 1 + 2_000, RATE // 2 - 1_000)
    share = {}
    for strength in (0.0, 1.0):
        wet = [venue.heard(_beats(), np.random.default_rng(s), strength) for s in range(6)]
        share[strength] = np.median([np.std(x[gaps]) / np.std(x) for x in wet])
    assert share[1.0] > 3 * share[0.0]


def test_levels_span_a_quiet_microphone_and_a_hot_line():
    peaks = [20 * np.log10(np.abs(venue.levelled(_beats(1), np.random.default_rng(s))).max()) for s in range(60)]
    assert min(peaks) < -25
    assert max(peaks) > -3
    assert min(peaks) >= -45.1
    assert max(peaks) <= 0.01


def test_silence_stays_silence():
    assert not venue.levelled(np.zeros(1_000, np.float32), np.random.default_rng(0)).any()
    assert np.all(np.isfinite(venue.heard(np.zeros(RATE, np.float32), np.random.default_rng(0), 1.0)))


@pytest.mark.parametrize("name", [*speech.SPOKEN, *speech.UNPULSED])
def test_sounds_without_a_beat_have_their_length_and_are_finite(name):
    source = {**speech.SPOKEN, **speech.UNPULSED}[name]
    sound = source(np.random.default_rng(1), 2 * RATE + 7)
    assert sound.shape == (2 * RATE + 7,)
    assert sound.dtype == np.float32
    assert np.all(np.isfinite(sound))


def test_pink_noise_falls_three_decibels_an_octave():
    power = np.abs(np.fft.rfft(speech.pink(np.random.default_rng(0), 8 * RATE))) ** 2
    freq = np.fft.rfftfreq(8 * RATE, 1 / RATE)
    bands = [power[(freq >= f) & (freq < 2 * f)].mean() for f in (200, 400, 800, 1_600, 3_200)]
    np.testing.assert_allclose(10 * np.diff(np.log10(bands)), -3.0, atol=0.7)


def test_talk_pauses_and_has_uneven_syllables():
    sound = speech.talk(np.random.default_rng(2), 8 * RATE)
    level = np.abs(sound[: len(sound) // 882 * 882]).reshape(-1, 882).max(axis=1)
    assert 0.1 < np.mean(level < 0.02 * level.max()) < 0.8
