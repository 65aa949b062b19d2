"""The mended aubio: right phase, right half, quick, calm in noise and silence."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest

from livedance.beat import aubio_tracker
from livedance.beat.beat_clock import empty_features
from livedance.errors import MissingExtra
from livedance.messages import F32, BeatEstimate
from tests.unit.beat.beat_sounds import (
    beat_times,
    broken_beat,
    clicks,
    errors_ms,
    four_on_the_floor,
    hops,
    noise,
    silence,
)

pytest.importorskip("aubio")


def track(audio: F32) -> list[BeatEstimate]:
    tracker = aubio_tracker.AubioTracker()
    state, estimates = tracker.initial_state(), []
    for hop in hops(audio):
        estimate, state = tracker.step(state, hop, empty_features(hop.t_s))
        estimates.append(estimate)
    return estimates


def lock_s(estimates: list[BeatEstimate]) -> float:
    return next((e.t_s for e in estimates if e.beat_position is not None), float("inf"))


@pytest.mark.parametrize("bpm", [80.0, 100.0, 120.0, 140.0, 160.0, 180.0])
def test_clicks_are_followed_to_a_few_milliseconds(bpm: float) -> None:
    estimates = track(clicks(bpm, 12.0))
    truth = beat_times(bpm, 12.0)
    errors = errors_ms(estimates, truth, 4.0)
    assert lock_s(estimates) < 2.0
    assert len(errors) == pytest.approx(np.sum(truth > 4.0), abs=1)
    assert abs(errors.mean()) < 8.0
    assert errors.std() < 10.0
    assert estimates[-1].tempo_bpm == pytest.approx(bpm, rel=0.005)


def test_a_loud_off_beat_hat_does_not_win() -> None:
    estimates = track(four_on_the_floor(124.0, 14.0, off_hat=0.8, backbeat=False))
    errors = errors_ms(estimates, beat_times(124.0, 14.0), 4.0)
    assert (np.abs(errors) < 40.0).all()


def test_downbeat_is_counted_from_the_first_sound() -> None:
    estimates = track(four_on_the_floor(120.0, 14.0))
    ones = [e.t_s for e in estimates if e.is_downbeat and e.t_s > 4.0]
    assert len(ones) >= 4
    truth = beat_times(120.0, 14.0)[::4]
    assert all(np.abs(truth - t).min() < 0.05 for t in ones)


def test_silent_break_is_counted_through() -> None:
    audio = four_on_the_floor(124.0, 24.0)
    beats = beat_times(124.0, 24.0)
    gap = slice(int((beats[20] - 0.02) * 44_100), int((beats[36] - 0.02) * 44_100))
    audio[gap] = 0.0
    estimates = track(audio)
    assert min(e.confidence for e in estimates if beats[26] < e.t_s < beats[35]) == 0.0
    errors = errors_ms(estimates, beats, beats[36] - 0.1)
    assert (np.abs(errors[:4]) < 40.0).all()


def test_another_tempo_after_a_cut_is_found() -> None:
    audio = np.concatenate([four_on_the_floor(124.0, 10.0), four_on_the_floor(136.0, 10.0)])
    estimates = track(audio)
    at = [e for e in estimates if e.t_s > 15.0]
    assert all(e.tempo_bpm == pytest.approx(136.0, rel=0.02) for e in at)


@pytest.mark.parametrize(("bpm", "silent_s"), [(80.0, 1.0), (120.0, 1.0), (120.0, 5.777)])
def test_silence_before_the_clicks_leaves_no_trace(bpm: float, silent_s: float) -> None:
    estimates = track(np.concatenate([silence(silent_s), clicks(bpm, 10.0)]))
    errors = errors_ms(estimates, beat_times(bpm, 10.0) + silent_s, silent_s + 4.0)
    assert (np.abs(errors) < 30.0).all()
    assert estimates[-1].tempo_bpm == pytest.approx(bpm, rel=0.005)


@pytest.mark.parametrize("silent_s", [0.0, 2.22, 5.18, 5.777])
def test_drum_and_bass_is_found_after_any_silence(silent_s: float) -> None:
    estimates = track(np.concatenate([silence(silent_s), broken_beat(174.0, 17.0, drums_after_s=8.0)]))
    errors = errors_ms(estimates, beat_times(174.0, 17.0) + silent_s, silent_s + 12.0)
    assert (np.abs(errors) < 40.0).all()


def test_music_over_a_noise_floor_is_a_beginning() -> None:
    floor_s, seconds = 5.0, 10.0
    music = np.concatenate([silence(floor_s), four_on_the_floor(124.0, seconds)])
    estimates = track(music + noise(floor_s + seconds, level=0.003))
    errors = errors_ms(estimates, beat_times(124.0, seconds) + floor_s, floor_s + 4.0)
    assert (np.abs(errors) < 40.0).all()


def test_noise_gives_no_confidence() -> None:
    assert max(e.confidence for e in track(noise(10.0))) < 0.3


def test_digital_silence_is_never_locked_to() -> None:
    estimates = track(np.zeros(44_100 * 3, np.float32))
    assert all(e.beat_position is None and e.next_beat_s is None for e in estimates)


def test_quiet_music_is_heard() -> None:
    estimates = track(four_on_the_floor(124.0, 8.0) * np.float32(0.01))
    assert lock_s(estimates) < 3.0


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aubio", None)
    with pytest.raises(MissingExtra, match=r"livedance\[aubio\]"):
        importlib.import_module("livedance.beat.aubio_tracker").AubioTracker()
