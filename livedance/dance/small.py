"""Vectors and quaternions as plain tuples: for step-by-step work on one joint, where arrays cost ten times more."""

from __future__ import annotations

import math

Vec = tuple[float, float, float]
Quat = tuple[float, float, float, float]

ZERO: Vec = (0.0, 0.0, 0.0)


def add(a: Vec, b: Vec) -> Vec:
    """Return a + b."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def subtract(a: Vec, b: Vec) -> Vec:
    """Return a - b."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scale(a: Vec, s: float) -> Vec:
    """Return s a."""
    return (s * a[0], s * a[1], s * a[2])


def length(a: Vec) -> float:
    """Return |a|."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


def multiply(a: Quat, b: Quat) -> Quat:
    """Return the Hamilton product: rotate by b first, then by a."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def conjugate(q: Quat) -> Quat:
    """Return the inverse of a unit quaternion."""
    return (q[0], -q[1], -q[2], -q[3])


def rotate(q: Quat, v: Vec) -> Vec:
    """Rotate v by q."""
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return (vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx)


def from_rotvec(v: Vec) -> Quat:
    """Return the quaternion of a rotation vector."""
    angle = length(v)
    if angle < 1e-9:
        return (1.0, 0.0, 0.0, 0.0)
    k = math.sin(0.5 * angle) / angle
    return (math.cos(0.5 * angle), k * v[0], k * v[1], k * v[2])


def to_rotvec(q: Quat) -> Vec:
    """Return the rotation vector of a unit quaternion, angle in [0, pi]."""
    w, x, y, z = q if q[0] >= 0.0 else (-q[0], -q[1], -q[2], -q[3])
    sin = math.sqrt(x * x + y * y + z * z)
    if sin < 1e-9:
        return (2.0 * x, 2.0 * y, 2.0 * z)
    k = 2.0 * math.atan2(sin, w) / sin
    return (k * x, k * y, k * z)


def angle_between(a: Quat, b: Quat) -> float:
    """Return the angle of the rotation that leads from one to the other, radians."""
    dot = abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3])
    return 2.0 * math.acos(min(1.0, dot))
