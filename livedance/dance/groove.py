"""The groove layer: what makes any phrase read as on the beat. Amount 0-1, 0 changes nothing.

Three things, all with their accent exactly on the integer dance beat:
- *dwell*: the motion goes slower through the beat and faster between beats, by a bounded warp of each beat in itself;
- *pauses*: on beats that the choreographer names the motion stops and stays; what follows comes one beat later;
- *bounce and sway*: hips drop, chest and head nod into the beat, weight and shoulders swing from side to side and turn
  back on the beat. Strengths follow a pattern over eight beats. The feet stay; inverse kinematics bends the knees.
"""

from __future__ import annotations

from collections.abc import Sequence
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
DWELL_MOST: Final = 0.72
"""Depth of the full dwell: the motion goes at 0.48 of its speed through the beat, at 1.20 between beats."""
DWELL_SLOW: Final = 0.25
"""How much deeper it is at 80 BPM and below: slow beats leave room for stops of the motion's own in between."""
DWELL_PATTERN: Final = np.array([1.1, 0.85, 1.0, 0.9, 1.1, 0.85, 0.95, 0.95])
"""Its depth on each of eight beats, downbeat first, over the mean: strong beats are stopped on, weak ones less."""
DWELL_HALF_TIME: Final = 1.1
"""Depth where a clip is shown at half its tempo: every other beat then falls between two of the clip's own."""
DWELL_DEEPEST: Final = 1.2
_DIP: Final = (56 / 128, 28 / 128, 8 / 128, 1 / 128)
"""Cosine series of the dip ((1 + cos 2 pi b) / 2)^4 less its mean: narrow, so that only the beat itself is slowed."""
PAUSE_AHEAD: Final = 0.44
"""Beats before a paused beat at which the motion begins to slow down: a stop is seen when it is complete..."""
PAUSE_IN: Final = 0.22
"""... in how many it stops..."""
PAUSE_REST: Final = 0.02
"""... how long after the beat it begins to move again, ..."""
PAUSE_OUT: Final = 2.0 * (1.0 - PAUSE_AHEAD - PAUSE_REST) + PAUSE_IN
"""... and in how many beats it is in its stride again: so long that one beat is lost in all."""
LEAD_BEATS: Final = 0.04
"""By so much everything is danced early from 105 BPM on: a stop is seen in its middle, and hips and head swing on after
the body has stopped."""
LEAD_FROM_BPM: Final = 80.0
LEAD_FULL_BPM: Final = 105.0
DWELL_FULL_AT: Final = 0.35
"""Amount of groove from which the dwell is full: more groove means more bounce, not more warp."""


def dwell(beats: Array, depth: Array | float) -> Array:
    """Return the beats at which to read a motion so that it lingers on integer beats.

    Integer and half beats stay where they are; the rate is 1 - 93/128 depth on the beat, 1 + 35/128 depth half-way.
    """
    waves = [c * np.sin(2.0 * np.pi * k * beats) / (2.0 * np.pi * k) for k, c in enumerate(_DIP, start=1)]
    out: Array = beats - depth * np.sum(waves, axis=0)
    return out


def paused(beats: Array, pauses: Sequence[float]) -> Array:
    """Return `beats` (n,) with a rest of one beat on each of `pauses`: before it they run on time, after it one late.

    The motion stops shortly before the beat and comes back into its stride slowly, so that the stop has no second one
    behind it.
    """
    out = beats
    for beat in pauses:
        since = beats - beat
        out = out - _ramp(since + PAUSE_AHEAD, PAUSE_IN) + _ramp(since - PAUSE_REST, PAUSE_OUT)
    return out


def stopped(beats: Array, hold: float) -> Array:
    """Return `beats` brought to rest at `hold` within a sixteenth, not cut off there."""
    over = np.maximum(beats - hold, 0.0)
    out: Array = np.minimum(beats, hold) + 0.04 * (1.0 - np.exp(-over / 0.04))
    return out


def _ramp(x: Array, width: float) -> Array:
    """Return the integral of a step from 0 to 1 of the fifth degree over `width`, from x = 0 on."""
    u = np.clip(x / width, 0.0, 1.0)
    out: Array = width * u**4 * (2.5 - 3.0 * u + u * u) + np.maximum(x - width, 0.0)
    return out


def depths(amount: float, dance_bpm: float, pattern_beats: Array, rate: float = 1.0) -> Array:
    """Return the depth of the dwell (n,) at places of the pattern of eight beats.

    Args:
        amount: of groove.
        dance_bpm: tempo of the dance.
        pattern_beats: (n,) beats since the downbeat of the pattern.
        rate: clip beats per dance beat.
    """
    full = depth_for(amount, dance_bpm)
    if rate < 1.0:
        full *= DWELL_HALF_TIME / DWELL_MOST
    before = np.floor(pattern_beats)
    share = 0.5 - 0.5 * np.cos(np.pi * (pattern_beats - before))
    k = before.astype(int)
    pattern = (1.0 - share) * DWELL_PATTERN[k % 8] + share * DWELL_PATTERN[(k + 1) % 8]
    out: Array = np.minimum(full * pattern, DWELL_DEEPEST)
    return out


def lead(dance_bpm: float) -> float:
    """Return the beats by which a motion is read ahead at a tempo, so that its accents are seen on the beat."""
    return LEAD_BEATS * min(1.0, max(0.0, (dance_bpm - LEAD_FROM_BPM) / (LEAD_FULL_BPM - LEAD_FROM_BPM)))


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
