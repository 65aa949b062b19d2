"""When was a block's first sample in the room? The device's own stamp where it can be trusted, else its arrival."""

from __future__ import annotations

from typing import Final

LONGEST_SANE_AGE_S: Final = 0.3
"""A device stamp that makes a sample older than this, or younger than nothing, is not believed."""
JUMP_S: Final = 0.015
"""A stamp that leaves its own line by more than this has jumped."""
TRUST_AFTER_S: Final = 2.0
"""A line that stays for so long is believed. PulseAudio's first 0.7 to 1.3 s are 90-420 ms early, then they move into
place, by a jump or in small steps."""


class Stamps:
    """Chooses the stamp of each block; called in the device's callback, so it only compares numbers."""

    def __init__(self) -> None:
        self._line_s: float | None = None
        self._steady_s = 0.0

    def first_sample_s(self, *, stream_s: float, duration_s: float, arrival_s: float, age_s: float) -> float:
        """Return the machine time of a block's first sample.

        `stream_s` is the block's stream time, `age_s` how old its first sample is by the device's clock (0: unknown).
        """
        by_arrival = arrival_s - duration_s
        if not 0.0 < age_s < LONGEST_SANE_AGE_S:
            self._line_s = None
            return by_arrival
        by_device = arrival_s - age_s
        line_s = by_device - stream_s
        jumped = self._line_s is None or abs(line_s - self._line_s) > JUMP_S
        self._steady_s = 0.0 if jumped else self._steady_s + duration_s
        trusted = self._steady_s >= TRUST_AFTER_S
        if jumped or trusted:  # until then the line is held to where it began: small steps add up
            self._line_s = line_s
        return by_device if trusted else by_arrival
