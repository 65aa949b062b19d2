"""Poses and clocks for the OSC tests."""

from __future__ import annotations

import numpy as np

from livedance import skeleton
from livedance.broadcast.osc_values import OscFrame
from livedance.messages import ClockState, Levels, LockState, PoseFrame


def pose(n_dancers: int = 1, t_s: float = 1.0, shift_m: float = 0.0) -> PoseFrame:
    """Return `n_dancers` in the rest pose, turned a little, dancer n standing at x = n + shift."""
    root, turned = skeleton.rest_pose()
    turned[0] = [np.cos(0.3), 0.0, np.sin(0.3), 0.0]
    roots = np.array([root + np.array([n + shift_m, 0.0, 0.0]) for n in range(n_dancers)]).reshape(n_dancers, 3)
    joint_rotations = np.repeat(turned[None], n_dancers, axis=0)
    return PoseFrame(
        t_s=t_s,
        beat_position=2 * t_s,
        dance_position=2 * t_s,
        root_position_m=roots,
        joint_rotations_wxyz=joint_rotations,
        joint_positions_m=skeleton.forward_kinematics(roots, joint_rotations),
        origin=np.zeros(n_dancers, np.uint8),
        hands=np.zeros((n_dancers, 2), np.uint8),
        foot_contact=np.zeros((n_dancers, 4)),
    )


def clock(beat_position: float = 0.0, bpm: float = 120.0, **changes: object) -> ClockState:
    """Return a locked clock that is at `beat_position` at show time 0."""
    given = {"state": LockState.LOCKED, "confidence": 1.0, **changes}
    return ClockState(t_s=0.0, beat_position=beat_position, beats_per_s=bpm / 60.0, **given)  # type: ignore[arg-type]


def frame(body: PoseFrame, **changes: object) -> OscFrame:
    """Return a frame of `body` at show time 0 with a locked clock and no sound."""
    given = {"clock": clock(), "levels": Levels(), "t_s": 0.0, **changes}
    return OscFrame(pose=body, **given)  # type: ignore[arg-type]
