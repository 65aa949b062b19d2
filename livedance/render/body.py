"""The body: 3-D spheres on the rig, grouped into convex parts, projected to smooth 2-D polygons.

A part is the convex hull of two to six projected spheres: a tapered limb segment, the rib cage, a
palm. Parts belong to groups (an arm, a leg, the torso, the head) that are drawn far to near.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.messages import PoseFrame
from livedance.render.camera import View
from livedance.rotations import to_matrix
from livedance.skeleton import INDEX, PARENTS

Array = NDArray[np.floating]
Polygon = NDArray[np.int32]

SHIFT: Final = 4
"""Fractional bits of polygon coordinates: OpenCV draws at 1/16 pixel."""
CIRCLE_POINTS: Final = 20
_TURN: Final = np.linspace(0.0, 2.0 * np.pi, CIRCLE_POINTS, endpoint=False)
_CIRCLE: Final = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=-1)

GROUPS: Final = ("torso", "head", "l_arm", "r_arm", "l_leg", "r_leg")
"""Names of the groups; `Part.group` indexes them."""

_Sphere = tuple[str, float, float, float, float]
"""Joint it rides on, offset x y z in that joint's frame (left side), radius; metres."""

_ARM: Final[tuple[_Sphere, ...]] = (
    ("l_shoulder", 0.000, 0.000, 0.000, 0.047),
    ("l_shoulder", 0.055, 0.000, 0.000, 0.049),
    ("l_shoulder", 0.130, 0.000, 0.000, 0.045),
    ("l_shoulder", 0.215, 0.000, 0.000, 0.039),
    ("l_shoulder", 0.285, 0.000, 0.000, 0.035),
    ("l_elbow", 0.060, 0.000, 0.000, 0.039),
    ("l_elbow", 0.130, 0.000, 0.000, 0.035),
    ("l_elbow", 0.250, 0.000, 0.000, 0.024),
)
_HAND: Final[tuple[_Sphere, ...]] = (
    ("l_wrist", 0.000, 0.000, 0.000, 0.024),
    ("l_wrist", 0.085, 0.000, 0.026, 0.016),
    ("l_wrist", 0.078, 0.000, -0.026, 0.014),
    ("l_wrist", 0.025, -0.004, 0.026, 0.015),
)
_LEG: Final[tuple[_Sphere, ...]] = (
    ("l_hip", 0.000, 0.000, 0.000, 0.084),
    ("l_hip", 0.004, -0.080, 0.000, 0.087),
    ("l_hip", 0.004, -0.170, 0.002, 0.081),
    ("l_hip", 0.002, -0.290, 0.004, 0.066),
    ("l_hip", 0.000, -0.430, 0.000, 0.051),
    ("l_knee", 0.000, -0.070, -0.008, 0.054),
    ("l_knee", 0.000, -0.140, -0.012, 0.055),
    ("l_knee", 0.000, -0.240, -0.007, 0.046),
    ("l_knee", 0.000, -0.340, -0.002, 0.037),
    ("l_knee", 0.000, -0.420, 0.000, 0.034),
    ("l_ankle", 0.000, -0.064, -0.050, 0.034),
    ("l_ankle", 0.004, -0.068, 0.105, 0.032),
    ("l_ankle", 0.002, -0.074, 0.180, 0.025),
)
_TORSO: Final[tuple[_Sphere, ...]] = (
    ("hips", 0.074, -0.010, 0.000, 0.094),
    ("hips", -0.074, -0.010, 0.000, 0.094),
    ("hips", 0.062, 0.090, 0.000, 0.086),
    ("hips", -0.062, 0.090, 0.000, 0.086),
    ("hips", 0.048, 0.200, 0.000, 0.082),
    ("hips", -0.048, 0.200, 0.000, 0.082),
    ("chest", 0.068, 0.105, 0.012, 0.090),
    ("chest", -0.068, 0.105, 0.012, 0.090),
    ("neck", 0.136, -0.048, 0.000, 0.052),
    ("neck", -0.136, -0.048, 0.000, 0.052),
    ("neck", 0.000, 0.026, 0.000, 0.050),
    ("neck", 0.000, 0.064, 0.006, 0.045),
    ("neck", 0.000, 0.115, 0.012, 0.044),
)
_HEAD: Final[tuple[_Sphere, ...]] = (
    ("head", 0.000, 0.020, -0.014, 0.091),
    ("head", 0.000, -0.006, 0.020, 0.081),
    ("head", 0.000, -0.088, 0.046, 0.040),
)
_HEADPHONES: Final[tuple[_Sphere, ...]] = (
    ("head", 0.094, 0.024, 0.004, 0.026),
    ("head", 0.094, -0.030, 0.004, 0.026),
    ("head", -0.094, 0.024, 0.004, 0.026),
    ("head", -0.094, -0.030, 0.004, 0.026),
)

