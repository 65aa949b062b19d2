"""A phrase of a couple: some beats of a take on the stage, as two wishes, and the hands of the two windows closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import clip_sampler, couple, energy, groove, ik, stage_space
from livedance.dance.couple import Couple
from livedance.dance.direction import Direction
from livedance.dance.generator import WindowRequest
from livedance.dance.window import TRACK_SAMPLES, Motion, Wish, sample_beats
from livedance.messages import SAMPLES_PER_BEAT, MotionWindow, Origin

Array = NDArray[np.floating]

STYLE: Final = "salsa"
GRIP_EASE_BEATS: Final = 0.5
"""Hands are taken and left within so much of a phrase's ends."""
_ARMS: Final = [skeleton.INDEX[f"{s}_{j}"] for s in ("l", "r") for j in ("shoulder", "elbow", "wrist")]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CouplePhrase:
    """Dance beat `start` + x shows clip beat `clip_start` + `rate` x of a take."""

    row: int
    take: Couple
    mirrored: bool
    start: float
    clip_start: float
    beats: int
    placement: stage_space.Placement
    direction: Direction
    energy: float
    cost: float

    @property
    def end(self) -> float:
        """Dance beat at which the next phrase begins."""
        return self.start + self.beats

    def clip_beats(self, dance_beats: Array) -> Array:
        """Return the clip beats shown at `dance_beats`."""
        out: Array = (dance_beats - self.start) * self.direction.rate + self.clip_start
        return out

    def grip(self, dance_beats: Array) -> Array:
        """Return how firmly each pair of hands is joined (n, 4): free at the phrase's ends, where the takes change."""
        inside = np.minimum(dance_beats - self.start, self.end - dance_beats) / GRIP_EASE_BEATS
        s = np.clip(inside, 0.0, 1.0)
        held = couple.grip(self.take, self.clip_beats(dance_beats), self.mirrored)
        out: Array = held * (s * s * (3.0 - 2.0 * s))[:, None]
        return out


def wishes(danced: CouplePhrase, request: WindowRequest, homes: Array) -> tuple[Wish, Wish]:
    """Return both partners at the request's beats; arms keep their size, or the hands would part."""
    beats = sample_beats(request.beat_start)
    coarse = energy.coarse_beats(request.beat_start)
    read = groove.dwell(beats, groove.depth_for(request.groove, request.dance_bpm))
    hold = request.direction.hold_from
    if hold is not None:
        read, coarse = np.minimum(read, hold), np.minimum(coarse, hold)
    both = couple.sample(danced.take, danced.clip_beats(np.concatenate([read, coarse])), danced.mirrored)
    shown = tuple(_rows(motion, slice(TRACK_SAMPLES)) for motion in both)
    leader, follower = couple.hands_joined(shown[0], shown[1], danced.grip(read))
    yaw, place = danced.placement.at(danced.direction.rate * (read - danced.start))
    both_wishes = []
    for motion, around, home in zip((leader, follower), both, homes, strict=True):
        placed = clip_sampler.moved(motion, yaw, danced.placement.pivot_xz, place - home)
        mean = energy.running_mean(around.joint_rotations_wxyz[TRACK_SAMPLES:])
        mean[:, _ARMS] = placed.joint_rotations_wxyz[:, _ARMS]
        joints = skeleton.forward_kinematics(placed.root_position_m, placed.joint_rotations_wxyz)
        both_wishes.append(
            Wish(
                motion=placed,
                feet=ik.feet_of(placed),
                facing_rad=np.unwrap(clip_sampler.facing(joints)),
                mean_wxyz=mean,
                style=STYLE,
                origin=Origin.MOTION_GRAPH,
            )
        )
    return both_wishes[0], both_wishes[1]


def _rows(motion: Motion, rows: slice) -> Motion:
    return Motion(
        root_position_m=motion.root_position_m[rows],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[rows],
        foot_contact=motion.foot_contact[rows],
    )


def joined(danced: CouplePhrase, windows: tuple[MotionWindow, MotionWindow]) -> tuple[MotionWindow, MotionWindow]:
    """Return both windows, on the stage, with the hands closed that the phrase holds."""
    leader, follower = windows
    held = danced.grip(leader.beat_start + np.arange(len(leader.root_position_m)) / SAMPLES_PER_BEAT)
    both = couple.hands_joined(_motion(leader), _motion(follower), held)
    return (
        replace(leader, joint_rotations_wxyz=both[0].joint_rotations_wxyz),
        replace(follower, joint_rotations_wxyz=both[1].joint_rotations_wxyz),
    )


def _motion(window: MotionWindow) -> Motion:
    return Motion(
        root_position_m=window.root_position_m,
        joint_rotations_wxyz=window.joint_rotations_wxyz,
        foot_contact=window.foot_contact,
    )
