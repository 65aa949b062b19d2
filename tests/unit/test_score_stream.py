"""What leaves the brain: a beat message for every beat of the clock, heard or not, at the time of the beat."""

from dataclasses import replace

import numpy as np

from livedance.beat.beat_clock import empty_estimate, empty_features
from livedance.brain import BrainStep
from livedance.broadcast import wire
from livedance.clock import TimeMap
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, ClockState, Controls, LockState
from livedance.score_stream import ScoreStream

HOP_S = HOP_SAMPLES / HOP_RATE_HZ


def beats(clock: ClockState, seconds: float, offset_s: float = 0.0) -> list[wire.Beat]:
    """Return the beat messages of a show without any estimate."""
    stream = ScoreStream(TimeMap(rigid=True), offset_s=offset_s)
    out: list[wire.Beat] = []
    for hop in range(int(seconds / HOP_S)):
        t_s = (hop + 1) * HOP_S
        step = BrainStep(
            features=empty_features(t_s),
            estimate=empty_estimate(t_s),
            clock=clock,
            clock_changed=hop == 0,
            windows=(),
            controls=Controls(),
        )
        decoded = [wire.decode(message) for message in stream.messages(step, hop, t_s)]
        out += [message for message in decoded if isinstance(message, wire.Beat)]
    return out


def test_every_beat_of_a_break_is_told_at_its_own_time():
    clock = ClockState(beat_position=0.0, beats_per_s=2.0, bar_start_beat=1.0, state=LockState.FREE_WHEEL)
    told = beats(clock, 4.2)
    assert [b.index for b in told] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [b.in_bar for b in told] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert np.allclose([b.t_s for b in told], [b.index / 2.0 for b in told])
    assert np.allclose([b.t_s for b in beats(clock, 4.2, offset_s=0.04)], [b.t_s - 0.04 for b in told])


def test_nothing_is_told_before_the_first_lock():
    assert beats(replace(ClockState(beats_per_s=2.0), state=LockState.SEARCHING), 3.0) == []
