"""Fewer triangles: edges are collapsed onto one of their ends, so that every vertex that stays is one that was there.

After M. Garland and P. Heckbert, "Surface simplification using quadric error metrics" (1997), in its subset form.
"""

from __future__ import annotations

import heapq
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.training.character.solids import Array

FLAT: Final = 0.25
"""Least cosine between a triangle's normals before and after a collapse."""
LENGTH: Final = 2e-4
"""Weight of an edge's squared length: flat places are thinned evenly."""


class _Surface:
    """Triangles by vertex, and what a collapse costs. Vertices that carry an open edge stay."""

    def __init__(self, position_m: Array, triangles: NDArray[np.integer], weight: Array) -> None:
        self.place = [tuple(p) for p in position_m.tolist()]
        self.face = [tuple(f) for f in triangles.tolist()]
        self.of: list[set[int]] = [set() for _ in self.place]
        for i, face in enumerate(self.face):
            for v in face:
                self.of[v].add(i)
        self.quadric = _quadrics(position_m, triangles, weight)
        self.weight = weight.tolist()
        self.changed = [0] * len(self.place)
        self.fixed = _open(triangles)

    def around(self, v: int) -> set[int]:
        return {w for i in self.of[v] for w in self.face[i]} - {v}

    def cost(self, u: int, v: int) -> float:
        """Return what moving `u` onto `v` does to the surface."""
        x, y, z = self.place[v]
        a, b = self.quadric[u], self.quadric[v]
        q = [s + t for s, t in zip(a, b, strict=True)]
        bent = x * (q[0] * x + 2.0 * (q[1] * y + q[2] * z + q[3])) + y * (q[4] * y + 2.0 * (q[5] * z + q[6]))
        bent += z * (q[7] * z + 2.0 * q[8]) + q[9]
        length = sum((s - t) ** 2 for s, t in zip(self.place[u], self.place[v], strict=True))
        return max(bent, 0.0) + LENGTH * self.weight[u] * length * length

    def may(self, u: int, v: int) -> bool:
        """Whether the surface stays one: two triangles share the edge, and none turns over."""
        if u in self.fixed or len(self.around(u) & self.around(v)) != 2:
            return False
        for i in self.of[u] - self.of[v]:
            before = [self.place[w] for w in self.face[i]]
            after = [self.place[v if w == u else w] for w in self.face[i]]
            if not _faces_alike(before, after):
                return False
        return True

    def collapse(self, u: int, v: int) -> int:
        """Move `u` onto `v`; returns how many triangles are gone."""
        gone = self.of[u] & self.of[v]
        for i in gone:
            for w in self.face[i]:
                self.of[w].discard(i)
        for i in self.of[u]:
            self.face[i] = tuple(v if w == u else w for w in self.face[i])
            self.of[v].add(i)
        self.of[u] = set()
        self.quadric[v] = [s + t for s, t in zip(self.quadric[u], self.quadric[v], strict=True)]
        self.changed[u] += 1
        self.changed[v] += 1
        return len(gone)


def thinned(position_m: Array, triangles: NDArray[np.integer], weight: Array, most: int) -> NDArray[np.int32]:
    """Return at most `most` (if that can be) of the triangles (F, 3), between vertices (V, 3) that were there.

    `weight` (V,) is how much an error counts at each vertex. Takes seconds.
    """
    surface = _Surface(np.asarray(position_m, np.float64), triangles, weight)
    heap = [(surface.cost(u, v), u, v, 0, 0) for u in range(len(surface.place)) for v in sorted(surface.around(u))]
    heapq.heapify(heap)
    left = len(surface.face)
    while heap and left > most:
        _, u, v, at_u, at_v = heapq.heappop(heap)
        if surface.changed[u] != at_u or surface.changed[v] != at_v or not surface.may(u, v):
            continue
        left -= surface.collapse(u, v)
        for w in sorted(surface.around(v)):
            for a, b in ((v, w), (w, v)):
                heapq.heappush(heap, (surface.cost(a, b), a, b, surface.changed[a], surface.changed[b]))
    kept = sorted({i for faces in surface.of for i in faces})
    return np.array([surface.face[i] for i in kept], np.int32)


def _quadrics(position_m: Array, triangles: NDArray[np.integer], weight: Array) -> list[list[float]]:
    """Return for each vertex the ten numbers of its squared distance to the planes of its triangles, by area."""
    a, b, c = (position_m[triangles[:, i]] for i in range(3))
    cross = np.cross(b - a, c - a)
    area = np.linalg.norm(cross, axis=1)
    n = cross / np.maximum(area, 1e-15)[:, None]
    plane = np.concatenate([n, -(n * a).sum(axis=1, keepdims=True)], axis=1)
    rows, columns = np.triu_indices(4)
    each = plane[:, rows] * plane[:, columns] * area[:, None]
    out = np.zeros((len(position_m), 10))
    for i in range(3):
        np.add.at(out, triangles[:, i], each)
    return list((out * weight[:, None]).tolist())


def _open(triangles: NDArray[np.integer]) -> set[int]:
    """Return the vertices of edges that belong to one triangle only."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return set(unique[count != 2].ravel().tolist())


def _faces_alike(before: list[tuple[float, ...]], after: list[tuple[float, ...]]) -> bool:
    p, q = _normal(before), _normal(after)
    dot = sum(s * t for s, t in zip(p, q, strict=True))
    return dot > FLAT * (sum(s * s for s in p) * sum(s * s for s in q)) ** 0.5


def _normal(corners: list[tuple[float, ...]]) -> tuple[float, float, float]:
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = corners
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
