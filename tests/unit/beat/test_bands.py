from itertools import pairwise

import numpy as np
import pytest

from livedance.audio.features import FeatureExtractor
from livedance.beat import bands
from livedance.beat.bands import N_BANDS, N_FEATURES, N_LONG, BandExtractor
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Hop


def steps(audio: F32) -> F32:
    extractor = BandExtractor()
    state = extractor.initial_state()
    features = []
    for start in range(0, len(audio) - HOP_SAMPLES + 1, HOP_SAMPLES):
        heard, state = extractor.step(state, audio[start : start + HOP_SAMPLES])
        features.append(heard)
    return np.array(features)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> F32:
    return (level * np.random.default_rng(seed).standard_normal(int(seconds * HOP_RATE_HZ))).astype(np.float32)


def kicks(seconds: float, level: float = 0.5) -> F32:
    """Two kicks a second of 55 Hz."""
    t = np.arange(HOP_RATE_HZ // 2) / HOP_RATE_HZ
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-t / 0.1)
    return (level * np.tile(kick, int(seconds * 2))).astype(np.float32)


def test_a_spectrum_that_somebody_else_has_made_gives_the_same_numbers():
    audio = np.concatenate((noise(1.0), kicks(1.0), np.zeros(5_000, np.float32), noise(0.5, 0.9)))
    listen, extractor = FeatureExtractor(), BandExtractor()
    listened, state = listen.initial_state(), extractor.initial_state()
    found = []
    for i, start in enumerate(range(0, len(audio) - HOP_SAMPLES + 1, HOP_SAMPLES)):
        hop = Hop(index=i, t_s=(i + 1) * bands.HOP_S, samples=audio[start : start + HOP_SAMPLES])
        features, listened = listen.step(listened, hop)
        heard, state = extractor.step(state, hop.samples, features.spectrum)
        found.append(heard)
    assert np.abs(np.array(found) - steps(audio)).max() <= 1e-5


def test_steps_and_whole_are_the_same_numbers():
    audio = np.concatenate((noise(2.0), np.zeros(30_000, np.float32), kicks(2.0), noise(1.0, 0.9)))
    assert np.abs(steps(audio) - BandExtractor().whole(audio)).max() <= 1e-5


def test_whole_of_less_than_a_hop_is_empty():
    assert BandExtractor().whole(np.zeros(100, np.float32)).shape == (0, N_FEATURES)
    assert BandExtractor().whole(np.zeros(600, np.float32)).shape == (1, N_FEATURES)


def test_a_tone_stands_in_its_band():
    t = np.arange(2 * HOP_RATE_HZ) / HOP_RATE_HZ
    for hz in (60.0, 1_000.0, 8_000.0):
        level = BandExtractor().levels((0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32))[-1]
        centre_hz = _centres_hz()[int(level.argmax())]
        assert abs(np.log2(centre_hz / hz)) < 0.5
        assert level.max() == pytest.approx(1.0, abs=0.1)


def _centres_hz() -> list[float]:
    long, short = bands._LONG_EDGES, bands._SHORT_EDGES
    low = [(a + b - 1) / 2 * HOP_RATE_HZ / bands.LONG for a, b in pairwise(long)]
    return low + [(a + b - 1) / 2 * HOP_RATE_HZ / bands.SHORT for a, b in pairwise(short)]


def test_quiet_and_loud_look_alike_once_the_gain_has_settled():
    loud, quiet = (BandExtractor().whole(noise(6.0, level))[-100:] for level in (0.3, 0.003))
    assert np.abs(loud - quiet).max() < 0.01


def test_silence_stays_silent():
    assert BandExtractor().whole(np.zeros(HOP_RATE_HZ, np.float32)).max() == 0.0
    below_16_bit = BandExtractor().whole(noise(20.0, 1e-5))
    assert below_16_bit[:, :N_BANDS].max() < 0.2
    assert below_16_bit[:, N_BANDS:].mean() < 0.02


def test_the_gain_does_not_pump_with_the_kick():
    """A steady high tone keeps its level between kicks that are 20 dB louder."""
    t = np.arange(8 * HOP_RATE_HZ) / HOP_RATE_HZ
    audio = kicks(8.0) + (0.05 * np.sin(2 * np.pi * 3_000 * t)).astype(np.float32)
    level = BandExtractor().levels(audio)[-260:]
    band = int(BandExtractor().levels((0.05 * np.sin(2 * np.pi * 3_000 * t)).astype(np.float32))[-1].argmax())
    assert np.ptp(level[:, band]) < 0.03


def test_a_constant_offset_is_not_heard():
    """Once the click of its start has left the running loudness."""
    audio = noise(12.0)
    plain, shifted = BandExtractor().whole(audio), BandExtractor().whole(audio + np.float32(0.4))
    assert np.abs(plain - shifted)[-100:].max() < 0.01


def test_an_onset_rises_in_the_hop_that_follows_it():
    audio = np.zeros(HOP_RATE_HZ, np.float32)
    audio[20 * HOP_SAMPLES : 20 * HOP_SAMPLES + 2_000] = noise(1.0)[:2_000]
    rise = BandExtractor().whole(audio)[:, N_BANDS:].sum(axis=1)
    assert rise[:20].max() == 0.0
    assert 20 <= int(rise.argmax()) <= 22


def test_rises_are_never_negative_and_low_bands_look_back_twice_as_far():
    levels = np.zeros((4, N_BANDS), np.float32)
    levels[1:] = 1.0
    rises = bands.with_rises(levels)[:, N_BANDS:]
    assert rises[:, 0].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert rises[:, N_LONG].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert bands.with_rises(1.0 - levels)[1:, N_BANDS:][2:].max() == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_bad_samples_are_mended_and_soon_forgotten(bad):
    audio = noise(12.0)
    broken = audio.copy()
    broken[5_000:5_400:7] = bad
    extractor = BandExtractor()
    assert np.isfinite(steps(broken)).all()
    assert np.abs(extractor.whole(broken) - steps(broken)).max() <= 1e-5
    if not bad > 1e20:
        assert np.abs(extractor.whole(broken) - extractor.whole(audio))[-200:].max() < 1e-3


def test_a_step_changes_no_state_it_was_given():
    extractor = BandExtractor()
    _, state = extractor.step(extractor.initial_state(), noise(1.0)[:HOP_SAMPLES])
    first, _ = extractor.step(state, noise(1.0, seed=1)[:HOP_SAMPLES])
    again, _ = extractor.step(state, noise(1.0, seed=1)[:HOP_SAMPLES])
    assert np.array_equal(first, again)
