"""When an idle dancer does which act of `idle_repertoire`, and the body doing it.

Acts are dealt in chapters of `idle_tracks.CHAPTER_S`: a shuffle of all of them, as
many as fit, with pauses of different length between; never the same one twice running.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import idle_tracks
from livedance.dance.idle_repertoire import ACTS

Array = NDArray[np.floating]

PAUSE_LEAST_S: Final = 1.6
FIRST_PAUSE_S: Final = 5.0
"""More before the first act of a chapter: an idle begins there."""
SLOWER: Final = (0.9, 1.2)
"""Factor on an act's times."""
_MIRROR: Final = np.array([1.0, 1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Cue:
    """When an act is played, and how."""

    act: int
    start_s: float
    slower: float
    hold_s: float
    is_mirrored: bool

    @property
    def seconds(self) -> float:
        """Return its length."""
        return _length_s(self.act, self.slower, self.hold_s)


def apply(turned: Array, t_s: Array, seed: int, dancer: int) -> Array:
    """Return rotations (n, 23, 4) with the acts of idle times `t_s` (n,) done."""
    for number in range(int(t_s[0] // idle_tracks.CHAPTER_S), int(t_s[-1] // idle_tracks.CHAPTER_S) + 1):
        for cue in chapter(seed, dancer, max(0, number)):
            if cue.start_s < t_s[-1] and t_s[0] < cue.start_s + cue.seconds:
                turned = _played(turned, t_s - cue.start_s, cue)
    return turned


@lru_cache(maxsize=128)
def chapter(seed: int, dancer: int, number: int) -> tuple[Cue, ...]:
    """Return the acts of one chapter, in order; they end within it."""
    order, drawn = _dealt(seed, dancer, number)
    if number > 0 and order[0] == _dealt(seed, dancer, number - 1)[0][-1]:
        order = (order[1], order[0], *order[2:])
    lengths = [_length_s(act, *drawn[act][:2]) for act in order]
    rng = idle_tracks.generator(seed, dancer, idle_tracks.PAUSES, number)
    spare = idle_tracks.CHAPTER_S - FIRST_PAUSE_S - sum(lengths) - PAUSE_LEAST_S * len(order)
    pauses = PAUSE_LEAST_S + spare * rng.dirichlet(np.full(len(order) + 1, 1.5))[:-1]
    cues, at = [], number * idle_tracks.CHAPTER_S + FIRST_PAUSE_S
    for act, length, pause in zip(order, lengths, pauses.tolist(), strict=True):
        slower, hold_s, is_mirrored = drawn[act]
        cues.append(Cue(act, at + pause, slower, hold_s, is_mirrored))
        at += pause + length
    return tuple(cues)


@lru_cache(maxsize=128)
def _dealt(seed: int, dancer: int, number: int) -> tuple[tuple[int, ...], dict[int, tuple[float, float, bool]]]:
    """Return which acts, in raw order, and (slower, hold, mirrored) of every act."""
    rng = idle_tracks.generator(seed, dancer, idle_tracks.ACTS, number)
    drawn = {
        i: (float(rng.uniform(*SLOWER)), float(rng.uniform(*act.hold_s)), bool(rng.random() < 0.5))
        for i, act in enumerate(ACTS)
    }
    left, order = idle_tracks.CHAPTER_S - FIRST_PAUSE_S - 2.0 * PAUSE_LEAST_S, []
    for act in rng.permutation(len(ACTS)).tolist():
        left -= _length_s(act, *drawn[act][:2]) + 1.8 * PAUSE_LEAST_S
        if left < 0.0:
            break
        order.append(act)
    return tuple(order), drawn


def _length_s(act: int, slower: float, hold_s: float) -> float:
    return ACTS[act].seconds * slower + hold_s


def _played(turned: Array, since_s: Array, cue: Cue) -> Array:
    act, standing = ACTS[cue.act], turned
    turned = turned.copy()
    for move in act.moves:
        start = move.start_s * cue.slower + (cue.hold_s if move.start_s >= act.hold_at_s else 0.0)
        if start >= since_s[-1]:
            continue
        share = idle_tracks.ease(since_s, start, move.span_s * cue.slower)
        joints, pose = list(move.joints), move.pose
        if cue.is_mirrored:
            joints = [skeleton.MIRROR[j] for j in joints]
            pose = None if pose is None else pose * _MIRROR
        target = standing[:, joints] if pose is None else pose[None]
        turned[:, joints] = idle_tracks.turned(turned[:, joints], target, share[:, None])
    return turned
