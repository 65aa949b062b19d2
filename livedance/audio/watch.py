"""When is a device lost? Pure rules on a clock that is passed in; PortAudio never tells (it moves the stream)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

from livedance.audio.source import SourceHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """Patience, in seconds."""

    first_block_s: float = 4.0
    """An idle PulseAudio source needs up to 1.9 s to wake."""
    no_block_s: float = 0.25
    zeros_s: float = 2.0


LONGEST_STEP_S: Final = 0.1
"""A watcher that was itself held up (a busy machine) must not blame the device for all of that time."""


class Watchdog:
    """Judges one open device. `heard` is called for each block, `health` often; one thread, or a lock of the caller."""

    def __init__(self, limits: WatchLimits | None = None, *, platform: str = sys.platform) -> None:
        self._limits = limits or WatchLimits()
        self._zeros_mean_refusal = platform == "darwin"  # macOS feeds zeros to programs without permission
        self.start(0.0)

    def start(self, now_s: float) -> None:
        """Begin with a device that was opened at `now_s`."""
        self._asked_s = now_s
        self._waited_s = 0.0
        self._zeros_since_s: float | None = None
        self._had_block = self._had_sound = False
        self._moved = self._ended = False

    def heard(self, now_s: float, *, is_zero: bool) -> None:
        """Note a block that arrived; `is_zero` when every sample is exactly 0."""
        self._asked_s, self._waited_s = max(now_s, self._asked_s), 0.0
        self._had_block = True
        if not is_zero:
            self._had_sound, self._zeros_since_s = True, None
        elif self._zeros_since_s is None:
            self._zeros_since_s = now_s

    def moved(self) -> None:
        """Note that the sound server gave our stream another source: what comes now is not what was asked for."""
        self._moved = True

    def ended(self) -> None:
        """Note that the stream stopped by itself."""
        self._ended = True

    def health(self, now_s: float) -> SourceHealth:
        """Return the verdict at `now_s`."""
        self._waited_s += min(max(now_s - self._asked_s, 0.0), LONGEST_STEP_S)
        self._asked_s = max(now_s, self._asked_s)
        patience_s = self._limits.no_block_s if self._had_block else self._limits.first_block_s
        if self._moved or self._ended or self._waited_s > patience_s:
            return SourceHealth.LOST
        if not self._had_block:
            return SourceHealth.OPENING
        if self._zeros_since_s is not None and now_s - self._zeros_since_s >= self._limits.zeros_s:
            refused = self._zeros_mean_refusal and not self._had_sound
            return SourceHealth.REFUSED if refused else SourceHealth.SUSPECT
        return SourceHealth.OK
