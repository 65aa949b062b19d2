"""The click tracker is exact to the sample, causal, and knows when the clicks have ended."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.beat.click_tracker import ClickTracker
from livedance.evaluation.clicks import click_track
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Hop, Levels


def features(t_s: float) -> Features:
    return Features(
        t_s=t_s, rms_db=-20.0, levels=Levels(), onset_low=0.0, onset_mid=0.0, onset_high=0.0, brightness=0.5,
        is_silent=False,
    )  # fmt: skip


def heard(samples: np.ndarray) -> list[BeatEstimate]:
    tracker = ClickTracker()
    state, found = tracker.initial_state(), []
    for index in range(len(samples) // HOP_SAMPLES):
        block = samples[index * HOP_SAMPLES : (index + 1) * HOP_SAMPLES]
        hop = Hop(index=index, t_s=(index + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=block)
        estimate, state = tracker.step(state, hop, features(hop.t_s))
        found.append(estimate)
    return found


@pytest.mark.parametrize("bpm", [60.0, 97.3, 120.0, 180.0])
def test_beats_are_exact_from_the_second_click_on(bpm: float) -> None:
    samples, beats = click_track(bpm, 12.0)
    for estimate in heard(samples):
        if estimate.t_s > beats[-1]:
            break
        if estimate.t_s >= beats[1] + 0.03:
            true = float(np.interp(estimate.t_s, beats, np.arange(len(beats))))
            assert estimate.beat_position == pytest.approx(true, abs=0.002)
            assert estimate.confidence == 1.0
            assert estimate.next_beat_s is not None and estimate.next_beat_s > estimate.t_s
        elif estimate.t_s < beats[1]:
            assert estimate.beat_position is None and estimate.confidence == 0.0


def test_each_click_is_one_beat_and_positions_never_go_back() -> None:
    samples, beats = click_track(132.0, 10.0)
    estimates = heard(0.2 * samples)
    assert sum(e.is_beat for e in estimates) == len(beats) - 1
    positions = [e.beat_position for e in estimates if e.beat_position is not None]
    assert positions == sorted(positions)


def test_the_end_of_the_clicks_is_noticed() -> None:
    samples, _ = click_track(120.0, 4.0)
    estimates = heard(np.concatenate([samples, np.zeros(5 * HOP_RATE_HZ, np.float32)]))
    assert estimates[-1].confidence == 0.0 and estimates[-1].tempo_bpm == 0.0


def test_silence_and_hiss_are_no_clicks() -> None:
    hiss = np.random.default_rng(0).normal(0, 0.005, HOP_RATE_HZ * 2).astype(np.float32)
    assert all(e.beat_position is None for e in heard(hiss))
