"""The tracker that is told the beats: exact, causal, gone after the evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from livedance import registry
from livedance.errors import ConfigError
from livedance.evaluation.exact_tracker import exact_beats
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Hop, Levels

BEATS = np.cumsum([0.5, *np.linspace(0.5, 0.4, 40)])


def run(beats: np.ndarray, seconds: float = 15.0) -> list[BeatEstimate]:
    with exact_beats(beats) as name:
        tracker = registry.build("tracker", name)
        state, found = tracker.initial_state(), []
        for index in range(round(seconds * HOP_RATE_HZ / HOP_SAMPLES)):
            t_s = (index + 1) * HOP_SAMPLES / HOP_RATE_HZ
            features = Features(
                t_s=t_s, rms_db=-20.0, levels=Levels(), onset_low=0.0, onset_mid=0.0, onset_high=0.0, brightness=0.5,
                is_silent=False,
            )  # fmt: skip
            hop = Hop(index=index, t_s=t_s, samples=np.zeros(HOP_SAMPLES, np.float32))
            estimate, state = tracker.step(state, hop, features)
            found.append(estimate)
    return found


def test_positions_are_whole_at_the_beats_and_never_go_back() -> None:
    estimates = run(BEATS)
    positions = [e.beat_position for e in estimates if e.beat_position is not None]
    assert positions == sorted(positions)
    for e in estimates:
        if e.beat_position is not None and e.t_s < BEATS[-1]:
            assert e.beat_position == pytest.approx(np.interp(e.t_s, BEATS, np.arange(len(BEATS))), abs=0.012)
    assert sum(e.is_beat for e in estimates) == np.sum(estimates[-1].t_s > BEATS) - 1


def test_nothing_is_known_before_the_second_beat_or_long_after_the_last() -> None:
    estimates = run(BEATS, seconds=25.0)
    assert all(e.beat_position is None for e in estimates if e.t_s < BEATS[1])
    assert estimates[-1].beat_position is None


def test_a_beat_to_come_changes_nothing_now() -> None:
    other = BEATS.copy()
    other[20:] += 0.2
    for e, f in zip(run(BEATS), run(other), strict=True):
        if e.t_s < BEATS[20]:
            assert e == f


def test_it_is_gone_afterwards() -> None:
    run(BEATS, 1.0)
    with pytest.raises(ConfigError):
        registry.find("tracker", "exact")
