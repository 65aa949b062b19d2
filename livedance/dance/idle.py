"""Idle: a dancer who waits, alive for as long as it takes, without a visible loop.

Runs in clock time (slow movements must not follow the tempo). Standing is made of layers: breath and postural sway, the
weight on one foot and then the other, looks, changes of posture; over it go acts (`idle_acts`: a stretch, folded arms)
and footwork (`idle_feet`: real steps). All of it is a pure function of (seed, dancer, idle clock, where it began).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import idle_acts, idle_feet, idle_footwork, idle_tracks, reach, seam, stance
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion, Trace, Wish, sample_step_s
from livedance.messages import Origin

Array = NDArray[np.floating]

BREATH_HZ: Final = 0.26
BREATH_M: Final = 0.003
BREATH_DRIFT_HZ: Final = (0.0311, 0.0173, 0.0471)
SWAY_HZ: Final = (0.2371, 0.4113, 0.1537)
LEAN_HZ: Final = (0.1931, 0.3391, 0.0877)
SWAY_M: Final = 0.014
LEAN_M: Final = 0.015
LEAN_RAD: Final = 0.02
LIVELY: Final = [skeleton.INDEX[n] for n in ("hips", "chest", "neck", "head", "l_shoulder", "r_shoulder")]
FIDGET_HZ: Final = (0.5471, 0.8863, 1.3729)
FIDGET_RAD: Final = 0.011
"""Size of the fidgets of the head at 1 Hz; slower ones are larger."""
FIDGET_SHARE: Final = np.array([0.25, 0.5, 0.4, 1.0, 1.0, 1.0])
N_SLOW: Final = 10
CONTRAPPOSTO_RAD: Final = 0.085
"""How far the hips drop on the foot that does not carry; the chest turns back by as much."""
LOOK_SLOT_S: Final = 3.0
POSTURE_SLOT_S: Final = 9.0
TO_AUDIENCE: Final = 0.7
"""Share of the turn away from the audience that the head makes up for."""
N_CHAPTERS: Final = 4096
"""Idles begin at so many different places of the endless plan, by the dance beat at which they begin."""
HOME: Final = idle_footwork.stance_at((0.0, 0.0), 0.0, stance.HALF_WIDTH_M, 0.0, (stance.TOES_OUT_RAD,) * 2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Where and since when a dancer idles."""

    since_beat: float
    """Dance beats at which `clock_s` holds."""
    clock_s: float
    """The idle clock then; it begins at another multiple of `idle_tracks.CHAPTER_S` for every idle."""
    began_s: float = 0.0
    """The idle clock at the beginning."""
    start: idle_footwork.Stance = HOME
    """The feet at the beginning, about the dancer's own home; real steps lead from there."""


def advance(standing: Standing | None, trace: Trace | None, request: WindowRequest) -> Standing:
    """Return the standing dancer at `request.beat_start`; begins where the feet of `trace` are.

    `trace` is about the dancer's own home, as the wish is.
    """
    if standing is None:
        began_s = idle_tracks.CHAPTER_S * (round(max(0.0, request.beat_start)) % N_CHAPTERS)
        start = HOME if trace is None else _start(trace, request.beat_start)
        return Standing(since_beat=request.beat_start, clock_s=began_s, began_s=began_s, start=start)
    passed_s = max(0.0, request.beat_start - standing.since_beat) * 60.0 / request.dance_bpm
    return replace(standing, since_beat=request.beat_start, clock_s=standing.clock_s + passed_s)


