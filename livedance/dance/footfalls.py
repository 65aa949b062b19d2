"""Feet that stand, roll over the ball, swing and come down again, at any beat, from a list of footfalls.

A footfall is where a foot comes down. Between two of them a foot stands flat, then its heel rises about the ball, then
it swings; it lands on the heel or on the ball. Everything is a function of the beat alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import ik, stance
from livedance.dance.window import Feet
from livedance.skeleton import SOLE_TO_ANKLE_M

Array = NDArray[np.floating]

NEVER: Final = np.inf
ROLL_SHARE: Final = 0.3
"""Share of the interval between footfalls in which the heel rises before the foot is lifted."""
SETTLE_SHARE: Final = 0.16
"""Share of the interval in which a foot that landed on heel or ball comes to lie flat."""
SIDES: Final = np.array([0, 1])
OUTWARD: Final = np.array([1.0, -1.0])
"""Towards a foot's own side along the dancer's left, left foot first."""
ANKLE_BEHIND_M: Final = 0.02
_TOE_DOWN_M: Final = float(-ik.TOE_OFFSET_M[1])
_TOE_AHEAD_M: Final = float(ik.TOE_OFFSET_M[2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footfalls:
    """The footfalls of both feet, left then right: (2, K); the first of each foot was there from the beginning."""

    land_beat: Array
    """Rising along a foot; -inf for the first, `NEVER` for one that does not come."""
    swing_beats: Array
    """How long the swing that ends in it lasts."""
    rise_rad: Array
    """How far the heel is up when the foot is lifted from it."""
    land_rad: Array
    """Pitch of the foot as it lands: over 0 on the ball, below 0 on the heel."""
    rest_rad: Array
    """Pitch in which the foot stands then: 0 flat, over 0 a touch of the ball."""
    lift_m: Array
    """How high the foot is carried in the swing that ends in it."""
    interval_beats: float
    """Between two footfalls."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phases:
    """Which footfalls the feet are between at every row, (n, 2)."""

    last: NDArray[np.intp]
    """Index of the footfall that the foot stands on or comes from."""
    coming: NDArray[np.intp]
    """Index of the one it goes to; `last` where none is left."""
    swing: Array
    """How far the swing is, [0, 1]; 0 while the foot stands."""
    last_pitch_rad: Array
    """Pitch of the foot on the footfall it comes from."""
    contact: Array
    """(n, 4) in [0, 1], as `skeleton.CONTACT_JOINTS`."""
    lift_m: Array

    @property
    def in_air(self) -> Array:
        """How free each foot is: 0 on the floor, 1 in the middle of its swing."""
        out: Array = np.sin(np.pi * self.swing) ** 2
        return out


def phases(falls: Footfalls, beats: Array) -> Phases:
    """Return where the feet are between their footfalls at `beats` (n,)."""
    landed = beats[:, None, None] >= falls.land_beat
    last = landed.sum(axis=-1) - 1
    coming = np.minimum(last + 1, falls.land_beat.shape[1] - 1)
    lasts = falls.swing_beats[SIDES, coming]
    left = np.where(coming > last, falls.land_beat[SIDES, coming] - beats[:, None], NEVER)
    swing = np.clip(1.0 - left / lasts, 0.0, 1.0)
    roll = smooth(1.0 - (left - lasts) / (ROLL_SHARE * falls.interval_beats))
    since = beats[:, None] - falls.land_beat[SIDES, last]
    settled = smooth(since / (SETTLE_SHARE * falls.interval_beats))
    lands, rests = falls.land_rad[SIDES, last], falls.rest_rad[SIDES, last]
    rise = falls.rise_rad[SIDES, last]
    is_down, is_settled = swing <= 0.0, settled >= 1.0
    has_heel = np.where(is_settled, rests <= 0.0, lands < 0.0)
    heel = is_down & has_heel & ((roll <= 0.0) | (rise <= 0.0))
    toe = is_down & (is_settled | (lands >= 0.0))
    return Phases(
        last=last,
        coming=coming,
        swing=swing,
        last_pitch_rad=lands + (rests - lands) * settled + rise * roll,
        contact=np.stack([heel, toe], axis=-1).astype(np.float64).reshape(len(beats), 4),
        lift_m=falls.lift_m[SIDES, coming] * (4.0 * swing * (1.0 - swing)) ** 2,
    )


def stand(place_xz: Array, yaw_rad: Array, pitch_rad: Array) -> Feet:
    """Return feet on the floor, pitched about the ball (heel up, over 0) or the heel (toes up, below 0).

    Args:
        place_xz: (n, 2, 2) ankle of the flat foot, left then right.
        yaw_rad: (n, 2) where the toes point.
        pitch_rad: (n, 2)
    """
    up = np.maximum(pitch_rad, 0.0)
    sin, cos = np.sin(up), np.cos(up)
    ahead = _TOE_AHEAD_M * (1.0 - cos) + _TOE_DOWN_M * sin
    ankle = np.empty((*yaw_rad.shape, 3))
    ankle[..., 0] = place_xz[..., 0] + ahead * np.sin(yaw_rad)
    ankle[..., 1] = SOLE_TO_ANKLE_M + _TOE_AHEAD_M * sin - _TOE_DOWN_M * (1.0 - cos)
    ankle[..., 2] = place_xz[..., 1] + ahead * np.cos(yaw_rad)
    return Feet(ankle_m=ankle, rotation_wxyz=yawed_and_pitched(yaw_rad, pitch_rad))


def swung(last: Feet, coming: Feet, now: Phases) -> Feet:
    """Return the feet on their way from `last` to `coming`, all (n, 2, ...)."""
    share = smooth(now.swing)
    ankle = last.ankle_m + share[..., None] * (coming.ankle_m - last.ankle_m)
    ankle[..., 1] += now.lift_m
    turned = rotations.slerp(last.rotation_wxyz, coming.rotation_wxyz, share)
    return Feet(ankle_m=ankle, rotation_wxyz=turned)


def beside(home_xz: Array, yaw_rad: Array, half_width_m: float = stance.HALF_WIDTH_M) -> Array:
    """Return the ankles' places (..., 2, 2) at homes (..., 2, 2), one per foot, of a body that faces `yaw_rad`."""
    sin, cos = np.sin(yaw_rad), np.cos(yaw_rad)
    out: Array = home_xz.copy()
    aside = half_width_m * OUTWARD
    out[..., 0] += aside * cos - ANKLE_BEHIND_M * sin
    out[..., 1] -= aside * sin + ANKLE_BEHIND_M * cos
    return out


def yawed_and_pitched(yaw_rad: Array, pitch_rad: Array) -> Array:
    """Return the rotations (..., 4) that pitch about x (toes down over 0), then turn about y."""
    sin_yaw, cos_yaw = np.sin(0.5 * yaw_rad), np.cos(0.5 * yaw_rad)
    sin_pitch, cos_pitch = np.sin(0.5 * pitch_rad), np.cos(0.5 * pitch_rad)
    return np.stack([cos_yaw * cos_pitch, cos_yaw * sin_pitch, sin_yaw * cos_pitch, -sin_yaw * sin_pitch], axis=-1)


def smooth(u: Array) -> Array:
    """Return 0 to 1 over [0, 1] with no speed and no acceleration at both ends."""
    x = np.clip(u, 0.0, 1.0)
    out: Array = x * x * x * (10.0 + x * (6.0 * x - 15.0))
    return out
