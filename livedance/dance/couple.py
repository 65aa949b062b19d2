"""Couples: both partners of a take, dancing together with their hands joined where they held them.

Partners share the frames, the beat map and the space of their take (see `training.motion_library`), so one stretch of
clip beats gives both, in place. Hands are brought together by half the way each.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import arms, clip_sampler
from livedance.dance.library import Clip, MotionLibrary
from livedance.dance.window import Motion

Array = NDArray[np.floating]

LEADS: Final = "leads"
"""Tag of the partner who leads."""
PAIRS: Final = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Hands (leader's, follower's) that can be joined, 0 left and 1 right: the columns of a grip."""
HAND_M: Final = 0.07
"""From the wrist to the middle of the palm, where hands meet."""
TAKE_M: Final = 0.25
"""Wrists nearer than this hold each other ..."""
LEAVE_M: Final = 0.4
"""... until they are further apart than this."""
BRIEFEST_S: Final = 0.4
"""Shorter touches are no hold, shorter gaps no parting."""
EASE_S: Final = 0.3
NEAREST_M: Final = 0.4
"""Hips are kept about this far apart: bodies of our build would pass through each other in the closest figures."""
_SOFT_M: Final = 0.06
_PASSES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Couple:
    """One take of two."""

    leader: Clip
    follower: Clip
    offset_xz_m: tuple[float, float]
    """From the leader's space to the follower's: what is added to the follower's x and z."""

    @property
    def n_beats(self) -> int:
        """Whole dance beats that can be sampled."""
        return self.leader.n_beats


def takes(library: MotionLibrary) -> tuple[Couple, ...]:
    """Return every take of the library in which both partners are there."""
    known = {clip.id: clip for clip in library.clips}
    return tuple(
        Couple(leader=leader, follower=follower, offset_xz_m=_offset(leader, follower))
        for leader in library.clips
        if LEADS in leader.tags and (follower := known.get(leader.partner or "")) is not None
    )


def sample(couple: Couple, beats: Array, mirrored: bool = False) -> tuple[Motion, Motion]:
    """Return leader and follower at clip beats (n,), both in the leader's space; hands as they were captured."""
    x, z = couple.offset_xz_m
    leader = clip_sampler.sample(couple.leader, beats, mirrored)
    follower = clip_sampler.sample(couple.follower, beats, mirrored)
    follower = _shifted(follower, np.array([-x if mirrored else x, 0.0, z]))
    away = _pushed_apart(follower.root_position_m - leader.root_position_m)
    return _shifted(leader, -0.5 * away), _shifted(follower, 0.5 * away)


def grip(couple: Couple, beats: Array, mirrored: bool = False) -> Array:
    """Return how firmly each of `PAIRS` is joined at clip beats (n,): (n, 4) in [0, 1], eased in and out."""
    frames = clip_sampler.clip_frames(couple.leader, beats)
    held = _grips(couple)
    at = np.arange(len(held))
    columns = [3, 2, 1, 0] if mirrored else [0, 1, 2, 3]
    return np.stack([np.interp(frames, at, held[:, k]) for k in columns], axis=-1)


def hands_joined(leader: Motion, follower: Motion, held: Array) -> tuple[Motion, Motion]:
    """Return both with their hands joined by `held` (n, 4), see `grip`; motions (n, ...) in one space.

    A joined hand goes half of the way, and more where the other's arm is too short. Pure, row by row.
    """
    if not held.any():
        return leader, follower
    n = len(held)
    both = _stacked(leader, follower)  # one pass over 2 n rows costs little more than one over n
    limbs = arms.arms_of(both)
    palm = _palm(limbs)
    centre = limbs.shoulder_m + palm - limbs.wrist_m
    move = np.zeros_like(palm)
    for (i, j), weight in zip(PAIRS, held.T, strict=True):
        if weight.any():
            meet = _meeting(palm[:n, i], palm[n:, j], centre[:n, i], centre[n:, j])
            move[:n, i] += weight[:, None] * (meet - palm[:n, i])
            move[n:, j] += weight[:, None] * (meet - palm[n:, j])
    joined = arms.place_wrists(both, limbs, limbs.wrist_m + move)
    return _rows(joined, slice(None, n)), _rows(joined, slice(n, None))


def gaps_m(leader: Motion, follower: Motion) -> Array:
    """Return the distance of the palms (n, 4) of each of `PAIRS`."""
    palm_1, palm_2 = _palm(arms.arms_of(leader)), _palm(arms.arms_of(follower))
    return np.stack([np.linalg.norm(palm_1[:, i] - palm_2[:, j], axis=-1) for i, j in PAIRS], axis=-1)


def _offset(leader: Clip, follower: Clip) -> tuple[float, float]:
    (x, z), (far_x, far_z) = leader.origin_xz_m, follower.origin_xz_m
    return far_x - x, far_z - z