_CURLED: Final = [[0.096, -0.034, 0.024], [0.098, -0.036, 0.008], [0.096, -0.036, -0.008], [0.090, -0.034, -0.022]]
_FINGER_TIPS: Final[NDArray[np.float64]] = np.array(
    [
        # thumb, index, middle, ring, little: x, y, z in the left wrist's frame
        [
            [0.080, -0.020, 0.058],
            [0.160, -0.030, 0.030], [0.168, -0.036, 0.008], [0.160, -0.040, -0.012], [0.142, -0.040, -0.032],
        ],
        [[0.085, -0.030, 0.030], *_CURLED],
        [
            [0.090, -0.004, 0.052],
            [0.176, 0.000, 0.028], [0.186, 0.000, 0.009], [0.178, 0.000, -0.010], [0.158, 0.000, -0.030],
        ],
        [[0.080, -0.030, 0.036], [0.182, 0.000, 0.028], *_CURLED[1:]],
        [
            [0.070, -0.006, 0.088],
            [0.168, 0.000, 0.060], [0.184, 0.000, 0.018], [0.174, 0.000, -0.026], [0.142, 0.000, -0.066],
        ],
    ]
)  # fmt: skip
"""(5 hand poses, 5 fingers, 3): relaxed, fist, flat, point, spread (`MotionWindow.hands`)."""
_FINGER_RADII: Final = (0.0105, 0.0095, 0.0098, 0.0092, 0.0080)


@dataclass(frozen=True, slots=True)
class Part:
    """One convex part of the body."""

    name: str
    group: int
    spheres: tuple[int, ...]
    """Rows of the sphere table."""
    joins: bool = False
    """True where the part grows out of another group: its own outline is not drawn there."""


def _mirrored(spheres: tuple[_Sphere, ...]) -> list[_Sphere]:
    return [("r" + name[1:], -x, y, z, radius) for name, x, y, z, radius in spheres]


def _fingers(side: str) -> list[_Sphere]:
    """Return root and tip of five fingers; the tips are moved by the hand's pose."""
    sign = 1.0 if side == "l" else -1.0
    roots = [(0.030, -0.004, 0.028), *((0.084 - 0.002 * i, 0.0, 0.027 - 0.0178 * i) for i in range(4))]
    out: list[_Sphere] = []
    for (x, y, z), tip, radius in zip(roots, _FINGER_TIPS[0], _FINGER_RADII, strict=True):
        out.append((f"{side}_wrist", sign * x, y, z, radius * 1.18))
        out.append((f"{side}_wrist", sign * float(tip[0]), float(tip[1]), float(tip[2]), radius * 0.85))
    return out


def _build() -> tuple[list[_Sphere], list[Part], dict[str, int]]:
    spheres: list[_Sphere] = []
    parts: list[Part] = []
    starts: dict[str, int] = {}

    def add(name: str, rows: list[_Sphere]) -> int:
        starts[name] = len(spheres)
        spheres.extend(rows)
        return starts[name]

    t = add("torso", list(_TORSO))
    for name, rows in (
        ("pelvis", (0, 1, 2, 3)),
        ("belly", (2, 3, 4, 5)),
        ("ribs", (4, 5, 6, 7)),
        ("shoulders", (6, 7, 8, 9)),
        ("trapezius", (8, 9, 10)),
    ):
        parts.append(Part(name, 0, tuple(t + r for r in rows)))
    h = add("head", list(_HEAD))
    parts += [Part("throat", 1, (t + 10, t + 11), joins=True), Part("neck", 1, (t + 11, t + 12))]
    parts.append(Part("head", 1, (h, h + 1, h + 2)))
    p = add("headphones", list(_HEADPHONES))
    parts += [Part("l_headphone", 1, (p, p + 1)), Part("r_headphone", 1, (p + 2, p + 3))]
    for side, arm_group, leg_group in (("l", 2, 4), ("r", 3, 5)):
        pick = list if side == "l" else _mirrored
        a = add(f"{side}_arm", pick(_ARM))
        parts += [Part(f"{side}_arm_{i}", arm_group, (a + i, a + i + 1), joins=i == 0) for i in range(len(_ARM) - 1)]
        w = add(f"{side}_hand", pick(_HAND))
        parts.append(Part(f"{side}_palm", arm_group, (w, w + 1, w + 2, w + 3)))
        f = add(f"{side}_fingers", _fingers(side))
        parts += [Part(f"{side}_finger_{i}", arm_group, (f + 2 * i, f + 2 * i + 1)) for i in range(5)]
        g = add(f"{side}_leg", pick(_LEG))
        parts += [Part(f"{side}_leg_{i}", leg_group, (g + i, g + i + 1), joins=i == 0) for i in range(9)]
        parts.append(Part(f"{side}_foot", leg_group, (g + 9, g + 10, g + 11)))
        parts.append(Part(f"{side}_toes", leg_group, (g + 11, g + 12)))
    return spheres, parts, starts


