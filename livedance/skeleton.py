"""The one rig: 23 joints, fixed bone lengths, forward kinematics, mirror and keypoint layouts.

Metres; right-handed; y up; +z towards the audience; +x the dancer's left. Identity rotations
everywhere give the rest pose: T-pose, arms along ±x, feet flat, toes +z. `joint_rotations[0]` is
the hips in the world, the others are relative to their parent. Leaf joints stay at identity.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations

Array = NDArray[np.floating]
_Indices = NDArray[np.intp]

NAME: Final = "livedance-23"
RIG_ID: Final = 1

JOINT_NAMES: Final[tuple[str, ...]] = (
    "hips", "chest", "neck", "head",
    "l_shoulder", "l_elbow", "l_wrist", "r_shoulder", "r_elbow", "r_wrist",
    "l_hip", "l_knee", "l_ankle", "l_toe", "r_hip", "r_knee", "r_ankle", "r_toe",
    "nose", "l_eye", "r_eye", "l_ear", "r_ear",
)  # fmt: skip
N_JOINTS: Final = len(JOINT_NAMES)
INDEX: Final[dict[str, int]] = {name: i for i, name in enumerate(JOINT_NAMES)}
PARENTS: Final[tuple[int, ...]] = (
    -1, 0, 1, 2, 2, 4, 5, 2, 7, 8, 0, 10, 11, 12, 0, 14, 15, 16, 3, 3, 3, 3, 3,
)  # fmt: skip

REST_OFFSETS_M: Final[Array] = np.array(
    [
        [0.0, 0.0, 0.0],  # hips
        [0.0, 0.300, 0.0],  # chest
        [0.0, 0.230, 0.0],  # neck
        [0.0, 0.170, 0.0],  # head
        [0.17572, -0.039, 0.0],  # l_shoulder
        [0.285, 0.0, 0.0],  # l_elbow
        [0.250, 0.0, 0.0],  # l_wrist
        [-0.17572, -0.039, 0.0],  # r_shoulder
        [-0.285, 0.0, 0.0],  # r_elbow
        [-0.250, 0.0, 0.0],  # r_wrist
        [0.095, 0.0, 0.0],  # l_hip
        [0.0, -0.430, 0.0],  # l_knee
        [0.0, -0.420, 0.0],  # l_ankle
        [0.0, -0.065, 0.1462],  # l_toe
        [-0.095, 0.0, 0.0],  # r_hip
        [0.0, -0.430, 0.0],  # r_knee
        [0.0, -0.420, 0.0],  # r_ankle
        [0.0, -0.065, 0.1462],  # r_toe
        [0.0, -0.0501, 0.1035],  # nose
        [0.034, -0.0099, 0.1007],  # l_eye
        [-0.034, -0.0099, 0.1007],  # r_eye
        [0.078, 0.009, 0.0043],  # l_ear
        [-0.078, 0.009, 0.0043],  # r_ear
    ]
)
"""(23, 3) position of each joint in its parent's frame at rest. Shoulders: mean shape of the motion data."""

SOLE_TO_ANKLE_M: Final = 0.10
"""Height of the ankle joint over the floor with a flat foot; the toe joint lies at 0.035."""
REST_HIPS_HEIGHT_M: Final = 0.43 + 0.42 + SOLE_TO_ANKLE_M
STATURE_M: Final = 1.72

CONTACT_JOINTS: Final[tuple[int, int, int, int]] = (
    INDEX["l_ankle"], INDEX["l_toe"], INDEX["r_ankle"], INDEX["r_toe"],
)  # fmt: skip
"""Order of the four values of `foot_contact`: left heel, left toe, right heel, right toe."""

LEAVES: Final[tuple[int, ...]] = tuple(j for j in range(N_JOINTS) if j not in PARENTS)
WRISTS: Final = (INDEX["l_wrist"], INDEX["r_wrist"])
BONES: Final[tuple[tuple[int, int], ...]] = tuple((p, j) for j, p in enumerate(PARENTS) if p >= 0)

MIRROR: Final[tuple[int, ...]] = tuple(
    INDEX[("r" if n[0] == "l" else "l") + n[1:]] if n[:2] in ("l_", "r_") else i for i, n in enumerate(JOINT_NAMES)
)
"""Index of the opposite joint: mirrored[j] comes from original[MIRROR[j]]."""

OPENPOSE_18: Final[tuple[str, ...]] = (
    "nose", "neck", "r_shoulder", "r_elbow", "r_wrist", "l_shoulder", "l_elbow", "l_wrist",
    "r_hip", "r_knee", "r_ankle", "l_hip", "l_knee", "l_ankle", "r_eye", "l_eye", "r_ear", "l_ear",
)  # fmt: skip
COCO_17: Final[tuple[str, ...]] = (
    "nose", "l_eye", "r_eye", "l_ear", "r_ear", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow",
    "l_wrist", "r_wrist", "l_hip", "r_hip", "l_knee", "r_knee", "l_ankle", "r_ankle",
)  # fmt: skip


