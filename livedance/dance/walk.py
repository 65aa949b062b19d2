"""Ways between two places on the stage: steps on the beat that carry a dancer under any upper body.

Everything is a function of (journey, dance beat) and of the motion's own row, so windows that overlap agree. While a
dancer is under way the feet of the motion give way to footfalls: the first swing of each foot leads from the motion's
own foot to the pattern, the last one back to the motion's own foot at the new place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import foot_lock, footfalls, ik, stance
from livedance.dance.footfalls import OUTWARD, SIDES
from livedance.dance.journey import Journey, Plan, home_at, plan_of
from livedance.dance.window import Feet, Motion

Array = NDArray[np.floating]

__all__ = ["Journey", "facing_at", "home_at", "travel"]

CHEST_STAYS: Final = 0.35
"""Share of the turn that the chest does not follow: it stays open to the audience."""
WANDER_KEPT: Final = 0.35
"""What is left of the motion's own wandering about its home while under way: this share of it..."""
WANDER_M: Final = 0.08
"""... and never more than this."""
TWIST_KEPT: Final = 0.35
"""What is left of its turning, near the front."""
SWAY_M: Final = 0.025
BOB_SHARE: Final = 0.45
"""Share of how much lower the hips are carried that is given back in the middle of a swing."""
LEAN_RAD: Final = (0.10, 0.05)
"""Lean into the way per metre a beat, and per metre a beat squared."""
DEEP_M: Final = 0.12
"""How much lower a motion's own hips stay: nobody walks in a lunge."""
SOFT_M: Final = 0.02
"""Width over which the height of the hips gives way."""
GROUND_BEATS: Final = (0.6, 0.8)
"""Time, in intervals between footfalls, in which a foot that the motion has in the air comes down to stand after the
start, and in which it is free again before the arrival."""
IN_AIR_M: Final = 0.12
"""A foot this high is in the air altogether."""
DOWN: Final = 0.95
"""From this grounding on a foot is in contact."""
_FLAT_M: Final = 0.5 * (skeleton.SOLE_TO_ANKLE_M + foot_lock.TOE_REST_M)
_CHEST: Final = skeleton.INDEX["chest"]


def facing_at(journey: Journey, beats: Array, facing_rad: Array) -> Array:
    """Return where a dancer of facing `facing_rad` (n,) faces under way (n,): along the way or to the front."""
    plan = plan_of(journey)
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
    plan = plan_of(journey)
    now = footfalls.phases(plan.falls, beats)
    own_xz = motion.root_position_m[:, [0, 2]]
    own = _grounded(feet, journey, plan.falls.interval_beats, beats, own_xz, facing_rad)
    land_rad = plan.falls.land_rad[SIDES, now.coming]
    last = _placed(plan, now.last, now.last_pitch_rad, own, own_xz, facing_rad)
    coming = _placed(plan, now.coming, land_rad, own, own_xz, facing_rad)
    is_own = (plan.stepping[SIDES, now.last] == 0.0) & (now.swing <= 0.0)
    must_stand = _grounding(journey, plan.falls.interval_beats, beats) > DOWN
    own_contact = np.maximum(motion.foot_contact, must_stand[:, None])
    contact = np.where(np.repeat(is_own, 2, axis=1), own_contact, now.contact)
    body = _carried(motion, journey, plan, now, beats, facing_rad)
    return replace(body, foot_contact=contact), footfalls.swung(last, coming, now)


def _placed(plan: Plan, which: NDArray[np.intp], pitch_rad: Array, own: Feet, own_xz: Array, facing_rad: Array) -> Feet:
    """Return the feet on the footfalls `which` (n, 2): first and last where the motion has them, else on the way."""
    stepping = plan.stepping[SIDES, which]
    yaw = _turned(plan, facing_rad[:, None], stepping)
    home = plan.home_xz[SIDES, which] + (1.0 - stepping)[..., None] * own_xz[:, None]
    stepped = footfalls.stand(footfalls.beside(home, yaw), yaw + OUTWARD * stance.TOES_OUT_RAD, pitch_rad)
    is_own = (stepping == 0.0)[..., None]
    # For those two the plan's home is the start and the end.
    ankle = own.ankle_m.copy()
    ankle[..., [0, 2]] += plan.home_xz[SIDES, which]
    return Feet(
        ankle_m=np.where(is_own, ankle, stepped.ankle_m),
        rotation_wxyz=np.where(is_own, own.rotation_wxyz, stepped.rotation_wxyz),
    )


