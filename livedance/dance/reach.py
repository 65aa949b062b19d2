"""Arm poses from where the wrist is: two-bone inverse kinematics, for poses that are written by hand.

Frames: a wrist's place is given from the neck joint, in the frame of the upper trunk (x the dancer's left, y up, z
front), for the left arm; the right arm takes the mirrored pose. The elbow bends as a hinge, about the arm's own y axis.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton

Array = NDArray[np.floating]
Vector = tuple[float, float, float]

UPPER_ARM_M: Final = float(skeleton.REST_OFFSETS_M[skeleton.INDEX["l_elbow"], 0])
FOREARM_M: Final = float(skeleton.REST_OFFSETS_M[skeleton.INDEX["l_wrist"], 0])
SHOULDER_M: Final = skeleton.REST_OFFSETS_M[skeleton.INDEX["l_shoulder"]]
REACH_M: Final = 0.99 * (UPPER_ARM_M + FOREARM_M)
_MIRROR: Final = np.array([1.0, 1.0, -1.0, -1.0])

Pose = dict[str, Array]
"""Parent-local rotations (4,) by joint name."""


def left_arm(wrist_m: Vector, elbow_to: Vector, twist_deg: float = 0.0, hand_deg: Vector = (0.0, 0.0, 0.0)) -> Pose:
    """Return shoulder, elbow and wrist of the left arm.

    Args:
        wrist_m: place of the wrist from the neck joint; out of reach it is pulled in along its line.
        elbow_to: direction to which the elbow stands out; need not be square to the arm.
        twist_deg: turn of the forearm about itself.
        hand_deg: rotation vector of the hand against the forearm.
    """
    line = np.asarray(wrist_m) - SHOULDER_M
    distance = float(np.linalg.norm(line))
    line = line / distance
    distance = min(distance, REACH_M)
    pole = np.asarray(elbow_to) - np.dot(elbow_to, line) * line
    pole = pole / np.linalg.norm(pole)
    ahead = (UPPER_ARM_M**2 + distance**2 - FOREARM_M**2) / (2.0 * distance)
    elbow = ahead * line + np.sqrt(max(UPPER_ARM_M**2 - ahead**2, 0.0)) * pole
    upper = elbow / UPPER_ARM_M
    forearm = (distance * line - elbow) / FOREARM_M
    hinge = np.cross(upper, forearm)
    hinge = hinge / np.linalg.norm(hinge)
    bend = float(np.arccos(np.clip(np.dot(upper, forearm), -1.0, 1.0)))
    shoulder = rotations.from_matrix(np.stack([upper, -hinge, np.cross(upper, -hinge)], axis=-1))
    flexed = rotations.from_rotvec(np.array([0.0, -bend, 0.0]))
    twisted = rotations.from_rotvec(np.radians([twist_deg, 0.0, 0.0]))
    return {
        "l_shoulder": shoulder,
        "l_elbow": rotations.multiply(flexed, twisted),
        "l_wrist": rotations.from_rotvec(np.radians(hand_deg)),
    }


def right_arm(wrist_m: Vector, elbow_to: Vector, twist_deg: float = 0.0, hand_deg: Vector = (0.0, 0.0, 0.0)) -> Pose:
    """Return the right arm's pose for a wrist at `wrist_m` itself, not mirrored; angles as for the left arm."""
    x, y, z = wrist_m
    ex, ey, ez = elbow_to
    return mirrored(left_arm((-x, y, z), (-ex, ey, ez), twist_deg, hand_deg))


def mirrored(pose: Pose) -> Pose:
    """Return `pose` with left and right exchanged."""
    return {skeleton.JOINT_NAMES[skeleton.MIRROR[skeleton.INDEX[name]]]: q * _MIRROR for name, q in pose.items()}


def hang(turned: Array, side: str, forward: Array, out: Array, bend: Array) -> None:
    """Swing one arm of rotations (n, 23, 4) from the shoulder, and bend its elbow further: radians, each (n,).

    Args:
        turned: written to.
        side: "l" or "r".
        forward: of the whole arm.
        out: away from the body.
        bend: of the elbow.
    """
    sign, still = (1.0 if side == "l" else -1.0), np.zeros_like(bend)
    shoulder, elbow = skeleton.INDEX[f"{side}_shoulder"], skeleton.INDEX[f"{side}_elbow"]
    swung = rotations.from_rotvec(np.stack([-forward, still, sign * out], axis=-1))
    turned[:, shoulder] = rotations.multiply(swung, turned[:, shoulder])
    flexed = rotations.from_rotvec(np.stack([still, -sign * bend, still], axis=-1))
    turned[:, elbow] = rotations.multiply(turned[:, elbow], flexed)
