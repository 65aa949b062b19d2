"""The timing probe: a dancer that hits one of two opposite poses exactly on every dance beat.

Everything swings between pose and mirrored pose as cos(pi * beat), so that all joints stop dead on the integer beat,
turn back, and move fastest half-way: the summed joint speed has one minimum a beat, exactly on the integer sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import body, stance
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import TRACK_SAMPLES, Motion, Trace, as_window, sample_beats, sample_step_s
from livedance.messages import MotionWindow, Origin

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeState:
    """What is left of the last window."""

    trace: Trace | None = None


class Probe:
    """One unmistakable accent on every dance beat, whatever is heard; for timing. No randomness, no library."""

    def __init__(self, library: MotionLibrary | None = None) -> None:
        del library

    def initial_state(self, seed: int, dancer: int) -> ProbeState:
        """Return the state before the first window."""
        del seed, dancer
        return ProbeState()

    def resume(self, seed: int, dancer: int, last: MotionWindow) -> ProbeState:
        """Return a state that continues from `last`."""
        del seed, dancer
        return ProbeState(trace=body.trace_of(last))

    def step(self, state: ProbeState, request: WindowRequest) -> tuple[MotionWindow, ProbeState]:
        """Return 32 samples from `request.beat_start`."""
        wished = _motion(sample_beats(request.beat_start))
        feet = stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(()))
        shown, trace = body.finish(wished, feet, state.trace, request.beat_start, sample_step_s(request.dance_bpm))
        continues = state.trace is None or body.reaches(state.trace, request.beat_start)
        window = as_window(
            shown,
            beat_start=request.beat_start,
            dancer=request.dancer,
            plan=request.plan,
            origin=Origin.PROBE,
            style="probe",
            seam_samples=0 if continues else body.JUMP_SEAM_SAMPLES,
        )
        return window, ProbeState(trace=trace)


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