def wish(seed: int, dancer: int, standing: Standing, step_s: float) -> Wish:
    """Return 33 rows of a dancer who waits, about the dancer's own home, in 1 ms; nothing is to be added to them.

    Args:
        seed: of the show.
        dancer: the source dancer; every one waits in a way of its own.
        standing: as of row `LEAD_IN`, from `advance`.
        step_s: clock time between rows.
    """
    t_s = standing.clock_s + (np.arange(TRACK_SAMPLES) - LEAD_IN) * step_s
    feet = idle_feet.stand(seed, dancer, t_s, standing.began_s, standing.start)
    breath, sway, lean = _body(seed, dancer, t_s)
    turned = _posed(seed, dancer, t_s, feet, breath, lean)
    turned = idle_acts.apply(turned, t_s, seed, dancer)
    turned[:, 0] = rotations.multiply(rotations.about_y(feet.yaw_rad), turned[:, 0])
    root = idle_feet.hips(turned[:, 0], feet, SWAY_M * sway, LEAN_M * lean)
    root[:, 1] += BREATH_M * breath
    return Wish(
        motion=Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=feet.contact),
        feet=feet.feet,
        facing_rad=feet.yaw_rad,
        style="idle",
        origin=Origin.IDLE,
        seam_s=seam.SETTLE_S,
        is_exact=True,
    )


def _start(trace: Trace, beat_start: float) -> idle_footwork.Stance:
    row = trace.row_at(beat_start) or TRACK_SAMPLES - 1
    (lx, _, lz), (rx, _, rz) = trace.feet.ankle_m[row].tolist()
    foot = rotations.heading(trace.feet.rotation_wxyz[row]).tolist()
    return idle_footwork.Stance(
        ankle_xz=((lx, lz), (rx, rz)),
        foot_rad=(foot[0], foot[1]),
        yaw_rad=float(rotations.heading(trace.body.joint_rotations_wxyz[row, 0])),
    )


@lru_cache(maxsize=64)
def _phases(seed: int, dancer: int) -> tuple[float, ...]:
    n = N_SLOW + 3 * len(FIDGET_HZ) * len(LIVELY)
    return tuple(idle_tracks.generator(seed, dancer, idle_tracks.BODY, 0).uniform(0.0, 2.0 * np.pi, n).tolist())


def _body(seed: int, dancer: int, t_s: Array) -> tuple[Array, Array, Array]:
    """Return breath, sway to the side and lean to the front, each about [-1, 1]."""
    phases = np.array(_phases(seed, dancer)[:N_SLOW])
    drift = idle_tracks.wander(t_s, BREATH_DRIFT_HZ, phases[0:3])
    # Breaths are not all equally long or deep.
    breath = (1.0 + 0.35 * drift) * np.sin(2.0 * np.pi * BREATH_HZ * t_s + 1.5 * drift + phases[9])
    return breath, idle_tracks.wander(t_s, SWAY_HZ, phases[3:6]), idle_tracks.wander(t_s, LEAN_HZ, phases[6:9])


def _fidget(seed: int, dancer: int, t_s: Array) -> Array:
    """Return the small unrest (n, len(LIVELY), 3) of a living body, rotation vectors in radians."""
    phases = np.array(_phases(seed, dancer)[N_SLOW:]).reshape(-1, len(LIVELY), 3)
    size = FIDGET_RAD / np.array(FIDGET_HZ)
    waves = np.sin(2.0 * np.pi * np.multiply.outer(t_s, FIDGET_HZ)[:, :, None, None] + phases)
    out: Array = np.tensordot(size, waves, axes=(0, 1)) * FIDGET_SHARE[:, None]
    return out


def _look(rng: np.random.Generator) -> tuple[float, float, tuple[float, ...]]:
    """Draw where to look: mostly to the audience, now and then to a side, to the floor or up."""
    kind = rng.random()
    side = float(rng.choice((-1.0, 1.0)))
    if kind < 0.5:
        yaw, pitch = rng.normal(0.0, 0.14), rng.normal(0.0, 0.05)
    elif kind < 0.85:
        yaw, pitch = side * rng.uniform(0.35, 1.0), rng.normal(0.02, 0.07)
    else:
        yaw, pitch = side * rng.uniform(0.0, 0.4), rng.choice((0.38, -0.22)) * rng.uniform(0.7, 1.0)
    span = 0.55 + 0.35 * min(1.0, abs(float(yaw))) + rng.uniform(0.0, 0.25)
    return float(rng.uniform(0.0, 0.6)), span, (float(yaw), float(pitch), float(rng.normal(0.0, 0.05)))


