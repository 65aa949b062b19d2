"""From a pose to what moves each vertex: one rigid motion per bone, toes that stay flat, fingers that close."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.messages import Hand, PoseFrame
from livedance.render.mesh.figure import BONES, FINGER_M, FINGERS, ROW

Array = NDArray[np.floating]

_REST: Final = skeleton.forward_kinematics(*skeleton.rest_pose())
_JOINTS: Final = [name for name in BONES if name in skeleton.INDEX]
_ROWS: Final = [ROW[name] for name in _JOINTS]
_OF: Final = [skeleton.INDEX[name] for name in _JOINTS]
TOE_FLAT_M: Final = (0.045, 0.11)
"""Height of the toe joint up to which the toes lie flat, and from which they follow the foot."""
CLOSE_S: Final = 0.045
"""Time constant with which a hand opens or closes."""
JUMP_S: Final = 0.5
LEAST_TWIST: Final = 0.05
"""Cosine of half the swing below which an arm points where its twist cannot be told."""
CURLS_RAD: Final = np.array(
    [
        [[0.30, 0.25], [0.35, 0.45], [0.42, 0.52], [0.50, 0.58], [0.55, 0.60]],  # relaxed
        [[0.75, 0.80], [1.35, 1.65], [1.40, 1.70], [1.42, 1.70], [1.40, 1.65]],  # fist
        [[0.10, 0.05], [0.05, 0.05], [0.05, 0.05], [0.05, 0.05], [0.05, 0.05]],  # flat
        [[0.70, 0.70], [0.02, 0.05], [1.35, 1.65], [1.40, 1.70], [1.40, 1.65]],  # point
        [[-0.10, 0.0], [-0.05, 0.05], [-0.05, 0.05], [-0.05, 0.05], [-0.05, 0.05]],  # spread
    ]
)
"""(5 poses, 5 fingers, 2) how far the root and the middle of each finger are bent."""
SPREAD_RAD: Final = np.array([-0.30, -0.20, -0.03, 0.14, 0.32])
"""How far each finger is turned aside in a spread hand, and by a third of it in a relaxed one."""


class Fingers:
    """Opens and closes hands within a few frames: a hand pose comes from one sample to the next. One per screen."""

    def __init__(self) -> None:
        self._at_s = 0.0
        self._bent: Array = np.zeros((0, 2, len(FINGERS), 3))

    def follow(self, pose: PoseFrame) -> Array:
        """Return how fingers are bent now (N, 2, 5, 3); moves on by the pose's own time, a jump seats them at once."""
        wanted = bent(pose.hands)
        dt = pose.t_s - self._at_s
        self._at_s = pose.t_s
        if self._bent.shape != wanted.shape or not 0.0 <= dt < JUMP_S:
            self._bent = wanted
        else:
            self._bent = wanted + (self._bent - wanted) * np.exp(-dt / CLOSE_S)
        return self._bent


def bent(hands: NDArray[np.uint8]) -> Array:
    """Return (N, 2, 5, 3) for hand poses (N, 2): the bend of each finger's root and middle, and its turn aside."""
    pose = np.minimum(hands, len(CURLS_RAD) - 1)
    apart = np.where(pose == Hand.SPREAD, 1.0, np.where(pose == Hand.RELAXED, 0.3, 0.0))
    return np.concatenate([CURLS_RAD[pose], (apart[..., None] * SPREAD_RAD)[..., None]], axis=-1)


def motions(pose: PoseFrame, fingers: Array) -> NDArray[np.float32]:
    """Return (N, B, 3, 4) what takes a point of the rest pose to its place, for each dancer and bone.

    `fingers` (N, 2, 5, 3) are as `bent` gives them.
    """
    world = skeleton.world_rotations(pose.joint_rotations_wxyz)
    n = len(world)
    turned = np.zeros((n, len(BONES), 4))
    place, rest = np.zeros((n, len(BONES), 3)), np.zeros((len(BONES), 3))
    turned[:, _ROWS], place[:, _ROWS] = world[:, _OF], pose.joint_positions_m[:, _OF]
    rest[_ROWS] = _REST[_OF]
    spine, hips = ROW["spine"], ROW["hips"]
    turned[:, spine] = rotations.slerp(world[:, 0], world[:, skeleton.INDEX["chest"]], 0.5)
    half = np.array([0.0, 0.5 * (_REST[1, 1] - _REST[0, 1]), 0.0])
    rest[spine] = _REST[0] + half
    place[:, spine] = place[:, hips] + rotations.rotate(world[:, 0], np.broadcast_to(half, (n, 3)))
    _toes(turned, place)
    for side, sign in (("l", 1.0), ("r", -1.0)):
        _fingers(turned, place, rest, fingers[:, 0 if side == "l" else 1], side, sign)
    return _moved(turned, place, rest)


