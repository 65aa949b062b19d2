"""The score: windows of motion in dance beats, and which of them is heard where.

Where windows overlap the highest `plan` wins from its `beat_start` on; spans are half-open. What wins is laid out as
*runs*: stretches of samples that continue one another, so that interpolation runs across window seams. A new run begins
where a window is missing, where the origin changes, where a window says that it does not continue (`seam_samples`),
where an older plan comes back, and where sample grids do not fit. Between samples: slerp after sign alignment for
joints, Catmull-Rom for the root, straight lines for contacts. Owned by one thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import foot_pin
from livedance.dance.inertia import Body
from livedance.messages import KEEP_BEATS, MotionWindow, Origin

Array = NDArray[np.floating]

MAX_WINDOWS: Final = 64
"""Windows kept per dancer, about four times what a show needs; with more the oldest plans are dropped."""
_EPSILON: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One source dancer at one dance position."""

    body: Body
    foot_contact: Array
    """(4,)"""
    hands: NDArray[np.uint8]
    """(2,)"""
    origin: int
    plan: int


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A window with the samples that lie just outside it: one before, two after, carried on in a straight line."""

    window: MotionWindow
    root: Array
    """(T + 3, 3), sample i at row i + 1."""
    rotations: Array
    """(T + 1, 23, 4), sample i at row i."""
    contact: Array
    """(T + 1, 4)"""
    feet: Array
    """(T + 1, 4, 3) places of the contact joints."""


class _Kept:
    """A window, prepared when it is first laid out: who only keeps the score never needs that."""

    def __init__(self, window: MotionWindow) -> None:
        self.window = window

    @cached_property
    def prepared(self) -> _Prepared:
        """The window and what lies just outside it."""
        return _prepare(self.window)


@dataclass(frozen=True, slots=True)
class _Span:
    """Where one window wins."""

    start: float
    end: float
    prepared: _Prepared

    @property
    def window(self) -> MotionWindow:
        return self.prepared.window

    @property
    def first(self) -> int:
        """Index of the first sample in the span, or of the one before when the span begins between samples."""
        return math.floor((self.start - self.window.beat_start) * self.window.samples_per_beat + 1e-6)

    @property
    def stop(self) -> int:
        """Index after the last sample in the span."""
        return math.ceil((self.end - self.window.beat_start) * self.window.samples_per_beat - 1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A stretch of samples that continue one another; sample i lies at first_beat + i / samples_per_beat."""

    start: float
    """Dance beats; covers [start, end)."""
    end: float
    first_beat: float
    samples_per_beat: int
    seam_samples: int
    """Of the window that begins the run, when the run begins with it; else 0."""
    origin: Origin
    root: Array
    """(n + 3, 3), sample i at row i + 1."""
    arcs: rotations.Arcs
    """Joint rotations (n + 1, 23, 4) and the ways between them."""
    contact: Array
    """(n + 1, 4)"""
    feet: Array
    """(n + 1, 4, 3)"""
    hands: NDArray[np.uint8]
    """(n, 2)"""
    plans: NDArray[np.int64]
    """(n,)"""

    def index(self, dance_position: float) -> tuple[int, float]:
        """Return (sample, part of the way to the next), held at both ends of the run."""
        place = (dance_position - self.first_beat) * self.samples_per_beat
        i = min(max(math.floor(place), 0), len(self.plans) - 1)
        return i, min(max(place - i, 0.0), 1.0)

    def plan_at(self, dance_position: float) -> int:
        """Return the plan of the window that wins at `dance_position`."""
        return int(self.plans[self.index(dance_position)[0]])

    def sample(self, dance_position: float) -> Sample:
        """Return the pose at `dance_position`, feet pinned while they stand."""
        i, s = self.index(dance_position)
        contact = self.contact[i] + s * (self.contact[i + 1] - self.contact[i])
        root = _catmull_rom(self.root[i : i + 4], s)
        turned = self.arcs.at(i, s)
        if s > 0.0:
            turned = foot_pin.pin(root, turned, contact, self.feet[i] + s * (self.feet[i + 1] - self.feet[i]))
        return Sample(Body(root, turned), contact, self.hands[i], self.origin, int(self.plans[i]))


class Track:
    """The runs of one source dancer, in order; never changed once made."""

    def __init__(self, runs: Sequence[Run] = ()) -> None:
        self.runs = tuple(runs)

    def run_at(self, dance_position: float) -> Run | None:
        """Return the run that covers `dance_position`."""
        for run in self.runs:
            if run.start <= dance_position < run.end:
                return run
        return None

    def next_start(self, dance_position: float) -> float | None:
        """Return where the first run after `dance_position` begins."""
        return next((run.start for run in self.runs if run.start > dance_position), None)

    def nearest(self, dance_position: float) -> Run | None:
        """Return the run that covers `dance_position`, else the last one before it, else the first one."""
        before = [run for run in self.runs if run.start <= dance_position]
        return before[-1] if before else next(iter(self.runs), None)


EMPTY: Final = Track()


