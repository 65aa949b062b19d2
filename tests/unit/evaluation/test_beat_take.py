"""When a beat counts as known, and what the phase is between announcements."""

from __future__ import annotations

import numpy as np
import pytest

from livedance.evaluation.beat_take import Announcement, from_announcements, heard_beats


def test_a_beat_counts_when_it_is_claimed_and_announced() -> None:
    told = [Announcement(claimed_s=1.0, announced_s=1.08), Announcement(claimed_s=1.6, announced_s=1.5)]
    assert from_announcements("x", told).beat_s == pytest.approx([1.08, 1.6])


def test_phase_goes_on_from_the_claimed_time_at_the_told_tempo() -> None:
    take = from_announcements("x", [Announcement(claimed_s=1.0, announced_s=1.1, tempo_bpm=120.0)])
    position, rate = take.position_at(np.array([1.05, 1.1, 1.5]))
    assert np.isnan(position[0])  # not yet announced
    assert position[1:] == pytest.approx([0.2, 1.0]) and rate[2] == pytest.approx(2.0)


def test_without_a_tempo_the_intervals_tell_it() -> None:
    told = [Announcement(claimed_s=t, announced_s=t) for t in (1.0, 1.5, 2.0, 2.6)]
    take = from_announcements("x", told)
    assert np.isnan(take.beats_per_s[0]) and take.beats_per_s[1:] == pytest.approx([2.0, 2.0, 2.0])


def test_bars_are_known_only_to_those_who_tell_them() -> None:
    plain = [Announcement(claimed_s=t, announced_s=t) for t in (1.0, 1.5)]
    assert from_announcements("x", plain).downbeat_s is None
    told = [Announcement(claimed_s=t, announced_s=t, is_downbeat=t == 1.5) for t in (1.0, 1.5)]
    assert from_announcements("x", told).downbeat_s == pytest.approx([1.5])


def test_no_announcement_is_a_take_that_knows_nothing() -> None:
    position, _ = from_announcements("x", []).position_at(np.array([1.0]))
    assert np.isnan(position).all()


def test_a_forecast_counts_if_it_held() -> None:
    t_s = np.array([1.0, 1.01, 1.02, 1.03])
    forecast = np.array([1.005, 1.5, 1.5, 1.2])
    is_beat = np.array([False, True, False, True])
    # the first beat came as forecast, the second was not forecast for its hop: it counts when it was seen
    assert heard_beats(t_s, is_beat, forecast) == pytest.approx([1.005, 1.03])
    assert heard_beats(t_s, np.array([True, False, False, False]), forecast) == pytest.approx([1.0])
