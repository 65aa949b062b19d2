"""The life layer: what a body does beside the dance. Gaze, turns of the head, nods, breath, weight, feet that roll.

Everything is a function of the dance beat, the seed, the dancer and the motion itself, and looks ahead in the motion
but never back, so that two windows agree where they overlap. Each part has an amount from 0 to 1; 0 changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import foot_roll, gaze, looks
from livedance.dance.direction import GROOVE, Direction, Role
from livedance.dance.window import Feet, Motion, sample_beats
from livedance.messages import Section

Array = NDArray[np.floating]

CHEST: Final = skeleton.INDEX["chest"]
NECK: Final = skeleton.INDEX["neck"]
SHOULDERS: Final = [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]

BREATH_BEATS: Final = 4.0
"""One breath a bar: empty on the downbeat, full in the middle of the bar."""
BREATH_CHEST_RAD: Final = 0.045
BREATH_SHOULDERS_RAD: Final = 0.035
BREATH_RISE_M: Final = 0.005
BREATH_LEAST: Final = 0.35
"""Share of the breath that still shows at full energy."""

GAZE_LEAST: Final = 0.75
"""Share of the gaze that a human source gets, whose head has a dance of its own..."""
FEET_LEAST: Final = 0.45
"""... of the roll of its feet..."""
WEIGHT_LEAST: Final = 0.45
"""... and of the way of its hips."""

TWIST_SHARE: Final = 0.35
"""How much of the hips' turn against the dancer's facing the chest takes back."""
TWIST_MOST_RAD: Final = 0.20
TWIST_AHEAD: Final = 16
"""Samples over which the facing is averaged that the hips' turn is taken against."""
STRIDE_RAD_PER_M: Final = 0.45
"""Turn of the chest towards the foot in front: the other arm swings with it."""

WEIGHT_SHARE: Final = 0.45
"""How much of the way to the standing foot the hips go..."""
WEIGHT_MOST_M: Final = 0.04
"""... and how far at most."""
WEIGHT_ROLL_RAD: Final = 0.035
"""The hip over the standing foot is carried higher."""
WEIGHT_AHEAD: Final = 14
"""Samples over which contacts are averaged, ahead in time: the weight goes over before the other foot leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeParts:
    """How much of each part, [0, 1]."""

    gaze: float = 1.0
    head: float = 1.0
    """Leads turns, spots spins."""
    nod: float = 1.0
    breath: float = 1.0
    chest: float = 1.0
    feet: float = 1.0
    weight: float = 1.0
    hands: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifeContext:
    """What a dancer knows of music, place and company."""

    beat_start: float
    dance_bpm: float
    bar_beat: float
    """Dance beats since the downbeat at `beat_start`."""
    phrase_bar: int
    energy: float
    section: Section = Section.GROOVE
    direction: Direction = GROOVE
    seed: int = 0
    dancer: int = 0
    home_xz: Array = field(default_factory=lambda: np.zeros(2))
    """(2,) the dancer's place on the stage."""
    others_xz: tuple[tuple[float, float], ...] = ()
    """Places of the other dancers on the stage."""
    damped: float = 1.0
    """How stiff the source is, [0, 1]: a human's own feet and head are left more to themselves."""


def enliven(motion: Motion, feet: Feet, context: LifeContext, parts: LifeParts) -> tuple[Motion, Feet]:
    """Return motion and feet with life in them.

    Args:
        motion: 33 rows on the stage, one lead-in row first.
        feet: where they are wished.
        context: of this window.
        parts: amounts; all 0 returns what came in.
    """
    beats = sample_beats(context.beat_start)
    root, turned = motion.root_position_m, motion.joint_rotations_wxyz
    facing = facing_of(turned)
    if parts.weight > 0.0:
        weight = parts.weight * (WEIGHT_LEAST + (1.0 - WEIGHT_LEAST) * context.damped)
        root, turned = _weighted(root, turned, motion.foot_contact, feet, facing, weight)
    if parts.chest > 0.0:
        turned = _countered(turned, feet, facing, parts.chest)
    if parts.breath > 0.0:
        root, turned = _breathing(root, turned, beats, context, parts.breath)
    if max(parts.gaze, parts.head, parts.nod) > 0.0:
        turned = _headed(root, turned, beats, facing, context, parts)
    contact = motion.foot_contact
    if parts.feet > 0.0:
        downbeat = round(context.beat_start - context.bar_beat)
        pops = _pop_share(context) * foot_roll.popped(beats, downbeat, context.seed, context.dancer)
        rolls = parts.feet * (FEET_LEAST + (1.0 - FEET_LEAST) * context.damped)
        feet, contact = foot_roll.rolled(root, turned, contact, feet, pops, rolls)
    if root is motion.root_position_m and turned is motion.joint_rotations_wxyz and contact is motion.foot_contact:
        return motion, feet
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact), feet


def facing_of(turned: Array) -> Array:
    """Return where hips and shoulders of rotations (n, 23, 4) face together: yaw (n,) on the stage, without jumps."""
    shoulders = rotations.multiply(rotations.multiply(turned[:, 0], turned[:, CHEST]), turned[:, NECK])
    both = np.stack([turned[:, 0], shoulders])
    w, x, y, z = (both[..., i] for i in range(4))
    ahead = np.stack([2.0 * (x * z + w * y), 1.0 - 2.0 * (x * x + y * y)]).sum(axis=1)
    return np.unwrap(np.arctan2(ahead[0], ahead[1]))