_SPHERES, _PARTS, _STARTS = _build()
PARTS: Final[tuple[Part, ...]] = tuple(_PARTS)
_JOINT: Final = np.array([INDEX[s[0]] for s in _SPHERES])
_OFFSET: Final = np.array([s[1:4] for s in _SPHERES])
_RADIUS: Final = np.array([s[4] for s in _SPHERES])
N_SPHERES: Final = len(_SPHERES)
_TIP_ROWS: Final = tuple(np.array([_STARTS[f"{side}_fingers"] + 2 * i + 1 for i in range(5)]) for side in ("l", "r"))
_HIP_ROWS: Final = (_STARTS["torso"], _STARTS["torso"] + 1)
ARM_M: Final = 0.6
"""Depth from the hips at which a limb counts as quite near or quite far."""
_DEPTH_ROWS: Final = tuple(
    np.array([_STARTS[name] + row for row in rows])
    for name, rows in (
        ("torso", (0, 1, 6, 7)),
        ("head", (0, 1)),
        ("l_arm", (3, 4, 6, 7)),
        ("r_arm", (3, 4, 6, 7)),
        ("l_leg", (2, 3, 4, 7)),
        ("r_leg", (2, 3, 4, 7)),
    )
)
_BEHIND_M: Final = np.array([0.22, -0.10, 0.0, 0.0, 0.0, 0.0])
"""Added to a group's depth for sorting: limbs grow out of the torso, so they win where depths are close."""
GROUP_PARTS: Final = tuple(tuple(i for i, p in enumerate(PARTS) if p.group == g) for g in range(len(GROUPS)))
"""Indices of the parts of each group."""
EDGED_PARTS: Final = tuple(tuple(i for i in members if not PARTS[i].joins) for members in GROUP_PARTS)
"""Those of them that have an outline of their own."""
_PART_ROWS: Final = tuple(
    # A slice of neighbouring rows is a view; a list of rows would be copied.
    slice(p.spheres[0], p.spheres[-1] + 1)
    if p.spheres == tuple(range(p.spheres[0], p.spheres[-1] + 1))
    else list(p.spheres)
    for p in PARTS
)
WORN_PARTS: Final = frozenset(i for i, p in enumerate(PARTS) if "headphone" in p.name)
"""What the dancer wears; left out of the silhouette."""
CHAINS: Final = tuple(
    tuple(np.array([_STARTS[group] + row for row in rows]) for rows in chains)
    for group, chains in (
        ("torso", ((8, 6, 4, 2), (9, 7, 5, 3))),
        ("head", ((0, 1),)),
        ("l_arm", ((1, 2, 3, 4, 5, 6, 7),)),
        ("r_arm", ((1, 2, 3, 4, 5, 6, 7),)),
        ("l_leg", (tuple(range(1, 10)),)),
        ("r_leg", (tuple(range(1, 10)),)),
    )
)
"""Rows of the spheres along the middle of each group's limbs."""
_FINE: Final = frozenset(i for i, p in enumerate(PARTS) if "finger" in p.name)
COARSE_PARTS: Final = tuple(tuple(i for i in members if i not in _FINE) for members in GROUP_PARTS)
"""`GROUP_PARTS` without what is too small to shine."""
COARSE_EDGED_PARTS: Final = tuple(tuple(i for i in members if i not in _FINE) for members in EDGED_PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """The rig in the world, computed once a frame."""

    positions_m: Array
    """(N, 23, 3)"""
    matrices: Array
    """(N, 23, 3, 3) rotation of each joint in the world."""
    spheres_m: Array
    """(N, S, 3) centres of the body's spheres."""

    @property
    def tips_m(self) -> Array:
        """(N, 2, 3) tips of the middle fingers, left and right: where ribbons begin."""
        return self.spheres_m[:, [_TIP_ROWS[0][2], _TIP_ROWS[1][2]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One dancer as polygons on one picture."""

    dancer: int
    """Row in the pose."""
    points: Polygon
    """All polygons one after the other, (P, 1, 2) int32, 1/16 pixel."""
    ends: tuple[int, ...]
    """Where the polygon of each part of `PARTS` ends in `points`; each is convex."""
    order: tuple[int, ...]
    """Groups from far to near."""
    nearness: Array
    """(6,) per group: -1 an arm's length behind the hips, +1 in front."""
    centres_px: Array
    """(S, 2) projected sphere centres."""
    radii_px: Array
    """(S,)"""
    scale_px: float
    """Pixels per metre at the hips."""
    box: tuple[int, int, int, int]
    """x0, y0, x1, y1 in pixels, not clipped."""

    def polygons(self, move: tuple[int, int] = (0, 0), divide: int = 1) -> list[Polygon]:
        """Return one polygon per part, divided by `divide`, then moved by `move` (1/16 pixel)."""
        points = self.points // divide if divide > 1 else self.points
        if move != (0, 0):
            points = points + np.array(move, np.int32)
        return [points[a:b] for a, b in zip((0, *self.ends[:-1]), self.ends, strict=True)]


def posed(pose: PoseFrame) -> Posed:
    """Return the rig in the world; all numbers must be finite (`canvas.sane`)."""
    positions = pose.joint_positions_m
    matrices = to_matrix(pose.joint_rotations_wxyz)
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            matrices[:, joint] = matrices[:, parent] @ matrices[:, joint]
    n = len(positions)
    offsets = np.broadcast_to(_OFFSET, (n, N_SPHERES, 3)).copy()
    for side, rows in enumerate(_TIP_ROWS):
        sign = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
        offsets[:, rows] = _FINGER_TIPS[np.minimum(pose.hands[:, side], len(_FINGER_TIPS) - 1)] * sign
    centres = positions[:, _JOINT] + (matrices[:, _JOINT] @ offsets[..., None])[..., 0]
    return Posed(positions_m=positions, matrices=matrices, spheres_m=centres)


def figures(dancers: Posed, view: View, *, grow_px: float = 0.0) -> list[Figure]:
    """Return one `Figure` per dancer, farthest first.

    Args:
        dancers: The shown dancers.
        view: The camera.
        grow_px: Added to every radius, pixels.
    """
    pixels, depth = view.project(dancers.spheres_m)
    scale = view.pixels_per_m(depth)
    radii = np.minimum(np.maximum(_RADIUS * scale + grow_px, 0.6), 4000.0)
    points = np.rint((pixels[:, :, None, :] + radii[:, :, None, None] * _CIRCLE) * (1 << SHIFT)).astype(np.int32)
    low = np.floor((pixels - radii[..., None]).min(axis=1)).astype(int) - 1
    high = np.ceil((pixels + radii[..., None]).max(axis=1)).astype(int) + 1
    group_depth = np.stack([depth[:, rows].mean(axis=1) for rows in _DEPTH_ROWS], axis=1)
    orders = np.argsort(-group_depth - _BEHIND_M, axis=1, kind="stable")
    hips = depth[:, list(_HIP_ROWS)].mean(axis=1)
    out = []
    for n in np.argsort(-hips, kind="stable"):
        hulls = [cv2.convexHull(points[n, rows].reshape(-1, 2)) for rows in _PART_ROWS]
        figure = Figure(
            dancer=int(n),
            points=np.concatenate(hulls),
            ends=tuple(itertools.accumulate(len(hull) for hull in hulls)),
            order=tuple(int(g) for g in orders[n]),
            nearness=np.clip((hips[n] - group_depth[n]) / ARM_M, -1.0, 1.0),
            centres_px=pixels[n],
            radii_px=radii[n],
            scale_px=float(view.focal_px / hips[n]),
            box=(int(low[n, 0]), int(low[n, 1]), int(high[n, 0]), int(high[n, 1])),
        )
        out.append(figure)
    return out
