"""Acts of an idle dancer: stretching, looking at the hands, hands on hips, arms folded; and when they come.

An act is a few moves of some joints to written poses and back, each eased and at a time of its own, so that no two
parts of the body start together. Acts are dealt in chapters of `idle_tracks.CHAPTER_S`: a shuffle of all of them, as
many as fit, with pauses of different length between; never the same one twice running.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import idle_tracks, stance
from livedance.dance.reach import Pose, left_arm, mirrored, right_arm

Array = NDArray[np.floating]

PAUSE_LEAST_S: Final = 1.6
FIRST_PAUSE_S: Final = 5.0
"""More before the first act of a chapter: an idle begins there."""
SLOWER: Final = (0.9, 1.2)
"""Factor on an act's times."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """Some joints to a pose, or back to standing (`pose` is None)."""

    start_s: float
    span_s: float
    joints: tuple[int, ...]
    pose: Array | None
    """(joints, 4)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Act:
    """A little scene without words."""

    name: str
    moves: tuple[Move, ...]
    """Each pose has the sign that lies nearest to what the joint did before: the way there is decided once."""
    hold_at_s: float
    """Moves from here on wait for the hold that is drawn."""
    hold_s: tuple[float, float] = (0.0, 0.0)

    @property
    def seconds(self) -> float:
        """Return its length without the hold."""
        return max(m.start_s + m.span_s for m in self.moves)


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


_MIRROR: Final = np.array([1.0, 1.0, -1.0, -1.0])
_L_ARM: Final = ("l_shoulder", "l_elbow", "l_wrist")
_R_ARM: Final = ("r_shoulder", "r_elbow", "r_wrist")
_TRUNK: Final = ("chest", "neck", "head")


def _to(start_s: float, span_s: float, pose: Pose) -> Move:
    joints = tuple(skeleton.INDEX[name] for name in pose)
    return Move(start_s, span_s, joints, np.stack(list(pose.values())))


def _back(start_s: float, span_s: float, *names: str) -> Move:
    return Move(start_s, span_s, tuple(skeleton.INDEX[name] for name in names), None)


def _turns(**angles_deg: tuple[float, float, float]) -> Pose:
    return {name: rotations.from_rotvec(np.radians(v)) for name, v in angles_deg.items()}


def _act(name: str, *moves: Move, hold_at_s: float = math.inf, hold_s: tuple[float, float] = (0.0, 0.0)) -> Act:
    now = stance.pose()
    aligned = []
    for move in moves:
        joints = list(move.joints)
        if move.pose is None:
            now[joints] = stance.pose()[joints]
        else:
            now[joints] = rotations.align_signs(move.pose, now[joints])
            move = replace(move, pose=now[joints])
        aligned.append(move)
    return Act(name=name, moves=tuple(aligned), hold_at_s=hold_at_s, hold_s=hold_s)


def _hip(side: str) -> Pose:
    """Return an arm akimbo."""
    pose = left_arm((0.25, -0.415, 0.01), (1.0, 0.0, -0.45), 35.0, (0.0, 0.0, -45.0))
    return pose if side == "l" else mirrored(pose)


def _hand_before(hand_deg: tuple[float, float, float] = (0.0, 0.0, 0.0), twist_deg: float = -50.0) -> Pose:
    return left_arm((0.05, -0.20, 0.27), (1.0, -0.8, 0.0), twist_deg, hand_deg)


def _overhead() -> Pose:
    left = left_arm((0.05, 0.46, 0.02), (1.0, 0.0, -0.2), 0.0, (0.0, 0.0, 25.0))
    return left | mirrored(left)


def _loosened(forward: float, out: float) -> Pose:
    """Return hanging arms with the upper arms turned forward (or back) and out, degrees."""
    pose = _turns(l_shoulder=(0.0, 0.0, -74.0 + out), l_elbow=(0.0, -18.0, 0.0))
    swing = rotations.from_rotvec(np.radians([-forward, 0.0, 0.0]))
    pose["l_shoulder"] = rotations.multiply(swing, pose["l_shoulder"])
    return pose | mirrored(pose)


ACTS: Final[tuple[Act, ...]] = (
    _act(
        "hands on hips",
        _to(0.0, 1.0, _hip("l")),
        _to(0.25, 1.05, _hip("r")),
        _to(0.4, 1.2, _turns(chest=(-3.0, 5.0, 0.0))),
        _back(2.2, 1.1, *_R_ARM, "chest"),
        _back(2.5, 1.1, *_L_ARM),
        hold_at_s=2.0,
        hold_s=(2.0, 7.0),
    ),
    _act(
        "one hand on the hip",
        _to(0.0, 1.1, _hip("l")),
        _to(0.2, 1.3, _turns(chest=(2.0, -7.0, 2.0))),
        _back(2.2, 1.1, *_L_ARM),
        _back(2.3, 1.2, "chest"),
        hold_at_s=2.0,
        hold_s=(2.0, 8.0),
    ),
    _act(
        "arms folded",
        _to(0.0, 1.15, left_arm((-0.085, -0.215, 0.175), (1.0, -1.0, 0.1), -20.0, (0.0, -10.0, 0.0))),
        _to(0.2, 1.25, right_arm((0.105, -0.175, 0.215), (-1.0, -1.0, 0.1), -20.0, (0.0, -10.0, 0.0))),
        _to(0.3, 1.3, _turns(chest=(4.0, 0.0, 0.0))),
        _back(2.4, 1.2, *_R_ARM),
        _back(2.6, 1.2, *_L_ARM, "chest"),
        hold_at_s=2.2,
        hold_s=(2.5, 7.5),
    ),
    _act(
        "arms overhead",
        _to(0.0, 2.4, _overhead()),
        _to(0.7, 1.8, _turns(chest=(-9.0, 0.0, 0.0), neck=(-5.0, 0.0, 0.0), head=(-14.0, 0.0, 0.0))),
        _to(2.5, 1.1, _turns(chest=(-7.0, 0.0, 9.0))),
        _to(3.7, 1.5, _turns(chest=(-7.0, 0.0, -9.0))),
        _back(5.3, 2.2, *_L_ARM),
        _back(5.4, 2.2, *_R_ARM),
        _back(5.5, 1.7, *_TRUNK),
        hold_at_s=5.3,
        hold_s=(0.0, 0.8),
    ),
    _act(
        "an arm across",
        _to(0.0, 1.3, right_arm((0.29, -0.10, 0.27), (0.0, -0.3, 1.0), 0.0)),
        _to(0.35, 1.3, left_arm((0.075, -0.07, 0.33), (1.0, -1.2, 0.2), -60.0, (0.0, -20.0, 0.0))),
        _to(0.7, 1.3, _turns(chest=(0.0, 16.0, 0.0), head=(0.0, -14.0, 0.0))),
        _back(2.6, 1.1, *_L_ARM),
        _back(2.8, 1.4, *_R_ARM),
        _back(2.7, 1.4, "chest", "head"),
        hold_at_s=2.4,
        hold_s=(1.0, 3.0),
    ),
    _act(
        "neck roll",
        _to(0.0, 1.2, _turns(neck=(7.0, 0.0, 0.0), head=(30.0, 0.0, 0.0))),
        _to(1.1, 1.4, _turns(neck=(3.0, 0.0, 2.0), head=(12.0, 8.0, 30.0))),
        _to(2.3, 1.5, _turns(neck=(-4.0, 0.0, 0.0), head=(-20.0, 0.0, 4.0))),
        _to(3.5, 1.5, _turns(neck=(3.0, 0.0, -2.0), head=(12.0, -8.0, -30.0))),
        _to(4.8, 1.2, _turns(neck=(6.0, 0.0, 0.0), head=(26.0, 0.0, 0.0))),
        _back(5.9, 1.2, "neck", "head"),
    ),
    _act(
        "shoulders loosened",
        _to(0.0, 0.8, _loosened(18.0, 6.0)),
        _to(0.65, 0.8, _loosened(4.0, 17.0)),
        _to(1.3, 0.8, _loosened(-20.0, 12.0)),
        _to(0.9, 1.0, _turns(chest=(-7.0, 0.0, 0.0))),
        _to(1.95, 0.8, _loosened(14.0, 2.0)),
        _to(2.6, 0.8, _loosened(4.0, 17.0)),
        _to(3.25, 0.8, _loosened(-22.0, 14.0)),
        _back(3.9, 1.2, *_L_ARM[:2], *_R_ARM[:2], "chest"),
    ),
    _act(
        "looks at a wrist",
        _to(0.0, 0.9, _hand_before()),
        _to(0.1, 0.8, _turns(neck=(6.0, 2.0, 0.0), head=(28.0, 10.0, 0.0))),
        _back(1.6, 0.7, "neck", "head"),
        _back(1.75, 1.0, *_L_ARM),
        hold_at_s=1.4,
        hold_s=(0.4, 1.6),
    ),
    _act(
        "looks at the hands",
        _to(0.0, 1.2, left_arm((0.10, -0.27, 0.27), (1.0, -1.0, 0.0), -80.0)),
        _to(0.2, 1.2, right_arm((-0.08, -0.29, 0.25), (-1.0, -1.0, 0.0), -80.0)),
        _to(0.2, 1.1, _turns(neck=(7.0, 0.0, 0.0), head=(32.0, 4.0, 0.0))),
        _to(1.6, 0.9, left_arm((0.05, -0.24, 0.29), (1.0, -1.0, 0.0), 10.0)),
        _to(1.7, 0.9, right_arm((-0.03, -0.31, 0.27), (-1.0, -1.0, 0.0), -20.0)),
        _back(3.0, 0.8, "neck", "head"),
        _back(3.1, 1.2, *_R_ARM),
        _back(3.25, 1.2, *_L_ARM),
        hold_at_s=2.8,
        hold_s=(0.2, 1.5),
    ),
    _act(
        "a hand to the neck",
        _to(0.0, 1.2, left_arm((0.07, 0.05, -0.095), (1.0, 0.5, 0.35), 10.0, (0.0, 0.0, 15.0))),
        _to(0.5, 1.0, _turns(neck=(4.0, 0.0, -1.0), head=(16.0, -6.0, -12.0))),
        _to(1.6, 0.7, left_arm((0.10, 0.025, -0.085), (1.0, 0.35, 0.45), 10.0, (0.0, 0.0, 20.0))),
        _to(2.2, 0.7, left_arm((0.065, 0.065, -0.10), (1.0, 0.5, 0.35), 10.0, (0.0, 0.0, 10.0))),
        _back(3.0, 0.9, "neck", "head"),
        _back(3.1, 1.3, *_L_ARM),
        hold_at_s=2.9,
        hold_s=(0.0, 1.2),
    ),
    _act(
        "looks over a shoulder",
        _to(0.0, 0.8, _turns(head=(2.0, 48.0, 0.0))),
        _to(0.15, 1.1, _turns(chest=(0.0, 20.0, 0.0), neck=(0.0, 12.0, 0.0))),
        _back(1.8, 0.9, "head"),
        _back(1.9, 1.2, "chest", "neck"),
        hold_at_s=1.6,
        hold_s=(0.6, 2.2),
    ),
    _act(
        "arms swing to a clasp",
        _to(0.0, 0.8, _loosened(-24.0, 6.0)),
        _to(0.6, 1.0, left_arm((0.02, -0.49, 0.185), (1.0, -0.2, -0.5), -30.0)),
        _to(0.62, 1.0, right_arm((-0.025, -0.475, 0.205), (-1.0, -0.2, -0.5), -30.0)),
        _back(2.4, 1.2, *_L_ARM),
        _back(2.5, 1.2, *_R_ARM),
        hold_at_s=2.2,
        hold_s=(1.0, 6.0),
    ),
)