def _posture(rng: np.random.Generator) -> tuple[float, float, tuple[float, ...]]:
    """Draw (chest yaw, pitch; then of the left and the right arm: forward, out, bend), radians."""
    arms = [v for _ in range(2) for v in (rng.normal(0.04, 0.09), rng.uniform(-0.10, 0.05), rng.uniform(0.0, 0.4))]
    values = (rng.normal(0.0, 0.10), rng.normal(0.01, 0.035), *arms)
    return float(rng.uniform(0.0, 0.7)), float(rng.uniform(1.3, 2.6)), tuple(float(v) for v in values)


def _posed(seed: int, dancer: int, t_s: Array, feet: idle_feet.Stand, breath: Array, lean: Array) -> Array:
    """Return the rotations (n, 23, 4) of standing, facing the front."""
    look = idle_tracks.held(seed, dancer, idle_tracks.LOOKS, LOOK_SLOT_S, t_s, _look).T
    chest_yaw, chest_pitch, *arms = idle_tracks.held(
        seed, dancer, idle_tracks.POSTURES, POSTURE_SLOT_S, t_s, _posture
    ).T
    # The head turns to what it looks at in the room; trunk and shoulders follow a little.
    yaw, pitch, tilt = look[0] - TO_AUDIENCE * feet.yaw_rad - chest_yaw, look[1], look[2]
    hip = CONTRAPPOSTO_RAD * feet.weight
    still = np.zeros_like(t_s)
    axes = (
        (LEAN_RAD * lean, -0.5 * chest_yaw, hip),
        (chest_pitch - 0.028 * breath - LEAN_RAD * lean, 1.5 * chest_yaw + 0.13 * yaw, -1.35 * hip),
        (0.1 * pitch - 0.008 * breath, 0.15 * yaw, 0.2 * hip),
        (0.9 * pitch + 0.014 * breath, 0.72 * yaw, tilt + 0.15 * hip),
        (still, still, 0.022 * breath),
        (still, still, -0.022 * breath),
    )
    vectors = np.moveaxis(np.array(axes), 2, 0) + _fidget(seed, dancer, t_s)
    turned = np.broadcast_to(stance.pose(), (len(t_s), skeleton.N_JOINTS, 4)).copy()
    turned[:, LIVELY] = rotations.multiply(turned[:, LIVELY], rotations.from_rotvec(vectors))
    # Shoulders stay level over hips that are not.
    for side, (forward, out, bend) in (("l", arms[:3]), ("r", arms[3:])):
        reach.hang(turned, side, forward, out - (0.5 if side == "l" else -0.5) * hip, bend)
    return turned


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IdleState:
    """Who waits, and since when."""

    seed: int
    voice: int
    standing: Standing | None = None


class Idle:
    """Always idles."""

    dances_in_silence: Final = True

    def __init__(self, library: MotionLibrary | None = None) -> None:
        """Take `library` as every generator does, and leave it."""
        del library

    def initial_state(self, seed: int, voice: int) -> IdleState:
        """Return the state before the first wish."""
        return IdleState(seed=seed, voice=voice)

    def resume(self, seed: int, voice: int, plan: int) -> IdleState:
        """Return a state that begins to idle where `past` ends."""
        del plan
        return IdleState(seed=seed, voice=voice)

    def step(self, state: IdleState, request: WindowRequest, past: Trace | None) -> tuple[Wish, IdleState]:
        """Return 33 rows around `request.beat_start` and the state after them."""
        standing = advance(state.standing, past, request)
        wished = wish(state.seed, state.voice, standing, sample_step_s(request.dance_bpm))
        return wished, replace(state, standing=standing)

    def notes(self, state: IdleState) -> None:
        """Return nothing: it has no phrases."""
