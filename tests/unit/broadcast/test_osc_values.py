"""What the numbers sent over OSC mean."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.broadcast.osc_values import (
    CONF_SLOT,
    DANCER_VALUES,
    JOINT_VALUES,
    PICTURE_SLOT,
    SHOW,
    SHOW_SLOT,
    BeatHit,
    OscStats,
    ShowValues,
    dancer_slot,
)
from livedance.messages import ClockState, Levels, LockState
from tests.unit.broadcast.osc_samples import clock, frame, pose


def show(values: np.ndarray, path: str) -> float:
    return float(values[SHOW_SLOT[path]])


def filled(t_s: float, at: ClockState, now_s: float = 0.0, n_dancers: int = 1) -> np.ndarray:
    return ShowValues(n_dancers).fill(frame(pose(t_s=t_s), clock=at, levels=Levels(rms=0.5), t_s=now_s, index=7))


def test_beat_and_bar_are_for_the_time_of_the_pose_and_time_is_for_now() -> None:
    values = filled(1.3, clock(bar_start_beat=0.0, bar_index=0), now_s=1.0)
    assert show(values, "time") == 1.0
    assert show(values, "beat/count") == 2
    assert show(values, "beat/phase") == pytest.approx(0.6)
    assert show(values, "bar/phase") == pytest.approx(2.6 / 4)
    assert show(values, "beat/next_ms") == pytest.approx(200.0)
    assert show(values, "bpm") == pytest.approx(120.0)


def test_beats_in_the_bar_count_from_one_and_bars_go_on_past_the_clock_state() -> None:
    at = clock(beat_position=8.0, bar_start_beat=8.0, bar_index=2, phrase_bar=7)
    in_bar = [show(filled(beat / 2 + 0.1, at), "beat/inbar") for beat in range(6)]
    assert in_bar == [1, 2, 3, 4, 1, 2]
    later = filled(2.1, at)
    assert show(later, "bar/count") == 3
    assert show(later, "phrase/bar") == 0


def test_the_pulse_falls_from_one_to_zero() -> None:
    pulses = [show(filled(t, clock()), "beat/pulse") for t in (0.5, 0.6, 0.75, 0.999)]
    assert pulses[0] == pytest.approx(1.0)
    assert pulses == sorted(pulses, reverse=True)
    assert pulses[-1] < 0.001


def test_quaternions_leave_as_xyzw() -> None:
    values = filled(0.0, clock())
    root = values[dancer_slot(0) + JOINT_VALUES :][:7]
    assert root == pytest.approx([0.0, root[1], 0.0, 0.0, np.sin(0.3), 0.0, np.cos(0.3)])


def test_a_missing_dancer_keeps_the_pose_with_confidence_zero_and_a_surplus_one_is_left_out() -> None:
    values = ShowValues(2)
    both = values.fill(frame(pose(2))).copy()
    one = values.fill(frame(pose(1, shift_m=5.0), index=1)).copy()
    second = slice(dancer_slot(1), dancer_slot(1) + CONF_SLOT)
    assert np.array_equal(both[second], one[second])
    first_conf, second_conf = dancer_slot(0) + CONF_SLOT, dancer_slot(1) + CONF_SLOT
    assert (both[second_conf], one[second_conf], one[first_conf]) == (1.0, 0.0, 1.0)
    assert len(values.fill(frame(pose(5), index=2))) == len(SHOW) + 2 * DANCER_VALUES
    assert show(one, "dancer/count") == 2


def test_joints_in_the_picture_keep_their_place_when_the_dancer_leaves_but_are_not_seen() -> None:
    values = ShowValues(1)
    picture = np.arange(69.0).reshape(1, 23, 3)
    there = values.fill(frame(pose(), picture=picture))[dancer_slot(0) + PICTURE_SLOT :]
    assert np.array_equal(there.reshape(23, 3), picture[0])
    gone = values.fill(frame(pose(0), index=1, picture=picture[:0]))[dancer_slot(0) + PICTURE_SLOT :]
    assert np.array_equal(gone.reshape(23, 3)[:, :2], picture[0, :, :2])
    assert (gone.reshape(23, 3)[:, 2] == 0.0).all()


def test_numbers_that_are_not_finite_never_leave() -> None:
    values = ShowValues(1)
    good = values.fill(frame(pose(), levels=Levels(rms=0.25))).copy()
    nan, inf = float("nan"), float("inf")
    bad = values.fill(frame(pose(shift_m=nan), levels=Levels(rms=nan), index=1, stats=OscStats(fps=inf)))
    assert np.isfinite(bad).all()
    assert show(bad, "audio/rms") == 0.25
    assert np.array_equal(bad[dancer_slot(0) :], good[dancer_slot(0) :])


def test_a_hit_comes_once_per_beat_and_names_the_beat_in_the_bar() -> None:
    hit, at = BeatHit(), clock(bar_start_beat=0.0)
    hits = [(frame, hit.step(at, frame / 60)) for frame in range(60 * 3)]
    assert [beat for _, beat in hits if beat] == [2, 3, 4, 1, 2]
    assert [frame for frame, beat in hits if beat] == [30, 60, 90, 120, 150]


def test_a_hit_can_lead() -> None:
    hit, at = BeatHit(lead_ms=100.0), clock()
    times = [frame / 100 for frame in range(200) if hit.step(at, frame / 100)]
    assert times == pytest.approx([0.4, 0.9, 1.4, 1.9], abs=0.0101)


def test_a_jump_of_the_clock_gives_one_hit_and_a_search_none() -> None:
    hit = BeatHit()
    hit.step(clock(beat_position=4.2), 0.0)
    assert hit.step(clock(beat_position=7.1, epoch=1), 0.0) == 4
    assert hit.step(clock(beat_position=7.4, epoch=1), 0.0) is None
    assert hit.step(clock(beat_position=9.0, state=LockState.SEARCHING), 0.0) is None
