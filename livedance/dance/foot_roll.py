"""Feet that roll: the heel comes up before the foot leaves, when the weight is on the other foot and over deep knees.

The foot turns about its toe joint, so a planted toe stays where it is. What a foot rolls of its own counts: only what
is missing is added.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import chance, ik
from livedance.dance.window import Feet

Array = NDArray[np.floating]

LEAVE_RAD: Final = np.radians(45.0)
"""Heel lift of a foot that is about to leave or is in the air."""
LEAVE_AHEAD: Final = 9
"""Samples before it leaves the floor in which the heel comes up."""
UNLOADED_RAD: Final = np.radians(42.0)
LOAD: Final = (0.24, 0.47)
"""Share of the weight: with the first the heel is up in full, with the second it is down."""
LOAD_AHEAD: Final = 5
"""Samples over which the load is averaged."""
LOAD_SOFT_M2: Final = 0.02
"""Feet that stand together share the weight whatever the hips do."""
DEEP_RAD: Final = (np.radians(50.0), np.radians(100.0))
"""Bend of the knee from which the heel cannot stay down, and at which it is up in full."""
DEEP_LIFT_RAD: Final = np.radians(22.0)
SOFT_RAD: Final = np.radians(5.0)
PITCH_MOST_RAD: Final = np.radians(62.0)
POP_RAD: Final = np.radians(51.0)
"""Most that the heel of the freer foot comes up on a beat while both feet stand."""
POP_LOAD: Final = (0.55, 0.75)
"""Share of the weight up to which a heel pops, and from which it does not."""
HIGH_M: Final = (0.06, 0.22)
"""Height of the toe joint: on the floor, and where there is room under it for a foot that hangs."""
HEEL_LEAVES_RAD: Final = (np.radians(0.6), np.radians(2.0))
"""Lift over which the heel's contact goes from what it was to none..."""
HEEL_AHEAD: Final = 2
"""Samples before the lift in which the heel is let go."""
HEEL_UP_RAD: Final = (np.radians(5.0), np.radians(10.0))
"""... and pitch of the whole foot over which it does."""
LEVEL_RAD: Final = np.radians(8.0)
"""A foot that stands on heel and toe is level: most that is taken off its own pitch, which is the source's error."""
KEY: Final = 2**30 + 2**27
"""Number from which chance draws pops."""


def rolled(root: Array, turned: Array, contact: Array, feet: Feet, pops: Array, amount: float) -> tuple[Feet, Array]:
    """Return the feet with their heels lifted, and the contacts (n, 4) with the heels let go.

    Args:
        root: (n, 3) hips on the stage.
        turned: (n, 23, 4)
        contact: (n, 4)
        feet: as wished.
        pops: (n, 2) how far each heel would come up with the beat, [0, 1].
        amount: (0, 1]
    """
    wanted = amount * _wanted(root, turned, contact, feet, pops)
    flat = ahead(LEAVE_AHEAD, len(root)) @ np.minimum(contact[:, [0, 2]], contact[:, [1, 3]])
    own = pitch_of(feet)
    levelled = amount * LEVEL_RAD * flat * np.tanh(np.maximum(own, 0.0) / LEVEL_RAD)
    own = own - levelled
    missing = np.minimum(wanted, PITCH_MOST_RAD) - np.maximum(own, 0.0)
    lift = 0.5 * (missing + np.sqrt(missing * missing + SOFT_RAD * SOFT_RAD)) * _rise(wanted, 0.0, SOFT_RAD)
    # The heel is let go before it comes up: a foot lock keeps what it is away from its motion at that moment.
    soon = lift.copy()
    for rows in range(1, HEEL_AHEAD + 1):
        soon[:-rows] = np.maximum(soon[:-rows], lift[rows:])
    let_go = np.maximum(_rise(soon, *HEEL_LEAVES_RAD), amount * _rise(own + lift, *HEEL_UP_RAD))
    heels = contact.copy()
    heels[:, [0, 2]] *= 1.0 - let_go
    return _turned_down(feet, lift - levelled), heels


def _wanted(root: Array, turned: Array, contact: Array, feet: Feet, pops: Array) -> Array:
    """Return how far each foot (n, 2) should point down, radians: before it leaves, unloaded, deep, with the beat."""
    n = len(root)
    planted = np.maximum(contact[:, [0, 2]], contact[:, [1, 3]])
    leaving = LEAVE_RAD * (ahead(LEAVE_AHEAD, n) @ (1.0 - planted))
    load = ahead(LOAD_AHEAD, n) @ _load(root, feet)
    unloaded = UNLOADED_RAD * _rise(-load, -LOAD[1], -LOAD[0])
    hip = root[:, None] + rotations.rotate(turned[:, 0:1], ik.HIP_OFFSET_M[None])
    deep = DEEP_LIFT_RAD * _rise(_knee_bend(hip, feet), *DEEP_RAD)
    both_stand = (ahead(LEAVE_AHEAD, n) @ planted.min(axis=1))[:, None]
    popping = POP_RAD * pops * both_stand * both_stand * (1.0 - _rise(load, *POP_LOAD))
    # The root of the sum of squares is a soft largest of the four.
    out: Array = np.sqrt(leaving**2 + unloaded**2 + deep**2 + popping**2)
    return out


