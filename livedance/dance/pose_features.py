"""A dance as rows of numbers that a network reads and writes, and back: nothing in them knows place or heading.

Row i holds 15 local rotations and the hips' tilt as the first two columns of their matrices (6-D, Zhou et al. 2019),
the hips' height, the way and the turn since row i - 1 per beat, seen from where the dancer faced then, and contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Motion
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

VERSION: Final = 1
"""Raised when a row means something else: a network taught on another version does not fit."""
JOINTS: Final = [
    skeleton.INDEX[name]
    for name in (
        "chest", "neck", "head", "l_shoulder", "l_elbow", "l_wrist", "r_shoulder", "r_elbow", "r_wrist",
        "l_hip", "l_knee", "l_ankle", "r_hip", "r_knee", "r_ankle",
    )
]  # fmt: skip
"""Joints that turn, but for the hips."""
N_ROTATIONS: Final = len(JOINTS) + 1
TURNS: Final = slice(0, 6 * N_ROTATIONS)
"""6-D rotations: `JOINTS`, then the tilt of the hips."""
HEIGHT: Final = 6 * N_ROTATIONS
WAY: Final = slice(HEIGHT + 1, HEIGHT + 3)
"""Metres a beat, to the dancer's left and ahead."""
YAW: Final = HEIGHT + 3
"""Radians a beat."""
CONTACT: Final = slice(HEIGHT + 4, HEIGHT + 8)
SIZE: Final = HEIGHT + 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walked:
    """Where a dancer is and faces, row by row."""

    heading_rad: Array
    """(n,)"""
    xz_m: Array
    """(n, 2)"""


def heading_of(hips_wxyz: Array) -> Array:
    """Return the yaw (n,) of hips (n, 4): their twist about the vertical axis, without jumps over time."""
    out: Array = np.unwrap(2.0 * np.arctan2(hips_wxyz[..., 2], hips_wxyz[..., 0]))
    return out


def rows_of(motion: Motion) -> tuple[Array, Walked]:
    """Return the rows (n, SIZE) of a motion, and where it goes; row 0 goes on like row 1, one alone stands."""
    turned = motion.joint_rotations_wxyz
    heading = heading_of(turned[:, 0])
    xz = motion.root_position_m[:, [0, 2]]
    out = np.zeros((len(turned), SIZE))
    tilt = rotations.multiply(rotations.about_y(-heading), turned[:, 0])
    local = np.concatenate([turned[:, JOINTS], tilt[:, None]], axis=1)
    out[:, TURNS] = six_of(local).reshape(len(local), -1)
    out[:, HEIGHT] = motion.root_position_m[:, 1]
    way = _seen(np.diff(xz, axis=0), heading[:-1]) * SAMPLES_PER_BEAT
    out[1:, WAY], out[1:, YAW] = way, np.diff(heading) * SAMPLES_PER_BEAT
    if len(out) > 1:
        out[0, WAY], out[0, YAW] = out[1, WAY], out[1, YAW]
    out[:, CONTACT] = motion.foot_contact
    return out, Walked(heading_rad=heading, xz_m=xz)


def walk(rows: Array, heading_rad: float, xz_m: Array) -> Walked:
    """Return where rows (n, SIZE) lead from the place and heading before the first of them."""
    heading = heading_rad + np.cumsum(rows[:, YAW]) / SAMPLES_PER_BEAT
    before = np.concatenate([[heading_rad], heading[:-1]])
    steps = _seen(rows[:, WAY] / SAMPLES_PER_BEAT, -before)
    return Walked(heading_rad=heading, xz_m=xz_m + np.cumsum(steps, axis=0))


def motion_of(rows: Array, walked: Walked) -> Motion:
    """Return the motion of rows (n, SIZE) that go where `walked` says."""
    local = wxyz_of(rows[:, TURNS].reshape(len(rows), N_ROTATIONS, 6))
    turned = np.zeros((len(rows), skeleton.N_JOINTS, 4))
    turned[..., 0] = 1.0
    turned[:, JOINTS] = local[:, :-1]
    turned[:, 0] = rotations.multiply(rotations.about_y(walked.heading_rad), local[:, -1])
    root = np.stack([walked.xz_m[:, 0], rows[:, HEIGHT], walked.xz_m[:, 1]], axis=-1)
    contact = np.clip(rows[:, CONTACT], 0.0, 1.0)
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact)


def mirrored(rows: Array) -> Array:
    """Return rows (..., SIZE) seen in a mirror."""
    return rows[..., _MIRROR_FROM] * _MIRROR_SIGN


def held(rows: Array, n: int) -> Array:
    """Return rows (m, SIZE) whose first `n` stand still in the pose of row `n`, or of the last one."""
    out = rows.copy()
    out[:n] = rows[min(n, len(rows) - 1)]
    out[:n, WAY], out[:n, YAW] = 0.0, 0.0
    return out


def six_of(wxyz: Array) -> Array:
    """Return the first two columns (..., 6) of the matrices of unit quaternions (..., 4)."""
    w, x, y, z = (wxyz[..., i] for i in range(4))
    out = np.empty((*wxyz.shape[:-1], 6))
    out[..., 0], out[..., 1], out[..., 2] = 1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)
    out[..., 3], out[..., 4], out[..., 5] = 2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)
    return out


def wxyz_of(six: Array) -> Array:
    """Return unit quaternions (..., 4) of 6-D rotations (..., 6), made orthogonal by Gram and Schmidt."""
    x = _unit(six[..., :3])
    y = _unit(six[..., 3:] - np.sum(x * six[..., 3:], axis=-1, keepdims=True) * x)
    z = np.cross(x, y)
    return rotations.from_matrix(np.stack([x, y, z], axis=-1))


def _unit(v: Array) -> Array:
    out: Array = v / np.maximum(np.sqrt(np.sum(v * v, axis=-1, keepdims=True)), 1e-8)
    return out


def _seen(xz: Array, heading_rad: Array) -> Array:
    """Return floor vectors (n, 2) as a dancer who faces `heading_rad` (n,) sees them."""
    cos, sin = np.cos(heading_rad), np.sin(heading_rad)
    return np.stack([cos * xz[:, 0] - sin * xz[:, 1], sin * xz[:, 0] + cos * xz[:, 1]], axis=-1)


def _mirror_table() -> tuple[NDArray[np.intp], Array]:
    """Return (source, sign) of each number of a mirrored row."""
    source, sign = np.arange(SIZE), np.ones(SIZE)
    for i, joint in enumerate(JOINTS):
        other = JOINTS.index(skeleton.MIRROR[joint])
        source[6 * i : 6 * i + 6] = 6 * other + np.arange(6)
    sign[TURNS] = np.tile([1.0, -1.0, -1.0, -1.0, 1.0, 1.0], N_ROTATIONS)
    sign[WAY.start] = sign[YAW] = -1.0
    source[CONTACT] = CONTACT.start + np.array([2, 3, 0, 1])
    return source, sign


_MIRROR_FROM, _MIRROR_SIGN = _mirror_table()
