"""Pure quaternion maths on arrays (..., 4), order w x y z, unit length, right-handed.

Every shown pose passes through here with 23 joints, where NumPy's helpers (`stack`, `linalg.norm`, `clip`) cost more
than the arithmetic: results are written component by component, or by one matrix product, instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])


def _hamilton() -> Array:
    """Return (16, 4): how much of a_i b_j (row 4 i + j) there is in each component of the product a * b."""
    out = np.zeros((4, 4, 4))
    for k, signs in enumerate(((1, -1, -1, -1), (1, 1, 1, -1), (1, -1, 1, 1), (1, 1, -1, 1))):
        for i, sign in enumerate(signs):
            out[i, i ^ k, k] = sign
    return out.reshape(16, 4)


_HAMILTON = {char: _hamilton().astype(char) for char in "fd"}
LEAST_ARC_RAD = 1e-6
"""Of half a turn's angle; below it a straight line and an arc are the same to 1e-12."""


def normalise(q: Array) -> Array:
    """Return `q` (..., 4) at unit length; a zero quaternion becomes the identity."""
    n = np.sqrt((q * q).sum(axis=-1, keepdims=True))
    is_safe = n > 1e-12
    out: Array = q / n if is_safe.all() else np.where(is_safe, q / np.where(is_safe, n, 1.0), IDENTITY)
    return out


def multiply(a: Array, b: Array) -> Array:
    """Return the Hamilton product a * b: rotate by b first, then by a.

    All sixteen products of components at once, summed by one matrix product: a third of the time of writing them out.
    """
    products = a[..., :, None] * b[..., None, :]
    out: Array = products.reshape(*products.shape[:-2], 16) @ _HAMILTON[products.dtype.char]
    return out


def conjugate(q: Array) -> Array:
    """Return the inverse of unit quaternions."""
    return q * np.array([1.0, -1.0, -1.0, -1.0], dtype=q.dtype)


def rotate(q: Array, v: Array) -> Array:
    """Rotate vectors `v` (..., 3) by `q` (..., 4)."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    vx, vy, vz = v[..., 0], v[..., 1], v[..., 2]
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    rx = vx + w * tx + y * tz - z * ty
    out = np.empty((*rx.shape, 3), rx.dtype)
    out[..., 0] = rx
    out[..., 1] = vy + w * ty + z * tx - x * tz
    out[..., 2] = vz + w * tz + x * ty - y * tx
    return out


def align_signs(q: Array, reference: Array) -> Array:
    """Return `q` with each sign chosen so that it lies on the hemisphere of `reference`."""
    dot = (q * reference).sum(axis=-1, keepdims=True)
    out: Array = np.where(dot < 0, -q, q)
    return out


def continuous(q: Array) -> Array:
    """Return a track (T, ..., 4) whose signs never flip from one sample to the next."""
    dots = np.sum(q[1:] * q[:-1], axis=-1)
    flips = np.where(dots < 0, -1.0, 1.0)
    signs = np.concatenate([np.ones_like(flips[:1]), np.cumprod(flips, axis=0)], axis=0)
    out: Array = q * signs[..., None]
    return out


def slerp(a: Array, b: Array, s: ArrayLike) -> Array:
    """Interpolate the short way from a (s = 0) to b (s = 1); `s` broadcasts over (...)."""
    dot = (a * b).sum(axis=-1, keepdims=True)
    theta = np.arccos(np.minimum(np.abs(dot), 1.0))
    s = np.asarray(s, dtype=np.float64)[..., None]
    sin = np.sin(theta)
    small = sin < 1e-6
    safe = np.where(small, 1.0, sin)
    wa = np.where(small, 1.0 - s, np.sin((1.0 - s) * theta) / safe)
    wb = np.where(small, s, np.sin(s * theta) / safe)
    return normalise(wa * a + np.where(dot < 0.0, -wb, wb) * b)


class Arcs:
    """The short ways between successive rotations of a track (T, ..., 4), solved once: `at` costs half a `slerp`."""

    def __init__(self, track: Array) -> None:
        a, b = track[:-1], track[1:]
        dot = (a * b).sum(axis=-1, keepdims=True)
        self._starts = a
        self._ends = np.where(dot < 0.0, -b, b)
        self._angles = np.maximum(np.arccos(np.minimum(np.abs(dot), 1.0)), LEAST_ARC_RAD)
        self._scales = 1.0 / np.sin(self._angles)

    def at(self, i: int, s: float) -> Array:
        """Return the rotations (..., 4) at part `s` of the way from i to i + 1, as long as the track's to 1e-12."""
        angle, scale = self._angles[i], self._scales[i]
        wa, wb = np.sin((1.0 - s) * angle) * scale, np.sin(s * angle) * scale
        out: Array = wa * self._starts[i] + wb * self._ends[i]
        return out


