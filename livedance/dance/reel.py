"""The dance that a network made so far, in its own beats, and how dance beats are laid along it.

The reel goes on window after window; a course says which of its beats is shown on a dance beat: at what rate, with
which rests, held or not. Both are immutable.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import beat_samples, groove, pose_features
from livedance.dance.conditions import HISTORY
from livedance.dance.pose_features import Walked
from livedance.dance.window import Motion
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

KEPT: Final = 4 * SAMPLES_PER_BEAT
"""Samples of the past that are kept: for the running mean pose, and for whatever begins before the last window."""


ON_A_ROW: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reel:
    """Rows in beat time, with where they lead; row i lies at reel beat `first` + i / 16."""

    first: float
    rows: Array
    """(n, SIZE)"""
    walked: Walked

    @property
    def end(self) -> float:
        """Reel beat of the last row."""
        return self.first + (len(self.rows) - 1) / SAMPLES_PER_BEAT

    def history(self, beat: float) -> tuple[Array, float, Array]:
        """Return the rows (HISTORY, SIZE) before reel beat `beat`, and heading and place (2,) of the last of them."""
        at = self._frames(beat - np.arange(HISTORY, 0, -1) / SAMPLES_PER_BEAT)
        heading, xz = self._walked(at[-1:])
        return _read(self.rows, at), float(heading[0]), xz[0]

    def extended(self, beat: float, rows: Array, walked: Walked) -> Reel:
        """Return the reel with `rows` from reel beat `beat` on instead of what stood there."""
        before = self._frames(beat - np.arange(KEPT, 0, -1) / SAMPLES_PER_BEAT)
        heading, xz = self._walked(before)
        return Reel(
            first=beat - KEPT / SAMPLES_PER_BEAT,
            rows=np.concatenate([_read(self.rows, before), rows]),
            walked=Walked(
                heading_rad=np.concatenate([heading, walked.heading_rad]), xz_m=np.concatenate([xz, walked.xz_m])
            ),
        )

    def moved(self, beats: float) -> Reel:
        """Return the same dance, `beats` later in the reel."""
        return replace(self, first=self.first + beats)

    def sample(self, beats: Array) -> Motion:
        """Return the motion at reel beats (n,); beyond either end it turns back there."""
        at = self._frames(beats)
        rows = _read(self.rows, at)
        rows[:, pose_features.CONTACT] = beat_samples.sample_linear(self.rows[:, pose_features.CONTACT], at)
        heading, xz = self._walked(at)
        return pose_features.motion_of(rows, Walked(heading_rad=heading, xz_m=xz))

    def _frames(self, beats: Array) -> Array:
        """Return fractional rows of reel beats, mirrored at both ends."""
        last = len(self.rows) - 1
        at = np.abs((beats - self.first) * SAMPLES_PER_BEAT)
        out: Array = np.clip(last - np.abs(last - at), 0.0, last)
        return out

    def _walked(self, at: Array) -> tuple[Array, Array]:
        track = _read(np.column_stack([self.walked.heading_rad, self.walked.xz_m]), at)
        return track[:, 0], track[:, 1:]


def _read(track: Array, at: Array) -> Array:
    """Return `track` (T, C) at fractional rows; most windows begin on a row, and then it is there already."""
    near = np.rint(at)
    if np.abs(at - near).max() < ON_A_ROW:
        return track[near.astype(np.intp)]
    return beat_samples.cubic(track, at)


def reel_of(motion: Motion, beat: float) -> Reel:
    """Return a reel that ends with `motion` just before reel beat `beat`; before it the first pose is held."""
    rows, walked = pose_features.rows_of(motion)
    missing = max(0, KEPT - len(rows))
    rows = pose_features.held(np.concatenate([np.repeat(rows[:1], missing, axis=0), rows]), missing)
    return Reel(
        first=beat - len(rows) / SAMPLES_PER_BEAT,
        rows=rows,
        walked=Walked(
            heading_rad=np.concatenate([np.repeat(walked.heading_rad[:1], missing), walked.heading_rad]),
            xz_m=np.concatenate([np.repeat(walked.xz_m[:1], missing, axis=0), walked.xz_m]),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Dance beats laid along the reel, for one slot of the choreographer's form."""

    slot: int
    dance_beat: float
    """Where it begins..."""
    reel_beat: float
    """... and what is shown there."""
    rate: float = 1.0
    """Reel beats per dance beat."""
    pauses: tuple[float, ...] = ()
    hold_from: float | None = None

    def read(self, dance_beats: Array, depth: Array | float = 0.0) -> Array:
        """Return the reel beats (n,) shown at dance beats, dwelling on each beat by `depth` (see `groove`)."""
        beats = groove.dwell(groove.paused(dance_beats, self.pauses), depth)
        start = groove.paused(np.array([self.dance_beat]), self.pauses)[0]
        if self.hold_from is not None:
            beats = groove.stopped(beats, float(groove.paused(np.array([self.hold_from]), self.pauses)[0]))
        out: Array = self.reel_beat + self.rate * (beats - start)
        return out

    def at(self, dance_beat: float) -> float:
        """Return the reel beat that one dance beat shows."""
        return float(self.read(np.array([dance_beat]))[0])


def on_the_beat(reel_beat: float, dance_beat: float) -> float:
    """Return the reel beat nearest to `reel_beat` that lies within its beat as `dance_beat` lies within its own."""
    return dance_beat + round(reel_beat - dance_beat)
