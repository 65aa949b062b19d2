"""Light lines on the body's surface: visor, headphones, seams along the limbs, chest and spine.

Each mark is a row of points that ride on joints, with the direction in which the surface faces
there; a mark shows where its surface faces the lens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.render.body import GROUPS, Posed
from livedance.render.camera import View, turn
from livedance.skeleton import INDEX

Array = NDArray[np.floating]

_Point = tuple[str, float, float, float, float, float, float]
"""Joint, offset x y z in metres, outward direction x y z."""


def _mirror(points: list[_Point]) -> list[_Point]:
    def other(name: str) -> str:
        return "r" + name[1:] if name.startswith("l_") else name

    return [(other(j), -x, y, z, -nx, ny, nz) for j, x, y, z, nx, ny, nz in points]


_VISOR: Final[list[_Point]] = [
    ("head", 0.084, 0.012, 0.022, 1.0, 0.0, 0.35),
    ("head", 0.070, 0.006, 0.062, 0.7, 0.0, 0.7),
    ("head", 0.040, 0.002, 0.090, 0.35, 0.0, 0.95),
    ("head", 0.000, 0.000, 0.098, 0.0, 0.0, 1.0),
    ("head", -0.040, 0.002, 0.090, -0.35, 0.0, 0.95),
    ("head", -0.070, 0.006, 0.062, -0.7, 0.0, 0.7),
    ("head", -0.084, 0.012, 0.022, -1.0, 0.0, 0.35),
]
_BAND: Final[list[_Point]] = [
    ("head", 0.107 * math.cos(a), 0.030 + 0.094 * math.sin(a), 0.002, 0.0, 0.0, 0.0)
    for a in np.linspace(0.0, math.pi, 12).tolist()
]
"""Band of the headphones: no direction, it shows from everywhere."""
_CHEST: Final[list[_Point]] = [
    ("neck", 0.120, -0.050, 0.045, 0.2, 0.2, 1.0),
    ("neck", 0.055, -0.125, 0.090, 0.0, 0.0, 1.0),
    ("chest", 0.000, 0.020, 0.100, 0.0, 0.0, 1.0),
    ("neck", -0.055, -0.125, 0.090, 0.0, 0.0, 1.0),
    ("neck", -0.120, -0.050, 0.045, -0.2, 0.2, 1.0),
]
_SPINE: Final[list[_Point]] = [
    ("neck", 0.000, -0.010, -0.055, 0.0, 0.0, -1.0),
    ("chest", 0.000, 0.120, -0.080, 0.0, 0.0, -1.0),
    ("chest", 0.000, 0.000, -0.078, 0.0, 0.0, -1.0),
    ("hips", 0.000, 0.130, -0.085, 0.0, 0.0, -1.0),
    ("hips", 0.000, 0.020, -0.098, 0.0, 0.0, -1.0),
]
_ARM_SEAM: Final[list[_Point]] = [
    ("l_shoulder", 0.020, 0.050, 0.000, 0.2, 1.0, 0.2),
    ("l_shoulder", 0.150, 0.044, 0.004, 0.0, 1.0, 0.2),
    ("l_shoulder", 0.275, 0.034, 0.004, 0.0, 1.0, 0.2),
    ("l_elbow", 0.070, 0.039, 0.004, 0.0, 1.0, 0.2),
    ("l_elbow", 0.235, 0.023, 0.002, 0.0, 1.0, 0.2),
]
_LEG_SEAM: Final[list[_Point]] = [
    ("l_hip", 0.088, 0.020, 0.010, 1.0, 0.0, 0.3),
    ("l_hip", 0.082, -0.120, 0.016, 1.0, 0.0, 0.3),
    ("l_hip", 0.064, -0.280, 0.014, 1.0, 0.0, 0.3),
    ("l_hip", 0.049, -0.425, 0.008, 1.0, 0.0, 0.3),
    ("l_knee", 0.054, -0.110, 0.000, 1.0, 0.0, 0.3),
    ("l_knee", 0.032, -0.385, 0.002, 1.0, 0.0, 0.3),
]

_TABLE: Final[tuple[tuple[str, str, list[_Point]], ...]] = (
    ("visor", "head", _VISOR),
    ("band", "head", _BAND),
    ("chest", "torso", _CHEST),
    ("spine", "torso", _SPINE),
    ("l_arm", "l_arm", _ARM_SEAM),
    ("r_arm", "r_arm", _mirror(_ARM_SEAM)),
    ("l_leg", "l_leg", _LEG_SEAM),
    ("r_leg", "r_leg", _mirror(_LEG_SEAM)),
)
_POINTS: Final = [p for _, _, points in _TABLE for p in points]
_JOINT: Final = np.array([INDEX[p[0]] for p in _POINTS])
_OFFSET: Final = np.array([p[1:4] for p in _POINTS])
_FACING: Final = np.array([p[4:7] for p in _POINTS])
_NORMAL: Final = _FACING / np.maximum(np.linalg.norm(_FACING, axis=1, keepdims=True), 1e-9)
_ALWAYS: Final = 1.0 * ~_FACING.any(axis=1)
_ROWS: Final = tuple(np.cumsum([0, *(len(points) for _, _, points in _TABLE)]))


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of light on one dancer."""

    name: str
    group: int
    points_px: Array
    """(P, 2)"""
    shown: Array
    """(P,) 0 where the surface turns away, 1 where it faces the lens."""


def marks(dancers: Posed, view: View) -> list[list[Mark]]:
    """Return the marks of every dancer, in the pose's order."""
    matrices = dancers.matrices[:, _JOINT]
    points = dancers.positions_m[:, _JOINT] + (matrices @ _OFFSET[..., None])[..., 0]
    pixels, _ = view.project(points)
    normals = turn((matrices @ _NORMAL[..., None])[..., 0], view.preset.yaw_rad)
    shown = np.clip((normals[..., 2] - 0.05) / 0.45 + _ALWAYS, 0.0, 1.0)
    return [
        [
            Mark(name, GROUPS.index(group), pixels[n, a:b], shown[n, a:b])
            for (name, group, _), a, b in zip(_TABLE, _ROWS[:-1], _ROWS[1:], strict=True)
        ]
        for n in range(len(points))
    ]
