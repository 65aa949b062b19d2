"""The groove layer: what makes any phrase read as on the beat. Amount 0-1, 0 changes nothing.

Two things, both with their accent exactly on the integer dance beat:
- *dwell*: the motion goes slower through the beat and faster between beats, by a bounded warp of each beat in itself;
- *bounce and sway*: hips drop, chest and head nod into the beat, weight and shoulders swing from side to side and turn
  back on the beat. Strengths follow a pattern over eight beats. The feet stay; inverse kinematics bends the knees.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import LEAD_IN, Motion, sample_beats
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

PATTERN: Final = np.array([1.0, 0.55, 0.85, 0.65, 1.0, 0.5, 0.75, 0.9])
"""Strength on each of eight beats, downbeat first."""
DROP_M: Final = 0.075
SWAY_M: Final = 0.06
CHEST_TWIST_RAD: Final = 0.22
HIPS_ROLL_RAD: Final = 0.08
CHEST_NOD_RAD: Final = 0.14
HEAD_NOD_RAD: Final = 0.26
ARM_RAD: Final = 0.16
DWELL_MOST: Final = 0.55
"""Depth of the full dwell: the motion goes at 0.62 of its speed through the beat, at 1.17 between beats."""
DWELL_SLOW: Final = 0.25
"""How much deeper it is at 80 BPM and below: slow beats leave room for stops of the motion's own in between."""
_DIP: Final = (15 / 32, 6 / 32, 1 / 32)
"""Cosine series of the dip ((1 + cos 2 pi b) / 2)^3 less its mean: narrow, so that only the beat itself is slowed."""
DWELL_FULL_AT: Final = 0.35
"""Amount of groove from which the dwell is full: more groove means more bounce, not more warp."""


def dwell(beats: Array, depth: Array | float) -> Array:
    """Return the beats at which to read a motion so that it lingers on integer beats.

    Integer and half beats stay where they are; the rate is 1 - 11/16 depth on the beat and 1 + 5/16 depth half-way.
    """
    waves = [c * np.sin(2.0 * np.pi * k * beats) / (2.0 * np.pi * k) for k, c in enumerate(_DIP, start=1)]
    out: Array = beats - depth * np.sum(waves, axis=0)
    return out


def depth_for(amount: float, dance_bpm: float) -> float:
    """Return the depth of the dwell for an amount of groove at a tempo."""
    slow = min(1.0, max(0.0, (120.0 - dance_bpm) / 40.0))
    return (DWELL_MOST + DWELL_SLOW * slow) * min(1.0, amount / DWELL_FULL_AT)


def bounce(
    motion: Motion,
    beat_start: float,
    pattern_beat: float,
    amount: Array | float,
    facing_rad: Array,
) -> Motion:
    """Add drop, nod and sway.

    Args:
        motion: 33 rows, one lead-in row first.
        beat_start: dance beats of row 1.
        pattern_beat: where row 1 lies in the pattern of eight beats.
        amount: groove, scaled by energy, one number or (33,); 0 changes nothing.
        facing_rad: (33,) where the dancer faces, for the side to sway to.
    """
    if not np.any(np.asarray(amount) > 0.0):
        return motion
    beats = sample_beats(beat_start)
    drop, sway = _strengths(beats - beat_start + pattern_beat)
    drop, sway = amount * drop, amount * sway
    grounded = np.minimum(1.0, np.convolve(motion.foot_contact.max(axis=1), np.full(5, 0.2), mode="same") * 1.2)
    grounded[[0, 1, -2, -1]] = grounded[[2, 2, -3, -3]]
    root = motion.root_position_m.copy()
    root[:, 1] -= DROP_M * drop * grounded
    root[:, 0] += SWAY_M * sway * grounded * np.cos(facing_rad)
    root[:, 2] -= SWAY_M * sway * grounded * np.sin(facing_rad)
    none = np.zeros_like(drop)
    turned = motion.joint_rotations_wxyz.copy()
    for name, pitch, yaw, roll in (
        ("hips", none, none, -HIPS_ROLL_RAD * sway),
        ("chest", CHEST_NOD_RAD * drop, CHEST_TWIST_RAD * sway, HIPS_ROLL_RAD * sway),
        ("neck", 0.4 * HEAD_NOD_RAD * drop, -0.5 * CHEST_TWIST_RAD * sway, none),
        ("head", 0.6 * HEAD_NOD_RAD * drop, none, none),
        ("l_shoulder", ARM_RAD * (drop - sway), none, none),
        ("r_shoulder", ARM_RAD * (drop + sway), none, none),
    ):
        j = skeleton.INDEX[name]
        turned[:, j] = rotations.multiply(turned[:, j], rotations.from_rotvec(np.stack([pitch, yaw, roll], axis=-1)))
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def next_beat(beat_start: float) -> float:
    """Return the first integer beat of a window, lead-in counted in."""
    return float(np.ceil(beat_start + LEAD_IN / SAMPLES_PER_BEAT))


def _bump(distance: Array) -> Array:
    """Return 1 on the beat, falling smoothly to 0 half a beat away."""
    out: Array = 0.5 + 0.5 * np.cos(2.0 * np.pi * distance)
    return out


def _strengths(beats: Array) -> tuple[Array, Array]:
    """Return (drop, sway) at pattern beats: drop peaks on each beat, sway goes from one side to the other."""
    nearest = np.round(beats)
    drop = PATTERN[nearest.astype(int) % 8] * _bump(beats - nearest)
    before = np.floor(beats)
    sway = np.zeros_like(beats)
    for k in (before, before + 1.0):
        side = np.where(k % 2 == 0, 1.0, -1.0)
        sway += side * PATTERN[k.astype(int) % 8] * (0.5 + 0.5 * np.cos(np.pi * (beats - k)))
    return drop, sway
