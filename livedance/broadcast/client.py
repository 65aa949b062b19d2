"""One viewer as the server sees it: what it wants, what it may have, and how much of it is still unsent.

Everything here runs on the server's loop and never blocks: a message is handed to the transport, kept in a
newest-only slot, or dropped. Nothing a client does can grow memory beyond `CLOSE_BYTES` and one image.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final

from websockets.asyncio.server import ServerConnection, broadcast

from livedance.broadcast import limits, text, wire

_ALL_BITS: Final = 0xFFFF_FFFF


class Client:
    """State of one connection."""

    def __init__(self, connection: ServerConnection, name: str) -> None:
        self.name = name
        self.wants: frozenset[str] = frozenset()
        self.may_control = False
        self.report: text.Report | None = None
        self.requests = limits.TokenBucket(limits.INBOUND_PER_S, limits.INBOUND_BURST)
        self.acks = limits.TokenBucket(limits.ACKS_PER_S, limits.ACKS_PER_S)
        self.connection = connection
        self._seq: Counter[int] = Counter()
        self._credit = limits.IMAGE_CREDIT
        self._slot: bytes | None = None
        self._unsent_before = 0
        self._stalled_s = 0.0

    @property
    def unsent(self) -> int:
        """Bytes that wait in our process for this client."""
        transport = self.connection.transport
        return int(transport.get_write_buffer_size()) if isinstance(transport, asyncio.WriteTransport) else 0

    def send_text(self, message: str) -> None:
        """Send JSON text."""
        broadcast((self.connection,), message)
        self._close_if_full()

    def send_record(self, message: bytes) -> None:
        """Send a record that must arrive (clock, beat, window)."""
        broadcast((self.connection,), self.stamped(message))
        self._close_if_full()

    def send_newest(self, message: bytes) -> bool:
        """Send a record that the next one replaces (pose, levels); returns False when it was dropped."""
        if self.unsent > limits.SKIP_BYTES:
            return False
        broadcast((self.connection,), self.stamped(message))
        return True

    def offer_image(self, message: bytes) -> bool:
        """Send an image while there is credit, else keep the newest; returns False when one was replaced."""
        if self._credit > 0 and self.unsent <= limits.SKIP_BYTES:
            self._credit -= 1
            broadcast((self.connection,), self.stamped(message))
            return True
        replaced, self._slot = self._slot, message
        return replaced is None

    def acknowledge(self) -> None:
        """Take one acknowledgement of an image and send the one that waits."""
        self._credit = min(limits.IMAGE_CREDIT, self._credit + 1)
        if self._slot is not None:
            message, self._slot = self._slot, None
            self.offer_image(message)

    def is_behind(self, kind: int) -> bool:
        """Return whether the client's report says that it lies too far behind in `kind` (poses)."""
        if self.report is None or self.report.pose_seq == 0:
            return False
        return ((self._seq[kind] - self.report.pose_seq) & _ALL_BITS) > limits.POSES_BEHIND

    def stamped(self, message: bytes) -> bytes:
        """Return `message` with this connection's own count of its type in the header."""
        kind = message[0]
        seq = self._seq[kind]
        self._seq[kind] = (seq + 1) & _ALL_BITS
        return wire.with_seq(message, seq)

    def check_progress(self, passed_s: float) -> bool:
        """Return False, once, when unsent bytes have not shrunk for `STALL_S`. Called about once a second."""
        unsent = self.unsent
        moving = unsent == 0 or unsent < self._unsent_before
        self._stalled_s = 0.0 if moving else self._stalled_s + passed_s
        self._unsent_before = unsent
        return self._stalled_s < limits.STALL_S

    def abort(self) -> None:
        """Cut the connection without waiting for the client."""
        self.connection.transport.abort()

    def _close_if_full(self) -> None:
        if self.unsent > limits.CLOSE_BYTES:
            self.abort()