def from_rotvec(v: Array) -> Array:
    """Return the quaternion of rotation vectors (..., 3), radians."""
    angle = np.sqrt((v * v).sum(axis=-1, keepdims=True))
    half = 0.5 * angle
    turns = angle > 1e-9
    k = np.where(turns, np.sin(half) / np.where(turns, angle, 1.0), 0.5)
    return np.concatenate([np.cos(half), k * v], axis=-1)


def to_rotvec(q: Array) -> Array:
    """Return rotation vectors (..., 3), radians, angle in [0, pi]."""
    q = np.where(q[..., :1] < 0, -q, q)
    sin = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sin, q[..., :1])
    k = np.where(sin > 1e-9, angle / np.where(sin > 1e-9, sin, 1.0), 2.0)
    out: Array = k * q[..., 1:]
    return out


def between(a: Array, b: Array) -> Array:
    """Return the smallest rotation that turns directions `a` into `b`, both (..., 3), non-zero."""
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    dot = (a * b).sum(axis=-1, keepdims=True)
    q = np.empty((*dot.shape[:-1], 4))
    q[..., :1] = 1.0 + dot
    q[..., 1:] = _cross(a, b)
    is_opposite = dot < -0.999999
    if is_opposite.any():
        # Opposite directions have no unique smallest rotation: turn half round any perpendicular axis.
        helper = np.where(np.abs(a[..., :1]) < 0.9, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
        perpendicular = np.broadcast_to(_cross(a, helper), (*dot.shape[:-1], 3))
        q = np.where(is_opposite, np.concatenate([np.zeros_like(dot), perpendicular], axis=-1), q)
    return normalise(q)


def _cross(a: Array, b: Array) -> Array:
    """Return a x b, both (..., 3); `np.cross` costs three times as much on a few dozen vectors."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    x = ay * bz - az * by
    out = np.empty((*x.shape, 3), x.dtype)
    out[..., 0], out[..., 1], out[..., 2] = x, az * bx - ax * bz, ax * by - ay * bx
    return out


def from_matrix(m: Array) -> Array:
    """Return the quaternions of rotation matrices (..., 3, 3)."""
    m00, m11, m22 = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    w = np.sqrt(np.maximum(0.0, 1 + m00 + m11 + m22))
    x = np.sqrt(np.maximum(0.0, 1 + m00 - m11 - m22))
    y = np.sqrt(np.maximum(0.0, 1 - m00 + m11 - m22))
    z = np.sqrt(np.maximum(0.0, 1 - m00 - m11 + m22))
    candidates = np.stack(
        [
            np.stack(
                [w * w, m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]], -1
            ),
            np.stack(
                [m[..., 2, 1] - m[..., 1, 2], x * x, m[..., 1, 0] + m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0]], -1
            ),
            np.stack(
                [m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] + m[..., 0, 1], y * y, m[..., 2, 1] + m[..., 1, 2]], -1
            ),
            np.stack(
                [m[..., 1, 0] - m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 2, 1] + m[..., 1, 2], z * z], -1
            ),
        ],
        axis=-2,
    )
    best = np.argmax(np.stack([w, x, y, z], axis=-1), axis=-1)
    return normalise(np.take_along_axis(candidates, best[..., None, None], axis=-2)[..., 0, :])


def to_matrix(q: Array) -> Array:
    """Return rotation matrices (..., 3, 3)."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    out = np.empty((*w.shape, 3, 3), w.dtype)
    out[..., 0, 0], out[..., 0, 1], out[..., 0, 2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[..., 1, 0], out[..., 1, 1], out[..., 1, 2] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    out[..., 2, 0], out[..., 2, 1], out[..., 2, 2] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)
    return out


def about_y(angle_rad: ArrayLike) -> Array:
    """Return the quaternion of a turn about the vertical axis, radians, (...) -> (..., 4)."""
    half = 0.5 * np.asarray(angle_rad, dtype=np.float64)
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, np.sin(half), zero], axis=-1)


def heading(q: Array) -> Array:
    """Return the yaw (...), radians, of the direction that +z takes under `q`; 0 faces the audience."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    out: Array = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    return out
