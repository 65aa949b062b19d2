import numpy as np
import pytest

from livedance.dance import beat_samples
from livedance.evaluation import accents
from livedance.training import beat_map

FPS = 30.0


def dancer(stops, duration):
    """Everything moves along x and stops at the given times."""
    t = np.arange(int(duration * FPS)) / FPS
    near = np.abs(t[:, None] - np.asarray(stops)[None]).min(axis=1)
    x = np.cumsum(1.0 - 0.95 * np.exp(-0.5 * (near / 0.08) ** 2)) / FPS
    p = np.repeat(x[:, None, None], 23, axis=1) * [1.0, 0.0, 0.0]
    p[..., 1] = 0.01  # on the floor: nothing flies
    return p


def wavering(n=40, period=0.52, spread=0.06, seed=1):
    """Stops of a dancer whose tempo breathes within 12 %."""
    rng = np.random.default_rng(seed)
    steps = period * (1 + 0.12 * np.sin(np.arange(n) * 0.5)) + rng.uniform(-spread, spread, n) * 0.2
    return 0.7 + np.cumsum(steps)


def phases_of(stops, made):
    knots = beat_samples.beat_knots(made.beat_times_s, made.half_beat_times_s)
    beats = np.interp(stops, knots[1], knots[0])
    return beats[(stops > knots[1][0]) & (stops < knots[1][-1])]


def test_stops_of_a_breathing_tempo_are_pulled_onto_beats():
    stops = wavering()
    made = beat_map.find(dancer(stops, stops[-1] + 1.0), FPS, np.zeros(0))
    phase = phases_of(stops, made)
    assert np.abs(np.exp(2j * np.pi * phase).mean()) > 0.9
    even = beat_map.constant(made.native_bpm, stops[-1])
    assert np.abs(np.exp(2j * np.pi * phases_of(stops, even)).mean()) < 0.6
    assert made.confidence > 0.7


def test_time_bends_within_the_bound_and_smoothly():
    stops = np.sort(np.random.default_rng(4).uniform(0.5, 25.0, 40))
    limits = beat_map.Limits()
    made = beat_map.find(dancer(stops, 26.0), FPS, np.zeros(0), limits)
    _, seconds = beat_samples.beat_knots(made.beat_times_s, made.half_beat_times_s)
    rate = np.diff(seconds) * made.native_bpm / 30.0
    assert rate.min() >= (1 - limits.rate) * 0.98 - 1e-6 and rate.max() <= 1 + limits.rate + 1e-6
    assert np.abs(np.diff(rate)).max() <= limits.rate_step + 1e-6
    assert (np.diff(seconds) > 0).all() and seconds[-1] <= 26.0


def test_more_freedom_locks_more():
    stops = np.sort(np.random.default_rng(5).uniform(0.5, 30.0, 45))
    locked = []
    for rate in (0.05, 0.2):
        made = beat_map.find(dancer(stops, 31.0), FPS, np.zeros(0), beat_map.Limits(rate=rate))
        locked.append(made.confidence)
    assert locked[1] > locked[0]


def test_a_grid_draws_the_tempo_to_its_family():
    stops = np.arange(0.8, 30.0, 0.6)
    made = beat_map.find(dancer(stops, 31.0), FPS, np.arange(0.2, 30.0, 0.6))
    ratio = made.native_bpm / 100.0
    assert min(abs(ratio - k) for k in (2 / 3, 1.0, 1.5)) < 0.03


def test_flights_keep_clock_time():
    stops = wavering(30)
    p = dancer(stops, stops[-1] + 1.0)
    limits = beat_map.Limits()
    found = beat_map.read_accents(p, FPS, limits)
    flying = found.airborne.copy()
    flying[600:900] = 1.0
    calm = beat_map.Accents(times_s=found.times_s, pull=found.pull, airborne=flying)
    _, made = beat_map.warp(calm, 115.0, len(p) / FPS - 0.1, limits)
    beats, seconds = beat_samples.beat_knots(made.beat_times_s, made.half_beat_times_s)
    inside = np.interp([600 / 120, 900 / 120], seconds, beats)
    assert 2.5 / (np.diff(inside)[0] * 60 / made.native_bpm) == pytest.approx(1.0, abs=0.06)


def test_a_clip_without_stops_or_too_short_gets_an_even_map():
    still = np.zeros((40, 23, 3))
    made = beat_map.find(still, FPS, np.zeros(0))
    assert made.confidence == 0.0
    assert np.allclose(np.diff(made.beat_times_s), 60 / made.native_bpm)


@pytest.mark.parametrize(("bpm", "folded"), [(40.0, 80.0), (160.0, 80.0), (119.0, 119.0), (330.0, 82.5)])
def test_tempi_are_folded_into_one_octave(bpm, folded):
    assert beat_map.fold(bpm) == folded


def test_confidence_agrees_with_the_evaluation():
    stops = wavering(50, seed=7)
    p = dancer(stops, stops[-1] + 1.0)
    made = beat_map.find(p, FPS, np.zeros(0))
    found = accents.kinematic_beats(p, FPS)
    r = accents.phase_R(found, made.beat_times_s)
    assert abs(made.confidence - r) < 0.25
