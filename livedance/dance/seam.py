"""Seams: the difference to the motion before dies away instead of being cross-faded.

Inertialisation (Bollo, GDC 2018) by the fifth-degree polynomial that the player uses too (docs/conventions.md): offset
and rate at the seam are met, and value, rate and acceleration are 0 at the end. Accents of the new motion stay sharp,
and no sample is averaged from two dances.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance.window import LEAD_IN, Motion

Array = NDArray[np.floating]
Number = TypeVar("Number", float, Array)

DURATION_S: Final = 0.25
"""Clock time in which a seam's offset is gone; half of it is after 125 ms. A seam lies half-way between beats, so it is
over before or on the beat. Shorter seams cost jerk: with 0.18 s 1.30 times that of the rest, with this 1.22."""
STEEPEST: Final = 1.875
"""Largest rate of the polynomial, in offsets a duration."""
SETTLE_S: Final = 0.5
"""The same for coming to rest."""
MAX_TURN_RATE: Final = 25.0
"""Radians a second: what a seam believes of a difference in angular velocity."""
MAX_MOVE_RATE: Final = 4.0
"""Metres a second, for the same reason."""


def weights(u: Number) -> tuple[Number, Number]:
    """Return the shares of offset and rate (times duration) that are left at `u` = time / duration, [0, 1]."""
    cube = u * u * u
    return 1.0 + cube * (-10.0 + u * (15.0 - 6.0 * u)), u + cube * (-6.0 + u * (8.0 - 3.0 * u))


def decayed(offset: Array, rate: Array, t_s: Array, duration_s: float) -> Array:
    """Return the offset (...,) after each of `t_s` (n,): (n, ...)."""
    value, slope = weights(np.clip(t_s / duration_s, 0.0, 1.0))
    # Before the seam, where only a velocity is read, the offset goes on in a straight line.
    slope = duration_s * slope + np.minimum(t_s, 0.0)
    shape = (-1, *([1] * offset.ndim))
    out: Array = value.reshape(shape) * offset + slope.reshape(shape) * rate
    return out


def inertialise(new: Motion, before: Motion, row: int, step_s: float, duration_s: float = DURATION_S) -> Motion:
    """Return `new` with its first sample moved onto row `row` of `before`, the difference decaying after it.

    Args:
        new: motion with one lead-in row; row `LEAD_IN` is the seam.
        before: motion that went on until the seam; `row` >= 1.
        row: the row of `before` at the same beat as row `LEAD_IN` of `new`.
        step_s: clock time between rows.
        duration_s: when the difference is gone.
    """
    t_s = (np.arange(len(new.root_position_m)) - LEAD_IN) * step_s
    before_rows, new_rows = slice(row - 1, row + 1), slice(LEAD_IN - 1, LEAD_IN + 1)
    gap = before.root_position_m[before_rows] - new.root_position_m[new_rows]
    root = new.root_position_m + decayed(gap[1], _limited(gap, step_s, MAX_MOVE_RATE), t_s, duration_s)
    difference = rotations.multiply(
        before.joint_rotations_wxyz[before_rows], rotations.conjugate(new.joint_rotations_wxyz[new_rows])
    )
    turn = rotations.to_rotvec(difference)
    # Near half a turn the two rotation vectors may point opposite ways: take both the way of the seam's own.
    turn[0] = rotations.to_rotvec(rotations.align_signs(difference[0], difference[1])) if _far(turn) else turn[0]
    offset = decayed(turn[1], _limited(turn, step_s, MAX_TURN_RATE), t_s, duration_s)
    turned = rotations.multiply(rotations.from_rotvec(offset), new.joint_rotations_wxyz)
    return Motion(root_position_m=root, joint_rotations_wxyz=rotations.normalise(turned), foot_contact=new.foot_contact)


def _limited(pair: Array, step_s: float, limit: float) -> Array:
    rate = (pair[1] - pair[0]) / step_s
    size = np.linalg.norm(rate, axis=-1, keepdims=True)
    out: Array = rate * np.minimum(1.0, limit / np.maximum(size, 1e-9))
    return out


def _far(turn: Array) -> bool:
    return bool(np.max(np.linalg.norm(turn[1] - turn[0], axis=-1)) > np.pi)
