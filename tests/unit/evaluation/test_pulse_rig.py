"""When a sample was heard, from the arrivals of chunks: pure part of the rig."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation.clicks import as_written, click_track
from livedance.evaluation.pulse_rig import RATE_HZ, ReferenceListener, RigError, earliest


def test_late_chunks_do_not_move_the_line() -> None:
    rng = np.random.default_rng(0)
    counts = np.cumsum(np.full(4000, 220))
    stamps = (
        100.0 + counts / RATE_HZ * (1 + 200e-6) + np.where(rng.random(4000) < 0.9, rng.exponential(0.01, 4000), 0.0)
    )
    stamps = np.maximum.accumulate(stamps)
    wanted = np.arange(3.0, 17.0, 0.5) * RATE_HZ
    heard = earliest(stamps, counts, wanted)
    true = 100.0 + wanted / RATE_HZ * (1 + 200e-6)
    assert np.abs(heard - true).max() < 0.0015


def listener_of(recorded: np.ndarray, began_s: float) -> ReferenceListener:
    listener = ReferenceListener()
    pcm = np.round(recorded * 32_768).astype(np.int16)
    listener._chunks = [
        (began_s + (start + 441) / RATE_HZ, pcm[start : start + 441].tobytes()) for start in range(0, len(pcm), 441)
    ]
    return listener


def test_beats_are_dated_by_the_first_sound() -> None:
    samples, beats = click_track(120.0, 8.0)
    samples = as_written(samples)
    recorded = np.concatenate([np.zeros(3 * RATE_HZ, np.float32), samples, np.zeros(RATE_HZ, np.float32)])
    heard = listener_of(recorded, 50.0).heard_s(51.0, samples, beats)
    assert heard == pytest.approx(53.0 + beats, abs=0.001)


def test_lost_sound_and_silence_are_the_rigs_fault() -> None:
    samples, beats = click_track(120.0, 8.0)
    samples = as_written(samples)
    silence = np.zeros(2 * RATE_HZ, np.float32)
    cut = np.concatenate([silence, samples[: 3 * RATE_HZ], samples[3 * RATE_HZ + 5000 :], silence])
    with pytest.raises(RigError, match="lost sound"):
        listener_of(cut, 50.0).heard_s(51.0, samples, beats)
    with pytest.raises(RigError, match="nothing"):
        listener_of(silence, 50.0).heard_s(50.5, samples, beats)


def test_a_track_that_repeats_itself_is_found_at_its_first_beat() -> None:
    samples, beats = click_track(240.0, 8.0)
    samples = as_written(samples)
    recorded = np.concatenate([np.zeros(RATE_HZ, np.float32), samples, np.zeros(3 * RATE_HZ, np.float32)])
    noisy = recorded + np.random.default_rng(0).normal(0, 1e-4, len(recorded)).astype(np.float32)
    heard = listener_of(noisy, 50.0).heard_s(50.5, samples, beats)
    assert heard == pytest.approx(51.0 + beats, abs=0.001)
