"""What an idle dancer may do: stretching, looking at the hands, hands on hips, arms folded.

An act is a few moves of some joints to written poses and back, each eased and at a time of its own, so that no two
parts of the body start together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import stance
from livedance.dance.reach import Pose, left_arm, mirrored, right_arm

Array = NDArray[np.floating]

_L_ARM: Final = ("l_shoulder", "l_elbow", "l_wrist")
_R_ARM: Final = ("r_shoulder", "r_elbow", "r_wrist")
_TRUNK: Final = ("chest", "neck", "head")


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
