"""The bounded queue between a device callback (or the capture thread) and its reader.

Loss rule: when the reader falls behind by more than the capacity, the oldest blocks go, and their samples are counted
into `lost_samples` of the next block that is read, so that stream time stays true.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace

from livedance.messages import AudioBlock


class BlockRing:
    """Blocks in order, at most `capacity_s` of them; one writer, one reader."""

    def __init__(self, capacity_s: float = 2.0) -> None:
        self._capacity_s = capacity_s
        self._blocks: deque[AudioBlock] = deque()
        self._ready = threading.Condition()
        self._queued_s = 0.0
        self._dropped_samples = 0
        self.lost_samples = 0
        """All samples ever dropped here."""

    def put(self, block: AudioBlock) -> None:
        """Append a block; never waits for the reader."""
        with self._ready:
            self._blocks.append(block)
            self._queued_s += _seconds(block)
            while self._queued_s > self._capacity_s and len(self._blocks) > 1:
                oldest = self._blocks.popleft()
                self._queued_s -= _seconds(oldest)
                n = len(oldest.samples) + oldest.lost_samples
                self._dropped_samples += n
                self.lost_samples += n
            self._ready.notify()

    def take(self, timeout_s: float) -> AudioBlock | None:
        """Return the oldest block, or None when none came within `timeout_s`."""
        with self._ready:
            if not self._blocks and not self._ready.wait_for(lambda: bool(self._blocks), timeout_s):
                return None
            block = self._blocks.popleft()
            self._queued_s = self._queued_s - _seconds(block) if self._blocks else 0.0
            dropped, self._dropped_samples = self._dropped_samples, 0
        return replace(block, lost_samples=block.lost_samples + dropped) if dropped else block

    def clear(self) -> None:
        """Forget everything that is queued."""
        with self._ready:
            self._blocks.clear()
            self._queued_s, self._dropped_samples = 0.0, 0

    def __len__(self) -> int:
        return len(self._blocks)


def _seconds(block: AudioBlock) -> float:
    return (len(block.samples) + block.lost_samples) / block.sample_rate_hz
