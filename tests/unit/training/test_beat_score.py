import numpy as np
import pytest

from livedance.beat.activation import BEAT, DOWNBEAT, LATENCY_HOPS, N_OUTPUTS, RHYTHM
from livedance.training import beat_score
from livedance.training.beat_frames import HOP_S
from tests.unit.training.beat_clip import clip


def test_perfect_answers_score_one_and_have_no_bias():
    clips = [clip("a"), clip("bb", bpm=90, category="ramp")]
    table = beat_score.score(clips, [c.target.astype(np.float32) for c in clips])
    assert set(table) == {"all", "steady", "ramp"}
    for row in table.values():
        assert row["beat"] == pytest.approx(1.0)
        assert row["downbeat"] == pytest.approx(1.0)
        assert row["section"] == 1.0
    assert abs(table["all"]["bias_ms"]) < 2.0


def test_answers_that_are_late_score_less_and_show_their_bias():
    one = clip("a")
    late = np.roll(one.target.astype(np.float32), 2, axis=0)
    assert beat_score.score([one], [late])["all"]["bias_ms"] == pytest.approx(2e3 * HOP_S, abs=1.0)
    too_late = np.roll(one.target.astype(np.float32), 5, axis=0)
    assert beat_score.score([one], [too_late])["all"]["beat"] < 0.1


def test_calling_every_beat_a_downbeat_is_half_wrong():
    one = clip("a")
    answer = one.target.astype(np.float32)
    answer[:, DOWNBEAT] = answer[:, BEAT]
    assert beat_score.score([one], [answer])["all"]["downbeat"] == pytest.approx(0.4, abs=0.05)


def test_rhythm_is_judged_by_order_alone():
    one = clip("a")
    truth = one.truth
    half = np.zeros((len(one.levels), N_OUTPUTS), np.float32)
    moment_s = (np.arange(len(half)) + 0.5 - LATENCY_HOPS) * HOP_S
    half[:, RHYTHM] = np.where(moment_s >= truth.rhythm[0][0], 0.2, 0.1)
    assert beat_score.score([one], [half])["all"]["rhythm_auc"] == pytest.approx(1.0, abs=0.02)
    assert beat_score.score([one], [-half])["all"]["rhythm_auc"] == pytest.approx(0.0, abs=0.02)


def test_peaks_lie_between_hops_where_the_neighbours_say_so():
    activation = np.zeros(100, np.float32)
    activation[[49, 50, 51]] = [0.4, 0.8, 0.6]
    (found,) = beat_score.peaks(activation, 0.3)
    assert 50.0 < found / HOP_S + LATENCY_HOPS - 0.5 < 50.5
    assert len(beat_score.peaks(activation, 0.9)) == 0


def test_a_moment_is_matched_once():
    found, true = np.array([1.0, 1.02, 3.0]), np.array([1.01, 2.0, 3.03])
    assert beat_score.matched(found, true, 0.04) == [(0, 0), (2, 2)]
