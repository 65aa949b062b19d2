"""Signed distances of solids, metres: what clothes and bodies are cut from.

After I. Quilez, "Distance functions" (2008-2021): a solid is a function of points (N, 3) that is negative inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Solid: TypeAlias = Callable[[Array], Array]
Point: TypeAlias = tuple[float, float, float]


def ellipsoid(centre: Point, radii: Point) -> Solid:
    """Return an ellipsoid; the distance is exact on its surface and a good estimate near it."""
    c, r = np.array(centre), np.array(radii)

    def distance(p: Array) -> Array:
        scaled = np.linalg.norm((p - c) / r, axis=-1)
        slope = np.linalg.norm((p - c) / (r * r), axis=-1)
        return np.asarray(scaled * (scaled - 1.0) / np.maximum(slope, 1e-6))

    return distance


def capsule(a: Point, b: Point, radius_a: float, radius_b: float, flat: Point = (1.0, 1.0, 1.0)) -> Solid:
    """Return a round stick from `a` to `b`, its radius going from one to the other; `flat` squeezes it on an axis."""
    squeeze = np.array(flat)
    start, along = np.array(a) / squeeze, (np.array(b) - np.array(a)) / squeeze

    def distance(p: Array) -> Array:
        away = p / squeeze - start
        share = np.clip(away @ along / max(float(along @ along), 1e-9), 0.0, 1.0)
        reach = np.linalg.norm(away - share[..., None] * along, axis=-1)
        return np.asarray((reach - (radius_a + share * (radius_b - radius_a))) * squeeze.min())

    return distance


def box(centre: Point, half: Point, rounded: float) -> Solid:
    """Return a box with round edges."""
    c, h = np.array(centre), np.array(half) - rounded

    def distance(p: Array) -> Array:
        q = np.abs(p - c) - h
        outside = np.linalg.norm(np.maximum(q, 0.0), axis=-1)
        return np.asarray(outside + np.minimum(q.max(axis=-1), 0.0) - rounded)

    return distance


def union(*solids: Solid, soft: float = 0.0) -> Solid:
    """Return all solids as one; `soft` metres of their seams are filled."""

    def distance(p: Array) -> Array:
        out = solids[0](p)
        for solid in solids[1:]:
            other = solid(p)
            if soft <= 0.0:
                out = np.minimum(out, other)
                continue
            share = np.clip(0.5 + 0.5 * (other - out) / soft, 0.0, 1.0)
            out = other + share * (out - other) - soft * share * (1.0 - share)
        return out

    return distance


def cut(solid: Solid, other: Solid, soft: float = 0.004) -> Solid:
    """Return `solid` without `other`; the new edge is rounded by `soft` metres."""
    rest = union(lambda p: -solid(p), other, soft=soft)
    return lambda p: -rest(p)


def above(y: float) -> Solid:
    """Return the half space over `y`."""
    return lambda p: y - p[..., 1]


def below(y: float) -> Solid:
    """Return the half space under `y`."""
    return lambda p: p[..., 1] - y


def beyond(x: float) -> Solid:
    """Return the space farther than `x` from the middle, to either side."""
    return lambda p: x - np.abs(p[..., 0])


def moved(solid: Solid, by: Callable[[Array], Array]) -> Solid:
    """Return a solid whose surface is pushed out by `by(points)` metres."""
    return lambda p: solid(p) - by(p)


def mirrored(solid: Solid) -> Solid:
    """Return a solid of the left side on both sides."""
    return lambda p: solid(np.concatenate([np.abs(p[..., :1]), p[..., 1:]], axis=-1))
