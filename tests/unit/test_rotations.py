"""Group axioms and conversions of quaternions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livedance import rotations as r

VECTORS = arrays(np.float64, (5, 4), elements=st.floats(-1, 1)).filter(lambda a: np.linalg.norm(a, axis=-1).min() > 0.1)
POINTS = arrays(np.float64, (5, 3), elements=st.floats(-10, 10))


def same_rotation(a, b, tolerance=1e-9):
    return np.abs(np.abs(np.sum(a * b, axis=-1)) - 1.0).max() < tolerance


@given(VECTORS, VECTORS, VECTORS)
def test_product_is_associative_and_inverse_undoes(a, b, c):
    a, b, c = r.normalise(a), r.normalise(b), r.normalise(c)
    left, right = r.multiply(r.multiply(a, b), c), r.multiply(a, r.multiply(b, c))
    assert np.allclose(left, right)
    assert np.allclose(r.multiply(a, r.conjugate(a)), r.IDENTITY)


@given(VECTORS, POINTS)
def test_rotation_keeps_length_and_agrees_with_its_matrix(q, v):
    q = r.normalise(q)
    turned = r.rotate(q, v)
    assert np.allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(v, axis=-1))
    assert np.allclose(turned, np.einsum("nij,nj->ni", r.to_matrix(q), v))


@given(VECTORS)
def test_conversions_come_back(q):
    q = r.normalise(q)
    assert same_rotation(r.from_matrix(r.to_matrix(q)), q)
    assert same_rotation(r.from_rotvec(r.to_rotvec(q)), q)


@given(VECTORS, VECTORS, st.floats(0, 1))
def test_slerp_takes_the_short_way(a, b, s):
    a, b = r.normalise(a), r.normalise(b)
    assert same_rotation(r.slerp(a, b, 0.0), a) and same_rotation(r.slerp(a, b, 1.0), b)
    whole = np.linalg.norm(r.to_rotvec(r.multiply(r.conjugate(a), b)), axis=-1)
    part = np.linalg.norm(r.to_rotvec(r.multiply(r.conjugate(a), r.slerp(a, b, s))), axis=-1)
    assert np.all(part <= whole + 1e-6)


def test_between_turns_one_direction_into_the_other_even_when_opposite():
    a = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 2.0], [1, 1, 0]])
    b = np.array([[0, 1.0, 0], [0, -1, 0], [0, 0, -3.0], [1, 1, 1e-9]])
    turned = r.rotate(r.between(a, b), a / np.linalg.norm(a, axis=-1, keepdims=True))
    assert np.allclose(turned, b / np.linalg.norm(b, axis=-1, keepdims=True), atol=1e-6)


def test_continuous_track_has_no_sign_flips():
    angles = np.linspace(0, 8 * np.pi, 200)
    q = r.about_y(angles) * np.where(np.arange(200) % 3 == 0, -1.0, 1.0)[:, None]
    track = r.continuous(q)
    assert np.sum(track[1:] * track[:-1], axis=-1).min() > 0


def test_heading_is_the_yaw_of_z():
    assert np.allclose(r.heading(r.about_y(np.array([0.0, 0.5, -1.2]))), [0.0, 0.5, -1.2])


def test_arcs_are_the_slerps_between_a_tracks_rotations():
    rng = np.random.default_rng(7)
    track = r.normalise(rng.standard_normal((6, 5, 4)))
    track[3] = -track[2]  # the same rotation with the other sign: no way at all
    track[5, 0] = track[4, 0]
    arcs = r.Arcs(track)
    for i in range(5):
        for s in (0.0, 0.25, 0.9, 1.0):
            assert np.allclose(arcs.at(i, s), r.slerp(track[i], track[i + 1], s), atol=1e-12)
