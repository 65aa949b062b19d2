"""Seams: the difference to the motion before dies away instead of being cross-faded.

Inertialisation by a critically damped spring (Bollo 2016; Holden's spring formulae): the offset x and its rate v at the
seam decay as x(t) = (x + (v + y x) t) exp(-y t) with y = 2 ln 2 / half-life. Accents of the new motion stay sharp.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance.window import LEAD_IN, Motion

Array = NDArray[np.floating]

HALF_LIFE_S: Final = 0.075
"""Clock time in which a seam's offset halves (reference: 60-90 ms)."""
SETTLE_HALF_LIFE_S: Final = 0.16
"""Slower, for coming to rest: the idle is reached in about a second."""
MAX_TURN_RATE: Final = 25.0
"""Radians a second: what a seam believes of a difference in angular velocity."""
MAX_MOVE_RATE: Final = 4.0
"""Metres a second, for the same reason."""


def decay_rate(half_life_s: float) -> float:
    """Return y of the spring for a half-life."""
    return 2.0 * math.log(2.0) / half_life_s


def decayed(offset: Array, rate: Array, t_s: Array, half_life_s: float) -> Array:
    """Return the offset (...,) after each of `t_s` (n,): (n, ...)."""
    y = decay_rate(half_life_s)
    t = t_s.reshape(-1, *([1] * offset.ndim))
    out: Array = (offset + (rate + y * offset) * t) * np.exp(-y * t)
    return out


def inertialise(new: Motion, before: Motion, row: int, step_s: float, half_life_s: float = HALF_LIFE_S) -> Motion:
    """Return `new` with its first sample moved onto row `row` of `before`, the difference decaying after it.

    Args:
        new: motion with one lead-in row; row `LEAD_IN` is the seam.
        before: motion that went on until the seam; `row` >= 1.
        row: the row of `before` at the same beat as row `LEAD_IN` of `new`.
        step_s: clock time between rows.
        half_life_s: how fast the difference halves.
    """
    t_s = (np.arange(len(new.root_position_m)) - LEAD_IN) * step_s
    before_rows, new_rows = slice(row - 1, row + 1), slice(LEAD_IN - 1, LEAD_IN + 1)
    gap = before.root_position_m[before_rows] - new.root_position_m[new_rows]
    root = new.root_position_m + decayed(gap[1], _limited(gap, step_s, MAX_MOVE_RATE), t_s, half_life_s)
    difference = rotations.multiply(
        before.joint_rotations_wxyz[before_rows], rotations.conjugate(new.joint_rotations_wxyz[new_rows])
    )
    turn = rotations.to_rotvec(difference)
    # Near half a turn the two rotation vectors may point opposite ways: take both the way of the seam's own.
    turn[0] = rotations.to_rotvec(rotations.align_signs(difference[0], difference[1])) if _far(turn) else turn[0]
    offset = decayed(turn[1], _limited(turn, step_s, MAX_TURN_RATE), t_s, half_life_s)
    turned = rotations.multiply(rotations.from_rotvec(offset), new.joint_rotations_wxyz)
    return Motion(root_position_m=root, joint_rotations_wxyz=rotations.normalise(turned), foot_contact=new.foot_contact)


def _limited(pair: Array, step_s: float, limit: float) -> Array:
    rate = (pair[1] - pair[0]) / step_s
    size = np.linalg.norm(rate, axis=-1, keepdims=True)
    out: Array = rate * np.minimum(1.0, limit / np.maximum(size, 1e-9))
    return out


def _far(turn: Array) -> bool:
    return bool(np.max(np.linalg.norm(turn[1] - turn[0], axis=-1)) > np.pi)
