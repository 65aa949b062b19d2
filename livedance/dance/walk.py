"""Ways between two places on the stage: steps on the beat that carry a dancer under any upper body.

Everything is a function of (journey, dance beat) and of the motion's own row, so windows that overlap agree. While a
dancer is under way the feet of the motion give way to footfalls: the first swing of each foot leads from the motion's
own foot to the pattern, the last one back to the motion's own foot at the new place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import footfalls, ik, stance
from livedance.dance.footfalls import NEVER, OUTWARD, SIDES, Footfalls
from livedance.dance.window import Feet, Motion

Array = NDArray[np.floating]

EASE_SHARE: Final = 0.4
"""Share of a journey in which the home gathers speed, and again in which it loses it."""
EASE_MOST_BEATS: Final = 2.0
TURN_FROM_M: Final = 1.2
"""Longer ways are walked facing the way, shorter ones with side and back steps facing the audience."""
TURN_MOST_RAD: Final = math.radians(75.0)
BACK_FROM_RAD: Final = math.radians(120.0)
"""Ways that lead further from the audience than this are walked backwards."""
CHEST_STAYS: Final = 0.35
"""Share of the turn that the chest does not follow: it stays open to the audience."""
INTERVALS_BEATS: Final = (1.0, 0.5)
"""Between two footfalls: the first that keeps the strides short enough."""
STRIDE_MOST_M: Final = (1.05, 0.50)
"""Most that a foot travels in one swing, ahead and aside; where more is needed steps fall on half-beats."""
ASIDE_AFTER: Final = 0.3
"""How long after two footfalls aside, in intervals from the middle between them, the home passes their place."""
SWING_SHARE: Final = 0.75
"""Share of a step's interval that its foot is in the air: the rest both feet stand."""
STRIDE_LONG_M: Final = 0.7
"""From this stride on a foot rolls fully from heel to toe."""
HEEL_FROM_COS: Final = 0.4
"""A way no further off the facing than this is walked on the heels, any other on the balls."""
RISE_RAD: Final = 0.55
HEEL_RAD: Final = -0.22
BALL_RAD: Final = 0.28
LIFT_M: Final = (0.045, 0.07)
"""Height of a swing: least, and more per metre."""
WANDER_M: Final = 0.08
"""What is left of the motion's own wandering about its home while under way."""
TWIST_KEPT: Final = 0.35
"""What is left of its turning, near the front."""
SOFT_M: Final = 0.02
"""Width over which hips that are already low are left alone."""
HALF_WAY: Final = 0.5
"""How far the first and the last step under way have left the motion's own wandering and turning."""
SWAY_M: Final = 0.025
LOWER_M: Final = (0.008, 0.07)
"""How much lower the hips are carried: least, and most for long steps, whose legs must reach ahead and behind."""
BOB_SHARE: Final = 0.45
"""Share of it that is given back in the middle of a swing."""
LEAN_RAD: Final = (0.10, 0.05)
"""Lean into the way per metre a beat, and per metre a beat squared."""
_CHEST: Final = skeleton.INDEX["chest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A way of a dancer's home over the stage."""

    start_beat: int
    """Dance beats."""
    beats: int
    start_xz: tuple[float, float]
    end_xz: tuple[float, float]
    bend_m: float = 0.0
    """How far the way bows out to its own left in the middle."""

    @property
    def end_beat(self) -> int:
        """Dance beat of the arrival."""
        return self.start_beat + self.beats

    @property
    def distance_m(self) -> float:
        """Length of the straight way."""
        return math.dist(self.start_xz, self.end_xz)


def home_at(journey: Journey, beats: Array) -> Array:
    """Return the dancer's home (n, 2) at dance beats (n,): twice continuously differentiable."""
    share = _progress(journey, beats)[:, None]
    start, end = np.array(journey.start_xz), np.array(journey.end_xz)
    out: Array = (1.0 - share) * start + share * end
    if journey.bend_m:
        way = end - start
        left = np.array([way[1], -way[0]]) / max(journey.distance_m, 1e-9)
        out = out + journey.bend_m * (4.0 * share * (1.0 - share)) ** 2 * left
    return out


def facing_at(journey: Journey, beats: Array, facing_rad: Array) -> Array:
    """Return where a dancer of facing `facing_rad` (n,) faces under way (n,): along the way or to the front."""
    plan = _plan(journey)
    return _turned(plan, facing_rad, _stepping(plan, footfalls.phases(plan.falls, beats)))


def travel(motion: Motion, feet: Feet, journey: Journey, beats: Array, facing_rad: Array) -> tuple[Motion, Feet]:
    """Return a motion about its own home, and its feet, carried along `journey`.

    Args:
        motion: (n rows) about the dancer's home.
        feet: (n rows) where that motion has its feet.
        journey: from where to where.
        beats: (n,) dance beats of the rows, rising.
        facing_rad: (n,) where the dancer faces.
    """
    if beats[-1] <= journey.start_beat or beats[0] >= journey.end_beat or journey.distance_m == 0.0:
        return _displaced(motion, feet, home_at(journey, beats))
    plan = _plan(journey)
    now = footfalls.phases(plan.falls, beats)
    own_xz = motion.root_position_m[:, [0, 2]]
    land_rad = plan.falls.land_rad[SIDES, now.coming]
    last = _placed(plan, journey, now.last, now.last_pitch_rad, feet, own_xz, facing_rad)
    coming = _placed(plan, journey, now.coming, land_rad, feet, own_xz, facing_rad)
    is_own = np.repeat((plan.stepping[SIDES, now.last] == 0.0) & (now.swing <= 0.0), 2, axis=1)
    body = _carried(motion, journey, plan, now, beats, facing_rad)
    contact = np.where(is_own, motion.foot_contact, now.contact)
    return replace(body, foot_contact=contact), footfalls.swung(last, coming, now)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """The footfalls of a journey and what a dancer does about them."""

    falls: Footfalls
    home_xz: Array
    """(2, K, 2) where the home is for each footfall."""
    stepping: Array
    """(2, K) from 0, the foot is where the motion itself has it (first and last), to 1, it is on the way."""
    turn_rad: float
    lower_m: float
    """How much lower the hips are carried under way."""


@lru_cache(maxsize=64)
def _plan(journey: Journey) -> _Plan:
    turn = _turn(journey)
    off = _way_rad(journey) - turn
    aside = math.sin(off) ** 2
    stride_most = STRIDE_MOST_M[0] + aside * (STRIDE_MOST_M[1] - STRIDE_MOST_M[0])
    for interval in INTERVALS_BEATS:
        fall_beats = journey.start_beat + interval * np.arange(1, round(journey.beats / interval) + 1)
        middle = fall_beats + (1.0 - 0.5 * SWING_SHARE) * interval
        homes = _homes(journey, middle, fall_beats + ASIDE_AFTER * interval, aside)
        strides = np.linalg.norm(homes[2:] - homes[:-2], axis=1)
        if strides.max() <= stride_most:
            break
    # The foot on the side of the way leads: the other one would have to cross it.
    lead = 1 if math.sin(off) < -0.3 else 0
    count, shape = len(fall_beats), (2, len(fall_beats) // 2 + 2)
    land, home = np.full(shape, NEVER), np.empty((*shape, 2))
    land_rad, rise, lift = np.zeros(shape), np.zeros(shape), np.full(shape, LIFT_M[0])
    stepping = np.zeros(shape)
    land[:, 0], home[:], home[:, 0] = -NEVER, journey.end_xz, journey.start_xz
    for k in range(count):
        foot, i = (lead + k) % 2, k // 2 + 1
        land[foot, i] = fall_beats[k]
        lift[foot, i] = LIFT_M[0] + LIFT_M[1] * strides[k]
        if k < count - 2:
            home[foot, i] = homes[k + 2]
            stepping[foot, i] = HALF_WAY if k in (0, count - 3) else 1.0
            long = min(1.0, strides[k] / STRIDE_LONG_M)
            land_rad[foot, i] = long * (HEEL_RAD if math.cos(off) > HEEL_FROM_COS else BALL_RAD)
            rise[foot, i] = long * RISE_RAD * (0.6 + 0.4 * math.cos(off))
    falls = Footfalls(
        land_beat=land,
        swing_beats=np.full(shape, SWING_SHARE * interval),
        rise_rad=rise,
        land_rad=land_rad,
        rest_rad=np.zeros(shape),
        lift_m=lift,
        interval_beats=interval,
    )
    return _Plan(
        falls=falls, home_xz=home, stepping=stepping, turn_rad=turn, lower_m=_lower_m(0.5 * float(strides.max()))
    )


def _lower_m(step_m: float) -> float:
    """Return how much lower the hips must be so that both legs reach the ends of a step."""
    apart = min(0.5 * step_m, 0.5 * ik.REACH_M)
    return min(LOWER_M[1], LOWER_M[0] + ik.REACH_M - math.sqrt(ik.REACH_M**2 - apart**2))


def _homes(journey: Journey, middle: Array, pairs: Array, aside: float) -> Array:
    """Return the home (K + 2, 2) for every footfall, two that were there at the start first.

    A foot that goes ahead stands where the home will pass in the `middle` of its stand (beats, (K,)). Feet that go
    aside come in pairs, side and together, about the home at the mean of `pairs`: else the second would step through
    the first.
    """
    n = len(pairs) // 2 * 2
    pairs = np.concatenate([np.repeat(pairs[:n].reshape(-1, 2).mean(axis=1), 2), pairs[n:]])
    homes = (1.0 - aside) * home_at(journey, middle) + aside * home_at(journey, pairs)
    homes[-2:] = journey.end_xz
    start = np.array([journey.start_xz, journey.start_xz])
    return np.concatenate([start, homes])


def _placed(
    plan: _Plan,
    journey: Journey,
    which: NDArray[np.intp],
    pitch_rad: Array,
    feet: Feet,
    own_xz: Array,
    facing_rad: Array,
) -> Feet:
    """Return the feet on the footfalls `which` (n, 2): first and last where the motion has them, else on the way."""
    stepping = plan.stepping[SIDES, which]
    yaw = _turned(plan, facing_rad[:, None], stepping)
    home = plan.home_xz[SIDES, which] + (1.0 - stepping)[..., None] * own_xz[:, None]
    stepped = footfalls.stand(footfalls.beside(home, yaw), yaw + OUTWARD * stance.TOES_OUT_RAD, pitch_rad)
    own = feet.ankle_m.copy()
    own[..., [0, 2]] += np.where(which[..., None] == 0, journey.start_xz, journey.end_xz)
    is_own = (stepping == 0.0)[..., None]
    return Feet(
        ankle_m=np.where(is_own, own, stepped.ankle_m),
        rotation_wxyz=np.where(is_own, feet.rotation_wxyz, stepped.rotation_wxyz),
    )


def _stepping(plan: _Plan, now: footfalls.Phases) -> Array:
    """Return how far the body (n,) has gone over from the motion's own place to the way: as far as its feet have."""
    last, coming = plan.stepping[SIDES, now.last], plan.stepping[SIDES, now.coming]
    out: Array = (last + footfalls.smooth(now.swing) * (coming - last)).mean(axis=1)
    return out


def _turned(plan: _Plan, facing_rad: Array, stepping: Array) -> Array:
    """Return where the dancer faces who is under way by `stepping`: the plan's turn and a little of its own.

    Facings are drawn together towards the front, those near the back least: without a jump for a dancer who spins,
    however often.
    """
    kept = 1.0 - stepping * (1.0 - TWIST_KEPT)
    own = 2.0 * np.arctan2(kept * np.sin(0.5 * facing_rad), np.cos(0.5 * facing_rad))
    out: Array = stepping * plan.turn_rad + own
    return out


def _carried(
    motion: Motion, journey: Journey, plan: _Plan, now: footfalls.Phases, beats: Array, facing_rad: Array
) -> Motion:
    """Return the body on its way: between its feet, turned, leaning, its weight over the standing foot."""
    stepping = _stepping(plan, now)
    turned = _turned(plan, facing_rad, stepping)
    root = motion.root_position_m.copy()
    own = root[:, [0, 2]]
    wander = np.linalg.norm(own, axis=1)
    kept = WANDER_M * np.tanh(wander / WANDER_M) / np.maximum(wander, 1e-9)
    sway = SWAY_M * stepping * (now.in_air[:, 1] - now.in_air[:, 0])
    root[:, [0, 2]] = home_at(journey, beats) + (1.0 - stepping * (1.0 - kept))[:, None] * own
    root[:, 0] += sway * np.cos(turned)
    root[:, 2] -= sway * np.sin(turned)
    over = root[:, 1] - stance.HIPS_HEIGHT_M + plan.lower_m * (1.0 - BOB_SHARE * now.in_air.max(axis=1))
    root[:, 1] -= stepping * 0.5 * (over + np.sqrt(over * over + SOFT_M * SOFT_M))
    joints = motion.joint_rotations_wxyz.copy()
    about = rotations.multiply(_lean(journey, beats), rotations.about_y(turned - facing_rad))
    joints[:, 0] = rotations.multiply(about, joints[:, 0])
    open_chest = rotations.about_y(-CHEST_STAYS * stepping * plan.turn_rad)
    joints[:, _CHEST] = rotations.multiply(open_chest, joints[:, _CHEST])
    return Motion(root_position_m=root, joint_rotations_wxyz=joints, foot_contact=motion.foot_contact)


def _lean(journey: Journey, beats: Array) -> Array:
    """Return the turn (n, 4) that tips the body into the way: with the speed, and with gaining and losing it."""
    step = 1.0 / 16.0
    around = np.stack([home_at(journey, beats + d) for d in (-step, 0.0, step)])
    rate = (around[2] - around[0]) / (2.0 * step)
    gain = (around[2] - 2.0 * around[1] + around[0]) / (step * step)
    tip = LEAN_RAD[0] * rate + LEAN_RAD[1] * gain
    return rotations.from_rotvec(np.stack([tip[:, 1], np.zeros(len(tip)), -tip[:, 0]], axis=-1))


def _displaced(motion: Motion, feet: Feet, home_xz: Array) -> tuple[Motion, Feet]:
    root, ankle = motion.root_position_m.copy(), feet.ankle_m.copy()
    root[:, [0, 2]] += home_xz
    ankle[..., [0, 2]] += home_xz[:, None]
    moved = Motion(
        root_position_m=root, joint_rotations_wxyz=motion.joint_rotations_wxyz, foot_contact=motion.foot_contact
    )
    return moved, Feet(ankle_m=ankle, rotation_wxyz=feet.rotation_wxyz)


def _progress(journey: Journey, beats: Array) -> Array:
    """Return the share of the way that is done: speed is gained, kept and lost smoothly."""
    ease = min(EASE_MOST_BEATS, EASE_SHARE * journey.beats)
    into = np.clip(beats - journey.start_beat, 0.0, journey.beats)
    out: Array = (ease * (_eased(into / ease) - _eased((into - journey.beats) / ease + 1.0))) / (journey.beats - ease)
    return out


def _eased(u: Array) -> Array:
    """Return the integral of a smooth rise of speed from 0 to 1 over [0, 1], which then stays 1."""
    x = np.clip(u, 0.0, 1.0)
    out: Array = x**4 * (2.5 + x * (x - 3.0)) + np.maximum(u - 1.0, 0.0)
    return out


def _way_rad(journey: Journey) -> float:
    return math.atan2(journey.end_xz[0] - journey.start_xz[0], journey.end_xz[1] - journey.start_xz[1])


def _turn(journey: Journey) -> float:
    """Return where the dancer faces on the way, radians from the audience."""
    if journey.distance_m <= TURN_FROM_M:
        return 0.0
    way = _way_rad(journey)
    if abs(way) > BACK_FROM_RAD:
        return way - math.copysign(math.pi, way)
    return max(-TURN_MOST_RAD, min(TURN_MOST_RAD, way))