def _pop_share(context: LifeContext) -> float:
    """Return how much heels pop with the beat: with energy, and little where the slot is a quiet one."""
    quiet = context.direction.role in (Role.LOW, Role.FLOAT) or context.section == Section.BREAK
    return (0.7 + 0.3 * context.energy) * (0.4 if quiet else 1.0)


def _headed(
    root: Array, turned: Array, beats: Array, facing_rad: Array, context: LifeContext, parts: LifeParts
) -> Array:
    scene = looks.Scene(
        beats=beats,
        downbeat=round(context.beat_start - context.bar_beat),
        phrase_bar=context.phrase_bar,
        calm=1.0 - context.energy,
        facing_rad=facing_rad,
        home_xz=(float(context.home_xz[0]), float(context.home_xz[1])),
        others_xz=context.others_xz,
        seed=context.seed,
        dancer=context.dancer,
        step_s=60.0 * float(beats[1] - beats[0]) / context.dance_bpm,
    )
    look = parts.gaze * (GAZE_LEAST + (1.0 - GAZE_LEAST) * context.damped)
    return gaze.turned_head(root, turned, scene, look, parts.head, parts.nod)


def _breathing(root: Array, turned: Array, beats: Array, context: LifeContext, amount: float) -> tuple[Array, Array]:
    """Fill and empty the chest once a bar; the calmer, the more it shows."""
    bar_beats = beats - (context.beat_start - context.bar_beat)
    size = amount * (BREATH_LEAST + (1.0 - BREATH_LEAST) * (1.0 - context.energy))
    full = size * (0.5 - 0.5 * np.cos(2.0 * np.pi * bar_beats / BREATH_BEATS))
    root, turned = root.copy(), turned.copy()
    root[:, 1] += BREATH_RISE_M * full
    vectors = np.zeros((len(full), 4, 3))
    vectors[:, 0, 0], vectors[:, 1, 0] = -BREATH_CHEST_RAD * full, 0.4 * BREATH_CHEST_RAD * full
    vectors[:, 2, 2], vectors[:, 3, 2] = BREATH_SHOULDERS_RAD * full, -BREATH_SHOULDERS_RAD * full
    joints = [CHEST, NECK, *SHOULDERS]
    # In the parent's frame: a shoulder rises as a whole, however the arm is turned.
    turned[:, joints] = rotations.multiply(rotations.from_rotvec(vectors), turned[:, joints])
    return root, turned


def _countered(turned: Array, feet: Feet, facing_rad: Array, amount: float) -> Array:
    """Turn the chest against the hips and towards the foot in front."""
    # What is a turn and what a twist shows over a beat: a facing averaged ahead also lets the chest lead turns.
    hips = rotations.heading(turned[:, 0]) - foot_roll.ahead(TWIST_AHEAD, len(turned)) @ facing_rad
    hips = (hips + np.pi) % (2.0 * np.pi) - np.pi
    twist = -TWIST_SHARE * hips * np.clip(2.0 - np.abs(hips) / 0.8, 0.0, 1.0)
    apart = feet.ankle_m[:, 0] - feet.ankle_m[:, 1]
    stride = STRIDE_RAD_PER_M * (apart[:, 0] * np.sin(facing_rad) + apart[:, 2] * np.cos(facing_rad))
    yaw = amount * gaze.upright(turned) * TWIST_MOST_RAD * np.tanh((twist + stride) / TWIST_MOST_RAD)
    out = turned.copy()
    out[:, CHEST] = rotations.multiply(rotations.about_y(yaw), out[:, CHEST])
    return out


def _weighted(
    root: Array, turned: Array, contact: Array, feet: Feet, facing_rad: Array, amount: float
) -> tuple[Array, Array]:
    """Carry the hips over the single supporting foot."""
    planted = np.maximum(contact[:, [0, 2]], contact[:, [1, 3]])
    alone = foot_roll.ahead(WEIGHT_AHEAD, len(contact)) @ (planted[:, 0] - planted[:, 1])
    left = np.stack([np.cos(facing_rad), -np.sin(facing_rad)], axis=-1)
    way = np.einsum("nsi,ni->ns", feet.ankle_m[:, :, [0, 2]] - root[:, None, [0, 2]], left)
    over = np.maximum(alone, 0.0) * np.maximum(way[:, 0], 0.0) + np.maximum(-alone, 0.0) * np.minimum(way[:, 1], 0.0)
    amounts = amount * gaze.upright(turned)
    shift = amounts * WEIGHT_MOST_M * np.tanh(WEIGHT_SHARE * over / WEIGHT_MOST_M)
    root, turned = root.copy(), turned.copy()
    root[:, [0, 2]] += shift[:, None] * left
    roll = np.zeros((len(shift), 3))
    roll[:, 2] = amounts * WEIGHT_ROLL_RAD * alone
    turned[:, 0] = rotations.multiply(turned[:, 0], rotations.from_rotvec(roll))
    turned[:, CHEST] = rotations.multiply(rotations.from_rotvec(-roll), turned[:, CHEST])
    return root, turned
