"""The dance while no brain lives: the stage's own motion graph on a free-wheeling clock.

It wakes when the score is about to run out or the brain is gone, goes on from the last window, and sleeps again when a
brain's window is accepted. Tap, nudge, half and tempo act here meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Final

from livedance.beat.beat_clock import BeatClock, empty_estimate, empty_features
from livedance.dance.planner import DancePlanner
from livedance.messages import ClockState, Command, Controls, MotionWindow

LOG = logging.getLogger(__name__)
RESERVE_BEATS: Final = 1.0
"""With less score than this ahead the brain counts as late (it normally leaves two to three)."""


class Standby:
    """A spare planner. The stage's thread, but for the loading of the motion library."""

    def __init__(self, seed: int, n_sources: int) -> None:
        self._seed, self._n_sources = seed, n_sources
        self._planner: DancePlanner | None = None
        self._clock: BeatClock | None = None
        self._ticks = 0
        self.active = False
        """True while this standby makes the dance."""
        threading.Thread(target=self._load, name="standby", daemon=True).start()

    def _load(self) -> None:
        planner = DancePlanner("motion-graph", self._seed, self._n_sources)
        # One window for nobody: loads the motion library now, not when the dance hangs on it.
        planner.step(ClockState(), 0, empty_features(0.0), empty_estimate(0.0), Controls(), ())
        self._planner = planner

    def start(self, now_s: float, clock: ClockState, windows: Sequence[MotionWindow], next_plan: int) -> None:
        """Take over from `clock` and the last beats of score."""
        if self.active or self._planner is None:
            return
        LOG.warning("the brain is late or gone: the stage's motion graph goes on")
        self._clock = BeatClock.resumed(clock)
        self._planner.resume(windows, next_plan)
        self.active = True

    def stop(self) -> None:
        """Sleep again: a brain's window was accepted."""
        if self.active:
            LOG.warning("a brain is back")
        self.active = False

    def step(
        self, now_s: float, controls: Controls, commands: Sequence[Command]
    ) -> tuple[ClockState | None, list[MotionWindow]]:
        """Go on to `now_s`; returns a changed clock, if it changed, and new windows."""
        if not self.active or self._clock is None or self._planner is None:
            return None, []
        before, self._clock = self._clock, self._clock.free_step(now_s, commands)
        clock = self._clock.state
        self._ticks += 1
        features, estimate = empty_features(now_s), empty_estimate(now_s)
        windows = self._planner.step(clock, self._ticks, features, estimate, controls, commands)
        return (clock if self._clock.changed(before) else None), windows
