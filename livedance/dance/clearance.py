"""Wrists and hands out of hips, thighs, torso and head: a soft capsule test, answered by a small turn of the upper arm.

Row by row, without memory: the same pose is always changed in the same way, and a pose that touches nothing is left as
it is. The bend of the elbow stays.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Motion

Array = NDArray[np.floating]

HAND_RADIUS_M: Final = np.array([0.045, 0.040])
"""Of the wrist, and of the middle of the hand."""
HAND_M: Final = 0.07
"""From the wrist to the middle of the hand."""
TORSO_RADIUS_M: Final = 0.088
THIGH_RADIUS_M: Final = (0.086, 0.056)
"""At the hip and at the knee."""
HEAD_RADIUS_M: Final = 0.092
HEAD_M: Final = (-0.04, 0.06)
"""Ends of the head's capsule along the line from the neck, from the head joint."""
SOFT_M: Final = 0.02
"""A push begins this far outside a capsule and is in full this far inside."""
ROUNDS: Final = 6
"""The first ones take most of it. An arm turns as a whole, so each round knows where the one before has put it."""
SIDE_M: Final = 0.08
"""Pull of a capsule's axis away from the arm's own side: a wrist on the axis still knows its way out."""

_JOINTS: Final = {name: skeleton.INDEX[name] for name in ("chest", "neck", "head")}
_SHOULDERS: Final = [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]
_WRISTS: Final = list(skeleton.WRISTS)
_ELBOWS: Final = [skeleton.INDEX["l_elbow"], skeleton.INDEX["r_elbow"]]
_HIPS: Final = [skeleton.INDEX["l_hip"], skeleton.INDEX["r_hip"]]
_KNEES: Final = [skeleton.INDEX["l_knee"], skeleton.INDEX["r_knee"]]
_TORSO_LOW_M: Final = np.array([[0.074, -0.01, 0.0], [-0.074, -0.01, 0.0]])
"""Ends of the torso's two capsules, in the frames of hips and chest."""
_TORSO_HIGH_M: Final = np.array([[0.066, 0.12, 0.005], [-0.066, 0.12, 0.005]])
_SIDES: Final = np.array([1.0, -1.0])


@dataclass(frozen=True, slots=True, eq=False)
class _Arms:
    """What can touch what, in the world; a = 2 arms, p = wrist and hand, c = 5 capsules."""

    shoulder_m: Array
    """(n, a, 3)"""
    points_m: Array
    """(n, a, p, 3)"""
    low_m: Array
    """(n, c, 3)"""
    high_m: Array
    left: Array
    """(n, 3) the pelvis' own left."""
    shoulders_wxyz: Array
    """(n, 4) what the upper arms hang on."""

    def at(self, rows: NDArray[np.bool_]) -> _Arms:
        """Return the arms of some rows."""
        return _Arms(*(getattr(self, field.name)[rows] for field in fields(self)))


_RADIUS_LOW: Final = np.array([TORSO_RADIUS_M, TORSO_RADIUS_M, THIGH_RADIUS_M[0], THIGH_RADIUS_M[0], HEAD_RADIUS_M])
_RADIUS_HIGH: Final = np.array([TORSO_RADIUS_M, TORSO_RADIUS_M, THIGH_RADIUS_M[1], THIGH_RADIUS_M[1], HEAD_RADIUS_M])


def push_out(motion: Motion) -> Motion:
    """Return `motion` with its wrists and hands outside hips, thighs, torso and head; itself where nothing touches."""
    arms = _arms(motion.root_position_m, motion.joint_rotations_wxyz)
    depth, _ = _depths(arms, arms.points_m)
    touches = depth.max(axis=(1, 2, 3)) > -SOFT_M
    if not touches.any():
        return motion
    rows = np.flatnonzero(touches)[:, None]
    turned = motion.joint_rotations_wxyz.copy()
    shoulders = rotations.multiply(_way_out(arms.at(touches)), turned[rows, _SHOULDERS])
    turned[rows, _SHOULDERS] = rotations.normalise(shoulders)
    return Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _way_out(arms: _Arms) -> Array:
    """Return the turns (n, a, 4) of the upper arms, seen from what they hang on, that lead wrists and hands out."""
    total = np.broadcast_to(rotations.IDENTITY, (*arms.shoulder_m.shape[:2], 4))
    points = arms.points_m
    for _ in range(ROUNDS):
        depth, normal = _depths(arms, points)
        if depth.max() <= -SOFT_M:
            break
        turn = rotations.from_rotvec(_turn(arms, points, _soft(depth), normal))
        total = rotations.multiply(turn, total)
        reach = points - arms.shoulder_m[:, :, None]
        points = arms.shoulder_m[:, :, None] + rotations.rotate(turn[:, :, None], reach)
    parent = arms.shoulders_wxyz[:, None]
    return rotations.multiply(rotations.multiply(rotations.conjugate(parent), total), parent)


