"""What a newcomer needs: the newest clock, the sticky state and every window that can still be shown.

Holds wire bytes, so that a thousand viewers joining cost no encoding. One thread: the server's loop.
"""

from __future__ import annotations

from typing import Any, Final

from livedance.broadcast import text, wire
from livedance.messages import KEEP_BEATS, ClockState

MAX_WINDOWS: Final = 1_024
"""Bound against a sender whose clock never moves."""


class ScoreStore:
    """The part of the score that is not yet over, as it came."""

    def __init__(self) -> None:
        self.clock: bytes | None = None
        self.state: dict[str, Any] = {}
        self._clock_state: ClockState | None = None
        self._windows: list[tuple[float, bytes]] = []

    def clear(self) -> None:
        """Forget the score and the clock (a new session)."""
        self.clock = self._clock_state = None
        self._windows.clear()

    def take_clock(self, message: bytes) -> None:
        """Keep the newest clock; raises `WireError` when it is odd."""
        decoded = wire.decode(message)
        assert isinstance(decoded, wire.Clock)
        self.clock, self._clock_state = message, wire.clock_state(decoded)

    def take_window(self, message: bytes, now_s: float) -> None:
        """Keep a window and forget those that are over; raises `WireError` when it is odd."""
        window = wire.decode(message)
        assert isinstance(window, wire.Window)
        self._windows.append((window.beat_start + window.samples / window.samples_per_beat, message))
        self._trim(now_s)
        del self._windows[:-MAX_WINDOWS]

    def set_state(self, state: dict[str, Any]) -> None:
        """Replace the sticky state whole; a changed `session` clears the score."""
        before, after = self.state.get("session"), state.get("session")
        if before is not None and after is not None and before != after:
            self.clear()
        self.state = {key: value for key, value in state.items() if key != "type"}

    @property
    def state_text(self) -> str:
        """The sticky state as a message."""
        return text.dump("state", self.state)

    def windows(self, now_s: float) -> list[bytes]:
        """Return every window that covers [now - 12 dance beats, end], oldest first, and forget the others."""
        self._trim(now_s)
        return [message for _, message in self._windows]

    def _trim(self, now_s: float) -> None:
        oldest = self.dance_position(now_s) - KEEP_BEATS
        self._windows = [(end, message) for end, message in self._windows if end > oldest]

    def beats_ahead(self, now_s: float) -> float:
        """Return dance beats of score that lie ahead of now; infinite before the first clock."""
        return max((end for end, _ in self._windows), default=0.0) - self.dance_position(now_s)

    def dance_position(self, now_s: float) -> float:
        """Return the dance position by the newest clock; minus infinity before the first."""
        return -float("inf") if self._clock_state is None else self._clock_state.dance_at(now_s)
