"""The timing probe: a dancer that hits one of two opposite poses exactly on every dance beat.

Everything swings between pose and mirrored pose as cos(pi * beat), so that all joints stop dead on the integer beat,
turn back, and move fastest half-way: the summed joint speed has one minimum a beat, exactly on the integer sample.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import stance
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import TRACK_SAMPLES, Motion, Trace, Wish, sample_beats
from livedance.messages import Origin

Array = NDArray[np.floating]

SWAY_M: Final = 0.06
BOB_M: Final = 0.03
_TURNS: Final = {
    "hips": (0.0, 14.0, 0.0),
    "chest": (4.0, 10.0, -8.0),
    "head": (0.0, -12.0, 0.0),
    "l_shoulder": (0.0, -20.0, 62.0),
    "l_elbow": (0.0, -20.0, 0.0),
    "r_shoulder": (0.0, 25.0, 68.0),
    "r_elbow": (0.0, 40.0, 0.0),
}
_POSE: Final = stance.turns({**stance.ANGLES_DEG, **_TURNS})
_MIRRORED: Final = skeleton.mirror(np.zeros(3), _POSE)[1]


class Probe:
    """One unmistakable accent on every dance beat, whatever is heard; for timing. No state, randomness or library."""

    dances_in_silence: Final = True

    def __init__(self, library: MotionLibrary | None = None) -> None:
        del library

    def initial_state(self, seed: int, voice: int) -> None:
        """Return nothing: it remembers nothing."""

    def resume(self, seed: int, voice: int, plan: int) -> None:
        """Return nothing."""

    def step(self, state: None, request: WindowRequest, past: Trace | None) -> tuple[Wish, None]:
        """Return 33 rows around `request.beat_start`."""
        del state, past
        wish = Wish(
            motion=_motion(sample_beats(request.beat_start)),
            feet=stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(())),
            facing_rad=np.zeros(TRACK_SAMPLES),
            style="probe",
            origin=Origin.PROBE,
            is_exact=True,
        )
        return wish, None

    def notes(self, state: None) -> None:
        """Return nothing: it has no phrases."""


def _motion(beats: Array) -> Motion:
    side = np.cos(np.pi * beats)
    shape = (len(beats), *_POSE.shape)
    turned = rotations.slerp(
        np.broadcast_to(_POSE, shape), np.broadcast_to(_MIRRORED, shape), (0.5 - 0.5 * side)[:, None]
    )
    root = np.zeros((len(beats), 3))
    root[:, 0] = SWAY_M * side
    root[:, 1] = stance.HIPS_HEIGHT_M - BOB_M * (0.5 + 0.5 * np.cos(2 * np.pi * beats))
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((len(beats), 4)))
