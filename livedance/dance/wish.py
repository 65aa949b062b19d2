"""Wishes changed as a whole: mirrored, a few milliseconds early or late, put at a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.clip_sampler import MIRRORED_CONTACT
from livedance.dance.window import Feet, FootLocks, Motion, Trace, Wish

Array = NDArray[np.floating]

_FLIP: Final = np.array([-1.0, 1.0, 1.0])
_FLIP_TURN: Final = np.array([1.0, 1.0, -1.0, -1.0])


def mirrored(wish: Wish) -> Wish:
    """Return the wish seen in a mirror that stands in the dancer's home."""
    mean = None if wish.mean_wxyz is None else skeleton.mirror(np.zeros(3), wish.mean_wxyz)[1]
    return replace(
        wish,
        motion=mirrored_motion(wish.motion),
        feet=_mirrored_feet(wish.feet),
        facing_rad=-wish.facing_rad,
        mean_wxyz=mean,
        mean_xz=None if wish.mean_xz is None else wish.mean_xz * np.array([-1.0, 1.0]),
    )


def mirrored_motion(motion: Motion) -> Motion:
    """Return the motion seen in a mirror at x = 0."""
    root, turned = skeleton.mirror(motion.root_position_m, motion.joint_rotations_wxyz)
    return Motion(
        root_position_m=root, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact[:, MIRRORED_CONTACT]
    )


def shifted(wish: Wish, samples: float) -> Wish:
    """Return the wish `samples` later (less than one either way); the outermost row is held."""
    if samples == 0.0:
        return wish
    step = -1 if samples > 0 else 1
    rows = np.clip(np.arange(len(wish.facing_rad)) + step, 0, len(wish.facing_rad) - 1)
    share = abs(samples)
    motion, feet = wish.motion, wish.feet
    moved = Motion(
        root_position_m=_between(motion.root_position_m, rows, share),
        joint_rotations_wxyz=rotations.slerp(motion.joint_rotations_wxyz, motion.joint_rotations_wxyz[rows], share),
        foot_contact=_between(motion.foot_contact, rows, share),
    )
    moved_feet = Feet(
        ankle_m=_between(feet.ankle_m, rows, share),
        rotation_wxyz=rotations.slerp(feet.rotation_wxyz, feet.rotation_wxyz[rows], share),
    )
    return replace(wish, motion=moved, feet=moved_feet)


def placed(motion: Motion, feet: Feet, home_xz: Array) -> tuple[Motion, Feet]:
    """Return motion and feet carried from the origin to `home_xz` (2,) or (n, 2)."""
    root, ankle = motion.root_position_m.copy(), feet.ankle_m.copy()
    root[:, [0, 2]] += home_xz
    ankle[..., [0, 2]] += np.broadcast_to(home_xz, (len(root), 2))[:, None]
    return (
        Motion(
            root_position_m=root, joint_rotations_wxyz=motion.joint_rotations_wxyz, foot_contact=motion.foot_contact
        ),
        Feet(ankle_m=ankle, rotation_wxyz=feet.rotation_wxyz),
    )


def about_home(trace: Trace, home_xz: Array, *, is_mirrored: bool) -> Trace:
    """Return what was shown, about a home at `home_xz` (33, 2), and mirrored back where it was mirrored."""
    body, feet = placed(trace.body, trace.feet, -home_xz)
    anchor = trace.locks.anchor_m.copy()
    anchor[..., [0, 2]] -= home_xz[:, None]
    local = replace(trace, body=body, feet=feet, locks=replace(trace.locks, anchor_m=anchor))
    return mirrored_trace(local) if is_mirrored else local


def mirrored_trace(trace: Trace) -> Trace:
    """Return what was shown seen in a mirror that stands in the dancer's home."""
    locks = trace.locks
    return replace(
        trace,
        body=mirrored_motion(trace.body),
        feet=_mirrored_feet(trace.feet),
        locks=FootLocks(
            mode=locks.mode[:, ::-1],
            anchor_m=locks.anchor_m[:, ::-1] * _FLIP,
            held_wxyz=locks.held_wxyz[:, ::-1] * _FLIP_TURN,
            step_m=locks.step_m[:, ::-1],
        ),
    )


def _mirrored_feet(feet: Feet) -> Feet:
    return Feet(ankle_m=feet.ankle_m[:, ::-1] * _FLIP, rotation_wxyz=feet.rotation_wxyz[:, ::-1] * _FLIP_TURN)


def _between(track: Array, rows: NDArray[np.intp], share: float) -> Array:
    out: Array = (1.0 - share) * track + share * track[rows]
    return out
