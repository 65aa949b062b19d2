from __future__ import annotations

import numpy as np

from livedance.audio.features import FeatureExtractor
from livedance.beat.onset import FULL, HOP_S, LOW, MID, ONSET_DELAY_S, OnsetMeter
from livedance.messages import HOP_SAMPLES
from tests.unit.beat.beat_sounds import clicks, hops, kick, place


def strengths(audio: np.ndarray) -> np.ndarray:
    meter = OnsetMeter()
    return np.array([meter.step(hop.samples).copy() for hop in hops(audio)])


def test_attacks_stand_at_the_stated_delay() -> None:
    rows = strengths(clicks(120.0, 6.0))
    times = (np.arange(len(rows)) + 1) * HOP_S - ONSET_DELAY_S
    loud = rows[:, FULL] > 0.0
    error = (times[loud] - 0.25 + 0.25) % 0.5 - 0.25
    assert abs(np.average(error, weights=rows[loud, FULL])) < 0.002


def test_a_kick_is_low() -> None:
    rows = strengths(place(kick(), np.arange(0.5, 5.0, 0.5), 6.0, 0.5))
    assert rows[:, LOW].max() == 1.0
    assert rows[:, MID].sum() < rows[:, LOW].sum()


def test_level_does_not_matter() -> None:
    audio = clicks(120.0, 5.0)
    loud, quiet = strengths(audio), strengths(audio * np.float32(0.05))
    np.testing.assert_allclose(loud[:, MID], quiet[:, MID], atol=0.02)


def test_silence_is_zero_and_a_steady_tone_dies_away() -> None:
    assert not strengths(np.zeros(20_000, np.float32)).any()
    tone = (0.5 * np.sin(np.arange(88_200) * 0.05)).astype(np.float32)
    assert strengths(tone)[10:, FULL].max() < 0.01


def test_the_features_spectrum_is_what_the_meter_would_transform_itself() -> None:
    audio = (np.random.default_rng(3).standard_normal(HOP_SAMPLES * 40) * 0.1).astype(np.float32)
    alone, shared, extract = OnsetMeter(), OnsetMeter(), FeatureExtractor()
    state = extract.initial_state()
    for hop in hops(audio):
        features, state = extract.step(state, hop)
        assert features.spectrum is not None
        heard = shared.step(hop.samples, features.spectrum)
        assert np.allclose(heard, alone.step(hop.samples), rtol=1e-5, atol=1e-7)
        assert heard.max() > 0.0
