"""A hit: arms and chest strike a pose that arrives exactly on its beat, settles, stays a moment and lets go.

A pure function of the beat, so that every window shows the same hit. Legs stay the phrase's; the hips drop into it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import Motion

Array = NDArray[np.floating]

ATTACK_S: Final = 0.22
"""From the phrase to the pose: faster, and a wrist would pass 10 m/s."""
SETTLE_S: Final = 0.028
"""Time constant of the overshoot: it is under a tenth after 80 ms and gone after 150 ms."""
OVERSHOOT: Final = 0.16
RING_HZ: Final = 5.0
HOLD_BEATS: Final = 0.45
RELEASE_BEATS: Final = 0.8
DROP_M: Final = 0.06

POSES_DEG: Final[tuple[dict[str, tuple[float, float, float]], ...]] = (
    {  # both arms up in a V
        "chest": (-12.0, 0.0, 0.0), "neck": (-8.0, 0.0, 0.0), "head": (-6.0, 0.0, 0.0),
        "l_shoulder": (0.0, -12.0, 52.0), "l_elbow": (0.0, -8.0, 6.0),
        "r_shoulder": (0.0, 12.0, -52.0), "r_elbow": (0.0, 8.0, -6.0),
    },
    {  # one fist up, the other arm across
        "chest": (-4.0, -14.0, 8.0), "neck": (-4.0, 8.0, 0.0), "head": (-4.0, 6.0, 0.0),
        "l_shoulder": (0.0, -10.0, 70.0), "l_elbow": (0.0, -14.0, 10.0),
        "r_shoulder": (0.0, 30.0, 48.0), "r_elbow": (0.0, 95.0, 0.0),
    },
    {  # arms wide and low, chest open
        "chest": (-10.0, 0.0, 0.0), "neck": (4.0, 0.0, 0.0), "head": (6.0, 0.0, 0.0),
        "l_shoulder": (0.0, 14.0, -28.0), "l_elbow": (0.0, -10.0, 0.0),
        "r_shoulder": (0.0, -14.0, 28.0), "r_elbow": (0.0, 10.0, 0.0),
    },
    {  # elbows out, fists before the chest
        "chest": (8.0, 0.0, 0.0), "neck": (4.0, 0.0, 0.0), "head": (6.0, 0.0, 0.0),
        "l_shoulder": (0.0, -34.0, -8.0), "l_elbow": (0.0, -112.0, 0.0),
        "r_shoulder": (0.0, 34.0, 8.0), "r_elbow": (0.0, 112.0, 0.0),
    },
)  # fmt: skip


def strike(motion: Motion, beats: Array, hit_beat: float, dance_bpm: float, number: int) -> Motion:
    """Return `motion` with a hit on `hit_beat`.

    Args:
        motion: n rows at dance beats `beats` (n,).
        beats: dance beats of the rows.
        hit_beat: where the pose is reached.
        dance_bpm: for what takes clock time: attack and settling.
        number: chooses the pose and its side.
    """
    since_s = (beats - hit_beat) * 60.0 / dance_bpm
    weight = _ease((since_s + ATTACK_S) / ATTACK_S) * _ease(
        (HOLD_BEATS + RELEASE_BEATS - beats + hit_beat) / RELEASE_BEATS
    )
    if not np.any(weight > 0.0):
        return motion
    after_s = np.maximum(since_s, 0.0)
    ring = 1.0 + OVERSHOOT * np.exp(-after_s / SETTLE_S) * np.sin(2.0 * np.pi * RING_HZ * after_s)
    pose = POSES_DEG[number % len(POSES_DEG)]
    turned = motion.joint_rotations_wxyz.copy()
    for name, degrees in _sided(pose, number // len(POSES_DEG) % 2 == 1).items():
        j = skeleton.INDEX[name]
        struck = rotations.from_rotvec(np.radians(degrees) * ring[:, None])
        turned[:, j] = rotations.slerp(turned[:, j], rotations.align_signs(struck, turned[:, j]), weight)
    root = motion.root_position_m.copy()
    root[:, 1] -= DROP_M * weight * ring
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _sided(pose: dict[str, tuple[float, float, float]], other: bool) -> dict[str, tuple[float, float, float]]:
    """Return the pose, or its mirror image."""
    if not other:
        return pose
    swap = {"l_": "r_", "r_": "l_"}
    return {swap.get(n[:2], n[:2]) + n[2:]: (d[0], -d[1], -d[2]) for n, d in pose.items()}


def _ease(u: Array) -> Array:
    """Return 0 below 0, 1 above 1, with a smooth step of the third degree between: no faster than it must be."""
    u = np.clip(u, 0.0, 1.0)
    out: Array = u * u * (3.0 - 2.0 * u)
    return out
