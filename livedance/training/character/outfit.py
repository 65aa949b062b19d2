"""Dressed dancers as solids, in the rest pose of the skeleton: jacket, trousers, sneakers, gloves, helmet or hood.

Metres, y up, facing +z, feet on the floor. The left side is +x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from livedance.render.mesh import figure
from livedance.skeleton import REST_HIPS_HEIGHT_M as HIPS_M
from livedance.training.character import solids as s
from livedance.training.character.solids import Array, Solid

SHOULDER_M: Final = (0.176, HIPS_M + 0.491, 0.0)
ELBOW_M: Final = (0.461, SHOULDER_M[1], 0.0)
WRIST_M: Final = (0.711, SHOULDER_M[1], 0.0)
HIP_X_M: Final = 0.095
KNEE_M: Final = HIPS_M - 0.43
ANKLE_M: Final = HIPS_M - 0.85
HEAD_M: Final = HIPS_M + 0.70
FINGER_RADIUS_M: Final = (0.0115, 0.0092, 0.0096, 0.0092, 0.0082)
"""Thumb to little finger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How one dancer is built and dressed."""

    name: str
    chest: float = 1.0
    """Width of the rib cage."""
    waist: float = 1.0
    hips: float = 1.0
    shoulders: float = 1.0
    jacket_m: float = HIPS_M - 0.045
    """Height of the jacket's hem."""
    flare: float = 1.0
    """Width of the hem."""
    sleeve: float = 1.0
    leg: float = 1.0
    """Width of the trousers at the thigh."""
    ankle: float = 1.0
    """Width of the trousers at the ankle."""
    hood: bool = False
    """A hood over a dark face; else a helmet with a visor."""
    lantern: bool = False
    """No clothes at all: shells apart from each other, and light between them."""


CUTS: Final = (
    Cut(name="rider"),
    Cut(name="hood", hood=True, chest=1.04, shoulders=1.03, jacket_m=HIPS_M - 0.09, flare=1.16, sleeve=1.16, leg=1.06,
        ankle=1.28),
    Cut(name="sprite", chest=0.88, waist=0.80, hips=1.04, shoulders=0.84, jacket_m=HIPS_M + 0.105, flare=0.84,
        sleeve=0.84, leg=0.92, ankle=0.70),
    Cut(name="lantern", lantern=True),
)  # fmt: skip


class Piece(NamedTuple):
    """One closed surface, cut into triangles of about `cell_m` inside a box."""

    solid: Solid
    low_m: s.Point
    high_m: s.Point
    cell_m: float
    material: str


def pieces(cut: Cut) -> tuple[Piece, ...]:
    """Return everything that one dancer wears, in the order of `figure.MATERIALS`."""
    hand = Piece(s.mirrored(_hand()), (-0.92, 1.36, -0.08), (0.92, 1.52, 0.10), 0.0085, "glove")
    if cut.lantern:
        low, high = (-0.76, -0.02, -0.20), (0.76, 1.90, 0.26)
        return hand, Piece(_shells(), low, high, 0.0170, "shell"), Piece(_core(), low, high, 0.0175, "light")
    low, high = (-0.20, 1.42, -0.22), (0.20, 1.90, 0.22)
    return (
        Piece(_jacket(cut), (-0.74, 0.0, -0.24), (0.74, 1.62, 0.24), 0.0205, "jacket"),
        Piece(_trousers(cut), (-0.26, 0.04, -0.24), (0.26, 1.16, 0.24), 0.0215, "trousers"),
        Piece(s.mirrored(_shoe()), (-0.18, -0.02, -0.14), (0.18, 0.20, 0.26), 0.0145, "shoe"),
        hand,
        Piece(_head() if cut.hood else _neck(), low, high, 0.0160, "face"),
        Piece(_hood(cut) if cut.hood else _helmet(), low, high, 0.0135, "hood" if cut.hood else "helmet"),
    )


