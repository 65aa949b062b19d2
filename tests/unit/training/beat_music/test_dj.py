import numpy as np
import pytest

from livedance.messages import Section
from livedance.training.beat_music import dj, truths
from livedance.training.beat_music.piece import truth_of
from tests.unit.training.beat_music.tiny_sounds import RATE, click_places, clicks, piece


def _clip(bpm=120.0, bars=8):
    truth = truth_of(piece(bpm=bpm, bars=bars))
    return clicks(truth), truth


@pytest.mark.parametrize("widest", [0.04, 0.16])
def test_beats_are_where_the_fader_has_put_them(widest):
    speeds = 1 + widest * np.sin(np.arange(0, 12.05, 0.05))
    audio, truth = dj.ridden(_clip(bars=10), speeds, 0.05)
    np.testing.assert_allclose(click_places(audio), truth.beat_s, atol=1.5 / RATE)
    assert truth.duration_s == pytest.approx(len(audio) / RATE)
    assert truth.category == "ramp"
    intervals = np.diff(truth.beat_s)
    assert intervals.min() < 0.5 / (1 + 0.7 * widest)
    assert intervals.max() > 0.5 / (1 - 0.7 * widest)


def test_a_matched_mix_has_one_grid_and_the_bars_fall_together():
    rng = np.random.default_rng(0)
    first, second = _clip(bars=16), _clip(bars=16)
    at_s = float(first[1].downbeat_s[3])
    audio, truth = dj.matched(first, second, at_s, 8.0, rng)
    np.testing.assert_allclose(np.diff(truth.beat_s), 0.5, atol=1e-4)
    np.testing.assert_allclose(np.diff(truth.downbeat_s), 2.0, atol=1e-4)
    places = click_places(audio, 0.2)
    off = np.abs(places[:, None] - truth.beat_s[None, :]).min(axis=1)
    assert off.max() < 2 / RATE
    assert len(audio) == round((at_s + 32.0) * RATE)


def test_the_pulse_of_a_matched_mix_is_that_of_either_track():
    first, second = _clip(bars=16), _clip(bars=16)
    _, truth = dj.matched(first, second, 14.0, 4.0, np.random.default_rng(1))
    # first rests from 16 to 24 s; second has come in by 15 s and rests from 30 to 38 s.
    np.testing.assert_allclose(truth.rhythm, [(0.0, 30.0), (38.0, 46.0)])


def test_a_clash_changes_over_where_both_are_as_loud():
    first, second = _clip(bpm=120.0, bars=16), _clip(bpm=100.0, bars=16)
    quiet = (second[0] * np.float32(0.2), second[1])
    _, even = dj.clashing(first, second, 4.0, 4.0)
    _, late = dj.clashing(first, quiet, 4.0, 4.0)
    change = [t.beat_s[np.argmax(np.diff(t.beat_s) > 0.55)] for t in (even, late)]
    assert 5.4 < change[0] < 6.6
    assert change[1] > change[0] + 0.5


def test_a_cut_is_as_hard_as_it_sounds():
    audio, truth = dj.cut(_clip(), _clip(bpm=100.0), 3.3, gap_s=0.25)
    np.testing.assert_allclose(click_places(audio), truth.beat_s, atol=1.5 / RATE)
    assert truth.beat_s[6] == pytest.approx(3.0)
    assert truth.beat_s[7] == pytest.approx(3.55)
    assert truth.category == "cut"


def test_a_backspin_has_no_beat():
    audio, truth = dj.spun_back(_clip(), _clip(bpm=100.0), 4.0, 1.0, np.random.default_rng(0))
    assert not np.any((truth.beat_s >= 4.0) & (truth.beat_s < 4.999))
    assert not truths.within(truth.rhythm, 4.01, 4.99)
    assert np.abs(audio[round(4.1 * RATE) : round(4.9 * RATE)]).max() > 0.05


def test_echoes_go_on_in_time_and_fade():
    audio, truth = dj.echoed_out(_clip(), _clip(bpm=100.0), 4.0, 0.5, 3)
    np.testing.assert_allclose(truth.beat_s[7:13], [3.5, 4.0, 4.5, 5.0, 5.5, 6.1], atol=1e-6)
    peaks = [np.abs(audio[round(t * RATE) : round(t * RATE) + 500]).max() for t in (3.5, 4.0, 4.5, 5.0)]
    assert peaks[0] > peaks[1] > peaks[2] > peaks[3] > 0


def test_a_break_by_hand_is_silent_and_ends_with_a_drop():
    audio, truth = dj.broken(_clip(bars=16), 4.0, 12.0, None, muted=True)
    assert np.abs(audio[round(4.1 * RATE) : 12 * RATE]).max() == 0.0
    assert audio[12 * RATE] == 1.0
    assert truth.rhythm[:2] == ((0.0, 4.0), (12.0, 16.0))
    assert len(truth.beat_s) == 64
    assert (4.0, Section.BREAK) in truth.sections
    assert 12.0 in truth.drop_s


def test_a_low_passed_break_keeps_its_pulse():
    audio, truth = dj.broken(_clip(bars=16), 4.0, 8.0, None, muted=False, cutoff_hz=200.0)
    assert 0 < np.abs(audio[round(5.0 * RATE) : 8 * RATE - 1]).max() < 0.2
    assert truth.rhythm == _clip(bars=16)[1].rhythm


def test_something_may_be_heard_under_a_break():
    floor = np.full(5 * RATE, 0.2, np.float32)
    audio, _ = dj.broken(_clip(bars=16), 4.0, 8.0, floor, muted=True)
    assert audio[6 * RATE + 100] == pytest.approx(0.2)
