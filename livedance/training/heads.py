"""Repairs heads: some takes come with the head upside down, or turned on its neck further than necks go.

The face points of the source are rigid on its head, so a head is put right by turning those. What is looked at is the
head against the trunk: a neck bends by some 60 degrees to any side and turns by 80, a captured head that was lost is
far beyond.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.training import solve
from livedance.training.contacts import runs
from livedance.training.source_clip import SourceClip

Array = NDArray[np.floating]

HEAD: Final = skeleton.INDEX["head"]
FACE: Final = [skeleton.INDEX[name] for name in ("nose", "l_eye", "r_eye", "l_ear", "r_ear")]
BENT_RAD: Final = np.radians(100.0)
"""A crown that is further from the trunk's up than this is lost: whole clips of dance stay under it."""
FLIPPED_S: Final = 1.5
"""A head that is lost for longer than this was captured with its marks exchanged: it is turned as a whole."""
WHIP_RAD_S: Final = np.radians(750.0)
"""A head that turns faster than this against its trunk jumped: dancers who spot their spins stay under 600 degrees."""
LEVEL: Final = rotations.from_rotvec(np.array([-np.radians(24.0), 0.0, 0.0]))
"""A head that looks straight ahead: at rest the rig's nose lies lower than its ears."""
EDGE_FRAMES: Final = 5
"""Around lost frames the head is already on its way: so many are bridged with them."""


def repair(clip: SourceClip, down_rad: float = 0.0) -> tuple[SourceClip, int]:
    """Return the clip with every head on its neck, and the number of frames in which it was not.

    down_rad: by how much the head of this subject was captured too high; it is bent down everywhere.
    """
    trunk = trunk_of(clip.positions_m)
    head = against_trunk(clip.positions_m)
    lost = _bend(head) > BENT_RAD
    head, unsure = _turned_back(rotations.continuous(head), lost, clip.fps)
    unsure |= _jumps(head, clip.fps)
    put_back = lost | unsure
    if not put_back.any() and down_rad == 0.0:
        return clip, 0
    down = rotations.from_rotvec(np.array([down_rad, 0.0, 0.0]))
    head = rotations.multiply(_bridged(head, unsure), np.broadcast_to(down, (len(head), 4)))
    world = rotations.multiply(trunk, head)
    positions = clip.positions_m.copy()
    changed = put_back | (down_rad != 0.0)
    face = rotations.rotate(world[changed][:, None], skeleton.REST_OFFSETS_M[FACE][None])
    positions[np.ix_(changed, FACE)] = positions[changed, HEAD][:, None] + face
    return replace(clip, positions_m=positions), int(put_back.sum())


def against_trunk(p: Array) -> Array:
    """Return the rotation (T, 4) of the head against the upper trunk from positions (T, 23, 3)."""
    return rotations.multiply(rotations.conjugate(trunk_of(p)), solve.rigid_head(p))


def trunk_of(p: Array) -> Array:
    """Return the rotation (T, 4) of the upper trunk: x through the shoulders, y from chest to neck."""
    at = skeleton.INDEX
    across = p[:, at["l_shoulder"]] - p[:, at["r_shoulder"]]
    up = p[:, at["neck"]] - p[:, at["chest"]]
    x = across / np.linalg.norm(across, axis=-1, keepdims=True)
    y = up - np.sum(up * x, axis=-1, keepdims=True) * x
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    return rotations.continuous(rotations.from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1)))


def _turned_back(head: Array, lost: NDArray[np.bool_], fps: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return (head, unsure): long lost spans turned as a whole, and where (T,) the head is to be bridged instead.

    In a long span the head moves as it should, seen from a wrong side: one turn brings its mean to the usual one.
    """
    head, unsure = head.copy(), np.zeros(len(head), dtype=bool)
    usual = LEVEL if lost.all() else _mean(head[~lost])
    for start, stop in runs(lost):
        unsure[max(start - EDGE_FRAMES, 0) : stop + EDGE_FRAMES] = True
        if stop - start >= FLIPPED_S * fps:
            turn = rotations.multiply(rotations.conjugate(_mean(head[start:stop])), usual)
            head[start:stop] = rotations.multiply(head[start:stop], np.broadcast_to(turn, (stop - start, 4)))
            inner = slice(start + EDGE_FRAMES if start else 0, stop - EDGE_FRAMES if stop < len(head) else stop)
            unsure[inner] = _away(head[inner]) > BENT_RAD
    return rotations.continuous(head), unsure


def _jumps(head: Array, fps: float) -> NDArray[np.bool_]:
    """Return (T,) True for two frames on either side of a jump."""
    step = np.linalg.norm(rotations.to_rotvec(rotations.multiply(rotations.conjugate(head[:-1]), head[1:])), axis=-1)
    jumps = np.zeros(len(head), dtype=bool)
    for at in np.flatnonzero(step * fps > WHIP_RAD_S):
        jumps[max(at - 1, 0) : at + 3] = True
    return jumps


def _bridged(head: Array, unsure: NDArray[np.bool_]) -> Array:
    """Return `head` with unsure spans taken from their neighbours; at an end of the clip the neighbour is held."""
    head = head.copy()
    for start, stop in runs(unsure):
        before, after = max(start - 1, 0), min(stop, len(head) - 1)
        if start == 0:
            before = after
        if stop == len(head):
            after = before
        s = (np.arange(start, stop) - before) / max(after - before, 1)
        ease = np.clip(s, 0.0, 1.0)
        n = stop - start
        head[start:stop] = rotations.slerp(
            np.broadcast_to(head[before], (n, 4)), np.broadcast_to(head[after], (n, 4)), ease * ease * (3 - 2 * ease)
        )
    return head


def _bend(head: Array) -> Array:
    """Return the angle (T,) between the crown of the head and the trunk's up."""
    up = 1.0 - 2.0 * (head[:, 1] ** 2 + head[:, 3] ** 2)
    out: Array = np.arccos(np.clip(up, -1.0, 1.0))
    return out


def _mean(head: Array) -> Array:
    """Return the mean rotation (4,) of (T, 4): the main axis of their outer products, whatever their signs."""
    _, axes = np.linalg.eigh(head.T @ head)
    out: Array = axes[:, -1]
    return out


def _away(head: Array) -> Array:
    """Return the angle (T,) of the head from straight ahead."""
    out: Array = np.linalg.norm(rotations.to_rotvec(head), axis=-1)
    return out
