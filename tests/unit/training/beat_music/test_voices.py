import numpy as np
import pytest

from livedance.training.beat_music import voices
from livedance.training.beat_music.piece import DRUMS
from tests.unit.training.beat_music.tiny_sounds import RATE

TONES = ("bass", "chord", "pad", "lead", "vocal", "arp", "pluck", "guitar", "riser", "impact")


@pytest.mark.parametrize("part", TONES)
@pytest.mark.parametrize("seed", range(6))
def test_tones_are_finite_and_of_one_loudness(part, seed):
    voice = voices.tone_voice(part, np.random.default_rng(seed), 0.5)
    sound = voice(45, 0.3, 0.8)
    assert sound.dtype == np.float32
    assert np.all(np.isfinite(sound))
    assert np.abs(sound).max() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("part", DRUMS)
def test_machine_drums_begin_at_once(part):
    sound = voices.drum(part, np.random.default_rng(3))
    assert np.abs(sound).max() == pytest.approx(1.0, abs=1e-3)
    assert np.argmax(np.abs(sound) > 0.1) < 0.012 * RATE


def test_the_saw_is_band_limited():
    """A naive saw of 3,111 Hz folds its harmonics back to where no harmonic is; ours hardly does."""
    f = 3_111.0
    naive = 2 * ((np.arange(RATE) * f / RATE) % 1.0) - 1
    folded = [float(_between_harmonics(wave, f)) for wave in (naive, voices.saw(f, RATE))]
    assert folded[1] < 0.25 * folded[0]


def _between_harmonics(wave, f):
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    freq = np.arange(len(power))
    away = np.abs((freq + f / 2) % f - f / 2) > 30
    return power[away & (freq < 15_000)].sum() / power.sum()


def test_the_pitch_is_the_one_asked_for():
    sound = voices.sub(np.random.default_rng(0), long=True)(57, 1.0, 1.0)
    spectrum = np.abs(np.fft.rfft(sound[RATE // 4 : RATE // 4 + RATE // 2]))
    assert np.argmax(spectrum) * 2 == pytest.approx(220, abs=4)


def test_a_riser_rises():
    sound = voices.riser(np.random.default_rng(0))(0, 2.0, 1.0)
    assert np.std(sound[-RATE // 4 :]) > 3 * np.std(sound[: RATE // 2])
