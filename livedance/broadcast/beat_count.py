"""Each music beat is told once, by whoever tells it: the wire, OSC."""

from __future__ import annotations

import math

from livedance.messages import ClockState, LockState


class BeatCount:
    """Finds each music beat once, also one that nobody heard (a break, an outside clock)."""

    def __init__(self) -> None:
        self.last: int | None = None
        """The beat that was told last; None before the first look."""

    def passed(self, clock: ClockState, t_s: float) -> int | None:
        """Return the beat that `clock` has reached at `t_s` since the last look, None where there is none to tell."""
        beat = math.floor(clock.position_at(t_s))
        last, self.last = self.last, beat
        is_new = last is not None and beat > last and clock.state is not LockState.SEARCHING
        return beat if is_new else None
