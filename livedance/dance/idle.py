"""Idle: a dancer who stands, breathes, shifts the weight and looks round, without a visible loop.

Runs in clock time (slow movements must not follow the tempo); windows convert by the dance tempo. Each slow movement is
a sum of sines whose periods have no common multiple within hours, with phases drawn from (seed, dancer).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import body, chance, seam, stance
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, Motion, Trace, as_window, sample_step_s
from livedance.messages import SAMPLES_PER_BEAT, MotionWindow, Origin

Array = NDArray[np.floating]

BREATH_HZ: Final = 0.27
SHIFT_HZ: Final = (0.1271, 0.2113, 0.0837)
LOOK_HZ: Final = (0.0913, 0.1549, 0.0571)
TILT_HZ: Final = (0.1131, 0.1901, 0.2687)
SHIFT_M: Final = 0.07
LOOK_RAD: Final = 0.75
TURN_HALF_LIFE_S: Final = 1.2
"""How fast an idle dancer turns back to the audience."""
N_PHASES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Where and since when a dancer idles."""

    since_beat: float
    """Dance beats at which `clock_s` holds."""
    clock_s: float
    """Seconds of idle until then."""
    place_xz: tuple[float, float] = (0.0, 0.0)
    yaw_rad: float = 0.0
    """Direction at `clock_s`; turns to the audience from there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IdleState:
    """What is left of the last window, and the standing dancer."""

    seed: int
    dancer: int
    standing: Standing | None = None
    trace: Trace | None = None


class Idle:
    """Always idles."""

    def __init__(self, library: MotionLibrary | None = None) -> None:
        del library

    def initial_state(self, seed: int, dancer: int) -> IdleState:
        """Return the state before the first window."""
        return IdleState(seed=seed, dancer=dancer)

    def resume(self, seed: int, dancer: int, last: MotionWindow) -> IdleState:
        """Return a state that continues from `last`."""
        return IdleState(seed=seed, dancer=dancer, trace=body.trace_of(last))

    def step(self, state: IdleState, request: WindowRequest) -> tuple[MotionWindow, IdleState]:
        """Return 32 samples from `request.beat_start`."""
        standing = advance(state.standing, state.trace, request)
        window, trace = idle_window(state.seed, state.dancer, standing, state.trace, request)
        return window, replace(state, standing=standing, trace=trace)


def advance(standing: Standing | None, trace: Trace | None, request: WindowRequest) -> Standing:
    """Return the standing dancer at `request.beat_start`; begins where the body of `trace` is."""
    if standing is None:
        place, yaw = (0.0, 0.0), 0.0
        if trace is not None:
            row = trace.row_at(request.beat_start) or TRACK_SAMPLES - 1
            place = (float(trace.body.root_position_m[row, 0]), float(trace.body.root_position_m[row, 2]))
            yaw = float(rotations.heading(trace.body.joint_rotations_wxyz[row, 0]))
        return Standing(since_beat=request.beat_start, clock_s=0.0, place_xz=place, yaw_rad=yaw)
    passed_s = max(0.0, request.beat_start - standing.since_beat) * 60.0 / request.dance_bpm
    return Standing(
        since_beat=request.beat_start,
        clock_s=standing.clock_s + passed_s,
        place_xz=standing.place_xz,
        yaw_rad=standing.yaw_rad * 0.5 ** (passed_s / TURN_HALF_LIFE_S),
    )


def idle_window(
    seed: int, dancer: int, standing: Standing, trace: Trace | None, request: WindowRequest
) -> tuple[MotionWindow, Trace]:
    """Return the window of a standing dancer and the trace that continues it."""
    step_s = sample_step_s(request.dance_bpm)
    wished, feet = _motion(seed, dancer, standing, step_s)
    shown, after = body.finish(wished, feet, trace, request.beat_start, step_s, seam.SETTLE_S)
    continues = trace is None or body.reaches(trace, request.beat_start)
    window = as_window(
        shown,
        beat_start=request.beat_start,
        dancer=request.dancer,
        plan=request.plan,
        origin=Origin.IDLE,
        style="idle",
        seam_samples=0 if continues else SAMPLES_PER_BEAT,
    )
    return window, after


def _motion(seed: int, dancer: int, standing: Standing, step_s: float) -> tuple[Motion, Feet]:
    t_s = standing.clock_s + (np.arange(TRACK_SAMPLES) - LEAD_IN) * step_s
    yaw = standing.yaw_rad * 0.5 ** ((t_s - standing.clock_s) / TURN_HALF_LIFE_S)
    phases = chance.generator(seed, dancer, chance.IDLE).uniform(0.0, 2.0 * np.pi, N_PHASES)
    shift = _wander(t_s, SHIFT_HZ, phases[0:3])
    look = _wander(t_s, LOOK_HZ, phases[3:6])
    tilt = _wander(t_s, TILT_HZ, phases[6:9])
    breath = np.sin(2.0 * np.pi * BREATH_HZ * t_s + phases[9])
    # The cube leaves the head mostly to the front and makes the looks to the side distinct.
    look = LOOK_RAD * look**3 + 0.12 * look
    turned = np.broadcast_to(stance.pose(), (len(t_s), skeleton.N_JOINTS, 4)).copy()
    still = np.zeros_like(t_s)
    for joint, axes in {
        "hips": (0.01 * breath, 0.05 * tilt, -0.05 * shift),
        "chest": (-0.03 * breath + 0.03 * tilt, 0.06 * tilt + 0.15 * look, 0.07 * shift),
        "neck": (0.01 * breath, 0.35 * look, 0.02 * tilt),
        "head": (0.08 * tilt, 0.5 * look, -0.03 * shift),
        "l_shoulder": (0.10 * tilt, 0.06 * shift, 0.04 * breath),
        "r_shoulder": (0.10 * shift, 0.06 * tilt, -0.04 * breath),
        "l_elbow": (still, -0.12 * (1 + tilt), still),
        "r_elbow": (still, 0.12 * (1 - shift), still),
    }.items():
        j = skeleton.INDEX[joint]
        turned[:, j] = rotations.multiply(turned[:, j], rotations.from_rotvec(np.stack(axes, axis=-1)))
    turned[:, 0] = rotations.multiply(rotations.about_y(yaw), turned[:, 0])
    root = np.empty((len(t_s), 3))
    across = rotations.rotate(rotations.about_y(yaw), np.array([[1.0, 0.0, 0.0]]))
    root[:, [0, 2]] = np.asarray(standing.place_xz) + SHIFT_M * shift[:, None] * across[:, [0, 2]]
    root[:, 1] = stance.HIPS_HEIGHT_M + 0.006 * breath - 0.015 * shift * shift
    feet = stance.feet(len(t_s), np.asarray(standing.place_xz), yaw)
    motion = Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((len(t_s), 4)))
    return motion, feet


def _wander(t_s: Array, rates_hz: tuple[float, ...], phases: Array) -> Array:
    """Return a slow movement within about [-1, 1]."""
    waves = [np.sin(2.0 * np.pi * hz * t_s + p) for hz, p in zip(rates_hz, phases, strict=True)]
    out: Array = np.sum(waves, axis=0) / 2.2
    return out