def _torso(cut: Cut, grow: float) -> Solid:
    """Return the trunk from the waist to the shoulders, `grow` metres larger all round."""
    y, g = HIPS_M, grow
    return s.union(
        s.ellipsoid((0.0, y + 0.375, 0.006), (0.150 * cut.chest + g, 0.175 + g, 0.102 + g)),
        s.ellipsoid((0.0, y + 0.465, -0.012), (0.150 * cut.shoulders + g, 0.070 + g, 0.070 + g)),
        s.ellipsoid((0.0, y + 0.190, 0.004), (0.122 * cut.waist + g, 0.150 + g, 0.092 + g)),
        s.ellipsoid((0.0, y + 0.030, -0.004), (0.140 * cut.hips + g, 0.120 + g, 0.108 + g)),
        soft=0.06,
    )


def _folds(p: Array, size: float) -> Array:
    """Return cloth's large folds: at the waist, inside elbows, and a little everywhere."""
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    waist = np.exp(-(((y - HIPS_M - 0.09) / 0.07) ** 2)) * np.sin(64.0 * y + 3.5 * np.sin(8.0 * x + 4.0 * z))
    arm = np.exp(-(((np.abs(x) - ELBOW_M[0]) / 0.07) ** 2)) * np.sin(105.0 * np.abs(x) + 18.0 * z + 11.0 * y)
    cuff = np.exp(-(((np.abs(x) - WRIST_M[0] + 0.06) / 0.045) ** 2)) * np.sin(150.0 * np.abs(x) + 9.0 * z)
    drape = np.sin(17.0 * x + 23.0 * y + 6.0 * np.sin(9.0 * z)) * np.sin(19.0 * z - 7.0 * y)
    return np.asarray(size * (0.9 * waist + 0.8 * arm + 0.7 * cuff + 0.45 * drape))


def _jacket(cut: Cut) -> Solid:
    w = cut.sleeve
    out = (cut.shoulders * SHOULDER_M[0], SHOULDER_M[1] + 0.004, -0.004)
    hem, collar_m = (0.0, cut.jacket_m, 0.0), SHOULDER_M[1] + 0.035
    trunk = s.union(
        _torso(cut, 0.020),
        s.capsule((0.0, HIPS_M + 0.22, 0.0), hem, 0.140 * cut.waist, 0.196 * cut.flare, (1.0, 1.0, 0.80)),
        s.capsule((0.0, collar_m - 0.02, -0.012), (0.0, collar_m + 0.07, 0.004), 0.092, 0.074, (1.0, 1.0, 0.95)),
        soft=0.040,
    )
    sleeve = s.mirrored(
        s.union(
            s.capsule(out, ELBOW_M, 0.070 * w, 0.058 * w),
            s.capsule(ELBOW_M, (WRIST_M[0] - 0.055, WRIST_M[1], 0.0), 0.059 * w, 0.054 * w),
            s.capsule((WRIST_M[0] - 0.05, WRIST_M[1], 0.0), (WRIST_M[0], WRIST_M[1], 0.0), 0.045 * w, 0.040),
            soft=0.030,
        )
    )
    whole = s.moved(s.union(trunk, sleeve, soft=0.055), lambda p: _folds(p, 0.0062))
    hem = s.cut(whole, s.below(cut.jacket_m), soft=0.012)
    sleeves_end = s.cut(hem, s.beyond(WRIST_M[0] - 0.004), soft=0.008)
    # The collar is solid up to its edge, which falls a little to the front; the neck comes out of it.
    edge_m = collar_m + 0.052
    return s.cut(sleeves_end, lambda p: (edge_m - p[..., 1] - 0.30 * p[..., 2]) / 1.05, soft=0.016)


