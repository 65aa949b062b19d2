"""Legs by two-bone inverse kinematics: exact, no iteration, knees where the motion has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Feet, Motion

Array = NDArray[np.floating]

HIPS: Final = [skeleton.INDEX["l_hip"], skeleton.INDEX["r_hip"]]
KNEES: Final = [skeleton.INDEX["l_knee"], skeleton.INDEX["r_knee"]]
ANKLES: Final = [skeleton.INDEX["l_ankle"], skeleton.INDEX["r_ankle"]]
TOES: Final = [skeleton.INDEX["l_toe"], skeleton.INDEX["r_toe"]]

HIP_OFFSET_M: Final = skeleton.REST_OFFSETS_M[HIPS]
THIGH_M: Final = float(-skeleton.REST_OFFSETS_M[KNEES[0], 1])
SHIN_M: Final = float(-skeleton.REST_OFFSETS_M[ANKLES[0], 1])
TOE_OFFSET_M: Final = skeleton.REST_OFFSETS_M[TOES[0]]
REACH_M: Final = 0.98 * (THIGH_M + SHIN_M)
"""A leg is never stretched further: a straight knee flickers."""
NEAREST_M: Final = 0.25
_FRONT: Final = np.array([0.0, 0.0, 1.0])
_POLE_TRUST_M: Final = 0.04
"""A knee that stands out less than this is helped by the front of its thigh."""


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """World positions and rotations of both legs, (n, 2, ...)."""

    hip_m: Array
    knee_m: Array
    ankle_m: Array
    thigh: Array
    shin: Array
    foot: Array


def legs_of(motion: Motion) -> Legs:
    """Return both legs by forward kinematics of hips, thighs, shins and feet alone."""
    turned = motion.joint_rotations_wxyz
    pelvis = turned[:, 0:1]
    thigh = rotations.multiply(pelvis, turned[:, HIPS])
    shin = rotations.multiply(thigh, turned[:, KNEES])
    hip = motion.root_position_m[:, None] + rotations.rotate(pelvis, HIP_OFFSET_M[None])
    knee = hip + THIGH_M * along(thigh)
    return Legs(
        hip_m=hip,
        knee_m=knee,
        ankle_m=knee + SHIN_M * along(shin),
        thigh=thigh,
        shin=shin,
        foot=rotations.multiply(shin, turned[:, ANKLES]),
    )


def feet_of(motion: Motion) -> Feet:
    """Return where the feet of `motion` are."""
    legs = legs_of(motion)
    return Feet(ankle_m=legs.ankle_m, rotation_wxyz=legs.foot)


def toes_of(feet: Feet) -> Array:
    """Return the toe joints (n, 2, 3)."""
    out: Array = feet.ankle_m + rotations.rotate(feet.rotation_wxyz, np.broadcast_to(TOE_OFFSET_M, feet.ankle_m.shape))
    return out


def along(rotation: Array) -> Array:
    """Return the direction that a leg bone, which points down at rest, takes under `rotation`."""
    w, x, y, z = rotation[..., 0], rotation[..., 1], rotation[..., 2], rotation[..., 3]
    return np.stack([2 * (w * z - x * y), 2 * (x * x + z * z) - 1, -2 * (w * x + y * z)], axis=-1)


def place_feet(motion: Motion, feet: Feet) -> Motion:
    """Return `motion` with its legs bent so that the feet are at `feet`.

    Each leg is first swung as a whole so that it points to its foot, then bent in its own plane: the knee stays on the
    side where the motion has it and the thigh keeps its twist. A foot out of reach is pulled in along the leg's line.
    """
    legs = legs_of(motion)
    reach = feet.ankle_m - legs.hip_m
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    line = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, NEAREST_M, REACH_M)
    swing = rotations.between(legs.ankle_m - legs.hip_m, line)
    ahead = (THIGH_M**2 + distance**2 - SHIN_M**2) / (2.0 * distance)
    aside = np.sqrt(np.maximum(THIGH_M**2 - ahead**2, 0.0))
    knee = ahead * line + aside * _pole(legs, swing, line)
    swung = rotations.multiply(swing, legs.thigh)
    thigh = rotations.multiply(rotations.between(along(swung), knee), swung)
    shin_before = rotations.multiply(thigh, motion.joint_rotations_wxyz[:, KNEES])
    shin = rotations.multiply(rotations.between(along(shin_before), distance * line - knee), shin_before)
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, HIPS] = rotations.multiply(rotations.conjugate(turned[:, 0:1]), thigh)
    turned[:, KNEES] = rotations.multiply(rotations.conjugate(thigh), shin)
    turned[:, ANKLES] = rotations.multiply(rotations.conjugate(shin), feet.rotation_wxyz)
    legs_joints = HIPS + KNEES + ANKLES
    turned[:, legs_joints] = rotations.normalise(turned[:, legs_joints])
    return Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _pole(legs: Legs, swing: Array, line: Array) -> Array:
    """Return the unit direction (n, 2, 3), square to `line`, to which each knee stands out.

    A leg that is nearly straight does not say; the front of its thigh does. A knee that a seam carried past straight is
    brought back to the front by as much as it stands behind: else it would flip there and back within a beat.
    """
    front = rotations.rotate(legs.thigh, np.broadcast_to(_FRONT, legs.knee_m.shape))
    leg = legs.ankle_m - legs.hip_m
    leg = leg / np.maximum(np.linalg.norm(leg, axis=-1, keepdims=True), 1e-6)
    aside = legs.knee_m - legs.hip_m - np.sum((legs.knee_m - legs.hip_m) * leg, axis=-1, keepdims=True) * leg
    behind = np.maximum(-np.sum(aside * front, axis=-1, keepdims=True), 0.0)
    out = rotations.rotate(swing, legs.knee_m - legs.hip_m + (_POLE_TRUST_M + behind) * front)
    out = out - np.sum(out * line, axis=-1, keepdims=True) * line
    result: Array = out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-6)
    return result
