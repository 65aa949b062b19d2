"""Every place at which a couple's phrase can be entered, as `transitions` is for one dancer.

The couple is seen from its middle, with the line from leader to follower across: so an entry tells how far apart the
partners are, how each stands and moves, and a phrase is chosen where all that goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import couple, marks
from livedance.dance.couple import Couple
from livedance.dance.transitions import JOINTS
from livedance.messages import SAMPLES_PER_BEAT, SEAM_PHASE

Array = NDArray[np.floating]

LOOK_AHEAD: Final = 8
SHORTEST: Final = 4
"""Beats that a take must still have at an entry."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Poses of couples; n rows."""

    position_m: Array
    """(n, 20, 3) ten joints of the leader, then of the follower, from the middle on the floor, turned to the front."""
    velocity: Array
    """(n, 20, 3) metres a beat."""
    front_rad: Array
    """(n,) which way the couple's front looks: square to the line between them, follower on the left of it."""
    middle_xz: Array
    """(n, 2)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """One row per place at which a phrase can be entered."""

    take: NDArray[np.int32]
    """(N,) index into the takes."""
    beat: NDArray[np.int32]
    """(N,) first whole clip beat of the phrase; it is entered half a beat before."""
    mirrored: NDArray[np.bool_]
    moments: Moments
    path_xz: Array
    """(N, 9, 2) middle after 0..8 beats, seen from the entry facing to its front."""
    path_rad: Array
    """(N, 9) turn of the front since the entry."""
    energy: Array
    """(N,) mean of both over the first beats, as a rank among all entries [0, 1]."""
    waits: Array
    """(N,) share of the first eight beats on which neither moves."""
    beats_left: NDArray[np.int32]
    native_bpm: Array
    """(N,) of the take."""
    twin: NDArray[np.int32]
    """(N,) row of the mirrored entry, or of the plain one of a mirrored entry."""


def moments_of(now: tuple[Array, Array], before: tuple[Array, Array]) -> Moments:
    """Describe joint positions (n, 23, 3) of leader and follower, with those one sample earlier."""
    leader, follower = now[0][:, 0], now[1][:, 0]
    across = (follower - leader)[:, [0, 2]]
    front = np.arctan2(-across[:, 1], across[:, 0])
    middle = 0.5 * (leader + follower) * [1.0, 0.0, 1.0]
    joints = np.concatenate([now[0][:, JOINTS], now[1][:, JOINTS]], axis=1)
    moved = joints - np.concatenate([before[0][:, JOINTS], before[1][:, JOINTS]], axis=1)
    return Moments(
        position_m=_turned(joints - middle[:, None], -front),
        velocity=_turned(moved, -front) * SAMPLES_PER_BEAT,
        front_rad=front,
        middle_xz=middle[:, [0, 2]],
    )


def build(takes: Sequence[Couple]) -> Entries:
    """Return the entries of all takes, each also mirrored; 0.1 s."""
    parts = [part for i, take in enumerate(takes) for part in (_rows(i, take, False), _rows(i, take, True))]
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    rank = np.argsort(np.argsort(merged["energy"], kind="stable"), kind="stable") / max(len(merged["energy"]) - 1, 1)
    moments = Moments(**{name: merged.pop(name) for name in ("position_m", "velocity", "front_rad", "middle_xz")})
    sizes = [len(part["take"]) for part in parts]
    starts = np.cumsum([0, *sizes])
    twin = np.concatenate([np.arange(n) + starts[k ^ 1] for k, n in enumerate(sizes)]).astype(np.int32)
    return Entries(moments=moments, **(merged | {"energy": rank, "twin": twin}))


def _rows(index: int, take: Couple, mirrored: bool) -> dict[str, NDArray[np.generic]]:
    at = np.arange(1, take.n_beats + 1) - SEAM_PHASE
    both = couple.sample(take, np.concatenate([at, at - 1.0 / SAMPLES_PER_BEAT]), mirrored)
    n = len(at)
    joints = [skeleton.forward_kinematics(m.root_position_m, m.joint_rotations_wxyz) for m in both]
    seen = moments_of((joints[0][:n], joints[1][:n]), (joints[0][n:], joints[1][n:]))
    rows = np.arange(max(n - SHORTEST, 0))
    later = np.minimum(rows[:, None] + np.arange(LOOK_AHEAD + 1), n - 1)
    front = np.unwrap(seen.front_rad)
    path = seen.middle_xz[later] - seen.middle_xz[rows][:, None]
    cos, sin = np.cos(front[rows])[:, None], np.sin(front[rows])[:, None]
    waits = np.logical_and(*(marks.marks_of(clip).waits for clip in (take.leader, take.follower)))
    energy = 0.5 * (take.leader.beat_energy + take.follower.beat_energy)
    ahead = np.minimum(rows[:, None] + 1 + np.arange(LOOK_AHEAD), take.n_beats - 1)
    return {
        "take": np.full(len(rows), index, dtype=np.int32),
        "beat": (rows + 1).astype(np.int32),
        "mirrored": np.full(len(rows), mirrored),
        "position_m": seen.position_m[rows],
        "velocity": seen.velocity[rows],
        "front_rad": seen.front_rad[rows],
        "middle_xz": seen.middle_xz[rows],
        "path_xz": np.stack(
            [cos * path[..., 0] - sin * path[..., 1], sin * path[..., 0] + cos * path[..., 1]], axis=-1
        ),
        "path_rad": front[later] - front[rows][:, None],
        "energy": energy[ahead].mean(axis=1),
        "waits": waits[ahead].mean(axis=1),
        "beats_left": (n - rows).astype(np.int32),
        "native_bpm": np.full(len(rows), take.leader.native_bpm),
    }


def _turned(v: Array, yaw_rad: Array) -> Array:
    """Return vectors (n, k, 3) turned about the vertical axis by `yaw_rad` (n,)."""
    cos, sin = np.cos(yaw_rad)[:, None], np.sin(yaw_rad)[:, None]
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)
