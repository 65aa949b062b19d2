"""Every limit of the socket in one place: message sizes, rates, caps and buffers.

Source: reference measurements of stalled, slow and flooding clients; the numbers are binding for `livedance.v1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INBOUND_BYTES: Final = 4_096
"""Longest message a client may send; a longer one closes with 1009."""
INBOUND_PER_S: Final = 20.0
INBOUND_BURST: Final = 40.0
"""Messages a client may send, acks apart; more closes with 1008."""
ACKS_PER_S: Final = 120.0
FRAMES_PER_S: Final = 200.0
"""Protocol frames of any kind (pings, fragments, pongs): a flood of pings costs every other client its latency."""

HELLO_TIMEOUT_S: Final = 10.0
MAX_GREETING: Final = 400
"""Connections that have not said hello yet; more are turned away at once."""
SKIP_BYTES: Final = 32 << 10
"""Unsent bytes above which a client gets no pose, levels or stats: newer ones will come."""
CLOSE_BYTES: Final = 4 << 20
"""Unsent bytes above which a client is closed; it reconnects and is brought up to date."""
BATCH_BYTES: Final = 256 << 10
"""Longest batch of windows for a newcomer; many client libraries refuse messages over 1 MB."""
STALL_S: Final = 5.0
"""A client whose unsent bytes do not shrink for so long is closed."""
IMAGE_CREDIT: Final = 2
"""Images on their way to one client before it has acknowledged one."""
POSES_BEHIND: Final = 30
"""A pose client whose report lags by more is paused until it catches up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many clients may want what at the same time."""

    score: int = 2_000
    pose: int = 100
    levels: int = 200
    image: int = 16
    control: int = 8

    def of(self, kind: str) -> int:
        """Return the cap of one kind of want; kinds that cost next to nothing share the score's."""
        return int(getattr(self, kind, self.score))


class TokenBucket:
    """Allows `rate` events a second with bursts of `burst`. One thread; times never go back."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._level = burst
        self._last_s: float | None = None

    def take(self, now_s: float) -> bool:
        """Return whether one more event at `now_s` is allowed, and count it if so."""
        if self._last_s is not None:
            self._level = min(self._burst, self._level + (now_s - self._last_s) * self._rate)
        self._last_s = now_s
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True
