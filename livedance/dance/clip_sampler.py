"""Any stretch of a clip at any beats, without converting the whole clip: 0.5 ms for a window."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import beat_samples
from livedance.dance.library import Clip
from livedance.dance.window import Motion

Array = NDArray[np.floating]

MIRRORED_CONTACT: Final = [2, 3, 0, 1]
_AROUND: Final = 3
"""Frames and beat knots taken beside a stretch, for the cubics."""


def clip_frames(clip: Clip, beats: Array) -> Array:
    """Return the fractional frames at which `clip` reaches `beats`; outside the clip its ends are held."""
    knots, seconds = beat_samples.beat_knots(clip.beat_times_s, clip.half_beat_times_s)
    per_beat = round(1.0 / float(knots[1] - knots[0]))
    first = int(np.clip(np.floor(beats.min() * per_beat) - _AROUND, 0, len(knots) - 2))
    last = int(np.clip(np.ceil(beats.max() * per_beat) + _AROUND + 1, first + 2, len(knots)))
    at = np.clip(beats, 0.0, clip.n_beats)
    out: Array = beat_samples.hermite(knots[first:last], seconds[first:last], at) * clip.fps
    return out


def sample(clip: Clip, beats: Array, mirrored: bool = False) -> Motion:
    """Return `clip` at clip beats `beats` (n,), in any order, in the clip's own space."""
    frames = clip_frames(clip, beats)
    first = max(0, int(frames.min()) - _AROUND)
    last = min(len(clip.root_position_m), int(frames.max()) + _AROUND + 2)
    rows = slice(first, max(last, first + 2))
    root = beat_samples.cubic(np.asarray(clip.root_position_m[rows], dtype=np.float64), frames - first)
    turned = beat_samples.sample_rotations(clip.joint_rotations_wxyz[rows], frames - first)
    contact = beat_samples.sample_linear(np.asarray(clip.foot_contact[rows], dtype=np.float64), frames - first)
    if mirrored:
        root, turned = skeleton.mirror(root, turned)
        contact = contact[:, MIRRORED_CONTACT]
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact)


def facing(joint_positions_m: Array) -> Array:
    """Return the yaw (...), radians, in which hips and shoulders face together; steadier than the hips alone."""
    at = skeleton.INDEX
    across = (
        joint_positions_m[..., at["l_hip"], :]
        - joint_positions_m[..., at["r_hip"], :]
        + joint_positions_m[..., at["l_shoulder"], :]
        - joint_positions_m[..., at["r_shoulder"], :]
    )
    return np.arctan2(-across[..., 2], across[..., 0])


def moved(motion: Motion, yaw_rad: Array, pivot_xz: Array, place_xz: Array) -> Motion:
    """Return `motion` turned by `yaw_rad` (n,) about `pivot_xz` (2,), which comes to lie at `place_xz` (n, 2)."""
    turn = rotations.about_y(yaw_rad)
    root = motion.root_position_m.copy()
    root[:, [0, 2]] -= pivot_xz
    root = rotations.rotate(turn, root)
    root[:, [0, 2]] += place_xz
    turned = motion.joint_rotations_wxyz.copy()
    turned[:, 0] = rotations.multiply(turn, turned[:, 0])
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)