def twists(pose: PoseFrame) -> NDArray[np.float32]:
    """Return (N, 4, 3, 4) the motions of `figure.TWISTS`: a shoulder without its twist, and with half of it."""
    world = skeleton.world_rotations(pose.joint_rotations_wxyz)
    turned, joints = [], []
    for side in "lr":
        joint = skeleton.INDEX[f"{side}_shoulder"]
        local, above = pose.joint_rotations_wxyz[:, joint], world[:, skeleton.PARENTS[joint]]
        twist = local * np.array([1.0, 1.0, 0.0, 0.0])  # arms lie along x at rest
        size = np.linalg.norm(twist, axis=-1, keepdims=True)
        twist = np.where(size > LEAST_TWIST, twist / np.maximum(size, 1e-9), rotations.IDENTITY)
        swing = rotations.multiply(above, rotations.multiply(local, rotations.conjugate(twist)))
        half = rotations.slerp(np.broadcast_to(rotations.IDENTITY, twist.shape), twist, 0.5)
        turned += [swing, rotations.multiply(swing, half)]
        joints += [joint, joint]
    return _moved(np.stack(turned, axis=1), pose.joint_positions_m[:, joints], _REST[joints])


def _moved(turned: Array, place: Array, rest: Array) -> NDArray[np.float32]:
    """Return (N, B, 3, 4) what turns bones (N, B, 4) and takes them from `rest` (B, 3) to `place` (N, B, 3)."""
    out = np.empty((*turned.shape[:2], 3, 4))
    out[..., :3] = rotations.to_matrix(turned)
    out[..., 3] = place - np.einsum("nbij,bj->nbi", out[..., :3], rest)
    return out.astype(np.float32)


def _toes(turned: Array, place: Array) -> None:
    """Lay the toes of a foot that stands on its ball flat on the floor."""
    up = np.array([0.0, 1.0, 0.0])
    for side in "lr":
        toe, ankle = ROW[f"{side}_toe"], ROW[f"{side}_ankle"]
        low, high = TOE_FLAT_M
        share = np.clip((high - place[:, toe, 1]) / (high - low), 0.0, 1.0)
        sole = rotations.rotate(turned[:, ankle], np.broadcast_to(up, place[:, toe].shape))
        level = rotations.between(sole, np.broadcast_to(up, sole.shape))
        limit = np.clip((sole[:, 1] - 0.2) / 0.3, 0.0, 1.0)  # a foot that lies on its side has no flat toes
        turned[:, toe] = rotations.multiply(
            rotations.slerp(np.broadcast_to(rotations.IDENTITY, level.shape), level, share * limit), turned[:, ankle]
        )


def _fingers(turned: Array, place: Array, rest: Array, bends: Array, side: str, sign: float) -> None:
    """Bend one hand's fingers by `bends` (N, 5, 3); at rest palms face down and fingers point away from the body."""
    wrist = ROW[f"{side}_wrist"]
    flip = np.array([sign, 1.0, 1.0])
    for i, (root_m, tip_m) in enumerate(FINGER_M):
        root, tip = (ROW[f"{side}_{FINGERS[i]}_{part}"] for part in ("root", "tip"))
        rest[root], rest[tip] = root_m * flip, 0.5 * (root_m + tip_m) * flip
        # Bending turns a finger about the hand's own z axis, spreading about y; the thumb closes across the palm.
        axis = np.array([0.0, 0.45 if i == 0 else 0.0, -1.0 if i else -0.55]) * np.array([1.0, sign, sign])
        for bone, amount, before in ((root, bends[:, i, 0], wrist), (tip, bends[:, i, 1], root)):
            bend = rotations.from_rotvec(amount[:, None] * axis)
            if bone == root:
                bend = rotations.multiply(rotations.about_y(sign * bends[:, i, 2]), bend)
            turned[:, bone] = rotations.multiply(turned[:, before], bend)
            offset = np.broadcast_to(rest[bone] - rest[before], place[:, bone].shape)
            place[:, bone] = place[:, before] + rotations.rotate(turned[:, before], offset)
