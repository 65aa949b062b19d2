"""Amplitude from energy: the upper body's deviation from its running mean pose is made smaller or larger."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, Motion
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

GAIN_LEAST: Final = 0.53
GAIN_MOST: Final = 1.5
TRAVEL_LEAST: Final = 0.58
TRAVEL_MOST: Final = 1.4
"""Factor on steps and sways, feet included, about the way that the hips take in the mean."""
JOINTS: Final = [
    skeleton.INDEX[n]
    for n in ("chest", "neck", "head", "l_shoulder", "l_elbow", "r_shoulder", "r_elbow", "l_wrist", "r_wrist")
]
"""What grows and shrinks; legs keep the steps, so that feet stay planted."""
MEAN_HALF_BEATS: Final = 2.0
"""Half-width of the running mean, in beats."""
SOFT_SAMPLES: Final = 1.6
"""Width (sigma) under which what is added to a movement is averaged: it becomes larger, its jolts do not."""
_SHARES: Final = np.exp(-0.5 * (np.arange(-4, 5) / SOFT_SAMPLES) ** 2)
_BELL: Final = _SHARES / _SHARES.sum()
_STEP: Final = 0.5
_SPAN: Final = 2.0
N_COARSE: Final = int((2.0 * MEAN_HALF_BEATS + _SPAN) / _STEP) + 1


def gain_for(energy: float) -> float:
    """Return the amplitude for an energy [0, 1]; 1 at about 0.5."""
    return GAIN_LEAST + (GAIN_MOST - GAIN_LEAST) * energy


def travel_for(energy: float) -> float:
    """Return the size of steps and sways for an energy [0, 1]; 1 at about 0.5."""
    return TRAVEL_LEAST + (TRAVEL_MOST - TRAVEL_LEAST) * energy


def coarse_beats(beat_start: float) -> Array:
    """Return the beats (13,) around a window at which the motion must be known for its running mean."""
    return beat_start - MEAN_HALF_BEATS + _STEP * np.arange(N_COARSE)


def amplify(motion: Motion, mean_wxyz: Array, gain: float) -> Motion:
    """Return `motion` (33 rows) with its upper body's deviation multiplied by `gain`.

    Args:
        motion: what to change.
        mean_wxyz: (33, 23, 4) its running mean pose.
        gain: 1 changes nothing.
    """
    mean = mean_wxyz[:, JOINTS]
    turned = motion.joint_rotations_wxyz.copy()
    deviation = rotations.to_rotvec(rotations.multiply(rotations.conjugate(mean), turned[:, JOINTS]))
    # Deviations over a quarter turn are left as they are: enlarged they would pass what a joint can do.
    size = np.linalg.norm(deviation, axis=-1, keepdims=True)
    more = (gain - 1.0) * np.clip(2.0 - size / 0.8, 0.0, 1.0) * deviation
    if gain > 1.0:
        more = softened(more)
    turned[:, JOINTS] = rotations.multiply(mean, rotations.from_rotvec(deviation + more))
    return Motion(root_position_m=motion.root_position_m, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def softened(track: Array) -> Array:
    """Return `track` (n, ...) under a bell of `SOFT_SAMPLES`; both ends go on as they came, turned about the end."""
    reach = len(_BELL) // 2
    ends = np.concatenate([2.0 * track[:1] - track[reach:0:-1], track, 2.0 * track[-1:] - track[-2 : -reach - 2 : -1]])
    out: Array = _BELL[0] * ends[: len(track)]
    for k in range(1, len(_BELL)):
        out += _BELL[k] * ends[k : k + len(track)]
    return out


def stride(motion: Motion, feet: Feet, mean_xz: Array, gain: float) -> tuple[Motion, Feet]:
    """Return motion and feet with steps and sways about the hips' mean way (33, 2) multiplied by `gain`."""
    root, ankle = motion.root_position_m.copy(), feet.ankle_m.copy()
    root[:, [0, 2]] = mean_xz + gain * (root[:, [0, 2]] - mean_xz)
    ankle[..., [0, 2]] = mean_xz[:, None] + gain * (ankle[..., [0, 2]] - mean_xz[:, None])
    larger = Motion(
        root_position_m=root, joint_rotations_wxyz=motion.joint_rotations_wxyz, foot_contact=motion.foot_contact
    )
    return larger, Feet(ankle_m=ankle, rotation_wxyz=feet.rotation_wxyz)


def running_mean_xz(coarse_xz: Array) -> Array:
    """Return the mean place (33, 2) at every sample of a window from those at its `coarse_beats` (13, 2)."""
    width = int(2.0 * MEAN_HALF_BEATS / _STEP) + 1
    total = np.cumsum(np.concatenate([np.zeros((1, 2)), coarse_xz]), axis=0)
    means = (total[width:] - total[:-width]) / width
    at = np.clip((np.arange(TRACK_SAMPLES) - LEAD_IN) / (SAMPLES_PER_BEAT * _STEP), 0.0, len(means) - 1.0)
    low = np.minimum(at.astype(int), len(means) - 2)
    share = (at - low)[:, None]
    out: Array = (1.0 - share) * means[low] + share * means[low + 1]
    return out


def running_mean(coarse: Array) -> Array:
    """Return the mean rotations (33, J, 4) at every sample of a window from those at its `coarse_beats` (13, J, 4)."""
    aligned = rotations.align_signs(coarse, coarse[len(coarse) // 2])
    width = int(2.0 * MEAN_HALF_BEATS / _STEP) + 1
    total = np.cumsum(np.concatenate([np.zeros_like(aligned[:1]), aligned]), axis=0)
    means = total[width:] - total[:-width]
    at = np.clip((np.arange(TRACK_SAMPLES) - LEAD_IN) / (SAMPLES_PER_BEAT * _STEP), 0.0, len(means) - 1.0)
    low = np.minimum(at.astype(int), len(means) - 2)
    share = (at - low)[:, None, None]
    return rotations.normalise((1.0 - share) * means[low] + share * means[low + 1])
