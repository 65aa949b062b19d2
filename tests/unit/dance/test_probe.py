from __future__ import annotations

from typing import Any

import numpy as np

from livedance import skeleton
from livedance.dance.generator import WindowRequest
from livedance.dance.probe import Probe
from livedance.messages import SAMPLES_PER_BEAT, Origin, Section


def a_request(beat_start: float, plan: int, **changes: Any) -> WindowRequest:
    wishes: dict[str, Any] = {
        "beat_start": beat_start, "dancer": 0, "plan": plan, "seed": 1, "dance_bpm": 120.0, "bar_beat": 0.0,
        "phrase_bar": 0, "energy": 0.5, "brightness": 0.5, "confidence": 1.0, "section": Section.GROOVE, "build": 0.0,
        "is_silent": False, "heard": True, "style": "auto", "groove": 0.35,
    }  # fmt: skip
    return WindowRequest(**{**wishes, **changes})


def speeds(**changes: Any) -> np.ndarray:
    """Return the summed joint speed of 16 beats, centred on each sample."""
    probe, root, turned = Probe(), [], []
    state = probe.initial_state(1, 0)
    for i in range(18):
        window, state = probe.step(state, a_request(i - 0.5, i, **changes))
        assert window.origin == Origin.PROBE
        root.append(window.root_position_m[:16])
        turned.append(window.joint_rotations_wxyz[:16])
    joints = skeleton.forward_kinematics(np.concatenate(root), np.concatenate(turned))
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
    probe = Probe()
    state = probe.initial_state(1, 0)
    window, _ = probe.step(state, a_request(-0.5, 0))
    joints = skeleton.forward_kinematics(window.root_position_m, window.joint_rotations_wxyz)
    assert np.ptp(joints[:, list(skeleton.CONTACT_JOINTS)], axis=0).max() < 1e-9
