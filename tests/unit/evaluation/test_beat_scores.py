"""Scores of trackers whose faults are known: each fault shows in its score, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livedance.evaluation.beat_scores import score
from livedance.evaluation.beat_suite import without_beats
from livedance.evaluation.beat_take import Cost
from livedance.messages import Section
from tests.unit.evaluation.beat_cases import NONE, follower, hop_times, steady, truth

pytest.importorskip("mir_eval")

BEATS = steady()


def test_a_perfect_tracker_scores_one_everywhere() -> None:
    found = score(follower(BEATS), truth(BEATS))
    for name in ("f", "cmlt", "amlt", "lock", "lock_any", "downbeat_f"):
        assert getattr(found, name) == pytest.approx(1.0), name
    for name in ("phase_median_ms", "phase_p95_ms", "bias_ms", "time_to_lock_s"):
        assert getattr(found, name) == pytest.approx(0.0, abs=0.1), name
    assert np.isnan(found.relock_s) and np.isnan(found.drift_ms) and np.isnan(found.drop_recall)


def test_thirty_milliseconds_late_are_seen_in_phase_and_sign() -> None:
    late, early = (score(follower(BEATS, late_s=s), truth(BEATS)) for s in (0.03, -0.03))
    assert late.bias_ms == pytest.approx(30.0, abs=1.0) and early.bias_ms == pytest.approx(-30.0, abs=1.0)
    assert late.phase_median_ms == pytest.approx(30.0, abs=1.0)
    assert late.lock == 1.0 and late.f == pytest.approx(1.0)


def test_sixty_milliseconds_late_are_no_lock_but_still_f() -> None:
    found = score(follower(BEATS, late_s=0.06), truth(BEATS))
    assert found.lock == 0.0 and found.lock_any == 0.0 and found.f == pytest.approx(1.0)
    assert found.time_to_lock_s == pytest.approx(truth(BEATS).duration_s - BEATS[0])


@pytest.mark.parametrize(("times", "offset"), [(0.5, 0.0), (0.5, 0.5), (2.0, 0.0)])
def test_half_and_double_tempo_lock_only_at_any_octave(times: float, offset: float) -> None:
    found = score(follower(BEATS, times=times, offset=offset), truth(BEATS))
    assert found.lock == 0.0 and found.lock_any == 1.0
    assert found.f == pytest.approx(2 / 3, abs=0.02)
    assert found.cmlt == 0.0 and found.amlt == pytest.approx(1.0, abs=0.02)
    assert found.bias_ms == pytest.approx(0.0, abs=0.5)


def test_the_off_beat_is_half_a_period_away() -> None:
    found = score(follower(BEATS, offset=0.5), truth(BEATS))
    assert found.f == 0.0 and found.lock_any == 0.0 and found.amlt == pytest.approx(1.0, abs=0.02)
    assert found.phase_median_ms == pytest.approx(250.0, abs=1.0)


def test_a_wrong_tempo_is_not_locked_when_it_passes_the_beat() -> None:
    wrong = follower(steady(bpm=126.0))
    assert score(wrong, truth(BEATS)).lock_any == 0.0


def test_a_lock_that_comes_late_is_a_wait() -> None:
    found = score(follower(BEATS, from_s=3.0), truth(BEATS))
    assert found.time_to_lock_s == pytest.approx(3.0, abs=0.3)
    assert found.lock == 1.0  # the first 5 s are not scored


def test_nothing_known_is_half_a_beat_off() -> None:
    found = score(follower(BEATS, from_s=100.0), truth(BEATS))
    assert found.f == 0.0 and found.lock == 0.0 and found.amlt == 0.0
    assert found.phase_median_ms == pytest.approx(250.0) and np.isnan(found.bias_ms)


def test_a_cut_starts_a_new_wait() -> None:
    old, new = steady(seconds=20.0), steady(bpm=140.0, seconds=40.0, first_s=20.2)
    beats = np.concatenate([old, new])
    blind = follower(beats)
    gone = (blind.t_s > 20.0) & (blind.t_s < 23.0)
    found = score(replace(blind, position=np.where(gone, np.nan, blind.position)), truth(beats, category="cut"))
    assert found.time_to_lock_s == pytest.approx(0.0, abs=0.01)
    assert found.relock_s == pytest.approx(2.8, abs=0.3)


def test_a_break_is_scored_at_its_last_beat_and_after_it() -> None:
    rhythm = ((0.0, 15.0), (23.0, 40.5))
    drifting = follower(BEATS)
    drift = np.where((drifting.t_s >= 15.0) & (drifting.t_s < 24.0), (drifting.t_s - 15.0) * 0.01, 0.0)
    found = score(replace(drifting, position=drifting.position - drift), truth(BEATS, rhythm=rhythm))
    assert found.drift_ms == pytest.approx(1e3 * 0.5 * 0.01 * 7.75, abs=1.0)
    assert found.after_break == 1.0
    lost = np.where((drifting.t_s >= 15.0) & (drifting.t_s < 24.0), drifting.position + 0.2, drifting.position)
    found = score(replace(drifting, position=lost), truth(BEATS, rhythm=rhythm))
    assert found.drift_ms == pytest.approx(100.0, abs=1.0)
    assert found.after_break == 0.5  # 23.25 and 23.75 are lost, 24.25 and 24.75 are not


def test_downbeats_one_beat_off_are_wrong() -> None:
    assert score(follower(BEATS, offset=1.0), truth(BEATS)).downbeat_f == 0.0


def test_drops_sections_and_phrases() -> None:
    form = ((0.0, Section.GROOVE), (10.25, Section.BREAK), (20.25, Section.DROP), (30.25, Section.GROOVE))
    known = truth(BEATS, sections=form, drops=np.array([20.25]))
    t_s = hop_times(known.duration_s)

    def with_drop(at_s: float, *, false_s: float | None = None) -> object:
        section = np.where((t_s >= at_s) & (t_s < 30.25), Section.DROP, Section.GROOVE)
        if false_s is not None:
            section = np.where((t_s >= false_s) & (t_s < false_s + 1.0), Section.DROP, section)
        take = replace(follower(BEATS), section=section.astype(np.int64), phrase_s=known.phrase_s + 0.3)
        return score(take, known)

    right, late, both = with_drop(20.3), with_drop(21.0), with_drop(20.3, false_s=12.0)
    assert right.drop_recall == 1.0 and right.false_drops == 0.0
    assert late.drop_recall == 0.0 and late.false_drops == pytest.approx(600.0 / known.duration_s)
    assert both.drop_recall == 1.0 and both.false_drops == pytest.approx(600.0 / known.duration_s)
    assert right.phrase_f == 1.0
    assert right.section == pytest.approx(1.0 - 10.0 / (known.duration_s - 5.0), abs=0.02)


def test_a_drop_that_goes_on_from_before_is_neither_right_nor_wrong() -> None:
    known = truth(BEATS, sections=((0.0, Section.DROP),))
    section = np.where(hop_times(known.duration_s) > 12.0, Section.DROP, Section.GROOVE).astype(np.int64)
    found = score(replace(follower(BEATS), section=section), known)
    assert found.false_drops == 0.0 and np.isnan(found.drop_recall)


def test_on_non_music_only_confident_beats_are_invented() -> None:
    silence = without_beats("silence", 30.0)
    sure = follower(steady(seconds=29.0))
    found = score(sure, silence)
    assert found.invented == pytest.approx(2 * len(sure.beat_s)) and found.confidence == 1.0 and np.isnan(found.f)
    modest = replace(sure, confidence=np.full(len(sure.t_s), 0.1))
    assert score(modest, silence).invented == 0.0
    assert score(replace(sure, confidence=None), silence).invented == found.invented
    mute = replace(sure, beat_s=NONE, confidence=np.zeros(len(sure.t_s)))
    assert score(mute, silence).invented == 0.0


def test_cost_is_a_share_of_the_audio() -> None:
    found = score(replace(follower(BEATS), cost=Cost(cpu_s=2.0, worst_ms=7.0)), truth(BEATS))
    assert found.cpu == pytest.approx(2.0 / truth(BEATS).duration_s) and found.worst_ms == 7.0
