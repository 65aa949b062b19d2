"""What a clip shows on each of its beats: how wide, how low, arms up, turning, standing still, down on the floor.

Entry k speaks of the clip's beats [k, k + 1). Read at four frames a beat: 1 ms a clip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import beat_samples, clip_sampler
from livedance.dance.library import Clip

Array = NDArray[np.floating]
Flags = NDArray[np.bool_]

PER_BEAT: Final = 4
STILL_SHARE: Final = 0.4
"""On a still beat the body moves at less than this share of what is usual in its clip."""
IDLE_SHARE: Final = 0.75
"""Standing with hanging arms counts as idle up to this share: a shuffle of the feet is no dance."""
LONGEST_HOLD: Final = 4
"""Still beats in a row that can be a pose held on purpose; longer is waiting."""
ARM_M: Final = float(np.abs(skeleton.REST_OFFSETS_M[[skeleton.INDEX["l_elbow"], skeleton.INDEX["l_wrist"]], 0]).sum())
DOWN_HEAD_M: Final = 0.95
DOWN_HIPS_M: Final = 0.5
STANDING_M: Final = 0.06
"""Hips this much under their usual height still stand."""
CLOSE_FEET_M: Final = 0.5
HANGING_OUT_M: Final = 0.45
_SIDES: Final = ("l", "r")
_ANKLES: Final = [skeleton.INDEX[f"{s}_ankle"] for s in _SIDES]
_SHOULDERS: Final = [skeleton.INDEX[f"{s}_shoulder"] for s in _SIDES]
_WRISTS: Final = list(skeleton.WRISTS)
_BODY: Final = 18
"""Joints before the face, which only follows the head."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """One entry per beat, (B-1,) each."""

    speed_m_s: Array
    """Mean joint speed in the clip's own time."""
    width: Array
    """Metres between the wrists plus metres between the ankles, in the mean: 0.5 closed, over 2 wide open."""
    hips_m: Array
    """Mean height of the hips over what they have in this clip when it stands; negative is low."""
    arms_up: Array
    """[0, 1] mean of both arms: 0 hanging, 0.5 level, 1 straight up."""
    turn: Array
    """Radians turned over the beat, positive to the dancer's left."""
    still: Flags
    """The body hardly moves."""
    hold: Flags
    """Still on purpose: a pose that is no idle standing, between two moving beats."""
    idle: Flags
    """Upright, feet together, arms hanging, and slow or still: standing about."""
    down: Flags
    """Head or hips near the floor; never in a clip that is no floor work."""

    @property
    def waits(self) -> Flags:
        """Still or idle, and no hold: at most one such beat in a row belongs in a phrase."""
        return (self.still | self.idle) & ~self.hold


def usual(speeds: Array) -> float:
    """Return the speed that is usual in a clip: the median, or more where half of the clip stands about."""
    middle, upper, high = np.percentile(speeds, [50, 75, 90])
    return float(max(middle, 0.6 * upper, 0.45 * high))


def marks_of(clip: Clip) -> Marks:
    """Return the marks of a clip in its own space."""
    frames = quarter_frames(clip.beat_times_s, clip.half_beat_times_s, clip.fps, len(clip.root_position_m))
    turned = clip.joint_rotations_wxyz[frames]
    joints = skeleton.forward_kinematics(clip.root_position_m[frames], turned)
    return of_joints(joints, frames / clip.fps, is_floor_work="floor" in clip.tags)


def quarter_frames(beat_times_s: Array, half_beat_times_s: Array | None, fps: float, n: int) -> NDArray[np.intp]:
    """Return the frames (4 (B-1) + 1,) of `n` that are nearest to the quarter beats of a beat map."""
    knots, seconds = beat_samples.beat_knots(beat_times_s, half_beat_times_s)
    at = np.arange(PER_BEAT * (len(beat_times_s) - 1) + 1) / PER_BEAT
    return np.clip(np.round(np.interp(at, knots, seconds) * fps), 0, n - 1).astype(np.intp)


