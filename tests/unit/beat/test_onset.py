from __future__ import annotations

import numpy as np

from livedance.beat.onset import FULL, HOP_S, LOW, MID, ONSET_DELAY_S, OnsetMeter
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
