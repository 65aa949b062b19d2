from __future__ import annotations

from typing import Any

import numpy as np

from livedance import skeleton
from livedance.dance.probe import Probe
from livedance.messages import SAMPLES_PER_BEAT, Origin
from tests.unit.dance.dancing import Dance, committed


def speeds(**changes: Any) -> np.ndarray:
    """Return the summed joint speed of 16 beats, centred on each sample."""
    windows = Dance(Probe()).roll(18, **changes)
    assert {window.origin for window in windows} == {Origin.PROBE}
    joints = skeleton.forward_kinematics(*committed(windows))
    speed: np.ndarray = np.linalg.norm(joints[2:] - joints[:-2], axis=-1).sum(axis=1)
    return speed[7 : 7 + 16 * SAMPLES_PER_BEAT]


def test_one_sharp_stop_exactly_on_every_beat() -> None:
    speed = speeds().reshape(-1, SAMPLES_PER_BEAT)
    assert (speed.argmin(axis=1) == 0).all()
    assert (speed[:, 0] < 0.1 * speed[:, 8]).all()
    rises, falls = np.diff(speed[:, :9], axis=1), np.diff(speed[:, 8:], axis=1)
    assert (rises > 0).all()
    assert (falls < 0).all()


def test_it_is_the_same_in_silence_and_at_any_energy() -> None:
    assert np.array_equal(speeds(), speeds(is_silent=True, energy=0.0, groove=1.0))


def test_the_feet_stay() -> None:
    (window,) = Dance(Probe()).roll(1)
    joints = skeleton.forward_kinematics(window.root_position_m, window.joint_rotations_wxyz)
    assert np.ptp(joints[:, list(skeleton.CONTACT_JOINTS)], axis=0).max() < 1e-9