def of_joints(joints: Array, seconds: Array, *, is_floor_work: bool) -> Marks:
    """Return the marks of world positions (4 n + 1, 23, 3) at quarter beats, which lie at `seconds` (4 n + 1,)."""
    step_s = np.maximum(np.diff(seconds), 1e-3)
    moved = np.linalg.norm(np.diff(joints[:, :_BODY], axis=0), axis=-1).mean(axis=-1)
    speed = _sum(moved) / _sum(step_s)
    width = _distance(joints[:, _WRISTS]) + _distance(joints[:, _ANKLES])
    hips = joints[:, 0, 1]
    hips_m = _mean(hips) - float(np.percentile(hips, 75))
    hanging = _mean((joints[:, _WRISTS, 1] - joints[:, _SHOULDERS, 1]).mean(axis=-1))
    facing = np.unwrap(clip_sampler.facing(joints))
    reference = usual(speed)
    still = speed < STILL_SHARE * reference
    standing = _standing(joints, hips_m)
    low = (joints[:, skeleton.INDEX["head"], 1] < DOWN_HEAD_M) | (hips < DOWN_HIPS_M)
    down = low[:-1].reshape(-1, PER_BEAT).any(axis=1) | low[PER_BEAT::PER_BEAT]
    return Marks(
        speed_m_s=speed,
        width=_mean(width),
        hips_m=hips_m,
        arms_up=np.clip(0.5 + 0.5 * hanging / ARM_M, 0.0, 1.0),
        turn=np.diff(facing[::PER_BEAT]),
        still=still,
        hold=_holds(still, standing),
        idle=standing & (speed < IDLE_SHARE * reference),
        down=down & is_floor_work,
    )


def longest_waits(marks: Marks, beats: int) -> NDArray[np.intp]:
    """Return (B-1,) the most beats in a row on which the dancer waits, among `beats` from each beat on."""
    ahead = np.lib.stride_tricks.sliding_window_view(np.pad(marks.waits, (0, beats - 1)), beats)
    longest = row = np.zeros(len(ahead), dtype=np.intp)
    for waits in ahead.T:
        row = (row + 1) * waits
        longest = np.maximum(longest, row)
    return longest


def _standing(joints: Array, hips_m: Array) -> Flags:
    """Return (n,) beats of upright standing, feet together and arms hanging at the sides."""
    hips = joints[:, :1]
    wrists = joints[:, _WRISTS] - hips
    out = np.hypot(wrists[..., 0], wrists[..., 2]).max(axis=1)
    feet = joints[:, _ANKLES]
    apart = np.hypot(*(feet[:, 0] - feet[:, 1])[:, [0, 2]].T)
    hangs = (_mean(wrists[..., 1].max(axis=1)) < 0.0) & (_mean(out) < HANGING_OUT_M)
    standing: Flags = hangs & (_mean(apart) < CLOSE_FEET_M) & (hips_m > -STANDING_M)
    return standing


def _holds(still: Flags, standing: Flags) -> Flags:
    """Return the still beats that are poses: up to four in a row, between moving ones, and no idle standing."""
    hold = np.zeros_like(still)
    for start, stop in _runs(still):
        inside = start > 0 and stop < len(still)
        if inside and stop - start <= LONGEST_HOLD and not standing[start:stop].all():
            hold[start:stop] = True
    return hold


def _runs(flags: Flags) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _mean(values: Array) -> Array:
    """Return the mean (n,) over each beat of values (4 n + 1,) at quarter beats."""
    out: Array = values[:-1].reshape(-1, PER_BEAT).mean(axis=1)
    return out


def _sum(values: Array) -> Array:
    out: Array = values.reshape(-1, PER_BEAT).sum(axis=1)
    return out


def _distance(pair: Array) -> Array:
    """Return the distance (n,) between two joints (n, 2, 3)."""
    out: Array = np.linalg.norm(pair[:, 0] - pair[:, 1], axis=-1)
    return out
