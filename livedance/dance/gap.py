"""What a dancer does where the score has nothing: carry on, come to rest, stand and sway. Pure in the time since.

Velocity dies away with `STOP_S`; from `HOLD_S` on the pose eases within `EASE_S` into a relaxed stand at the same place
and heading, which sways a little over planted feet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.inertia import Body, Velocity

Array = NDArray[np.floating]

STOP_S: Final = 0.2
HOLD_S: Final = 0.25
EASE_S: Final = 1.25
SWAY_HZ: Final = 0.25
SWAY_M: Final = 0.015
SWAY_CHEST_RAD: Final = 0.03

_ARM_DOWN_RAD: Final = 1.31
_ELBOW_RAD: Final = 0.35
_KNEE_RAD: Final = 0.12
"""Thighs and shins each lean this much, so that the knees are soft."""
_LEG_M: Final = -float(
    skeleton.REST_OFFSETS_M[skeleton.INDEX["l_knee"], 1] + skeleton.REST_OFFSETS_M[skeleton.INDEX["l_ankle"], 1]
)
STAND_HEIGHT_M: Final = skeleton.SOLE_TO_ANKLE_M + _LEG_M * math.cos(_KNEE_RAD)

_STAND_TURNS: Final[dict[str, tuple[float, float, float]]] = {
    "l_shoulder": (0.0, 0.0, -_ARM_DOWN_RAD),
    "r_shoulder": (0.0, 0.0, _ARM_DOWN_RAD),
    "l_elbow": (0.0, -_ELBOW_RAD, 0.0),
    "r_elbow": (0.0, _ELBOW_RAD, 0.0),
    "l_hip": (-_KNEE_RAD, 0.0, 0.0),
    "r_hip": (-_KNEE_RAD, 0.0, 0.0),
    "l_knee": (2 * _KNEE_RAD, 0.0, 0.0),
    "r_knee": (2 * _KNEE_RAD, 0.0, 0.0),
    "l_ankle": (-_KNEE_RAD, 0.0, 0.0),
    "r_ankle": (-_KNEE_RAD, 0.0, 0.0),
}
"""Rotation vectors of the relaxed stand; joints that are not named are at rest."""
_CHEST: Final = skeleton.INDEX["chest"]
_HIPS: Final = (skeleton.INDEX["l_hip"], skeleton.INDEX["r_hip"])
_ANKLES: Final = (skeleton.INDEX["l_ankle"], skeleton.INDEX["r_ankle"])


def _stand() -> Array:
    turns = np.zeros((skeleton.N_JOINTS, 3))
    for name, turn in _STAND_TURNS.items():
        turns[skeleton.INDEX[name]] = turn
    return rotations.from_rotvec(turns)


STAND: Final = _stand()
"""(23, 4) rotations of the relaxed stand, facing the audience."""


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """A stretch without score that begins at `t_s` with the pose and velocity shown then."""

    t_s: float
    body: Body
    velocity: Velocity
    hands: NDArray[np.uint8]
    foot_contact: Array

    def pose(self, t_s: float) -> tuple[Body, Array]:
        """Return the pose and foot contacts at `t_s`."""
        dt = max(t_s - self.t_s, 0.0)
        drift = STOP_S * -math.expm1(-dt / STOP_S)
        turn = rotations.from_rotvec(drift * self.velocity.turn_rad_s)
        held = Body(
            self.body.root_position_m + drift * self.velocity.root_m_s,
            rotations.multiply(turn, self.body.joint_rotations_wxyz),
        )
        u = min(max((dt - HOLD_S) / EASE_S, 0.0), 1.0)
        ease = u * u * (3.0 - 2.0 * u)
        stand = standing(held, float(rotations.heading(self.body.joint_rotations_wxyz[0])), dt)
        body = Body(
            held.root_position_m + ease * (stand.root_position_m - held.root_position_m),
            rotations.slerp(held.joint_rotations_wxyz, stand.joint_rotations_wxyz, ease),
        )
        return body, self.foot_contact + ease * (1.0 - self.foot_contact)


def standing(body: Body, heading_rad: float, dt_s: float) -> Body:
    """Return the swaying stand where `body` is, facing `heading_rad`, `dt_s` into the gap."""
    wave = math.sin(2.0 * math.pi * SWAY_HZ * dt_s)
    aside = SWAY_M * wave
    lean = _about_z(-math.asin(aside / _LEG_M))
    turned = STAND.copy()
    turned[0] = rotations.about_y(heading_rad)
    turned[_CHEST] = _about_z(-SWAY_CHEST_RAD * wave)
    for hip, ankle in zip(_HIPS, _ANKLES, strict=True):
        # The feet stay where they are while the hips move aside: legs lean, soles stay flat.
        turned[hip] = rotations.multiply(lean, turned[hip])
        turned[ankle] = rotations.multiply(turned[ankle], rotations.conjugate(lean))
    x, _, z = body.root_position_m.tolist()
    root = np.array([x + aside * math.cos(heading_rad), STAND_HEIGHT_M, z - aside * math.sin(heading_rad)])
    return Body(root, turned)


def rest() -> Gap:
    """Return the gap before any score: standing in the middle of the stage since time 0."""
    body = Body(np.array([0.0, STAND_HEIGHT_M, 0.0]), STAND)
    still = Velocity(np.zeros(3), np.zeros((skeleton.N_JOINTS, 3)))
    return Gap(0.0, body, still, np.zeros(2, np.uint8), np.ones(4))


def _about_z(angle_rad: float) -> Array:
    return np.array([math.cos(0.5 * angle_rad), 0.0, 0.0, math.sin(0.5 * angle_rad)])
