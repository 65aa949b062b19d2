"""Where a dancer looks: to the audience, now and then at another dancer, into a turn, and down on the beat in a nod.

Angles of the head are against the shoulders: yaw positive to the dancer's left, pitch positive down.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.looks import Scene, goal, nods

Array = NDArray[np.floating]

CHEST: Final = skeleton.INDEX["chest"]
NECK: Final = skeleton.INDEX["neck"]
HEAD: Final = skeleton.INDEX["head"]

YAW_MOST_RAD: Final = np.radians(74.0)
"""Head against chest, neck included."""
PITCH_MOST_RAD: Final = np.radians(40.0)
REACH_RAD: Final = (np.radians(75.0), np.radians(135.0))
"""What lies further aside than the first is looked at less and less, beyond the second not at all."""
AGAINST_RAD: Final = (np.radians(75.0), np.radians(140.0))
"""A head that its motion turns so far the other way means it."""
STEEP_RAD: Final = (np.radians(40.0), np.radians(65.0))
"""The same for what lies above or below."""
UPRIGHT: Final = (0.60, 0.86)
"""Cosine of a torso's lean, of one that lies and one that stands: on the floor nothing is added."""
FAR_RAD: Final = (np.radians(85.0), np.radians(110.0))
"""A head that its motion turns this far is let be: yaw and pitch say little about it..."""
FAR_PITCH_RAD: Final = (np.radians(50.0), np.radians(70.0))
"""... as of one that hangs or is thrown back."""
GAZE_YAW_SHARE: Final = 0.76
"""How much of the way to its goal the head goes; the eyes do the rest, and the motion's own head stays visible."""
GAZE_PITCH_SHARE: Final = 0.55
FACE_DOWN_RAD: Final = np.radians(20.0)
"""How far down the face of the rig looks while its head is upright, by the line from ears to eyes."""
TURNING: Final = (np.radians(40.0), np.radians(85.0))
"""Turn in the beat to come, none and full: into a turn like this the head leads."""
LOOK_AHEAD: Final = 15
"""Samples, nearly a beat, over which a turn is known before it is danced."""
LEAD_SAMPLES: Final = 5
LEAD_GAIN: Final = 1.5
LEAD_MOST_RAD: Final = np.radians(50.0)
SPINNING: Final = (np.radians(140.0), np.radians(220.0))
"""Turn a second, none and full: a spin like this is spotted..."""
SPINNING_BEAT: Final = (np.radians(125.0), np.radians(185.0))
"""... if it also goes this far in the beat to come: quarter and half turns are led, not spotted."""
SPOT_HOLD_RAD: Final = np.radians(62.0)
SPOT_WHIP_RAD: Final = (np.radians(78.0), np.radians(240.0))
"""Turn of the body, away from its goal, between which the head whips round ahead of it."""

NOD_RAD: Final = 0.29
NOD_NECK_SHARE: Final = 0.25


def turned_head(root: Array, turned: Array, scene: Scene, gaze: float, lead: float, nod: float) -> Array:
    """Return rotations (n, 23, 4) with the head, and a little the neck, turned.

    Args:
        root: (n, 3) hips on the stage.
        turned: (n, 23, 4)
        scene: of these rows.
        gaze: amount of looking at somebody.
        lead: amount of leading turns and spotting spins.
        nod: amount of nodding.
    """
    out = turned.copy()
    stands = upright(turned)
    down = nod * NOD_RAD * (1.0 - 0.55 * scene.calm) * stands * nods(scene) if nod > 0.0 else np.zeros(len(root))
    if nod > 0.0:
        out[:, NECK] = rotations.multiply(out[:, NECK], _turn(np.zeros_like(down), NOD_NECK_SHARE * down))
    shoulders = rotations.multiply(rotations.multiply(out[:, 0], out[:, CHEST]), out[:, NECK])
    yaw, pitch = angles(out[:, HEAD])
    stands = stands * _fade(np.abs(yaw), *FAR_RAD) * _fade(np.abs(pitch), *FAR_PITCH_RAD)
    aside, up = _aimed(yaw, pitch, goal(root, shoulders, scene), scene, gaze * stands, lead * stands)
    neck_yaw, _ = angles(out[:, NECK])
    aside = soft_limit(aside + neck_yaw, YAW_MOST_RAD) - neck_yaw
    up = soft_limit(up + (1.0 - NOD_NECK_SHARE) * down, PITCH_MOST_RAD)
    # What the head has beside yaw and pitch, its tilt, stays.
    tilt = rotations.multiply(rotations.conjugate(_turn(yaw, pitch)), out[:, HEAD])
    out[:, HEAD] = rotations.multiply(_turn(yaw + stands * (aside - yaw), pitch + stands * (up - pitch)), tilt)
    return out


