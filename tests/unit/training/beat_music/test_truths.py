import numpy as np
import pytest

from livedance.messages import Section
from livedance.training.beat_music import truths
from livedance.training.beat_music.piece import truth_of
from tests.unit.training.beat_music.tiny_sounds import piece


def _truth():
    """8 bars at 120: 16 s, break from 8 to 12 s, drop at 12 s."""
    return truth_of(piece())


def test_a_window_counts_from_its_start():
    part = truths.window(_truth(), 7.0, 13.0)
    assert part.duration_s == pytest.approx(6.0)
    assert part.beat_s[0] == pytest.approx(0.0)
    assert len(part.beat_s) == 12
    np.testing.assert_allclose(part.downbeat_s, [1.0, 3.0, 5.0])
    assert part.rhythm == ((0.0, 1.0), (5.0, 6.0))
    assert part.sections == ((0.0, Section.GROOVE), (1.0, Section.BREAK), (5.0, Section.DROP))
    np.testing.assert_allclose(part.drop_s, [5.0])


def test_a_beat_a_hair_before_a_rounded_start_belongs_to_the_window():
    part = truths.window(_truth(), 4.00002, 8.0)
    assert part.beat_s[0] == 0.0
    assert part.downbeat_s[0] == 0.0


def test_a_splice_takes_each_side_once():
    first, second = _truth(), truths.shifted(truth_of(piece(bpm=100.0)), 6.0)
    both = truths.spliced(first, second, 6.0, "mix")
    assert np.all(np.diff(both.beat_s) > 0.4)
    assert both.beat_s[11] == pytest.approx(5.5)
    assert both.beat_s[12] == pytest.approx(6.0)
    assert both.beat_s[13] == pytest.approx(6.6)
    assert both.duration_s == second.duration_s
    assert both.category == "mix"
    assert both.rhythm[0] == pytest.approx((0.0, 6.0 + 9.6))


def test_bending_time_moves_everything():
    bent = truths.warped(_truth(), lambda t: 2 * t, 32.0)
    np.testing.assert_allclose(np.diff(bent.beat_s), 1.0)
    assert bent.rhythm == ((0.0, 16.0), (24.0, 32.0))
    assert bent.sections[1] == (16.0, Section.BREAK)
    np.testing.assert_allclose(bent.drop_s, [24.0])


def test_silence_takes_the_pulse_and_leaves_the_beats():
    quiet = truths.silenced(_truth(), 2.0, 4.0)
    assert quiet.rhythm == ((0.0, 2.0), (4.0, 8.0), (12.0, 16.0))
    assert len(quiet.beat_s) == len(_truth().beat_s)


def test_a_file_keeps_the_truth_to_the_microsecond():
    truth = truths.shifted(_truth(), 1 / 3)
    again = truths.load(truths.dump(truth))
    np.testing.assert_allclose(again.beat_s, truth.beat_s, atol=1e-6)
    assert again.sections[1][1] is Section.BREAK
    assert again.genre == "house"
    assert truths.dump(again) == truths.dump(truth)


def test_what_has_no_beat():
    truth = truths.without_beat(5.0, "silence")
    assert len(truth.beat_s) == len(truth.rhythm) == 0
    assert truths.load(truths.dump(truth)).duration_s == 5.0
