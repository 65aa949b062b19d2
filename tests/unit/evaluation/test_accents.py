import numpy as np
import pytest

from livedance.evaluation import accents


def dancer(stops, fps, duration=12.0):
    """All joints move along x and stop (speed near 0) at the given times only."""
    t = np.arange(int(duration * fps)) / fps
    near = np.abs(t[:, None] - np.asarray(stops)[None]).min(axis=1)
    speed = 1.0 - np.exp(-0.5 * (near / 0.08) ** 2)
    x = (np.cumsum(speed) - 0.5 * speed) / fps
    return np.repeat(x[:, None, None], 23, axis=1) * [1.0, 0.0, 0.0]


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_stops_are_found_where_they_are_at_any_frame_rate(fps):
    stops = np.array([1.0, 1.83, 2.5, 3.71, 5.0, 6.2, 7.77, 9.0, 10.4])
    found = accents.kinematic_beats(dancer(stops, fps), fps)
    assert len(found) == len(stops)
    assert np.abs(found - stops).max() < 0.025


def test_stops_closer_than_the_gap_count_once():
    found = accents.kinematic_beats(dancer([3.0, 3.1, 6.0], 60.0), 60.0, smooth_s=0.0)
    assert len(found) == 2


def test_a_clip_too_short_has_no_beats():
    assert len(accents.kinematic_beats(np.zeros((5, 23, 3)), 30.0)) == 0


def test_alignment_follows_the_formula():
    music = np.arange(0.0, 20.0, 0.5)
    assert accents.beat_alignment(music[3:9], music) == pytest.approx(1.0)
    assert accents.beat_alignment(music[3:9] + 0.05, music) == pytest.approx(np.exp(-0.5))
    assert accents.beat_alignment(music[3:9] + 0.05, music, sigma_s=0.1) == pytest.approx(np.exp(-0.125))
    assert accents.beat_alignment(np.zeros(0), music) == 0.0
    assert accents.beat_alignment(np.array([1.2]), np.array([1.2])) == 1.0


def test_alignment_has_two_directions():
    music, motion = np.arange(0.0, 20.0, 0.5), np.arange(0.0, 20.0, 1.0)
    assert accents.beat_alignment(motion, music) == pytest.approx(1.0)
    assert accents.beat_alignment(music, motion) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("bpm", [80, 120, 180])
def test_chance_is_that_of_thrown_beats(bpm):
    period, duration = 60 / bpm, 60.0
    music = np.arange(0.0, duration, period)
    motion = np.sort(np.random.default_rng(0).uniform(0, duration, 60))
    forth, _ = accents.chance_by_rotation(motion, music, duration, n_rotations=300)
    assert forth == pytest.approx(np.sqrt(2 * np.pi) * 0.05 / period, abs=0.03)


def test_chance_repeats_for_a_seed():
    music, motion = np.arange(0.0, 30.0, 0.5), np.arange(0.2, 30.0, 0.7)
    first = accents.chance_by_rotation(motion, music, 30.0, n_rotations=50, seed=3)
    assert first == accents.chance_by_rotation(motion, music, 30.0, n_rotations=50, seed=3)
    assert first != accents.chance_by_rotation(motion, music, 30.0, n_rotations=50, seed=4)


def test_lift_puts_chance_at_zero():
    assert accents.lift(0.25, 0.25) == 0.0
    assert accents.lift(1.0, 0.25) == 1.0
    assert accents.lift(0.1, 0.25) < 0


def test_r_tells_locked_from_drifting():
    music = np.arange(0.0, 60.0, 0.5)
    assert accents.phase_R(music[2:80] + 0.12, music) == pytest.approx(1.0, abs=1e-6)
    drifting = np.arange(1.0, 58.0, 0.515)
    assert accents.phase_R(drifting, music) < 0.1
    halves = np.sort(np.concatenate([music[2:80], music[2:80] + 0.25]))
    assert accents.phase_R(halves, music) < 0.01


def test_offset_is_positive_when_late():
    music = np.arange(0.0, 60.0, 0.5)
    assert accents.mean_offset_s(music[2:80] + 0.03, music) == pytest.approx(0.03, abs=1e-6)
    assert accents.mean_offset_s(music[2:80] - 0.04, music) == pytest.approx(-0.04, abs=1e-6)


def test_phases_follow_a_changing_tempo():
    music = np.cumsum(np.linspace(0.6, 0.4, 60))
    middle = 0.5 * (music[5:20] + music[6:21])
    assert np.allclose(accents.phases(middle, music) % 1.0, 0.5)


def test_align_puts_it_together():
    music = np.arange(0.0, 40.0, 0.5)
    scores = accents.align(music[4:70:2] + 0.01, music, 40.0, n_rotations=200)
    assert scores.motion_beats == 33
    assert scores.bas_lift > 0.9 and scores.phase_r > 0.99
    assert scores.offset_s == pytest.approx(0.01, abs=1e-6)
    assert scores.recall_lift < scores.bas_lift
