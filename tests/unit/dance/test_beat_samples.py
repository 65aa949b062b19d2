import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance import rotations
from livedance.dance import beat_samples


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.15, 0.9), min_size=2, max_size=20))
def test_the_map_passes_its_knots_and_never_goes_back(steps):
    beats = np.arange(len(steps) + 1.0)
    seconds = np.concatenate([[0.3], 0.3 + np.cumsum(steps)])
    assert np.allclose(beat_samples.hermite(beats, seconds, beats), seconds)
    fine = beat_samples.hermite(beats, seconds, np.linspace(-1, len(steps) + 1, 500))
    assert (np.diff(fine) > 0).all()


def test_samples_lie_sixteen_to_a_beat():
    times = beat_samples.sample_times(np.array([1.0, 1.5, 2.1]))
    assert len(times) == 32
    assert np.isclose(times[0], 1.0) and np.isclose(times[16], 1.5)


def test_half_beats_are_knots_where_the_map_has_them():
    times = beat_samples.sample_times(np.array([0.0, 1.0, 2.0]), np.array([0.4, 1.6]))
    assert np.isclose(times[8], 0.4) and np.isclose(times[24], 1.6)


def test_cubic_is_exact_on_frames_and_on_lines():
    line = np.arange(10.0)[:, None] * [2.0, -1.0]
    at = np.array([0.0, 1.0, 2.25, 6.5])
    assert np.allclose(beat_samples.cubic(line, at), at[:, None] * [2.0, -1.0])
    assert np.allclose(beat_samples.cubic(line, np.array([-3.0, 99.0])), line[[0, -1]])


def test_rotations_are_unit_and_follow_an_even_turn():
    turn = rotations.from_rotvec(np.linspace(0, 4.0, 41)[:, None] * [0.0, 1.0, 0.0])[:, None]
    turn[::2] *= -1.0  # signs must not matter
    at = np.array([5.0, 10.25, 30.5])
    sampled = beat_samples.sample_rotations(turn, at)[:, 0]
    assert np.allclose(np.linalg.norm(sampled, axis=-1), 1.0)
    wanted = rotations.from_rotvec(at[:, None] * 0.1 * [0.0, 1.0, 0.0])
    assert np.allclose(np.abs(np.sum(sampled * wanted, axis=-1)), 1.0, atol=1e-6)


def test_contacts_do_not_overshoot():
    contact = np.array([[0.0], [1.0], [0.0]])
    values = beat_samples.sample_linear(contact, np.linspace(0, 2, 50))
    assert values.min() >= 0 and values.max() <= 1
    assert beat_samples.sample_linear(contact, np.array([0.5]))[0, 0] == 0.5