def popped(beats: Array, downbeat: int, seed: int, dancer: int) -> Array:
    """Return how far each heel (n, 2), left and right, comes up with the beat, [0, 1]; the peak is on the beat.

    The right heel on even beats of the bar, the left on odd ones: the hips sway to the other side. Not on every beat.
    """
    out = np.zeros((len(beats), 2))
    for beat in range(int(np.floor(beats[0])) - 1, int(np.ceil(beats[-1])) + 2):
        bar, place = divmod(beat - downbeat, 4)
        strength = _pop_pattern(seed, dancer, downbeat + 4 * bar)[place]
        away = np.clip(beats - beat, -1.0, 1.0)
        out[:, (place + 1) % 2] += strength * (0.5 + 0.5 * np.cos(np.pi * away)) ** 2
    return out


@lru_cache(maxsize=256)
def _pop_pattern(seed: int, dancer: int, bar_start: int) -> tuple[float, ...]:
    rng = chance.generator(seed, dancer, KEY + bar_start % 2**26)
    return tuple(rng.choice([0.0, 0.6, 0.85, 1.0], size=4).tolist())


@lru_cache(maxsize=16)
def ahead(width: int, n: int) -> Array:
    """Return the matrix (n, n) that averages each row with the `width` - 1 after it, under a bell half-way ahead."""
    bell = np.hanning(width + 2)[1:-1]
    out = np.zeros((n, n))
    for i in range(n):
        np.add.at(out[i], np.minimum(np.arange(i, i + width), n - 1), bell / bell.sum())
    out.flags.writeable = False
    return out


def _load(root: Array, feet: Feet) -> Array:
    """Return each foot's share (n, 2) of the weight, from where the hips are between the feet."""
    floor = feet.ankle_m[:, :, [0, 2]]
    apart = floor[:, 0] - floor[:, 1]
    aside = root[:, [0, 2]] - floor.mean(axis=1)
    left = 0.5 + (aside * apart).sum(axis=-1) / ((apart * apart).sum(axis=-1) + LOAD_SOFT_M2)
    return np.stack([left, 1.0 - left], axis=-1)


def _knee_bend(hip: Array, feet: Feet) -> Array:
    """Return how far the knees (n, 2) must bend, radians, for the ankles to be where they are wished."""
    reach = np.linalg.norm(feet.ankle_m - hip, axis=-1)
    cosine = (reach * reach - ik.THIGH_M**2 - ik.SHIN_M**2) / (2.0 * ik.THIGH_M * ik.SHIN_M)
    out: Array = np.arccos(np.clip(cosine, -1.0, 1.0))
    return out


def pitch_of(feet: Feet) -> Array:
    """Return how far the toes point down (n, 2), radians."""
    w, x, y, z = (feet.rotation_wxyz[..., i] for i in range(4))
    out: Array = np.arcsin(np.clip(2.0 * (w * x - y * z), -1.0, 1.0))
    return out


def pitch_range_deg(feet: Feet) -> float:
    """Return the mean over both feet of the range of pitch in which 5 to 95 % of the rows lie."""
    low, high = np.degrees(np.percentile(pitch_of(feet), [5.0, 95.0], axis=0))
    return float((high - low).mean())


def _rise(value: Array, least: float, most: float) -> Array:
    s = np.clip((value - least) / (most - least), 0.0, 1.0)
    out: Array = s * s * (3.0 - 2.0 * s)
    return out


def _turned_down(feet: Feet, lift: Array) -> Feet:
    """Turn each foot down by `lift` (n, 2) about its toe joint; one that is high in the air about its ankle."""
    pitch = np.zeros((*lift.shape, 4))
    pitch[..., 0], pitch[..., 1] = np.cos(0.5 * lift), np.sin(0.5 * lift)
    turned = rotations.multiply(feet.rotation_wxyz, pitch)
    toe = ik.toes_of(feet)
    about_toe = toe - rotations.rotate(turned, np.broadcast_to(ik.TOE_OFFSET_M, toe.shape))
    low = 1.0 - _rise(toe[..., 1:2], *HIGH_M)
    return Feet(ankle_m=feet.ankle_m + low * (about_toe - feet.ankle_m), rotation_wxyz=turned)
