"""From wished motion to shown motion: seam, foot lock, root height, legs. Every generator's last step."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import foot_lock, ik, seam
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, FootLocks, Motion, Trace
from livedance.messages import SAMPLES_PER_BEAT, MotionWindow

Array = NDArray[np.floating]

SOFT_M: Final = 0.02
"""Width over which the height of the hips gives way to the reach of the legs."""
BEND_SAMPLES: Final = 4
"""How long before and after they must be low the hips go down and up."""
_BELL: Final = np.hanning(2 * BEND_SAMPLES + 3)[1:-1] / np.hanning(2 * BEND_SAMPLES + 3)[1:-1].sum()
CARRY_M_S: Final = 3.8
"""Fastest that a seam alone moves a joint; the dance's own speed comes on top."""
LONGEST_SEAM_S: Final = 0.45
JUMP_SEAM_SAMPLES: Final = SAMPLES_PER_BEAT // 2
"""Samples over which the player covers a jump."""


def finish(
    wished: Motion,
    feet: Feet,
    before: Trace | None,
    beat_start: float,
    step_s: float,
    seam_s: float = seam.DURATION_S,
) -> tuple[Motion, Trace]:
    """Return the 32 samples to show and the trace that the next window continues from.

    Args:
        wished: 33 rows, one lead-in row first; its legs only tell where the knees stand out.
        feet: 33 rows, where the feet are wished.
        before: the trace of the last window; None, or one that does not reach `beat_start`, starts afresh.
        beat_start: dance beats of the first sample.
        step_s: clock time between samples.
        seam_s: how long the seam lasts.
    """
    row = before.row_at(beat_start) if before is not None else None
    if before is not None and row is not None:
        body = seam.inertialise(wished, before.body, row, step_s, max(seam_s, _time_for(wished, before.body, row)))
        shown_feet, locks = foot_lock.lock(feet, wished.foot_contact, before, row, step_s)
        drop = _carried_on(_drop(body, shown_feet), before, row, step_s)
    else:
        body = wished
        shown_feet, locks = foot_lock.lock(feet, wished.foot_contact, None, LEAD_IN, step_s)
        drop = _drop(body, shown_feet)
    trace = Trace(beat_start=beat_start, body=body, feet=shown_feet, locks=locks, drop_m=drop)
    shown = ik.place_feet(_lowered(body, drop), shown_feet)
    return _after_lead_in(shown, locks), trace


def _time_for(wished: Motion, before: Motion, row: int) -> float:
    """Return the seconds that a seam needs so that no joint is carried over it faster than `CARRY_M_S`."""
    here, there = (
        skeleton.forward_kinematics(m.root_position_m[i], m.joint_rotations_wxyz[i])
        for m, i in ((wished, LEAD_IN), (before, row))
    )
    furthest = float(np.linalg.norm(here - there, axis=-1).max())
    return min(seam.STEEPEST * furthest / CARRY_M_S, LONGEST_SEAM_S)


def trace_of(window: MotionWindow) -> Trace:
    """Return a trace that continues another generator's window."""
    n = len(window.root_position_m)
    rows = np.clip(np.arange(-LEAD_IN, TRACK_SAMPLES - LEAD_IN), 0, n - 1)
    body = Motion(
        root_position_m=window.root_position_m[rows],
        joint_rotations_wxyz=window.joint_rotations_wxyz[rows],
        foot_contact=window.foot_contact[rows],
    )
    feet = ik.feet_of(body)
    locks = FootLocks(
        mode=np.zeros((TRACK_SAMPLES, 2), dtype=np.int8),
        anchor_m=ik.toes_of(feet),
        held_wxyz=feet.rotation_wxyz,
        step_m=np.zeros((TRACK_SAMPLES, 2)),
    )
    drop = np.zeros(TRACK_SAMPLES)
    return Trace(beat_start=window.beat_start, body=body, feet=feet, locks=locks, drop_m=drop)


def _drop(body: Motion, feet: Feet) -> Array:
    """Return how far (33,) the hips must come down so that no leg stretches further than it can."""
    hip = body.root_position_m[:, None] + rotations.rotate(body.joint_rotations_wxyz[:, 0:1], ik.HIP_OFFSET_M[None])
    away = hip - feet.ankle_m
    flat = away[..., 0] ** 2 + away[..., 2] ** 2
    room = np.sqrt(np.maximum(ik.REACH_M**2 - flat, 0.01)) - away[..., 1]
    room = np.where(away[..., 1] > 0, room, 1.0)
    # Soft maximum of 0 and the drop that each leg needs, and of both: a hard one would kick the whole body.
    drop = 0.5 * (-room + np.sqrt(room * room + SOFT_M * SOFT_M))
    needed = np.sqrt((drop * drop).sum(axis=1))
    # The hips come down ahead of the moment when they must: never less than is needed, and no faster than a bend.
    ends = np.pad(needed, 2 * BEND_SAMPLES, mode="edge")
    highest = np.lib.stride_tricks.sliding_window_view(ends, 2 * BEND_SAMPLES + 1).max(axis=1)
    smooth: Array = np.convolve(highest, _BELL, mode="valid")
    return smooth


def _carried_on(drop: Array, before: Trace, row: int, step_s: float) -> Array:
    """Return the drop with what it has less or more than the last window's at the seam dying away."""
    gap = before.drop_m[row - 1 : row + 1] - drop[LEAD_IN - 1 : LEAD_IN + 1]
    t_s = (np.arange(len(drop)) - LEAD_IN) * step_s
    return drop + seam.decayed(gap[1:], (gap[1:] - gap[:1]) / step_s, t_s, seam.DURATION_S)[:, 0]


def _lowered(body: Motion, drop: Array) -> Motion:
    root = body.root_position_m.copy()
    root[:, 1] -= drop
    return Motion(root_position_m=root, joint_rotations_wxyz=body.joint_rotations_wxyz, foot_contact=body.foot_contact)


def _after_lead_in(shown: Motion, locks: FootLocks) -> Motion:
    contact = shown.foot_contact[LEAD_IN:].copy()
    stepping = locks.mode[LEAD_IN:] == foot_lock.Mode.STEP
    contact[np.repeat(stepping, 2, axis=1)] = 0.0
    return Motion(
        root_position_m=shown.root_position_m[LEAD_IN:],
        joint_rotations_wxyz=shown.joint_rotations_wxyz[LEAD_IN:],
        foot_contact=contact,
    )


def reaches(before: Trace | None, beat_start: float) -> bool:
    """Return whether a window at `beat_start` continues `before`; else the player must cover the jump."""
    return before is not None and before.row_at(beat_start) is not None
