"""One source dancer read at one lag, through time: score, gaps and the jumps between them.

A voice is a list of segments. A segment says everything that is needed to give the pose at any time after its start
(clock, run of samples or gap, dying jump), so poses are pure functions of segments and time. A new segment begins only
at an event: a clock state, a window that interrupts, or the moment at which the dance position passes the end or the
start of a run. Those moments are computed from the clock, never from when somebody asked.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import gap, inertia
from livedance.dance.gap import Gap
from livedance.dance.inertia import STEP_S, Body, Offset
from livedance.dance.score import Run, Track
from livedance.messages import ClockState, Origin

Array = NDArray[np.floating]

HISTORY_S: Final = 2.0
"""Segments are kept this long, so that a slightly older time can still be asked for."""
MIN_SEAM_S: Final = 0.1
MAX_SEAM_S: Final = 0.6


@dataclass(frozen=True, slots=True)
class Regime:
    """A clock state from the moment on at which it counts; within an epoch positions never go back."""

    t_s: float
    state: ClockState
    least_beat: float
    least_dance: float

    @classmethod
    def after(cls, before: Regime | None, t_s: float, state: ClockState) -> Regime:
        """Return the regime that `state` starts at `t_s`."""
        if before is None or before.state.epoch != state.epoch:
            return cls(t_s, state, -np.inf, -np.inf)
        return cls(t_s, state, before.beat_at(t_s), before.dance_at(t_s))

    def beat_at(self, t_s: float) -> float:
        """Return music beats at `t_s`."""
        return max(self.least_beat, self.state.position_at(t_s))

    def dance_at(self, t_s: float) -> float:
        """Return dance beats at `t_s`."""
        return max(self.least_dance, self.state.dance_at(t_s))

    def time_of(self, dance_position: float) -> float:
        """Return when `dance_position` is reached, not before the regime begins."""
        if dance_position <= self.least_dance:
            return self.t_s
        return max(self.t_s, self.state.time_of_dance(dance_position))


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a voice shows at one time, before mirror and place."""

    body: Body
    foot_contact: Array
    hands: NDArray[np.uint8]
    origin: int


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A stretch of time without events."""

    t_s: float
    regime: Regime | None
    lag_beats: float
    run: Run | None
    gap: Gap
    """What is shown when `run` is None."""
    offset: Offset | None = None

    def position(self, t_s: float) -> float:
        """Return the dance beat that is read at `t_s`."""
        return self.regime.dance_at(t_s) - self.lag_beats if self.regime else 0.0

    def shown(self, t_s: float) -> Shown:
        """Return what is shown at `t_s`."""
        if self.run is None:
            body, contact = self.gap.pose(t_s)
            return Shown(body, contact, self.gap.hands, Origin.IDLE)
        sample = self.run.sample(self.position(t_s))
        body = self.offset.apply(sample.body, t_s) if self.offset else sample.body
        return Shown(body, sample.foot_contact, sample.hands, sample.origin)


class Voice:
    """The segments of (source, lag). One thread; time only goes forward in `advance` and the `on_` methods."""

    def __init__(self, *, t_s: float, regime: Regime | None, lag_beats: float, track: Track) -> None:
        first = Segment(t_s, regime, lag_beats, None, gap.rest())
        run = track.run_at(first.position(t_s)) if regime else None
        self._segments = [replace(first, run=run)]
        self._track = track

    def advance(self, t_s: float) -> None:
        """Pass every end and start of a run that is reached by `t_s`."""
        while (passed := self._next(t_s)) is not None:
            at_s, position = passed
            self._enter(self._segments[-1], at_s, position)

    def on_track(self, t_s: float, track: Track) -> None:
        """Take a changed score at `t_s`; interrupts only when another window wins where the dancer is now."""
        self._track = track
        now = self._segments[-1]
        if now.regime is None:
            return
        position = now.position(t_s)
        run = track.run_at(position)
        if run is None:
            return
        if now.run is not None and run.plan_at(position) == now.run.plan_at(position):
            self._segments[-1] = replace(now, run=run)
        else:
            self._jump(now, t_s, run, now)

    def on_clock(self, t_s: float, regime: Regime) -> None:
        """Take a new clock at `t_s`; a new epoch is a jump."""
        before = self._segments[-1]
        now = replace(before, t_s=t_s, regime=regime)
        epoch = before.regime.state.epoch if before.regime else None
        if now.run is not None and epoch == regime.state.epoch:
            self._push(now)
            return
        run = self._track.run_at(now.position(t_s))
        if run is None and now.run is None:
            self._push(now)
        else:
            self._jump(before, t_s, run, now)

    def shown(self, t_s: float) -> Shown:
        """Return what is shown at `t_s`; up to `HISTORY_S` before the last `advance`, or later."""
        index = bisect_right(self._segments, t_s, key=lambda segment: segment.t_s) - 1
        return self._segments[max(index, 0)].shown(t_s)

    def _next(self, t_s: float) -> tuple[float, float] | None:
        """Return (time, dance position) of the next end or start of a run, if it is reached by `t_s`."""
        now = self._segments[-1]
        if now.regime is None:
            return None
        edge = now.run.end if now.run else self._track.next_start(now.position(now.t_s))
        if edge is None:
            return None
        at_s = max(now.t_s, now.regime.time_of(edge + now.lag_beats))
        return (at_s, max(edge, now.position(at_s))) if at_s <= t_s else None

    def _enter(self, before: Segment, t_s: float, position: float) -> None:
        run = self._track.run_at(position)
        entered = run is not None and run.seam_samples > 0 and position - run.start < 1.0 / run.samples_per_beat
        duration = _seam_duration(run, before) if run and entered else inertia.DURATION_S
        self._jump(before, t_s, run, before, duration)

    def _jump(
        self, before: Segment, t_s: float, run: Run | None, now: Segment, duration_s: float = inertia.DURATION_S
    ) -> None:
        """Go on at `t_s` with `run` (None: a gap) under the clock of `now`, from what `before` showed."""
        shown = before.shown(t_s)
        going = inertia.velocity(before.shown(t_s - STEP_S).body, shown.body)
        if run is None:
            stop = Gap(t_s, shown.body, going, shown.hands, shown.foot_contact)
            self._push(replace(now, t_s=t_s, run=None, gap=stop, offset=None))
            return
        clean = replace(now, t_s=t_s, run=run, offset=None)
        after = clean.shown(t_s).body
        offset = inertia.jump(
            t_s=t_s,
            duration_s=duration_s,
            before=shown.body,
            going=going,
            after=after,
            coming=inertia.velocity(after, clean.shown(t_s + STEP_S).body),
        )
        self._push(replace(clean, offset=offset))

    def _push(self, segment: Segment) -> None:
        self._segments.append(segment)
        while len(self._segments) > 2 and self._segments[1].t_s < segment.t_s - HISTORY_S:
            del self._segments[0]


def _seam_duration(run: Run, before: Segment) -> float:
    """Return the seconds that a seam of `run.seam_samples` takes at the tempo of now."""
    state = before.regime.state if before.regime else ClockState()
    beats = run.seam_samples / run.samples_per_beat
    return min(max(beats / (state.beats_per_s * state.dance_ratio), MIN_SEAM_S), MAX_SEAM_S)
