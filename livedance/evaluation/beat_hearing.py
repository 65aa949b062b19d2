"""What a peer is, and what its adapters share: hops in order, and a watch on every call."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from livedance.evaluation.beat_take import Cost, Take
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES


class Peer(Protocol):
    """Something that hears an item and says beats."""

    name: str

    def listen(self, audio: F32) -> tuple[Take, ...]:
        """Hear mono samples at 44,100 Hz in hops; a run knows nothing of the run before."""


class Stopwatch:
    """Processor time and the longest call of one run."""

    def __init__(self) -> None:
        self.cost = Cost(cpu_s=0.0, worst_ms=0.0, worst_cpu_ms=0.0)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Time what happens within."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        wall_ms, spent_s = 1e3 * (time.perf_counter() - wall), time.process_time() - cpu
        before = self.cost
        self.cost = Cost(
            cpu_s=before.cpu_s + spent_s,
            worst_ms=max(before.worst_ms, wall_ms),
            worst_cpu_ms=max(before.worst_cpu_ms, 1e3 * spent_s),
        )


def blocks(audio: F32) -> Iterator[tuple[float, F32]]:
    """Yield (end of the hop in s, 512 samples); a shorter rest is dropped."""
    for start in range(0, len(audio) - HOP_SAMPLES + 1, HOP_SAMPLES):
        yield (start + HOP_SAMPLES) / HOP_RATE_HZ, audio[start : start + HOP_SAMPLES]