def _trousers(cut: Cut) -> Solid:
    w = cut.leg

    def folds(p: Array) -> Array:
        y, x, z = p[..., 1], p[..., 0], p[..., 2]
        knee = np.exp(-(((y - KNEE_M) / 0.08) ** 2)) * np.sin(62.0 * y + 26.0 * z + 20.0 * x)
        stack = np.exp(-(((y - ANKLE_M - 0.06) / 0.07) ** 2)) * np.sin(115.0 * y + 9.0 * np.sin(8.0 * z + 30.0 * x))
        thigh = np.exp(-(((y - HIPS_M + 0.12) / 0.07) ** 2)) * np.sin(70.0 * y + 60.0 * np.abs(x))
        return np.asarray(0.0048 * (0.7 * knee + 1.0 * cut.ankle * stack + 0.6 * thigh))

    leg = s.mirrored(
        s.union(
            s.capsule((HIP_X_M, HIPS_M - 0.04, 0.0), (HIP_X_M, KNEE_M, 0.004), 0.086 * w, 0.070 * w),
            s.capsule((HIP_X_M, KNEE_M, 0.004), (HIP_X_M, ANKLE_M + 0.02, -0.006), 0.070 * w, 0.064 * cut.ankle),
            soft=0.02,
        )
    )
    seat = s.union(
        s.ellipsoid((0.0, HIPS_M - 0.005, -0.010), (0.148 * cut.hips, 0.125, 0.118)),
        s.ellipsoid((0.0, HIPS_M + 0.09, 0.0), (0.130 * cut.waist + 0.004, 0.10, 0.100)),
        soft=0.05,
    )
    whole = s.moved(s.union(leg, seat, soft=0.035), folds)
    return s.cut(s.cut(whole, s.below(ANKLE_M - 0.012), soft=0.008), s.above(cut.jacket_m + 0.07), soft=0.01)


def _shoe() -> Solid:
    x = HIP_X_M
    upper = s.union(
        s.capsule((x, 0.056, -0.045), (x, 0.046, 0.150), 0.050, 0.040, (0.92, 1.0, 1.0)),
        s.capsule((x, 0.075, -0.030), (x, 0.125, -0.022), 0.050, 0.047, (0.92, 1.0, 1.0)),
        s.ellipsoid((x, 0.052, 0.050), (0.044, 0.050, 0.11)),
        soft=0.035,
    )
    sole = s.union(
        s.box((x, 0.013, 0.052), (0.047, 0.018, 0.150), 0.016),
        s.capsule((x, 0.012, -0.045), (x, 0.012, 0.150), 0.050, 0.048, (1.0, 0.34, 1.0)),
        soft=0.012,
    )
    whole = s.union(upper, sole, soft=0.006)
    return s.cut(whole, s.below(0.0), soft=0.003)


def _hand() -> Solid:
    y = SHOULDER_M[1]
    palm = s.union(
        s.box((0.764, y, 0.0), (0.040, 0.0145, 0.040), 0.014),
        s.capsule((WRIST_M[0] - 0.05, y, 0.0), (WRIST_M[0] + 0.02, y, 0.0), 0.029, 0.027),
        soft=0.022,
    )
    fingers = [
        s.capsule(tuple(root), tuple(tip), radius, 0.84 * radius)
        for (root, tip), radius in zip(figure.FINGER_M.tolist(), FINGER_RADIUS_M, strict=True)
    ]
    thumb_base = s.capsule((0.728, y - 0.004, 0.018), tuple(figure.FINGER_M[0, 0].tolist()), 0.019, 0.0135)
    return s.union(s.union(palm, thumb_base, soft=0.014), s.union(*fingers, soft=0.0015), soft=0.009)


def _skull(grow: float) -> Solid:
    y, g = HEAD_M, grow
    return s.union(
        s.ellipsoid((0.0, y + 0.012, -0.006), (0.076 + g, 0.098 + g, 0.094 + g)),
        s.ellipsoid((0.0, y - 0.052, 0.028), (0.056 + g, 0.062 + g, 0.062 + g)),
        soft=0.04,
    )


def _neck() -> Solid:
    return s.capsule((0.0, HIPS_M + 0.50, -0.012), (0.0, HEAD_M - 0.06, 0.0), 0.056, 0.048)


def _head() -> Solid:
    return s.union(_skull(0.0), _neck(), soft=0.025)


