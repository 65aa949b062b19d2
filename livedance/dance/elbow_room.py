"""Elbow room: dancers who would come too near to each other give way.

A pure function of where everybody is at each sample, smooth in that, so what is continuous stays continuous. It is
asked twice: where the dancers mean to be (`given`, feet and all: the foot lock then steps), and where they are after
their seams (`kept_apart`, a few centimetres over standing feet), which is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import footfalls, ik
from livedance.dance.window import Motion
from livedance.messages import SAMPLES_PER_BEAT, WINDOW_SAMPLES, MotionWindow

Array = NDArray[np.floating]
Pairs = Sequence[tuple[int, int]]

LEAST_M: Final = 0.9
"""Least distance between the hips of two dancers who are no couple."""
MEANT_M: Final = 0.97
"""The same where they mean to be: seams and the body's weight move them by a little more."""
SOFT_M: Final = 0.15
"""So far from `MEANT_M` the giving way begins, and at most there it keeps the whole distance..."""
EXACT_SOFT_M: Final = 0.03
"""... and from `LEAST_M` on the way to it."""
ROUNDS: Final = 6
EXACT_ROUNDS: Final = 40
"""Who gives way to one may come near to another; mostly one round does."""
THROUGH_M: Final = (0.4, 0.7)
"""Who would come nearer than this to another is led round, altogether and a little."""
_BELL: Final = np.hanning(SAMPLES_PER_BEAT + 3)[1:-1] / np.hanning(SAMPLES_PER_BEAT + 3)[1:-1].sum()
"""Weights over a beat."""
_TOUCHING_M: Final = 1e-3
_EXACT_M: Final = 1e-6


def given(paths_xz: Array, couples: Pairs = (), parting: Pairs = ()) -> Array | None:
    """Return how far (n, t, 2) dancers on `paths_xz` (n, t, 2) give way to each other; None where nobody must.

    Args:
        paths_xz: the last 32 rows are a window's.
        couples: indices of partners, who may be near and give way together.
        parting: those who were partners until now: they take a beat to come apart.
    """
    moved = _apart(paths_xz, couples, parting, MEANT_M, SOFT_M, ROUNDS)
    return None if moved is None else moved - paths_xz


def kept_apart(windows: Sequence[MotionWindow], couples: Pairs = (), parting: Pairs = ()) -> list[MotionWindow]:
    """Return the windows of all dancers with hips nowhere nearer than `LEAST_M`; the feet stay where they are."""
    paths = np.stack([window.root_position_m[:, [0, 2]] for window in windows])
    moved = _apart(paths, couples, parting, LEAST_M, EXACT_SOFT_M, EXACT_ROUNDS)
    if moved is None:
        return list(windows)
    gives = moved - paths
    return [_leaned(window, give) if give.any() else window for window, give in zip(windows, gives, strict=True)]


def _apart(paths_xz: Array, couples: Pairs, parting: Pairs, least_m: float, soft_m: float, rounds: int) -> Array | None:
    """Return the paths pushed apart in pairs, again and again, until nobody is near; None where nobody was.

    Couples are pushed as one. What the smooth round leaves, because three stand in one another's way, hard ones take.
    """
    first, second = _strangers(len(paths_xz), couples)
    least = np.full((len(first), paths_xz.shape[1]), least_m)
    for pair in parting:
        least[np.isin(first, pair) & np.isin(second, pair)] *= _coming_apart(paths_xz.shape[1])
    if not len(first) or (np.linalg.norm(paths_xz[first] - paths_xz[second], axis=-1) >= least + soft_m).all():
        return None
    moved = paths_xz.astype(np.float64)
    for turn in range(rounds):
        way = moved[first] - moved[second]
        distance = np.linalg.norm(way, axis=-1)
        way = np.where(distance[..., None] < _TOUCHING_M, [_TOUCHING_M, 0.0], way)  # any way out of one another
        distance = np.maximum(distance, _TOUCHING_M)
        kept = _soft(distance, least, soft_m) if turn == 0 else np.maximum(distance, least)
        lack = kept - distance
        if turn and lack.max() <= _EXACT_M:
            break
        goal = way / distance[..., None]
        if turn == 0:
            goal = _round_each_other(goal, (THROUGH_M[1] - distance) / (THROUGH_M[1] - THROUGH_M[0]))
        push = 0.5 * (((kept + _EXACT_M)[..., None] * goal) - way) * (lack > 0.0)[..., None]
        give = np.zeros_like(moved)
        np.add.at(give, first, push)
        np.add.at(give, second, -push)
        for a, b in couples:
            give[[a, b]] = give[a] + give[b]
        moved += give
    return moved


def _round_each_other(towards: Array, nearness: Array) -> Array:
    """Return unit vectors (pairs, t, 2) from one to the other that never turn round at once.

    Two who walk through each other see the other's side change between two samples; they are led round each other
    within a beat instead. `nearness` (pairs, t) says how much: 0 not at all, 1 and more altogether.
    """
    angle = np.unwrap(np.arctan2(towards[..., 1], towards[..., 0]), axis=-1)
    ends = np.pad(angle, ((0, 0), (_BELL.size // 2, _BELL.size // 2)), mode="edge")
    slow = np.lib.stride_tricks.sliding_window_view(ends, _BELL.size, axis=-1) @ _BELL
    share = footfalls.smooth(np.clip(nearness, 0.0, 1.0))
    led = angle + share * (slow - angle)
    return np.stack([np.cos(led), np.sin(led)], axis=-1)


def _strangers(n: int, couples: Pairs) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pairs of `n` dancers who are no couple."""
    first, second = np.triu_indices(n, 1)
    partners = {frozenset(pair) for pair in couples}
    strangers = [{i, j} not in partners for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    return first[strangers], second[strangers]


def _coming_apart(n: int) -> Array:
    """Return the share (n,) of the distance that is kept by partners who part with the window that ends `n` rows."""
    return footfalls.smooth((np.arange(n) - (n - WINDOW_SAMPLES)) / SAMPLES_PER_BEAT)


def _soft(distance: Array, least_m: Array, soft_m: float) -> Array:
    """Return the distance kept for one that is wished: itself when far, never under `least_m`, smooth between."""
    x = np.clip((distance - least_m) / soft_m, -1.0, 1.0)
    return np.where(distance >= least_m + soft_m, distance, least_m + 0.25 * soft_m * (x + 1.0) ** 2)


def _leaned(window: MotionWindow, give_xz: Array) -> MotionWindow:
    """Return a window with its hips moved by (t, 2) over feet that stay."""
    root = window.root_position_m.copy()
    root[:, [0, 2]] += give_xz
    stands = Motion(
        root_position_m=window.root_position_m,
        joint_rotations_wxyz=window.joint_rotations_wxyz,
        foot_contact=window.foot_contact,
    )
    leaned = ik.place_feet(replace(stands, root_position_m=root), ik.feet_of(stands))
    return replace(window, root_position_m=root, joint_rotations_wxyz=leaned.joint_rotations_wxyz)
