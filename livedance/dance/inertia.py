"""The one way a player hides a jump: an offset that starts as the jump and dies away.

At the jump (time t0) the shown pose is kept by adding the difference to the new motion, and that difference then
follows a fifth-degree polynomial of u = (t - t0) / duration with its own starting velocity v0:

    x(u) = x0 * (1 - 10 u^3 + 15 u^4 - 6 u^5)  +  v0 * duration * (u - 6 u^3 + 8 u^4 - 3 u^5)

so position and velocity go on without a step, and value, velocity and acceleration are 0 at u = 1 (Bollo,
"Inertialization", GDC 2018, without the overshoot search: v0 is limited instead). Joint offsets are rotation vectors
that turn the new parent-local rotation from the left; the root's is a vector in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations

Array = NDArray[np.floating]

DURATION_S: Final = 0.35
STEP_S: Final = 1.0 / 120.0
"""Velocities on both sides of a jump are differences over this time."""
MAX_TURN_RAD_S: Final = 8.0
"""Limit of a joint's starting velocity, rad/s: keeps the overshoot below 0.55 rad."""
MAX_ROOT_M_S: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Root (3,) and parent-local rotations (23, 4) of one pose."""

    root_position_m: Array
    joint_rotations_wxyz: Array


@dataclass(frozen=True, slots=True, eq=False)
class Velocity:
    """Metres per second (3,) and radians per second in the parent's frame (23, 3)."""

    root_m_s: Array
    turn_rad_s: Array


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """A jump at `t_s` that dies away within `duration_s`."""

    t_s: float
    duration_s: float
    root_m: Array
    turn_rad: Array
    velocity: Velocity

    def apply(self, body: Body, t_s: float) -> Body:
        """Return `body` (the new motion at `t_s`) with what is left of the jump added."""
        u = min(max((t_s - self.t_s) / self.duration_s, 0.0), 1.0)
        if u == 1.0:
            return body
        value = 1.0 + u * u * u * (-10.0 + u * (15.0 - 6.0 * u))
        rate = self.duration_s * u * (1.0 + u * u * (-6.0 + u * (8.0 - 3.0 * u)))
        turn = rotations.from_rotvec(value * self.turn_rad + rate * self.velocity.turn_rad_s)
        return Body(
            body.root_position_m + value * self.root_m + rate * self.velocity.root_m_s,
            rotations.multiply(turn, body.joint_rotations_wxyz),
        )


def velocity(earlier: Body, later: Body) -> Velocity:
    """Return the limited velocity of a motion from two poses `STEP_S` apart."""
    turn = rotations.multiply(later.joint_rotations_wxyz, rotations.conjugate(earlier.joint_rotations_wxyz))
    return Velocity(
        _limited((later.root_position_m - earlier.root_position_m) / STEP_S, MAX_ROOT_M_S),
        _limited(rotations.to_rotvec(turn) / STEP_S, MAX_TURN_RAD_S),
    )


def jump(*, t_s: float, duration_s: float, before: Body, going: Velocity, after: Body, coming: Velocity) -> Offset:
    """Return the offset that leads from `before` (shown, moving with `going`) into `after` (moving with `coming`)."""
    turn = rotations.multiply(before.joint_rotations_wxyz, rotations.conjugate(after.joint_rotations_wxyz))
    return Offset(
        t_s=t_s,
        duration_s=duration_s,
        root_m=before.root_position_m - after.root_position_m,
        turn_rad=rotations.to_rotvec(turn),
        velocity=Velocity(
            _limited(going.root_m_s - coming.root_m_s, MAX_ROOT_M_S),
            _limited(going.turn_rad_s - coming.turn_rad_s, MAX_TURN_RAD_S),
        ),
    )


def _limited(vectors: Array, limit: float) -> Array:
    length = np.sqrt(np.sum(vectors * vectors, axis=-1, keepdims=True))
    out: Array = vectors * (limit / np.maximum(length, limit))
    return out