def _aimed(
    yaw: Array, pitch: Array, aim: tuple[Array, Array], scene: Scene, gaze: Array, lead: Array
) -> tuple[Array, Array]:
    """Return (yaw, pitch) of a head that looks to its goal, into turns, and round in spins."""
    turning, spinning, into = _turning(scene)
    turning, spinning = lead * turning * (1.0 - spinning), lead * spinning
    goal_yaw, goal_pitch = aim
    in_reach = _fade(np.abs(goal_yaw), *REACH_RAD) * _fade(np.abs(goal_pitch), *STEEP_RAD)
    way = soft_limit(goal_yaw, YAW_MOST_RAD) - yaw
    sees = gaze * in_reach * _fade(np.abs(way), *AGAINST_RAD) * (1.0 - spinning) * (1.0 - turning)
    new_yaw = yaw + GAZE_YAW_SHARE * sees * way + turning * into
    if spinning.any():
        new_yaw += spinning * (_spotted(goal_yaw, into) - yaw)
    return new_yaw, pitch + GAZE_PITCH_SHARE * sees * (soft_limit(goal_pitch - FACE_DOWN_RAD, PITCH_MOST_RAD) - pitch)


def upright(turned: Array) -> Array:
    """Return how far (n,) the torso of rotations (n, 23, 4) stands: 1 up, 0 lying or upside down."""
    torso = rotations.multiply(turned[:, 0], turned[:, CHEST])
    up: Array = 1.0 - 2.0 * (torso[:, 1] ** 2 + torso[:, 3] ** 2)
    return 1.0 - _fade(up, *UPRIGHT)


def angles(head: Array) -> tuple[Array, Array]:
    """Return (yaw, pitch) in radians of rotations (..., 4): where they turn the view to."""
    w, x, y, z = head[..., 0], head[..., 1], head[..., 2], head[..., 3]
    yaw = np.arctan2(2.0 * (x * z + w * y), 1.0 - 2.0 * (x * x + y * y))
    return yaw, -np.arcsin(np.clip(2.0 * (y * z - w * x), -1.0, 1.0))


def head_range_deg(turned: Array) -> tuple[float, float]:
    """Return (yaw, pitch) over which the head moves against the shoulders in 5 to 95 % of rotations (n, 23, 4)."""
    low, high = np.degrees(np.percentile(np.stack(angles(turned[:, HEAD])), [5.0, 95.0], axis=1))
    return float(high[0] - low[0]), float(high[1] - low[1])


def soft_limit(angle: Array, most: float) -> Array:
    """Return `angle` within +-`most`: as it is up to three quarters of it, then bent smoothly."""
    free = 0.75 * most
    over = np.maximum(np.abs(angle) - free, 0.0)
    out: Array = np.sign(angle) * (np.minimum(np.abs(angle), free) + (most - free) * np.tanh(over / (most - free)))
    return out


def _turn(yaw: Array, pitch: Array) -> Array:
    """Return the rotation (n, 4) that looks to (yaw, pitch): first down, then aside."""
    cy, sy, cp, sp = np.cos(0.5 * yaw), np.sin(0.5 * yaw), np.cos(0.5 * pitch), np.sin(0.5 * pitch)
    return np.stack([cy * cp, cy * sp, sy * cp, -sy * sp], axis=-1)


def _fade(value: Array, least: float, most: float) -> Array:
    """Return 1 up to `least`, 0 from `most` on, smooth between."""
    s = np.clip((value - least) / (most - least), 0.0, 1.0)
    out: Array = 1.0 - s * s * (3.0 - 2.0 * s)
    return out


def _turning(scene: Scene) -> tuple[Array, Array, Array]:
    """Return (how much of a turn is coming, how much of a spin it is, how far to look into it in radians)."""
    n = len(scene.facing_rad)
    facing = scene.facing_rad
    rate = (facing[-1] - facing[-5]) / 4.0
    beyond = np.concatenate([facing, facing[-1] + rate * np.arange(1, LOOK_AHEAD + 1)])
    beat = beyond[LOOK_AHEAD : n + LOOK_AHEAD] - facing
    turning = 1.0 - _fade(np.abs(beat), *TURNING)
    spinning = 1.0 - _fade(np.abs(beat) / (LOOK_AHEAD * scene.step_s), *SPINNING)
    spinning *= 1.0 - _fade(np.abs(beat), *SPINNING_BEAT)
    into = LEAD_GAIN * (beyond[LEAD_SAMPLES : n + LEAD_SAMPLES] - facing)
    return turning, spinning, LEAD_MOST_RAD * np.tanh(into / LEAD_MOST_RAD)


def _spot_table() -> Array:
    """Return the head's yaw (361,) while the body turns left once round, from and to its goal, by degree."""
    first, last = SPOT_WHIP_RAD
    knots = np.array([0.0, SPOT_HOLD_RAD, first, last, 2.0 * np.pi - SPOT_HOLD_RAD, 2.0 * np.pi])
    yaw = np.array([0.0, -SPOT_HOLD_RAD, -SPOT_HOLD_RAD, SPOT_HOLD_RAD, SPOT_HOLD_RAD, 0.0])
    sharp = np.interp(np.radians(np.arange(-40, 401) % 360), knots, yaw)
    soft = np.hanning(61)[1:-1]
    return np.convolve(sharp, soft / soft.sum(), mode="same")[40:401]


_SPOT: Final = _spot_table()


def _spotted(goal_yaw: Array, into: Array) -> Array:
    """Return the head's yaw in a spin: to the goal as long as the neck allows, then round before the body."""
    way = np.where(into >= 0.0, 1.0, -1.0)
    degrees = np.degrees(-way * goal_yaw) % 360.0
    out: Array = way * np.interp(degrees, np.arange(361.0), _SPOT)
    return out
