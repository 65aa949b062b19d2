"""What the server keeps for newcomers, and what it lets go."""

from __future__ import annotations

import math

import pytest

from livedance.broadcast import wire
from livedance.broadcast.score_store import MAX_WINDOWS, ScoreStore
from livedance.errors import WireError
from livedance.messages import ClockState
from tests.unit.broadcast.web_samples import window


def told(beat: float) -> bytes:
    return wire.encode_clock(
        ClockState(t_s=10.0, beat_position=beat, beats_per_s=2.0, dance_ratio=0.5, dance_offset=1.0)
    )


def test_windows_are_kept_for_twelve_dance_beats_after_their_end():
    store = ScoreStore()
    store.take_clock(told(40.0))
    for plan, beat in enumerate([5.5, 6.9, 7.5, 20.0]):
        store.take_window(window(beat, plan), 10.0)
    # Dance position at 10 s is 1 + 0.5 * 40 = 21: what ended at 9 or before is gone.
    kept = [wire.decode(message).beat_start for message in store.windows(10.0)]
    assert kept == [7.5, 20.0]
    assert store.dance_position(11.0) == pytest.approx(22.0)
    assert store.beats_ahead(10.0) == pytest.approx(1.0)
    assert store.windows(13.0) and not store.windows(40.0)


def test_windows_that_are_over_go_although_nobody_joins():
    store = ScoreStore()
    for beat in range(200):
        store.take_clock(told(2.0 * beat))
        store.take_window(window(beat + 2.5, beat), 10.0)
    assert len(store._windows) <= 20


def test_before_the_first_clock_everything_is_kept_within_bounds():
    store = ScoreStore()
    message = window(1.5, 1)
    for _ in range(MAX_WINDOWS + 50):
        store.take_window(message, 0.0)
    assert len(store.windows(0.0)) == MAX_WINDOWS
    assert math.isinf(store.beats_ahead(0.0))


def test_odd_bytes_change_nothing():
    store = ScoreStore()
    store.take_clock(told(1.0))
    with pytest.raises(WireError):
        store.take_clock(told(2.0)[:-1])
    with pytest.raises(WireError):
        store.take_window(window(1.5, 1)[:-1], 10.0)
    assert store.clock == told(1.0) and store.windows(10.0) == []


def test_only_a_changed_session_clears_the_score():
    store = ScoreStore()
    store.take_window(window(1.5, 1), 0.0)
    for state, left in (({"session": "a"}, 1), ({"palette": 1}, 1), ({"session": "b"}, 1), ({"session": "c"}, 0)):
        store.set_state(state)
        assert len(store.windows(0.0)) == left, state