class Score:
    """Windows of all source dancers. One thread."""

    def __init__(self) -> None:
        self._windows: dict[int, dict[tuple[int, float], _Kept]] = {}
        self._tracks: dict[int, Track] = {}

    def add(self, window: MotionWindow) -> bool:
        """Take a window; returns False when the same plan is already there from the same beat."""
        known = self._windows.setdefault(window.dancer, {})
        key = (window.plan, window.beat_start)
        if key in known:
            return False
        known[key] = _Kept(window)
        if len(known) > MAX_WINDOWS:
            del known[min(known)]
        self._tracks.pop(window.dancer, None)
        return True

    def trim(self, dance_position: float) -> None:
        """Forget windows that ended `KEEP_BEATS` or longer before `dance_position`."""
        limit = dance_position - KEEP_BEATS
        for dancer, known in self._windows.items():
            old = [key for key, kept in known.items() if kept.window.beat_end <= limit]
            for key in old:
                del known[key]
            if old:
                self._tracks.pop(dancer, None)

    def windows(self) -> list[MotionWindow]:
        """Return all windows, oldest plan first: what a new client is sent."""
        everything = [kept.window for known in self._windows.values() for kept in known.values()]
        return sorted(everything, key=lambda w: (w.dancer, w.plan, w.beat_start))

    def track(self, dancer: int) -> Track:
        """Return what wins for `dancer`; laid out when first asked for after a change."""
        if dancer not in self._windows:
            return EMPTY
        if dancer not in self._tracks:
            self._tracks[dancer] = _track(self._windows[dancer])
        return self._tracks[dancer]

    def end(self, dancer: int) -> float | None:
        """Return the first dance beat after everything that is known of `dancer`; None when nothing is."""
        return max((kept.window.beat_end for kept in self._windows.get(dancer, {}).values()), default=None)

    def covers(self, dancer: int, dance_position: float) -> bool:
        """Return whether there is motion for `dancer` at `dance_position`."""
        return self.track(dancer).run_at(dance_position) is not None

    def sample(self, dancer: int, dance_position: float) -> Sample | None:
        """Return the pose of `dancer` at `dance_position`; None where no window covers it."""
        run = self.track(dancer).run_at(dance_position)
        return run.sample(dance_position) if run else None

    def clear(self) -> None:
        """Forget everything (a new session)."""
        self._windows.clear()
        self._tracks.clear()


def _catmull_rom(p: Array, s: float) -> Array:
    """Return the uniform Catmull-Rom spline through p[1] (s = 0) and p[2] (s = 1); p is (4, 3)."""
    s2, s3 = s * s, s * s * s
    weights = np.array([2 * s2 - s - s3, 3 * s3 - 5 * s2 + 2, s + 4 * s2 - 3 * s3, s3 - s2])
    out: Array = 0.5 * (weights @ p)
    return out


def _prepare(window: MotionWindow) -> _Prepared:
    root, turned, contact = window.root_position_m, window.joint_rotations_wxyz, window.foot_contact
    feet = foot_pin.feet_of(root, turned)
    step, foot_step = root[-1] - root[-2], feet[-1] - feet[-2]
    return _Prepared(
        window,
        np.concatenate([[2 * root[0] - root[1]], root, [root[-1] + step, root[-1] + 2 * step]]),
        np.concatenate([turned, rotations.slerp(turned[-2], turned[-1], 2.0)[None]]),
        np.concatenate([contact, contact[-1:]]),
        np.concatenate([feet, [feet[-1] + foot_step]]),
    )


def _track(known: dict[tuple[int, float], _Kept]) -> Track:
    """Return the runs of what wins: windows are laid down in rising (plan, beat_start), each over those before."""
    spans: list[_Span] = []
    for _, kept in sorted(known.items(), key=lambda item: item[0]):
        spans = _paint(spans, kept.prepared)
    spans.sort(key=lambda span: span.start)
    groups: list[list[_Span]] = []
    for span in spans:
        if groups and _continues(groups[-1], span):
            groups[-1].append(span)
        else:
            groups.append([span])
    return Track([_run(group) for group in groups])


def _paint(spans: list[_Span], prepared: _Prepared) -> list[_Span]:
    start, end = prepared.window.beat_start, prepared.window.beat_end
    out = [_Span(start, end, prepared)]
    for span in spans:
        if span.start < start - _EPSILON:
            out.append(_Span(span.start, min(span.end, start), span.prepared))
        if span.end > end + _EPSILON:
            out.append(_Span(max(span.start, end), span.end, span.prepared))
    return out


def _continues(group: list[_Span], span: _Span) -> bool:
    first, last, window = group[0], group[-1], span.window
    grid = (span.start - first.window.beat_start) * window.samples_per_beat
    return (
        abs(span.start - last.end) < _EPSILON
        and abs(span.start - window.beat_start) < _EPSILON
        and window.seam_samples == 0
        and window.origin == last.window.origin
        and window.samples_per_beat == first.window.samples_per_beat
        and abs(grid - round(grid)) < 1e-6
    )


def _run(group: list[_Span]) -> Run:
    first, last = group[0], group[-1]
    stop = last.stop
    own_start = abs(first.start - first.window.beat_start) < _EPSILON
    roots = [first.prepared.root[first.first : first.first + 1]]
    roots += [span.prepared.root[span.first + 1 : span.stop + 1] for span in group]
    roots.append(last.prepared.root[stop + 1 : stop + 3])
    return Run(
        start=first.start,
        end=last.end,
        first_beat=first.window.beat_start + first.first / first.window.samples_per_beat,
        samples_per_beat=first.window.samples_per_beat,
        seam_samples=first.window.seam_samples if own_start else 0,
        origin=first.window.origin,
        root=np.concatenate(roots),
        arcs=rotations.Arcs(_joined([span.prepared.rotations for span in group], group)),
        contact=_joined([span.prepared.contact for span in group], group),
        feet=_joined([span.prepared.feet for span in group], group),
        hands=np.concatenate([span.window.hands[span.first : span.stop] for span in group]),
        plans=np.concatenate([np.full(span.stop - span.first, span.window.plan) for span in group]),
    )


def _joined(arrays: list[Array], group: list[_Span]) -> Array:
    """Return the samples of each span and the one that follows the last."""
    parts = [array[span.first : span.stop] for array, span in zip(arrays, group, strict=True)]
    return np.concatenate([*parts, arrays[-1][group[-1].stop : group[-1].stop + 1]])