def _pushed_apart(between: Array) -> Array:
    """Return what has to be added (n, 3) to the vectors from leader to follower; nothing where they are apart."""
    flat = between * [1.0, 0.0, 1.0]
    distance = np.linalg.norm(flat, axis=-1, keepdims=True)
    short = NEAREST_M - distance
    push = 0.5 * (short + np.sqrt(short * short + _SOFT_M * _SOFT_M))
    out: Array = flat / np.maximum(distance, 1e-6) * np.where(short > -6.0 * _SOFT_M, push, 0.0)
    return out


def _shifted(motion: Motion, by: Array) -> Motion:
    return Motion(
        root_position_m=motion.root_position_m + by,
        joint_rotations_wxyz=motion.joint_rotations_wxyz,
        foot_contact=motion.foot_contact,
    )


def _stacked(leader: Motion, follower: Motion) -> Motion:
    return Motion(
        root_position_m=np.concatenate([leader.root_position_m, follower.root_position_m]),
        joint_rotations_wxyz=np.concatenate([leader.joint_rotations_wxyz, follower.joint_rotations_wxyz]),
        foot_contact=np.concatenate([leader.foot_contact, follower.foot_contact]),
    )


def _rows(motion: Motion, rows: slice) -> Motion:
    return Motion(
        root_position_m=motion.root_position_m[rows],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[rows],
        foot_contact=motion.foot_contact[rows],
    )


def _palm(limbs: arms.Arms) -> Array:
    out: Array = limbs.wrist_m + HAND_M * arms.along(limbs.hand)
    return out


def _meeting(palm_1: Array, palm_2: Array, centre_1: Array, centre_2: Array) -> Array:
    """Return where (n, 3) two palms meet: half-way, or as near to it as both arms reach from their centres."""
    meet: Array = 0.5 * (palm_1 + palm_2)
    for _ in range(_PASSES):
        meet = _within(_within(meet, centre_1), centre_2)
    return meet


def _within(point: Array, centre: Array) -> Array:
    away = point - centre
    distance = np.linalg.norm(away, axis=-1, keepdims=True)
    out: Array = centre + away * np.minimum(1.0, arms.REACH_M / np.maximum(distance, 1e-6))
    return out


@functools.lru_cache(maxsize=64)
def _grips(couple: Couple) -> Array:
    """Return the grip (T, 4) at every frame of the take; 5 ms, then kept."""
    frames = np.arange(min(len(couple.leader.root_position_m), len(couple.follower.root_position_m)))
    x, z = couple.offset_xz_m
    one = arms.arms_of(_whole(couple.leader, len(frames))).wrist_m
    other: Array = arms.arms_of(_whole(couple.follower, len(frames))).wrist_m + np.array([x, 0.0, z])
    apart = np.stack([np.linalg.norm(one[:, i] - other[:, j], axis=-1) for i, j in PAIRS], axis=-1)
    fps = couple.leader.fps
    held = _exclusive(np.stack([_spans(d, fps) for d in apart.T], axis=-1), apart)
    width = max(round(EASE_S * fps), 1)
    kernel = np.hanning(2 * width + 3)[1:-1]
    padded = np.pad(held.astype(np.float64), ((width, width), (0, 0)), mode="edge")
    eased = np.stack([np.convolve(column, kernel / kernel.sum(), mode="valid") for column in padded.T], axis=-1)
    eased.flags.writeable = False
    return eased


def _whole(clip: Clip, n: int) -> Motion:
    return Motion(
        root_position_m=np.asarray(clip.root_position_m[:n], dtype=np.float64),
        joint_rotations_wxyz=np.asarray(clip.joint_rotations_wxyz[:n], dtype=np.float64),
        foot_contact=clip.foot_contact[:n],
    )


def _spans(apart: Array, fps: float) -> NDArray[np.bool_]:
    """Return (T,) True while a pair of wrists holds: taken when near, left when far, no flicker."""
    held = np.zeros(len(apart), dtype=bool)
    for start, stop in _runs(apart < LEAVE_M):
        held[start:stop] = bool((apart[start:stop] < TAKE_M).any())
    briefest = round(BRIEFEST_S * fps)
    for value in (False, True):  # close short gaps first, then drop short touches
        for start, stop in _runs(held == value):
            if stop - start < briefest and start > 0 and stop < len(held):
                held[start:stop] = not value
    return held


def _exclusive(held: NDArray[np.bool_], apart: Array) -> NDArray[np.bool_]:
    """Return `held` (T, 4) with no hand in two pairs at once: the pair that is nearer over its span keeps it."""
    spans = [
        (float(apart[a:b, k].mean()) - 0.1 * (b - a) / len(held), a, b, k)
        for k in range(4)
        for a, b in _runs(held[:, k])
    ]
    taken = np.zeros((len(held), 2, 2), dtype=bool)
    out = np.zeros_like(held)
    for _, a, b, k in sorted(spans):
        i, j = PAIRS[k]
        free = ~(taken[a:b, 0, i] | taken[a:b, 1, j])
        out[a:b, k] = free
        taken[a:b, 0, i] |= free
        taken[a:b, 1, j] |= free
    return out


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
