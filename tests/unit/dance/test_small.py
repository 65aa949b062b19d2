from __future__ import annotations

import numpy as np

from livedance import rotations
from livedance.dance import small

RNG = np.random.default_rng(2)


def tuples(n: int) -> tuple[tuple[float, ...], np.ndarray]:
    array = RNG.normal(size=n)
    if n == 4:
        array = rotations.normalise(array)
    return tuple(array.tolist()), array


def test_agrees_with_the_arrays() -> None:
    for _ in range(50):
        (p, pa), (q, qa), (v, va) = tuples(4), tuples(4), tuples(3)
        assert np.allclose(small.multiply(p, q), rotations.multiply(pa, qa))
        assert np.allclose(small.rotate(q, v), rotations.rotate(qa, va))
        assert np.allclose(small.to_rotvec(q), rotations.to_rotvec(qa))
        assert np.allclose(small.from_rotvec(v), rotations.from_rotvec(va))
        assert np.allclose(small.conjugate(q), rotations.conjugate(qa))
        between = rotations.to_rotvec(rotations.multiply(pa, rotations.conjugate(qa)))
        assert np.isclose(small.angle_between(p, q), np.linalg.norm(between))


def test_no_turn() -> None:
    assert small.from_rotvec(small.ZERO) == (1.0, 0.0, 0.0, 0.0)
    assert small.to_rotvec((1.0, 0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0)
