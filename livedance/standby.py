"""The dance while no brain lives: the stage's own motion graph on a free-wheeling clock.

It wakes when the score is about to run out or the brain is gone, goes on from the last window, and sleeps again when a
brain's window is accepted. Tap, nudge, half and tempo act here meanwhile. The clock steps in the stage's thread; the
windows (10 to 40 ms of work each, per dancer) are made in a thread of its own, so that OSC keeps its rhythm.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livedance.beat.beat_clock import BeatClock, empty_features
from livedance.dance.options import DanceOptions
from livedance.dance.planner import DancePlanner
from livedance.messages import ClockState, Command, Controls, MotionWindow

LOG = logging.getLogger(__name__)
RESERVE_BEATS: Final = 1.0
"""With less score than this ahead the brain counts as late (it normally leaves two to three)."""
GIVE_WAY_S: Final = 0.0005
"""How long the planning thread may keep the interpreter when the stage wants it back.

Every datagram and every look at a socket lets go of it; with Python's own 5 ms each of them could cost OSC that much.
"""


@dataclass(frozen=True, slots=True)
class _Resume:
    """Go on from these windows."""

    windows: tuple[MotionWindow, ...]
    next_plan: int


@dataclass(frozen=True, slots=True)
class _Step:
    """Make what is due at `t_s`."""

    turn: int
    t_s: float
    clock: ClockState
    controls: Controls
    commands: tuple[Command, ...]


class Standby:
    """A spare planner. The stage's thread, but for `_plan`."""

    def __init__(self, seed: int, options: DanceOptions | None = None) -> None:
        self._seed, self._options = seed, options
        self._clock: BeatClock | None = None
        self._turn = 0
        """Counts take-overs: windows of an earlier one are not wanted any more."""
        self._commands: list[Command] = []
        self._is_planning = False
        self._work: queue.SimpleQueue[_Resume | _Step] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, list[MotionWindow]]] = queue.SimpleQueue()
        self._ready = threading.Event()
        self.active = False
        """True while this standby makes the dance."""
        sys.setswitchinterval(GIVE_WAY_S)
        threading.Thread(target=self._plan, name="standby", daemon=True).start()

    @property
    def ready(self) -> bool:
        """True once the motion library is loaded."""
        return self._ready.is_set()

    def start(self, clock: ClockState, windows: Sequence[MotionWindow], next_plan: int) -> None:
        """Take over from `clock` and the last beats of score; nothing happens before the library is loaded."""
        if self.active or not self.ready:
            return
        LOG.warning("the brain is late or gone: the stage's motion graph goes on")
        self._clock = BeatClock.resumed(clock)
        self._turn += 1
        self._commands.clear()
        self._work.put(_Resume(tuple(windows), next_plan))
        self.active = True

    def stop(self) -> None:
        """Sleep again: a brain's window was accepted."""
        if self.active:
            LOG.warning("a brain is back")
        self.active = False

    def step(
        self, now_s: float, controls: Controls, commands: Sequence[Command]
    ) -> tuple[ClockState | None, list[MotionWindow]]:
        """Go on to `now_s`; returns a changed clock, if it changed, and the windows that have become ready."""
        windows = self._ready_windows()
        if not self.active or self._clock is None:
            return None, []
        before, self._clock = self._clock, self._clock.free_step(now_s, commands)
        clock = self._clock.state
        self._commands += commands
        if not self._is_planning:
            self._is_planning = True
            self._work.put(_Step(self._turn, now_s, clock, controls, tuple(self._commands)))
            self._commands.clear()
        return (clock if self._clock.changed(before) else None), windows

    def _ready_windows(self) -> list[MotionWindow]:
        windows: list[MotionWindow] = []
        while not self._done.empty():
            turn, made = self._done.get()
            self._is_planning = False
            if turn == self._turn:
                windows += made
        return windows

    # -- the planning thread ----------------------------------------------------------------------

    def _plan(self) -> None:
        try:
            self._serve("motion-graph")
        except Exception:
            # The last line of defence: whatever went wrong with the library, the dancer must not stand still.
            LOG.exception("the standby's motion graph failed: it sways instead")
        self.active = False  # The stage starts it again, with the score as it is by then.
        self._is_planning = False
        self._serve("idle")

    def _serve(self, generator: str) -> None:
        planner = DancePlanner(generator, self._seed, options=self._options)
        # One window for nobody: loads the motion library now, not when the dance hangs on it.
        planner.step(ClockState(), empty_features(0.0), Controls(), ())
        self._ready.set()
        while True:
            work = self._work.get()
            if isinstance(work, _Resume):
                planner.resume(work.windows, work.next_plan)
                continue
            windows = planner.step(work.clock, empty_features(work.t_s), work.controls, work.commands)
            self._done.put((work.turn, windows))