def _helmet() -> Solid:
    y = HEAD_M
    shell = s.union(
        s.ellipsoid((0.0, y + 0.014, -0.008), (0.112, 0.128, 0.130)),
        s.ellipsoid((0.0, y - 0.058, 0.036), (0.082, 0.068, 0.084)),
        soft=0.05,
    )
    throat = s.capsule((0.0, y - 0.25, -0.015), (0.0, y - 0.115, 0.0), 0.085, 0.078)
    return s.cut(shell, throat, soft=0.012)


def _hood(cut: Cut) -> Solid:
    y = HEAD_M
    shell = s.union(
        s.ellipsoid((0.0, y + 0.022, -0.018), (0.124, 0.144, 0.142)),
        s.ellipsoid((0.0, y + 0.055, -0.090), (0.075, 0.085, 0.080)),
        s.ellipsoid((0.0, y - 0.150, -0.016), (0.138 * cut.shoulders, 0.078, 0.112)),
        soft=0.06,
    )
    room = s.union(
        s.ellipsoid((0.0, y + 0.000, 0.085), (0.080, 0.108, 0.130)),
        s.capsule((0.0, y - 0.08, 0.10), (0.0, y - 0.15, 0.15), 0.064, 0.045),
        soft=0.03,
    )
    folds = s.moved(shell, lambda p: 0.004 * np.sin(60.0 * p[..., 1] + 25.0 * p[..., 2]))
    return s.cut(folds, room, soft=0.020)


def _shells() -> Solid:
    """Return the lantern's shells: nothing touches, nothing folds."""
    y = HIPS_M
    trunk = s.union(
        s.ellipsoid((0.0, HEAD_M + 0.004, 0.002), (0.086, 0.124, 0.104)),
        s.ellipsoid((0.0, y + 0.385, -0.002), (0.168, 0.142, 0.106)),
        s.ellipsoid((0.0, y + 0.170, 0.002), (0.116, 0.064, 0.086)),
        s.ellipsoid((0.0, y + 0.010, -0.004), (0.146, 0.084, 0.104)),
    )
    limbs = s.union(
        s.capsule((SHOULDER_M[0] + 0.050, SHOULDER_M[1], 0.0), (ELBOW_M[0] - 0.068, ELBOW_M[1], 0.0), 0.056, 0.042),
        s.capsule((ELBOW_M[0] + 0.060, ELBOW_M[1], 0.0), (WRIST_M[0] - 0.060, WRIST_M[1], 0.0), 0.046, 0.032),
        s.capsule((HIP_X_M, y - 0.130, 0.0), (HIP_X_M, KNEE_M + 0.092, 0.004), 0.082, 0.056),
        s.capsule((HIP_X_M, KNEE_M - 0.085, 0.000), (HIP_X_M, ANKLE_M + 0.075, -0.006), 0.060, 0.036),
        s.capsule((HIP_X_M, 0.046, -0.040), (HIP_X_M, 0.036, 0.150), 0.046, 0.036),
    )
    return s.cut(s.union(trunk, s.mirrored(limbs)), s.below(0.0), soft=0.004)


def _core() -> Solid:
    """Return what shines between the shells: the spine, and a ball in every joint."""
    y = HIPS_M
    spine = s.capsule((0.0, y, 0.0), (0.0, HEAD_M - 0.04, -0.006), 0.044, 0.034)
    arms = s.union(
        s.capsule((0.10, SHOULDER_M[1] - 0.02, 0.0), SHOULDER_M, 0.034, 0.044),
        s.capsule(SHOULDER_M, WRIST_M, 0.030, 0.020),
        s.ellipsoid(ELBOW_M, (0.036, 0.036, 0.036)),
    )
    legs = s.union(
        s.capsule((HIP_X_M, y, 0.0), (HIP_X_M, KNEE_M, 0.002), 0.052, 0.040),
        s.capsule((HIP_X_M, KNEE_M, 0.002), (HIP_X_M, ANKLE_M - 0.01, -0.004), 0.042, 0.026),
    )
    return s.union(spine, s.mirrored(s.union(arms, legs)), soft=0.01)
