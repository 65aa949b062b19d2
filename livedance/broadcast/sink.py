"""What a sink is: somewhere poses, beats and levels go."""

from __future__ import annotations

from typing import Protocol

from livedance.messages import ClockState, Levels, PoseFrame


class Sink(Protocol):
    """Sends the show somewhere. `send` never blocks; after `open` nothing raises, errors are counted."""

    name: str
    delay_ms: float
    """Added exactly once, where the score is sampled for this sink."""

    def open(self) -> None:
        """Get ready. Raises a `LivedanceError`, one sentence."""

    def send(self, pose: PoseFrame, clock: ClockState, levels: Levels, t_s: float) -> None:
        """Send one frame; `pose` is for `t_s` + delay, `levels` and `t_s` (show time) are for now."""

    def close(self) -> None:
        """Flush and stop; may be called twice."""
