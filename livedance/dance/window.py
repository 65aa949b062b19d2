"""Motion of one window in beat time, and what a dancer remembers of its last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.messages import SAMPLES_PER_BEAT, WINDOW_SAMPLES, MotionWindow, Origin

Array = NDArray[np.floating]

LEAD_IN: Final = 1
"""Samples that a window is computed with before its first: they give the velocity at the seam."""
TRACK_SAMPLES: Final = LEAD_IN + WINDOW_SAMPLES


def sample_beats(beat_start: float) -> Array:
    """Return the dance beats (33,) of a window's samples, one lead-in sample first."""
    return beat_start + np.arange(-LEAD_IN, WINDOW_SAMPLES) / SAMPLES_PER_BEAT


def sample_step_s(dance_bpm: float) -> float:
    """Return the clock time between two samples in seconds."""
    return 60.0 / (dance_bpm * SAMPLES_PER_BEAT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """A stretch of motion, one row per sample; arrays are not written to after construction."""

    root_position_m: Array
    """(n, 3)"""
    joint_rotations_wxyz: Array
    """(n, 23, 4) unit, parent-local."""
    foot_contact: Array
    """(n, 4) in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feet:
    """Both feet of a stretch of motion in the world."""

    ankle_m: Array
    """(n, 2, 3), left then right."""
    rotation_wxyz: Array
    """(n, 2, 4) world rotation of the foot."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wish:
    """What a generator wants to be danced: 33 rows, about the dancer's own home; the performer makes it a body."""

    motion: Motion
    feet: Feet
    """Where the feet are wished; `motion`'s legs only tell where the knees stand out."""
    facing_rad: Array
    """(33,) where the dancer faces, 0 = to the audience."""
    mean_wxyz: Array | None = None
    """(33, 23, 4) running mean pose over about four beats, or None: nothing is made larger or smaller then."""
    mean_xz: Array | None = None
    """(33, 2) running mean of the hips' way over the same beats; None with `mean_wxyz`."""
    damped: float = 0.0
    """How stiff the source is, [0, 1]: 1 is a robot's dance, whose hips, chest and arms need exaggeration."""
    style: str = ""
    origin: Origin = Origin.MOTION_GRAPH
    seam_s: float | None = None
    """How long the seam into it lasts; None: the usual."""
    is_exact: bool = False
    """For timing: nothing is added, neither groove nor life."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FootLocks:
    """State of the foot lock at every sample, so that a window can be taken up at any of them."""

    mode: NDArray[np.int8]
    """(n, 2) `foot_lock.Mode` numbers."""
    anchor_m: Array
    """(n, 2, 3) where the pinned point stays."""
    held_wxyz: Array
    """(n, 2, 4) rotation that a flat foot keeps."""
    step_m: Array
    """(n, 2) length of the corrective step under way."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """What is left of the last window: the body before foot lock, and the feet after it. 33 rows."""

    beat_start: float
    body: Motion
    feet: Feet
    locks: FootLocks
    drop_m: Array
    """(33,) how far the hips are lowered so that both legs reach their feet."""

    def row_at(self, beat_start: float) -> int | None:
        """Return the row that lies at `beat_start`, or None where this window does not reach."""
        row = LEAD_IN + round((beat_start - self.beat_start) * SAMPLES_PER_BEAT)
        return row if LEAD_IN <= row < TRACK_SAMPLES else None


def as_window(
    motion: Motion,
    *,
    beat_start: float,
    dancer: int,
    plan: int,
    origin: Origin,
    style: str,
    seam_samples: int,
    hands: NDArray[np.uint8] | None = None,
) -> MotionWindow:
    """Return the record that leaves the brain; `motion` has 32 rows, `hands` (32, 2) ids."""
    return MotionWindow(
        beat_start=beat_start,
        root_position_m=motion.root_position_m,
        joint_rotations_wxyz=motion.joint_rotations_wxyz,
        foot_contact=np.clip(motion.foot_contact, 0.0, 1.0),
        hands=np.zeros((len(motion.root_position_m), 2), dtype=np.uint8) if hands is None else hands,
        plan=plan,
        dancer=dancer,
        seam_samples=seam_samples,
        origin=origin,
        style=style,
    )
