"""A dance in beat time as it was committed: the samples that were shown, when, and where its windows were joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import beat_samples, clip_sampler
from livedance.dance.inertia import DURATION_S, STEP_S, Body, jump, velocity
from livedance.dance.library import BeatMotion
from livedance.dance.voice import MAX_SEAM_S, MIN_SEAM_S
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT, MotionWindow, Origin

Array = NDArray[np.floating]

FPS: Final = 60.0
"""Rate at which a dance is looked at in clock time."""
SKIPPED: Final = 0.2
"""A sample that passes in less than this share of the usual time was skipped."""
STRETCH_S: Final = 60.0
"""Long dances are looked at in stretches of about this; their spread is told beside the mean."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeatTrack:
    """One dancer's whole dance; sample i lies at dance beat `first_beat` + i / 16."""

    name: str
    first_beat: float
    t_s: Array
    """(S,) clock time of every sample, increasing."""
    root_position_m: Array
    """(S, 3)"""
    joint_rotations_wxyz: Array
    """(S, 23, 4)"""
    foot_contact: Array
    """(S, 4)"""
    joint_positions_m: Array
    """(S, 23, 3) world."""
    is_dancing: NDArray[np.bool_]
    """(S,) False while idle."""
    seam_beats: Array
    """(K,) dance beats at which a window began."""
    dancer: int = 0

    @property
    def beats(self) -> Array:
        """(S,) dance beat of every sample."""
        out: Array = self.first_beat + np.arange(len(self.t_s)) / SAMPLES_PER_BEAT
        return out

    @property
    def seconds(self) -> float:
        """Length."""
        return float(self.t_s[-1] - self.t_s[0])

    def index(self, beat: float) -> int:
        """Return the sample at dance beat `beat`; it may lie outside."""
        return round((beat - self.first_beat) * SAMPLES_PER_BEAT)

    def between(self, start: float, end: float) -> BeatTrack:
        """Return the part in [start, end) dance beats."""
        first, stop = max(0, self.index(start)), max(0, self.index(end))
        rows = slice(first, stop)
        return BeatTrack(
            name=self.name,
            first_beat=self.first_beat + first / SAMPLES_PER_BEAT,
            t_s=self.t_s[rows],
            root_position_m=self.root_position_m[rows],
            joint_rotations_wxyz=self.joint_rotations_wxyz[rows],
            foot_contact=self.foot_contact[rows],
            joint_positions_m=self.joint_positions_m[rows],
            is_dancing=self.is_dancing[rows],
            seam_beats=self.seam_beats[(self.seam_beats >= start) & (self.seam_beats < end)],
            dancer=self.dancer,
        )

    def stretches(self, seconds: float = STRETCH_S) -> Iterator[BeatTrack]:
        """Yield the dance in stretches of equal time; the rest of less than a third of one goes with the last."""
        n = max(1, round(self.seconds / seconds))
        edges = np.searchsorted(self.t_s, self.t_s[0] + self.seconds * np.arange(1, n) / n)
        for first, stop in zip([0, *edges], [*edges, len(self.t_s)], strict=True):
            yield self.between(self.first_beat + first / SAMPLES_PER_BEAT, self.first_beat + stop / SAMPLES_PER_BEAT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A stretch of a dance in clock time, `FPS` frames a second."""

    t_s: Array
    """(T,)"""
    beats: Array
    """(T,) dance beat of every frame."""
    positions_m: Array
    """(T, 23, 3)"""


def shown(track: BeatTrack) -> Shown:
    """Return what is seen of `track` at `FPS`: joints read by a cubic between samples."""
    t_s = np.arange(track.t_s[0], track.t_s[-1], 1.0 / FPS)
    at = np.interp(t_s, track.t_s, np.arange(len(track.t_s), dtype=np.float64))
    positions = beat_samples.cubic(np.asarray(track.joint_positions_m, np.float64), at)
    return Shown(t_s=t_s, beats=track.first_beat + at / SAMPLES_PER_BEAT, positions_m=positions)


def of_windows(windows: Sequence[MotionWindow], clock_beats: Array, clock_s: Array) -> list[BeatTrack]:
    """Return what a dancer's windows commit, one track for each time on stage.

    Args:
        windows: of one dancer, in the order of their plans; starts lie on the grid of samples.
        clock_beats: (H,) dance positions, increasing, at ...
        clock_s: (H,) ... these times.
    """
    spans: list[list[MotionWindow]] = []
    for window in windows:
        if not spans or window.beat_start > spans[-1][-1].beat_end:
            spans.append([])
        spans[-1].append(window)
    tracks = [_of_span(span, clock_beats, clock_s) for span in spans]
    return [track for track in tracks if len(track.t_s) > SAMPLES_PER_BEAT]


def _of_span(windows: Sequence[MotionWindow], clock_beats: Array, clock_s: Array) -> BeatTrack:
    """Lay windows out on the grid of samples: from its `beat_start` on the highest plan, the later one, wins."""
    first = windows[0].beat_start
    starts = [round((window.beat_start - first) * SAMPLES_PER_BEAT) for window in windows]
    n = int(np.clip((clock_beats[-1] - first) * SAMPLES_PER_BEAT, 0, starts[-1] + COMMIT_SAMPLES))
    root = np.zeros((n, 3), np.float32)
    turned = np.zeros((n, skeleton.N_JOINTS, 4), np.float32)
    contact = np.zeros((n, 4), np.float32)
    dancing = np.zeros(n, np.bool_)
    t_s = np.interp(first + np.arange(n) / SAMPLES_PER_BEAT, clock_beats, clock_s)
    jumps: list[tuple[int, float, Array, Array]] = []
    for start, window in zip(starts, windows, strict=True):
        is_other = 0 < start < n and dancing[start - 1] != (window.origin != Origin.IDLE)
        if 1 < start < n - 1 and (window.seam_samples > 0 or is_other):
            lasts_s = window.seam_samples * float(t_s[start + 1] - t_s[start]) if window.seam_samples else DURATION_S
            jumps.append((start, lasts_s, root[start - 1 : start + 1].copy(), turned[start - 1 : start + 1].copy()))
        rows = slice(min(max(start, 0), n), min(max(start + len(window.root_position_m), 0), n))
        taken = slice(rows.start - start, rows.stop - start)
        root[rows], turned[rows] = window.root_position_m[taken], window.joint_rotations_wxyz[taken]
        contact[rows], dancing[rows] = window.foot_contact[taken], window.origin != Origin.IDLE
    for start, stop in _skipped(t_s):
        root[start:stop], turned[start:stop] = root[start - 1], turned[start - 1]
        jumps.append((stop, DURATION_S, root[start - 2 : start].copy(), turned[start - 2 : start].copy()))
    for start, lasts_s, root_before, turned_before in jumps:
        _hide_jump(root, turned, t_s, start, lasts_s, root_before, turned_before)
    return BeatTrack(
        name=f"dancer {windows[0].dancer}",
        first_beat=first,
        t_s=t_s,
        root_position_m=root,
        joint_rotations_wxyz=turned,
        foot_contact=contact,
        joint_positions_m=_positions(root, turned),
        is_dancing=dancing,
        seam_beats=np.unique([window.beat_start for window in windows]),
        dancer=windows[0].dancer,
    )


def _skipped(t_s: Array) -> list[tuple[int, int]]:
    """Return the rows [start, stop) that were never shown: the clock was seated further on within one hop."""
    usual = float(np.median(np.diff(t_s))) if len(t_s) > 1 else 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.diff(t_s) < SKIPPED * usual, [False]])))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [(int(a) + 1, int(b) + 1) for a, b in runs if a >= 1 and b < len(t_s) - 2]


def _hide_jump(
    root: Array, turned: Array, t_s: Array, start: int, lasts_s: float, root_before: Array, turned_before: Array
) -> None:
    """Lead what was shown until row `start` into the new motion, in place, as every player does (docs/conventions.md).

    root_before, turned_before: (2, ...) the motion until then, at rows `start` - 1 and `start`.
    """
    step_s = max(float(t_s[start + 1] - t_s[start]), STEP_S)
    new = (root[start : start + 2], turned[start : start + 2])
    before, after = Body(root_before[1], turned_before[1]), Body(new[0][0], new[1][0])
    offset = jump(
        t_s=float(t_s[start]),
        duration_s=float(np.clip(lasts_s, MIN_SEAM_S, MAX_SEAM_S)),
        before=before,
        going=velocity(_between(root_before, turned_before, 1.0 - STEP_S / step_s), before),
        after=after,
        coming=velocity(after, _between(*new, STEP_S / step_s)),
    )
    for i in range(start, int(np.searchsorted(t_s, offset.t_s + offset.duration_s))):
        shown_now = offset.apply(Body(root[i], turned[i]), float(t_s[i]))
        root[i], turned[i] = shown_now.root_position_m, shown_now.joint_rotations_wxyz


def _between(root: Array, turned: Array, share: float) -> Body:
    """Return the pose a share of the way from the first of two rows to the second."""
    return Body((1.0 - share) * root[0] + share * root[1], rotations.slerp(turned[0], turned[1], share))


def of_clip(motion: BeatMotion, bpm: float | None = None) -> BeatTrack:
    """Return a clip of the library at a constant tempo (default: its own), turned so that it mostly faces the front."""
    n = len(motion.root_position_m)
    return to_front(
        BeatTrack(
            name=motion.clip.id,
            first_beat=0.0,
            t_s=np.arange(n) / SAMPLES_PER_BEAT * 60.0 / (bpm or motion.clip.native_bpm),
            root_position_m=motion.root_position_m,
            joint_rotations_wxyz=motion.joint_rotations_wxyz,
            foot_contact=motion.foot_contact,
            joint_positions_m=motion.joint_positions_m,
            is_dancing=np.ones(n, np.bool_),
            seam_beats=np.arange(0.5, n / SAMPLES_PER_BEAT),
        )
    )


def to_front(track: BeatTrack) -> BeatTrack:
    """Return a dance moved to the middle of the stage and turned so that its mean facing is to the audience."""
    yaw = clip_sampler.facing(track.joint_positions_m)
    turn = rotations.about_y(-float(np.angle(np.exp(1j * yaw).mean())))
    middle = np.array([1.0, 0.0, 1.0]) * track.root_position_m.mean(axis=0)
    root = rotations.rotate(turn, np.asarray(track.root_position_m, np.float64) - middle)
    turned = np.array(track.joint_rotations_wxyz, np.float64)
    turned[:, 0] = rotations.multiply(np.broadcast_to(turn, turned[:, 0].shape), turned[:, 0])
    return replace(track, root_position_m=root, joint_rotations_wxyz=turned, joint_positions_m=_positions(root, turned))


def _positions(root: Array, turned: Array, block: int = 8_192) -> NDArray[np.float32]:
    """Return the joints (S, 23, 3), block by block: two hours of transforms at once would fill the memory."""
    out = np.empty((len(root), skeleton.N_JOINTS, 3), np.float32)
    for first in range(0, len(root), block):
        rows = slice(first, first + block)
        out[rows] = skeleton.forward_kinematics(root[rows], turned[rows])
    return out