def layout_indices(names: tuple[str, ...]) -> list[int]:
    """Return the joint indices of a keypoint layout such as `OPENPOSE_18`."""
    return [INDEX[n] for n in names]


def _by_depth() -> tuple[_Indices, _Indices, list[tuple[slice, _Indices]]]:
    """Return (order, inverse order, levels): joints sorted by depth, so that a level is one slice of the order."""
    depth = [0] * N_JOINTS
    for joint, parent in enumerate(PARENTS):
        depth[joint] = depth[parent] + 1 if parent >= 0 else 0
    order = sorted(range(N_JOINTS), key=lambda j: depth[j])
    place = [order.index(j) for j in range(N_JOINTS)]
    levels = []
    for level in range(1, max(depth) + 1):
        joints = [j for j in order if depth[j] == level]
        span = slice(place[joints[0]], place[joints[-1]] + 1)
        levels.append((span, np.array([place[PARENTS[j]] for j in joints])))
    return np.array(order), np.array(place), levels


_ORDER, _PLACE, _LEVELS = _by_depth()


def _quaternion_products() -> tuple[Array, Array]:
    """Return (base (23, 4, 4), weights (16, 16)), so that base + (q outer q) @ weights are the joints' transforms.

    A rotation matrix is the identity plus a sum of products of two quaternion components: with them as one matrix, all
    joints' local 4x4 transforms are one small matrix product instead of thirty array operations.
    """
    base = np.zeros((N_JOINTS, 4, 4))
    base[:] = np.eye(4)
    base[:, :3, 3] = REST_OFFSETS_M
    weights = np.zeros((4, 4, 4, 4))  # two quaternion components, then row and column of the transform
    w, x, y, z = range(4)
    for row, column, terms in (
        (0, 0, ((-2, y, y), (-2, z, z))), (0, 1, ((2, x, y), (-2, w, z))), (0, 2, ((2, x, z), (2, w, y))),
        (1, 0, ((2, x, y), (2, w, z))), (1, 1, ((-2, x, x), (-2, z, z))), (1, 2, ((2, y, z), (-2, w, x))),
        (2, 0, ((2, x, z), (-2, w, y))), (2, 1, ((2, y, z), (2, w, x))), (2, 2, ((-2, x, x), (-2, y, y))),
    ):  # fmt: skip
        for factor, a, b in terms:
            weights[a, b, row, column] += factor
    return base[_ORDER], weights.reshape(16, 16)


_BASE, _PRODUCTS = _quaternion_products()


def forward_kinematics(root_position_m: Array, joint_rotations_wxyz: Array) -> Array:
    """Return world joint positions (..., 23, 3) from root (..., 3) and rotations (..., 23, 4).

    One product of 4x4 transforms per level of the tree: about 40 us for a pose, live code calls it for every frame.
    """
    q = np.asarray(joint_rotations_wxyz, dtype=np.float64).take(_ORDER, axis=-2)
    outer = (q[..., :, None] * q[..., None, :]).reshape(*q.shape[:-1], 16)
    local = (outer @ _PRODUCTS).reshape(*q.shape[:-1], 4, 4)
    local += _BASE
    local[..., 0, :3, 3] = root_position_m
    for span, parents in _LEVELS:
        local[..., span, :, :] = local.take(parents, axis=-3) @ local[..., span, :, :]
    positions: Array = local[..., :3, 3].take(_PLACE, axis=-2)
    return positions


def world_rotations(joint_rotations_wxyz: Array) -> Array:
    """Return each joint's rotation in the world (..., 23, 4) from parent-local rotations."""
    world = np.array(joint_rotations_wxyz, dtype=np.float64)
    for joint, parent in enumerate(PARENTS):
        if parent > 0 or (parent == 0 and joint):
            world[..., joint, :] = rotations.multiply(world[..., parent, :], joint_rotations_wxyz[..., joint, :])
    return world


def mirror(root_position_m: Array, joint_rotations_wxyz: Array) -> tuple[Array, Array]:
    """Mirror motion left-right: swap l/r joints, root x -> -x, (w, x, y, z) -> (w, x, -y, -z)."""
    root = root_position_m * np.array([-1.0, 1.0, 1.0])
    rot = joint_rotations_wxyz[..., list(MIRROR), :] * np.array([1.0, 1.0, -1.0, -1.0])
    return root, rot


def rest_pose() -> tuple[Array, Array]:
    """Return (root (3,), rotations (23, 4)) of the rest pose with the feet on the floor."""
    rot = np.zeros((N_JOINTS, 4))
    rot[:, 0] = 1.0
    return np.array([0.0, REST_HIPS_HEIGHT_M, 0.0]), rot
