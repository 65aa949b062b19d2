"""Feet that stand, stand still between samples too: two-bone IK of the leg, in plain floats.

The score's feet are locked at its samples; between two samples a slerp of joints does not keep an ankle in place. While
a contact is on, the contact joint is moved to the straight line between its places at the two samples, the foot keeps
its direction, and hip and knee follow. The correction is zero at every sample, so it needs no memory and every player,
whenever it joined, shows the same.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton

Array = NDArray[np.floating]
Vector: TypeAlias = tuple[float, float, float]
Quaternion: TypeAlias = tuple[float, float, float, float]


def _offset(name: str) -> Vector:
    x, y, z = skeleton.REST_OFFSETS_M[skeleton.INDEX[name]].tolist()
    return x, y, z


_LEGS: Final = tuple(tuple(skeleton.INDEX[f"{s}_{part}"] for part in ("hip", "knee", "ankle", "toe")) for s in "lr")
_HIP: Final = (_offset("l_hip"), _offset("r_hip"))
_THIGH: Final = _offset("l_knee")
_SHIN: Final = _offset("l_ankle")
_FOOT: Final = _offset("l_toe")
THIGH_M: Final = -_THIGH[1]
SHIN_M: Final = -_SHIN[1]
REACH: Final = 0.9999
"""Part of the leg's full length that it may be stretched to."""
HINGE: Final = 0.01
"""How much the thigh's own x axis counts as the knee's hinge; decides it when the leg is straight."""


def feet_of(root_position_m: Array, joint_rotations_wxyz: Array) -> Array:
    """Return the contact joints (..., 4, 3) of poses (..., 3), (..., 23, 4), in the order of `foot_contact`."""
    places: Array = skeleton.forward_kinematics(root_position_m, joint_rotations_wxyz)[..., skeleton.CONTACT_JOINTS, :]
    return places


def pin(root_position_m: Array, joint_rotations_wxyz: Array, contact: Array, targets: Array) -> Array:
    """Return rotations (23, 4) with each foot that stands led to its target.

    `contact` (4,) is in [0, 1]; `targets` (4, 3) are the contact joints' places on the line between two samples.
    """
    c = contact.tolist()
    if max(c) <= 0.0:
        return joint_rotations_wxyz
    out = joint_rotations_wxyz.copy()
    root, rows, goals = root_position_m.tolist(), out.tolist(), targets.tolist()
    for side, (hip, knee, ankle, _) in enumerate(_LEGS):
        heel, toe = c[2 * side], c[2 * side + 1]
        if max(heel, toe) > 0.0:
            out[hip], out[knee], out[ankle] = _leg(
                root,
                rows[0],
                (rows[hip], rows[knee], rows[ankle]),
                _HIP[side],
                (heel, toe),
                goals[2 * side : 2 * side + 2],
            )
    return out


def _leg(
    root: Vector,
    pelvis: Quaternion,
    local: tuple[Quaternion, Quaternion, Quaternion],
    hip_offset: Vector,
    weights: tuple[float, float],
    goals: tuple[Vector, Vector],
) -> tuple[Quaternion, Quaternion, Quaternion]:
    thigh = _multiply(pelvis, local[0])
    shin = _multiply(thigh, local[1])
    foot = _multiply(shin, local[2])
    hip = _add(root, _rotate(pelvis, hip_offset))
    knee = _add(hip, _rotate(thigh, _THIGH))
    ankle = _add(knee, _rotate(shin, _SHIN))
    toe = _add(ankle, _rotate(foot, _FOOT))
    goal = _add(_subtract(ankle, hip), _correction(weights, goals, (ankle, toe)))

    # The knee opens or closes about its hinge until the ankle is as far from the hip as the goal.
    reach = min(_length(goal), REACH * (THIGH_M + SHIN_M))
    along, below = _subtract(knee, hip), _subtract(ankle, knee)
    hinge = _add(_cross(along, below), _scale(_rotate(thigh, (1.0, 0.0, 0.0)), HINGE))
    bend = _bend(reach) - _bend(_length(_subtract(ankle, hip)))
    shin = _multiply(_turn(hinge, bend), shin)

    # Then the whole leg turns about the hip so that the ankle lies in the goal's direction.
    swing = _between(_add(along, _rotate(shin, _SHIN)), goal)
    thigh, shin = _multiply(swing, thigh), _multiply(swing, shin)
    return (
        _multiply(_conjugate(pelvis), thigh),
        _multiply(_conjugate(thigh), shin),
        _multiply(_conjugate(shin), foot),
    )


def _correction(weights: tuple[float, float], goals: tuple[Vector, Vector], places: tuple[Vector, Vector]) -> Vector:
    """Return how far the foot is moved: the mean of what heel and toe ask for, by contact, times the stronger."""
    heel, toe = (_scale(_subtract(g, p), w) for g, p, w in zip(goals, places, weights, strict=True))
    return _scale(_add(heel, toe), max(weights) / (weights[0] + weights[1]))


def _bend(reach: float) -> float:
    """Return the angle (0 = straight) at which the ankle is `reach` from the hip: law of cosines."""
    cosine = (reach * reach - THIGH_M * THIGH_M - SHIN_M * SHIN_M) / (2.0 * THIGH_M * SHIN_M)
    return math.acos(min(1.0, max(-1.0, cosine)))


def _turn(axis: Vector, angle: float) -> Quaternion:
    k = math.sin(0.5 * angle) / max(_length(axis), 1e-9)
    return math.cos(0.5 * angle), axis[0] * k, axis[1] * k, axis[2] * k


def _between(a: Vector, b: Vector) -> Quaternion:
    """Return the smallest rotation from direction a to b; they are never opposite here."""
    n = _length(a) * _length(b)
    x, y, z = _cross(a, b)
    w = n + a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    k = 1.0 / max(math.sqrt(w * w + x * x + y * y + z * z), 1e-9)
    return w * k, x * k, y * k, z * k


def _multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def _conjugate(q: Quaternion) -> Quaternion:
    return q[0], -q[1], -q[2], -q[3]


def _rotate(q: Quaternion, v: Vector) -> Vector:
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _add(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _subtract(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _scale(a: Vector, k: float) -> Vector:
    return a[0] * k, a[1] * k, a[2] * k


def _length(a: Vector) -> float:
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