def depth_m(root_position_m: Array, joint_rotations_wxyz: Array) -> Array:
    """Return how deep each arm's wrist or hand is in hips, thighs, torso or head, metres (n, 2); negative outside."""
    arms = _arms(root_position_m, joint_rotations_wxyz)
    depth, _ = _depths(arms, arms.points_m)
    out: Array = depth.max(axis=(2, 3))
    return out


def _arms(root: Array, turned: Array) -> _Arms:
    places = skeleton.forward_kinematics(root, turned)
    pelvis = turned[:, 0]
    torso = rotations.multiply(pelvis, turned[:, _JOINTS["chest"]])
    upper = rotations.multiply(torso, turned[:, _JOINTS["neck"]])
    wrist = places[:, _WRISTS]
    # The hand goes on from the forearm: how it is bent at the wrist moves its middle by less than its own thickness.
    along = wrist - places[:, _ELBOWS]
    hand = wrist + HAND_M * along / np.linalg.norm(along, axis=-1, keepdims=True)
    low = places[:, :1] + rotations.rotate(pelvis[:, None], _TORSO_LOW_M[None])
    high = places[:, _JOINTS["chest"], None] + rotations.rotate(torso[:, None], _TORSO_HIGH_M[None])
    head = places[:, _JOINTS["head"], None]
    up = head - places[:, _JOINTS["neck"], None]
    up = up / np.linalg.norm(up, axis=-1, keepdims=True)
    return _Arms(
        places[:, _SHOULDERS],
        np.stack([wrist, hand], axis=2),
        np.concatenate([low, places[:, _HIPS], head + HEAD_M[0] * up], axis=1),
        np.concatenate([high, places[:, _KNEES], head + HEAD_M[1] * up], axis=1),
        rotations.rotate(pelvis, np.broadcast_to([1.0, 0.0, 0.0], root.shape)),
        upper,
    )


def _depths(arms: _Arms, points: Array) -> tuple[Array, Array]:
    """Return (depth (n, a, p, c), way out (n, a, p, c, 3)) of points (n, a, p, 3) in the capsules."""
    axis = (arms.high_m - arms.low_m)[:, None, None]
    from_low = points[:, :, :, None] - arms.low_m[:, None, None]
    share = (from_low * axis).sum(axis=-1) / (axis * axis).sum(axis=-1)
    share = np.clip(share, 0.0, 1.0)
    out = from_low - share[..., None] * axis
    distance = np.sqrt((out * out).sum(axis=-1))
    depth = (1.0 - share) * _RADIUS_LOW + share * _RADIUS_HIGH + HAND_RADIUS_M[None, None, :, None] - distance
    out = out + (SIDE_M * _SIDES[:, None] * arms.left[:, None])[:, :, None, None]
    size = np.sqrt((out * out).sum(axis=-1, keepdims=True))
    return depth, out / np.maximum(size, 1e-6)


def _soft(depth: Array) -> Array:
    """Return how far to push: 0 outside, `depth` well inside, a parabola between."""
    near = np.clip(depth + SOFT_M, 0.0, 2.0 * SOFT_M)
    out: Array = near * near / (4.0 * SOFT_M) + np.maximum(depth - SOFT_M, 0.0)
    return out


def _turn(arms: _Arms, points: Array, push: Array, normal: Array) -> Array:
    """Return the rotation vectors (n, a, 3) about the shoulders that move the points out; the deepest count most."""
    reach = points - arms.shoulder_m[:, :, None]
    lever = reach / np.maximum((reach * reach).sum(axis=-1, keepdims=True), 0.01)
    way = (push * push)[..., None] * normal
    x, y, z = (lever[:, :, :, None, i] for i in range(3))
    a, b, c = way[..., 0], way[..., 1], way[..., 2]
    turns = np.stack([y * c - z * b, z * a - x * c, x * b - y * a], axis=-1).sum(axis=(2, 3))
    weight = push.sum(axis=(2, 3))[..., None]
    out: Array = turns / np.maximum(weight, 1e-9)
    return out
