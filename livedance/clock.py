"""The two clocks: show time (the stage's monotonic seconds) and the map from stream time to it.

Stream time is sample index / rate of the source. `TimeMap` says show = a + b · stream with b within
1 ± 500 ppm, fitted to the earliest arrivals (a block can be late, never early).
Only this module and the processes' loops ask the machine for the time.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

MAX_RATE_ERROR: Final = 500e-6
BIN_S: Final = 1.0
FIRST_BIN_S: Final = 0.25
"""After a device was opened the map settles sooner."""
N_BINS: Final = 60
STEP_LIMIT_S: Final = 0.030
"""A larger error of the map is stepped, a smaller one is slewed by at most `MAX_RATE_ERROR`."""
FRESH_BINS: Final = 6
FRESH_STEP_S: Final = 0.002
"""The first bins after a device was opened step the map already at this error: slewing 20 ms would take 40 s."""


class Clock(Protocol):
    """Seconds that never go back."""

    def now(self) -> float:
        """Return show time."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class ShowClock:
    """Show time of this machine: monotonic seconds since the supervisor started the show."""

    def __init__(self, start_s: float) -> None:
        self.start_s = start_s

    def now(self) -> float:
        """Return seconds since the show began."""
        return time.monotonic() - self.start_s

    def sleep(self, seconds: float) -> None:
        """Wait; returns at once for zero or less."""
        if seconds > 0:
            time.sleep(seconds)


@dataclass(slots=True)
class VirtualClock:
    """Show time that moves only when told: `render` and tests."""

    t_s: float = 0.0

    def now(self) -> float:
        """Return the virtual time."""
        return self.t_s

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self.t_s += max(0.0, seconds)


class TimeMap:
    """show = a + b · stream, kept continuous; one thread.

    `rigid` maps (files, demo, render) keep b = 1 and the first offset.
    """

    def __init__(self, *, rigid: bool = False) -> None:
        self.a_s: float | None = None
        self.b = 1.0
        self.rigid = rigid
        """Files, demo and render: b stays 1."""
        self._bins: deque[tuple[float, float]] = deque(maxlen=N_BINS)
        self._bin_start_s = 0.0
        self._bin_best: tuple[float, float] | None = None
        self._n_fresh = FRESH_BINS
        """Bins that still count as the first ones after a device was opened."""

    @property
    def ready(self) -> bool:
        """True once a first block has been seen."""
        return self.a_s is not None

    def observe(self, stream_s: float, show_s: float) -> None:
        """Take one arrival: the sample at `stream_s` was here at `show_s` at the latest."""
        lateness = show_s - stream_s
        if self.a_s is None:
            self.a_s = lateness
            self._bin_start_s = stream_s
            self._bin_best = (stream_s, lateness)
            return
        if self.rigid:
            return
        if self._bin_best is None:
            self._bin_start_s = stream_s
        if self._bin_best is None or lateness < self._bin_best[1]:
            self._bin_best = (stream_s, lateness)
        if lateness < self.show_at(stream_s) - stream_s - STEP_LIMIT_S:
            # Nothing arrives before it was heard: an earlier arrival proves the map late.
            self._restart(stream_s, lateness)
        elif stream_s - self._bin_start_s >= (FIRST_BIN_S if self._n_fresh > 0 else BIN_S):
            self._bins.append(self._bin_best)
            self._bin_best = None
            self._steer(stream_s)
            self._n_fresh = max(0, self._n_fresh - 1)

    def show_at(self, stream_s: float) -> float:
        """Return show time of `stream_s`; before the first block, stream time itself."""
        return stream_s if self.a_s is None else self.a_s + self.b * stream_s

    def stream_at(self, show_s: float) -> float:
        """Return stream time at `show_s`."""
        return show_s if self.a_s is None else (show_s - self.a_s) / self.b

    def reopen(self) -> None:
        """Forget old arrivals: a device was opened (again). A rigid map starts anew at the next block."""
        self._bins.clear()
        self._bin_best = None
        self._n_fresh = FRESH_BINS
        if self.rigid:
            self.a_s = None

    def seed(self, a_s: float, b: float) -> None:
        """Start from another map (a brain that resumes)."""
        self.a_s, self.b = a_s, b

    def _restart(self, stream_s: float, lateness: float) -> None:
        self._bins.clear()
        self._bin_start_s, self._bin_best = stream_s, (stream_s, lateness)
        self.a_s, self.b = lateness, 1.0

    def _steer(self, stream_s: float) -> None:
        """Bend the rate so that the map meets the earliest arrivals within the next bins."""
        target = self._floor_at(stream_s)
        error = target - (self.show_at(stream_s) - stream_s)
        if abs(error) > (FRESH_STEP_S if self._n_fresh > 0 else STEP_LIMIT_S):
            self._restart(stream_s, target)
            return
        show_now = self.show_at(stream_s)
        self.b = 1.0 + max(-MAX_RATE_ERROR, min(MAX_RATE_ERROR, self._drift() + error / 8.0))
        self.a_s = show_now - self.b * stream_s

    def _drift(self) -> float:
        """Return the slope of the earliest arrivals: lateness per stream second."""
        if len(self._bins) < 8:
            return 0.0
        half = len(self._bins) // 2
        old, new = list(self._bins)[:half], list(self._bins)[half:]
        t_old, y_old = min(old, key=lambda p: p[1])
        t_new, y_new = min(new, key=lambda p: p[1])
        return (y_new - y_old) / max(1.0, t_new - t_old)

    def _floor_at(self, stream_s: float) -> float:
        """Return the lateness of the earliest arrivals of the last bins, carried on to `stream_s`."""
        slope = self._drift()
        return min(y + slope * (stream_s - t) for t, y in list(self._bins)[-8:])
