"""Records: checked once, read-only, a clock that can be inverted."""

import numpy as np
import pytest

from livedance import messages as m
from livedance import skeleton


def window(n=32, **changes):
    root, rot = skeleton.rest_pose()
    fields = {
        "beat_start": 0.5,
        "root_position_m": np.repeat(root[None], n, 0),
        "joint_rotations_wxyz": np.repeat(rot[None], n, 0),
        "foot_contact": np.ones((n, 4)),
        "hands": np.zeros((n, 2), np.uint8),
        "plan": 0,
    }
    return m.MotionWindow(**(fields | changes))


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="foot_contact has shape"):
        window(foot_contact=np.ones((31, 4)))


def test_arrays_are_read_only_and_the_senders_stay_writeable():
    root = np.zeros((32, 3))
    made = window(root_position_m=root)
    with pytest.raises(ValueError, match="read-only"):
        made.root_position_m[0] = 1
    root[0] = 1.0
    assert made.root_position_m[0, 0] == 0.0


def test_window_is_half_open():
    assert window().beat_end == 2.5


def test_clock_and_its_inverse():
    clock = m.ClockState(t_s=10.0, beat_position=4.0, beats_per_s=2.5, dance_ratio=0.5, dance_offset=3.0)
    assert clock.position_at(12.0) == 9.0
    assert clock.time_at(clock.position_at(11.3)) == pytest.approx(11.3)
    assert clock.time_of_dance(clock.dance_at(17.0)) == pytest.approx(17.0)
    assert clock.tempo_bpm == 150.0
