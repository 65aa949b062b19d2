"""Damped dance made human: a robot's hips, chest, arms and head go further from their running mean pose.

The feet are not touched: inverse kinematics holds them where they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import energy
from livedance.dance.window import Motion

Array = NDArray[np.floating]

GAINS: Final[Mapping[str, float]] = {
    "hips": 1.20, "chest": 1.35, "neck": 1.10, "head": 1.50,
    "l_shoulder": 1.05, "r_shoulder": 1.05, "l_elbow": 1.05, "r_elbow": 1.05,
    "l_wrist": 1.05, "r_wrist": 1.05,
}  # fmt: skip
"""How many times the deviation is made at `damped` 1; arms get little: they are at the end of all the others."""
RANGES_DEG: Final[Mapping[str, float]] = {
    "hips": 50.0, "chest": 45.0, "neck": 35.0, "head": 60.0,
    "l_shoulder": 150.0, "r_shoulder": 150.0, "l_elbow": 145.0, "r_elbow": 145.0,
    "l_wrist": 60.0, "r_wrist": 60.0,
}  # fmt: skip
"""Turn from the rest pose, tilt alone for the hips, over which nothing is made larger."""
MARGIN_RAD: Final = np.radians(30.0)
"""Width inside the range over which the gain fades."""
LARGE_RAD: Final = 0.9
"""Deviations from this size on are made less larger, from twice this size on not at all."""
_JOINTS: Final = [skeleton.INDEX[name] for name in GAINS]
_GAINS: Final = np.array(list(GAINS.values()))
_RANGES: Final = np.radians(list(RANGES_DEG.values()))


def exaggerate(motion: Motion, mean_wxyz: Array, damped: float) -> Motion:
    """Return `motion` with its upper body's deviation from `mean_wxyz` (n, 23, 4) made larger.

    Args:
        motion: n rows.
        mean_wxyz: running mean pose over about four beats.
        damped: [0, 1]; 0 returns what came in.
    """
    if damped <= 0.0:
        return motion
    mean, now = mean_wxyz[:, _JOINTS], motion.joint_rotations_wxyz[:, _JOINTS]
    away = rotations.to_rotvec(rotations.multiply(rotations.conjugate(mean), now))
    size = np.sqrt((away * away).sum(axis=-1))
    room = np.clip((_RANGES - _from_rest(now)) / MARGIN_RAD, 0.0, 1.0)
    small = np.clip(2.0 - size / LARGE_RAD, 0.0, 1.0)
    more = energy.softened((damped * (_GAINS - 1.0) * small * small * (3.0 - 2.0 * small))[..., None] * away)
    fade = room * room * (3.0 - 2.0 * room)
    larger = rotations.multiply(now, rotations.from_rotvec(fade[..., None] * more))
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, _JOINTS] = rotations.normalise(larger)
    return Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _from_rest(now: Array) -> Array:
    """Return how far (n, J) each joint is turned from rest; of the hips, the first, only the tilt counts."""
    out: Array = 2.0 * np.arccos(np.clip(np.abs(now[..., 0]), 0.0, 1.0))
    hips = now[:, 0]
    out[:, 0] = np.arccos(np.clip(1.0 - 2.0 * (hips[:, 1] ** 2 + hips[:, 3] ** 2), -1.0, 1.0))
    return out
