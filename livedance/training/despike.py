"""Repairs capture glitches: frames in which a joint leaps away and back are bridged from their neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.training.contacts import runs
from livedance.training.source_clip import SourceClip

Array = NDArray[np.floating]

SEED_M: Final = 0.18
"""A joint this far from its own median over five frames is no dance: break dance stays under 0.15."""
GROW_M: Final = 0.06
LONGEST_FRAMES: Final = 12
EDGE_FRAMES: Final = 3
"""The converted files ring at their first frames (a T-pose stood before them): these are dropped at both ends."""


def repair(clip: SourceClip) -> tuple[SourceClip, int]:
    """Return the clip without its edge frames and glitches, and the number of bridged frames."""
    clip = _cut(clip, EDGE_FRAMES, len(clip.positions_m) - EDGE_FRAMES)
    bad = glitches(clip.positions_m)
    p = clip.positions_m.copy()
    limbs = {joint: q.copy() for joint, q in clip.source_world_wxyz.items()}
    bridged = 0
    for start, stop in runs(bad):
        a, b = start - 1, stop
        if a < 0 or b >= len(p) or stop - start > LONGEST_FRAMES:
            continue
        s = (np.arange(start, stop) - a) / (b - a)
        ease = (s * s * (3 - 2 * s))[:, None, None]
        p[start:stop] = (1 - ease) * p[a] + ease * p[b]
        for q in limbs.values():
            q[start:stop] = rotations.slerp(np.broadcast_to(q[a], (len(s), 4)), np.broadcast_to(q[b], (len(s), 4)), s)
        bridged += stop - start
    return replace(clip, positions_m=p, source_world_wxyz=limbs), bridged


def glitches(positions_m: Array) -> NDArray[np.bool_]:
    """Return (T,) True on frames that belong to a glitch, with one frame of margin."""
    relative = positions_m - positions_m[:, :1]
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(relative, ((2, 2), (0, 0), (0, 0)), mode="edge"), 5, axis=0
    )
    away = np.linalg.norm(relative - np.median(windows, axis=-1), axis=-1).max(axis=1)
    grown = away > GROW_M
    keep = np.zeros(len(away), dtype=bool)
    for start, stop in runs(grown):
        if away[start:stop].max() > SEED_M:
            keep[max(start - 1, 0) : stop + 1] = True
    return keep


def _cut(clip: SourceClip, first: int, last: int) -> SourceClip:
    return replace(
        clip,
        positions_m=clip.positions_m[first:last],
        source_world_wxyz={joint: q[first:last] for joint, q in clip.source_world_wxyz.items()},
        beat_grid_s=clip.beat_grid_s - first / clip.fps,
    )
