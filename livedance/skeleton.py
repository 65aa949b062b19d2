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


def _by_depth() -> tuple[list[int], list[int], list[tuple[slice, list[int]]]]:
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
        levels.append((span, [place[PARENTS[j]] for j in joints]))
    return order, place, levels


_ORDER, _PLACE, _LEVELS = _by_depth()


def forward_kinematics(root_position_m: Array, joint_rotations_wxyz: Array) -> Array:
    """Return world joint positions (..., 23, 3) from root (..., 3) and rotations (..., 23, 4).

    One product of 4x4 transforms per level of the tree: about 60 us for a pose, live code calls it for every frame.
    """
    local = np.zeros((*joint_rotations_wxyz.shape[:-1], 4, 4))
    local[..., :3, :3] = rotations.to_matrix(np.asarray(joint_rotations_wxyz, dtype=np.float64)[..., _ORDER, :])
    local[..., :3, 3] = REST_OFFSETS_M[_ORDER]
    local[..., 0, :3, 3] = root_position_m
    local[..., 3, 3] = 1.0
    for span, parents in _LEVELS:
        local[..., span, :, :] = local[..., parents, :, :] @ local[..., span, :, :]
    positions: Array = local[..., :3, 3][..., _PLACE, :]
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
