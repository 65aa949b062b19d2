"""Solids become triangles with smooth normals, and every vertex learns which bones carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.render.mesh import figure
from livedance.skeleton import REST_HIPS_HEIGHT_M as HIPS_M
from livedance.training.character import outfit
from livedance.training.character.solids import Array, Solid

TOE_Z_M: Final = 0.10
CLOTH: Final = ("jacket", "trousers", "hood")
FOLDS_PER_M: Final = np.array([45.0, 70.0, 50.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """Triangles in the rest pose."""

    position_m: NDArray[np.float32]
    """(V, 3)"""
    normal: NDArray[np.float32]
    """(V, 3)"""
    weights: NDArray[np.float32]
    """(V, B), rows sum to 1."""
    triangles: NDArray[np.int32]
    """(F, 3)"""


def of(piece: outfit.Piece) -> Surface:
    """Return the surface of one piece; takes a second or so."""
    from skimage.measure import marching_cubes

    axes = [
        np.arange(low, high + piece.cell_m, piece.cell_m) for low, high in zip(piece.low_m, piece.high_m, strict=True)
    ]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = piece.solid(grid.reshape(-1, 3)).reshape(grid.shape[:3])
    vertices, triangles, _, _ = marching_cubes(values, 0.0, spacing=(piece.cell_m,) * 3, gradient_direction="ascent")
    points = _settled(vertices + np.array(piece.low_m), piece.solid)
    normal = gradient(piece.solid, points)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    inward = np.einsum("fi,fi->f", np.cross(b - a, c - a), normal[triangles[:, 0]]) < 0.0
    triangles[inward] = triangles[inward][:, ::-1]
    return Surface(
        position_m=points.astype(np.float32),
        normal=(_woven(points, normal) if piece.material in CLOTH else normal).astype(np.float32),
        weights=weights_of(points, piece.material).astype(np.float32),
        triangles=triangles.astype(np.int32),
    )


def _woven(points: Array, normal: Array) -> Array:
    """Return normals turned a little by folds too small for the triangles."""
    x, y, z = (points * FOLDS_PER_M).T
    folds = np.stack(
        [np.sin(y + 2.0 * np.sin(0.7 * z)), np.sin(0.8 * z + 1.7 * np.sin(0.6 * x)), np.sin(x + y)], axis=1
    )
    turned = normal + 0.08 * (folds - (folds * normal).sum(axis=1, keepdims=True) * normal)
    return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True))


def gradient(solid: Solid, points: Array, step_m: float = 0.003) -> Array:
    """Return the outward unit normals (N, 3) of a solid at points of its surface."""
    out = np.empty_like(points)
    for axis in range(3):
        by = np.zeros(3)
        by[axis] = step_m
        out[:, axis] = solid(points + by) - solid(points - by)
    return out / np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-9)


def openness(solid: Solid, points: Array, normal: Array) -> Array:
    """Return (V,) how much light reaches points past `solid`, 0-1.

    After A. Evans, "Fast approximations for global illumination on dynamic scenes" (2006): near a hollow the distance
    to the surface grows more slowly than the way out along the normal.
    """
    steps_m = np.array([0.02, 0.05, 0.10, 0.17])
    shares = np.array([0.30, 0.30, 0.25, 0.15])
    found = [np.clip(solid(points + step * normal) / step, 0.0, 1.0) for step in steps_m]
    return np.asarray(np.clip(0.12 + 0.95 * (shares @ np.stack(found)), 0.0, 1.0))


def _settled(points: Array, solid: Solid) -> Array:
    """Return points moved onto the surface: marching cubes only interpolates between cells."""
    for _ in range(3):
        points = points - 0.6 * np.clip(solid(points), -0.002, 0.002)[:, None] * gradient(solid, points)
    return points


def _rise(value: Array, low: float, high: float) -> Array:
    x = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x))


def weights_of(points: Array, material: str) -> Array:
    """Return (V, B) how much each bone carries each point of the rest pose."""
    out = np.zeros((len(points), len(figure.BONES)))
    if material == "shoe":
        _shod(out, points)
    elif material in ("helmet", "face", "hood"):
        _headed(out, points, 0.10 if material == "hood" else 0.05)
    elif material == "trousers":
        _legged(out, points)
    elif material in ("shell", "light"):
        _apart(out, points)
    else:
        _trunk(out, points)
        if material == "glove":
            _fingered(out, points)
    return out / out.sum(axis=1, keepdims=True)


def _side(x: Array) -> tuple[tuple[str, Array], tuple[str, Array]]:
    return ("l", x > 0.0), ("r", x <= 0.0)


def _headed(out: Array, p: Array, soft_m: float) -> None:
    up = _rise(p[:, 1], outfit.HEAD_M - 0.12 - soft_m, outfit.HEAD_M - 0.06)
    out[:, figure.ROW["head"]], out[:, figure.ROW["neck"]] = up, 1.0 - up


def _shod(out: Array, p: Array) -> None:
    toe = _rise(p[:, 2], TOE_Z_M - 0.025, TOE_Z_M + 0.035)
    shin = _rise(p[:, 1], 0.105, 0.165)
    for side, there in _side(p[:, 0]):
        out[there, figure.ROW[f"{side}_toe"]] = (toe * (1.0 - shin))[there]
        out[there, figure.ROW[f"{side}_ankle"]] = ((1.0 - toe) * (1.0 - shin))[there]
        out[there, figure.ROW[f"{side}_knee"]] = shin[there]


def _legged(out: Array, p: Array) -> None:
    y = p[:, 1]
    trunk = _rise(y, HIPS_M - 0.13, HIPS_M + 0.035)
    spine = _rise(y, HIPS_M + 0.06, HIPS_M + 0.20)
    knee = 1.0 - _rise(y, outfit.KNEE_M - 0.06, outfit.KNEE_M + 0.06)
    # Only where the legs meet do both carry the cloth.
    soft_m = 0.004 + 0.045 * _rise(y, HIPS_M - 0.17, HIPS_M - 0.06)
    left = _rise(p[:, 0] / soft_m, -1.0, 1.0)
    out[:, figure.ROW["hips"]], out[:, figure.ROW["spine"]] = trunk * (1.0 - spine), trunk * spine
    for side, share in (("l", left), ("r", 1.0 - left)):
        out[:, figure.ROW[f"{side}_hip"]] = (1.0 - trunk) * (1.0 - knee) * share
        out[:, figure.ROW[f"{side}_knee"]] = (1.0 - trunk) * knee * share


def _apart(out: Array, p: Array) -> None:
    """Shells, region by region: where two meet there is a gap, so nothing has to bend."""
    x, y = np.abs(p[:, 0]), p[:, 1]
    regions = (
        (y > HIPS_M + 0.55, lambda part, q: _headed(part, q, 0.05)),
        (y < 0.105, _shod),
        ((y < HIPS_M - 0.045) & (x < 0.30), _legged),
        (np.ones(len(p), bool), _trunk),
    )
    taken = np.zeros(len(p), bool)
    for there, fill in regions:
        mine = there & ~taken
        part = np.zeros((int(mine.sum()), out.shape[1]))
        fill(part, p[mine])
        out[mine] = part
        taken |= mine


def _trunk(out: Array, p: Array) -> None:
    """Jacket and hands: the back bone by bone, and the arms from the shoulders out."""
    x, y = np.abs(p[:, 0]), p[:, 1]
    arm = _rise(x, 0.105, 0.225) * _rise(y, HIPS_M + 0.33, HIPS_M + 0.43)
    arm = np.maximum(arm, _rise(x, 0.20, 0.26) * _rise(y, HIPS_M + 0.20, HIPS_M + 0.33))
    fore = _rise(x, outfit.ELBOW_M[0] - 0.05, outfit.ELBOW_M[0] + 0.05)
    hand = _rise(x, outfit.WRIST_M[0] - 0.025, outfit.WRIST_M[0] + 0.02)
    steps = [_rise(y, HIPS_M + low, HIPS_M + high) for low, high in ((0.02, 0.18), (0.16, 0.34), (0.36, 0.50))]
    rest = 1.0 - arm
    # The hem goes along with the thighs, or a raised knee would come through it.
    # In front most: a leg put to the side would lift it off like a wing.
    thigh = (0.32 + 0.53 * _rise(p[:, 2], -0.02, 0.10)) * (1.0 - _rise(y, HIPS_M - 0.11, HIPS_M + 0.035))
    left = _rise(p[:, 0] / 0.06, -1.0, 1.0)
    out[:, figure.ROW["hips"]] = rest * (1.0 - steps[0]) * (1.0 - thigh)
    out[:, figure.ROW["l_hip"]] = rest * (1.0 - steps[0]) * thigh * left
    out[:, figure.ROW["r_hip"]] = rest * (1.0 - steps[0]) * thigh * (1.0 - left)
    out[:, figure.ROW["spine"]] = rest * steps[0] * (1.0 - steps[1])
    out[:, figure.ROW["chest"]] = rest * steps[1] * (1.0 - steps[2])
    out[:, figure.ROW["neck"]] = rest * steps[2]
    for side, there in _side(p[:, 0]):
        out[there, figure.ROW[f"{side}_shoulder"]] = (arm * (1.0 - fore))[there]
        out[there, figure.ROW[f"{side}_elbow"]] = (arm * fore * (1.0 - hand))[there]
        out[there, figure.ROW[f"{side}_wrist"]] = (arm * fore * hand)[there]


def _fingered(out: Array, p: Array) -> None:
    """Give each finger's points to its own two bones."""
    left = p * np.where(p[:, :1] > 0.0, [1.0, 1.0, 1.0], [-1.0, 1.0, 1.0])
    near = np.stack([_distance(left, *ends) for ends in figure.FINGER_M])
    nearest = near.argmin(axis=0)
    for i, (name, (root, tip)) in enumerate(zip(figure.FINGERS, figure.FINGER_M, strict=True)):
        along = (left - root) @ (tip - root) / float((tip - root) @ (tip - root))
        free = _rise(along, -0.14, 0.10) * ((nearest == i) & (near[i] < 0.02))
        bent = _rise(along, 0.38, 0.58)
        for side, there in _side(p[:, 0]):
            wrist = figure.ROW[f"{side}_wrist"]
            taken = out[:, wrist] * free * there
            out[:, wrist] -= taken
            out[:, figure.ROW[f"{side}_{name}_root"]] += taken * (1.0 - bent)
            out[:, figure.ROW[f"{side}_{name}_tip"]] += taken * bent


def _distance(p: Array, a: Array, b: Array) -> Array:
    share = np.clip((p - a) @ (b - a) / float((b - a) @ (b - a)), 0.0, 1.0)
    return np.asarray(np.linalg.norm(p - a - share[:, None] * (b - a), axis=-1))
