"""Standing: the relaxed pose from which idle and probe are made."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Feet

Array = NDArray[np.floating]

HALF_WIDTH_M: Final = 0.12
"""Half the distance between the ankles."""
TOES_OUT_RAD: Final = math.radians(12.0)
HIPS_HEIGHT_M: Final = skeleton.REST_HIPS_HEIGHT_M - 0.035
"""Knees are soft."""

ANGLES_DEG: Final[dict[str, tuple[float, float, float]]] = {
    "chest": (3.0, 0.0, 0.0),
    "neck": (-2.0, 0.0, 0.0),
    "head": (2.0, 0.0, 0.0),
    "l_shoulder": (0.0, 0.0, -74.0),
    "r_shoulder": (0.0, 0.0, 74.0),
    "l_elbow": (0.0, -16.0, 0.0),
    "r_elbow": (0.0, 16.0, 0.0),
    "l_hip": (-9.0, 0.0, 4.0),
    "r_hip": (-9.0, 0.0, -4.0),
    "l_knee": (16.0, 0.0, 0.0),
    "r_knee": (16.0, 0.0, 0.0),
}


def turns(angles_deg: dict[str, tuple[float, float, float]]) -> Array:
    """Return rotations (23, 4) from rotation vectors in degrees by joint name."""
    vectors = np.zeros((skeleton.N_JOINTS, 3))
    for name, angles in angles_deg.items():
        vectors[skeleton.INDEX[name]] = np.radians(angles)
    return rotations.from_rotvec(vectors)


def pose() -> Array:
    """Return the rotations (23, 4) of standing relaxed, facing the audience."""
    return turns(ANGLES_DEG)


def feet(n: int, place_xz: Array, yaw_rad: Array) -> Feet:
    """Return flat feet under a body at `place_xz` (2,) or (n, 2) that faces `yaw_rad` () or (n,)."""
    yaw = np.broadcast_to(np.asarray(yaw_rad, dtype=np.float64), (n,))
    facing = rotations.about_y(yaw)
    ankle = np.empty((n, 2, 3))
    turned = np.empty((n, 2, 4))
    for side, sign in ((0, 1.0), (1, -1.0)):
        offset = np.array([sign * HALF_WIDTH_M, skeleton.SOLE_TO_ANKLE_M, -0.02])
        ankle[:, side] = rotations.rotate(facing, np.broadcast_to(offset, (n, 3)))
        turned[:, side] = rotations.about_y(yaw + sign * TOES_OUT_RAD)
    ankle[..., [0, 2]] += np.broadcast_to(place_xz, (n, 2))[:, None]
    return Feet(ankle_m=ankle, rotation_wxyz=turned)