def _grounded(feet: Feet, journey: Journey, interval_beats: float, beats: Array, own_xz: Array, yaw: Array) -> Feet:
    """Return the motion's own feet, put down beside the body while the other foot makes the first or the last step.

    At the start both come to stand there; a foot that stands already is kept by the foot lock. At the end only a foot
    that the motion has in the air is put down: one that stands is where the dance goes on.
    """
    grounding = np.broadcast_to(_grounding(journey, interval_beats, beats)[:, None], feet.ankle_m.shape[:2])
    height = 0.5 * (feet.ankle_m[..., 1] + ik.toes_of(feet)[..., 1]) - _FLAT_M
    is_first = beats[:, None] < journey.start_beat + 0.5 * journey.beats
    share = grounding * np.where(is_first, 1.0, footfalls.smooth(height / IN_AIR_M))
    yaws = np.broadcast_to(yaw[:, None], share.shape)
    beside = footfalls.beside(np.broadcast_to(own_xz[:, None], (*share.shape, 2)), yaws)
    flat = footfalls.stand(beside, yaws + OUTWARD * stance.TOES_OUT_RAD, np.zeros(share.shape))
    return Feet(
        ankle_m=feet.ankle_m + share[..., None] * (flat.ankle_m - feet.ankle_m),
        rotation_wxyz=rotations.slerp(feet.rotation_wxyz, flat.rotation_wxyz, share),
    )


def _grounding(journey: Journey, interval_beats: float, beats: Array) -> Array:
    """Return how far (n,) feet must stand: from soon after the start until shortly before the arrival."""
    begun, left = beats - journey.start_beat, journey.end_beat - beats
    inside = np.minimum(begun / GROUND_BEATS[0], left / GROUND_BEATS[1])
    return footfalls.smooth(inside / interval_beats)


def _stepping(plan: Plan, now: footfalls.Phases) -> Array:
    """Return how far the body (n,) has gone over from the motion's own place to the way: as far as its feet have."""
    last, coming = plan.stepping[SIDES, now.last], plan.stepping[SIDES, now.coming]
    out: Array = (last + footfalls.smooth(now.swing) * (coming - last)).mean(axis=1)
    return out


def _turned(plan: Plan, facing_rad: Array, stepping: Array) -> Array:
    """Return where the dancer faces who is under way by `stepping`: the plan's turn and a little of its own.

    Facings are drawn together towards the front, those near the back least: without a jump for a dancer who spins,
    however often.
    """
    kept = 1.0 - stepping * (1.0 - TWIST_KEPT)
    own = 2.0 * np.arctan2(kept * np.sin(0.5 * facing_rad), np.cos(0.5 * facing_rad))
    out: Array = stepping * plan.turn_rad + own
    return out


def _carried(
    motion: Motion, journey: Journey, plan: Plan, now: footfalls.Phases, beats: Array, facing_rad: Array
) -> Motion:
    """Return the body on its way: between its feet, turned, leaning, its weight over the standing foot."""
    stepping = _stepping(plan, now)
    turned = _turned(plan, facing_rad, stepping)
    root = motion.root_position_m.copy()
    own = root[:, [0, 2]]
    wander = np.linalg.norm(own, axis=1)
    kept = WANDER_M * np.tanh(WANDER_KEPT * wander / WANDER_M) / np.maximum(wander, 1e-9)
    sway = SWAY_M * stepping * (now.in_air[:, 1] - now.in_air[:, 0])
    root[:, [0, 2]] = home_at(journey, beats) + (1.0 - stepping * (1.0 - kept))[:, None] * own
    root[:, 0] += sway * np.cos(turned)
    root[:, 2] -= sway * np.sin(turned)
    height = stance.HIPS_HEIGHT_M - plan.lower_m * (1.0 - BOB_SHARE * now.in_air.max(axis=1))
    root[:, 1] += stepping * (_positive(height - DEEP_M - root[:, 1]) - _positive(root[:, 1] - height))
    joints = motion.joint_rotations_wxyz.copy()
    about = rotations.multiply(_lean(journey, beats), rotations.about_y(turned - facing_rad))
    joints[:, 0] = rotations.multiply(about, joints[:, 0])
    open_chest = rotations.about_y(-CHEST_STAYS * stepping * plan.turn_rad)
    joints[:, _CHEST] = rotations.multiply(open_chest, joints[:, _CHEST])
    return Motion(root_position_m=root, joint_rotations_wxyz=joints, foot_contact=motion.foot_contact)


def _positive(x: Array) -> Array:
    """Return the soft maximum of `x` and 0: a hard one would kick the whole body."""
    out: Array = 0.5 * (x + np.sqrt(x * x + SOFT_M * SOFT_M))
    return out


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
