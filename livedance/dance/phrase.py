"""A phrase: some beats of one clip, put on the stage so that it goes on from where the dancer is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import arms, beat_samples, clip_sampler
from livedance.dance.library import Clip
from livedance.dance.stage_space import Placement, soft_edge
from livedance.dance.window import Motion
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

RESERVE_BEATS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Borrowed:
    """Arms of another dance over this one's legs, beat by beat from the phrase's start."""

    row: int
    """Row of the entry table."""
    clip: Clip
    mirrored: bool
    clip_start: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phrase:
    """Dance beat `start` + x shows clip beat `clip_start` + `rate` x."""

    number: int
    """Counts the phrases of this dancer: the key of its randomness."""
    row: int
    """Row of the entry table."""
    clip: Clip
    mirrored: bool
    start: float
    """Dance beats; half-way between two beats."""
    clip_start: float
    beats: int
    placement: Placement
    energy: float
    """What was asked for when it was chosen."""
    slot: int
    """Slot of the choreographer's form that it was chosen for."""
    rate: float = 1.0
    """Clip beats per dance beat: 1/2, 1 or 2."""
    cost: float = 0.0
    """Of the transition into it."""
    arms: Borrowed | None = None
    pauses: tuple[float, ...] = ()
    """Dance beats on which the motion stops for a beat."""

    @property
    def end(self) -> float:
        """Dance beat at which the next phrase begins."""
        return self.start + self.beats

    def later(self, beats: int) -> Phrase:
        """Return the same phrase `beats` later."""
        return replace(self, start=self.start + beats)

    def clip_beats(self, dance_beats: Array) -> Array:
        """Return the clip beats shown at `dance_beats`."""
        out: Array = (dance_beats - self.start) * self.rate + self.clip_start
        return out

    def sample(self, dance_beats: Array) -> Motion:
        """Return what is danced at `dance_beats` (n,) in the clip's own space, arms included."""
        own = clip_sampler.sample(self.clip, self.clip_beats(dance_beats), self.mirrored)
        if self.arms is None:
            return own
        at = (dance_beats - self.start) * self.rate + self.arms.clip_start
        donor = clip_sampler.sample(self.arms.clip, at, self.arms.mirrored)
        return arms.graft(own, donor, np.ones(len(dance_beats)))

    def on_stage(self, motion: Motion, dance_beats: Array, room: float) -> Motion:
        """Return `motion` of the clip at `dance_beats` (n,) put on the `room` of the stage."""
        yaw, place = self.placement.at(self.rate * (dance_beats - self.start))
        moved = clip_sampler.moved(motion, yaw, self.placement.pivot_xz, place)
        moved.root_position_m[:, [0, 2]] = soft_edge(moved.root_position_m[:, [0, 2]], room)
        return moved


def swing(clip: Clip, clip_start: float, beats: int) -> Array:
    """Return, per sample of the clip in the phrase and its reserve, how free the freer foot is [0, 1]."""
    at = clip_start + np.arange((beats + RESERVE_BEATS) * SAMPLES_PER_BEAT) / SAMPLES_PER_BEAT
    contact = beat_samples.sample_linear(np.asarray(clip.foot_contact), clip_sampler.clip_frames(clip, at))
    left, right = contact[:, :2].max(axis=1), contact[:, 2:].max(axis=1)
    out: Array = 1.0 - np.minimum(left, right)
    return out
