import numpy as np
import pytest

from livedance import rotations
from livedance.dance import motion_codec as codec


def test_rotations_come_back_within_a_hundredth_of_a_degree():
    rng = np.random.default_rng(1)
    q = np.zeros((200, 23, 4))
    q[..., 0] = 1.0
    q[:, codec.STORED_JOINTS] = rotations.normalise(rng.normal(size=(200, len(codec.STORED_JOINTS), 4)))
    back = codec.decode_rotations(*codec.encode_rotations(q)).astype(np.float64)
    assert np.allclose(np.linalg.norm(back, axis=-1), 1.0, atol=1e-6)
    turn = rotations.to_rotvec(rotations.multiply(rotations.conjugate(q), rotations.normalise(back)))
    assert np.degrees(np.linalg.norm(turn, axis=-1)).max() < 0.015


def test_leaves_are_identity_whatever_was_given():
    q = rotations.normalise(np.random.default_rng(2).normal(size=(5, 23, 4)))
    back = codec.decode_rotations(*codec.encode_rotations(q))
    leaves = [j for j in range(23) if j not in codec.STORED_JOINTS]
    assert (back[:, leaves] == [1, 0, 0, 0]).all()


def test_root_comes_back_within_a_tenth_of_a_millimetre_over_jumps():
    path = np.random.default_rng(3).uniform(-40, 40, size=(300, 3))
    assert np.abs(codec.decode_root(codec.encode_root(path)) - path).max() < 1e-4


def test_a_step_too_large_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        codec.encode_root(np.array([[0.0, 0.0, 0.0], [900.0, 0.0, 0.0]]))
