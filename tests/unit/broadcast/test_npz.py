"""The archive has exactly the keys, shapes and types of the contract, or is not there."""

import numpy as np
import pytest

from livedance.broadcast.npz import write_npz
from livedance.dance.player import ScorePlayer
from livedance.errors import FileError
from livedance.evaluation.golden import LOCKED, window
from livedance.messages import Arrangement, ShownDancer
from livedance.skeleton import JOINT_NAMES, PARENTS


def frames(n=30):
    player = ScorePlayer()
    for k in range(4):
        player.add(window(0.5 + k, k))
    player.set_clock(LOCKED)
    player.set_arrangement(Arrangement(beat=1.0, dancers=(ShownDancer(id=0), ShownDancer(id=1, x_m=1.0))))
    return [player.pose_at(k / 20) for k in range(n)]


def test_keys_shapes_and_types(tmp_path):
    poses = frames()
    write_npz(tmp_path / "a.npz", ((p, 120.0) for p in poses), fps=20, seed=7)
    found = np.load(tmp_path / "a.npz")
    shapes = {name: (found[name].shape, found[name].dtype.str[1:]) for name in found.files}
    assert shapes == {
        "t_s": ((30,), "f8"),
        "beat_position": ((30,), "f8"),
        "dance_position": ((30,), "f8"),
        "tempo_bpm": ((30,), "f8"),
        "joint_positions_m": ((30, 2, 23, 3), "f4"),
        "joint_rotations_wxyz": ((30, 2, 23, 4), "f4"),
        "root_position_m": ((30, 2, 3), "f4"),
        "origin": ((30, 2), "u1"),
        "joint_names": ((23,), "U10"),
        "parents": ((23,), "i4"),
        "fps": ((), "f8"),
        "seed": ((), "i8"),
    }
    assert found["joint_names"].tolist() == list(JOINT_NAMES)
    assert found["parents"].tolist() == list(PARENTS)
    assert (float(found["fps"]), int(found["seed"])) == (20.0, 7)
    assert np.allclose(found["t_s"], np.arange(30) / 20)
    assert np.allclose(found["joint_positions_m"][20, 1], poses[20].joint_positions_m[1], atol=1e-6)


def test_a_dancer_that_is_not_there_yet_is_nan(tmp_path):
    write_npz(tmp_path / "a.npz", ((p, 120.0) for p in frames()), fps=20, seed=0)
    found = np.load(tmp_path / "a.npz")
    assert found["origin"][9].tolist() == [1, 255]
    assert np.isnan(found["joint_positions_m"][9, 1]).all()
    assert np.isfinite(found["joint_positions_m"][10:]).all()


def test_nothing_is_left_when_the_work_breaks_off(tmp_path):
    def broken():
        yield frames(1)[0], 120.0
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_npz(tmp_path / "a.npz", broken(), fps=20, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_named_before_the_work_begins(tmp_path):
    def never():
        raise AssertionError
        yield

    with pytest.raises(FileError, match="cannot write"):
        write_npz(tmp_path / "none" / "a.npz", never(), fps=20, seed=0)
