from __future__ import annotations

import threading
import time

import numpy as np

from livedance.audio.ring import BlockRing
from livedance.messages import AudioBlock


def block(i: int, n: int = 441) -> AudioBlock:
    return AudioBlock(index=i, t_s=i * n / 44_100, sample_rate_hz=44_100, samples=np.full((n, 1), i, np.float32))


def test_blocks_come_out_in_order() -> None:
    ring = BlockRing()
    for i in range(5):
        ring.put(block(i))
    assert [ring.take(0.0).index for _ in range(5)] == list(range(5))  # type: ignore[union-attr]
    assert ring.take(0.0) is None


def test_a_slow_reader_loses_the_oldest_and_is_told_how_much() -> None:
    ring = BlockRing(capacity_s=0.1)
    for i in range(30):
        ring.put(block(i))
    assert len(ring) == 10
    first = ring.take(0.0)
    assert first is not None
    assert (first.index, first.lost_samples) == (20, 20 * 441)
    assert ring.lost_samples == 20 * 441
    second = ring.take(0.0)
    assert second is not None
    assert second.lost_samples == 0


def test_the_last_block_is_never_dropped() -> None:
    ring = BlockRing(capacity_s=0.001)
    ring.put(block(0))
    ring.put(block(1))
    assert len(ring) == 1


def test_take_wakes_when_a_block_arrives() -> None:
    ring = BlockRing()
    threading.Timer(0.05, ring.put, [block(3)]).start()
    start = time.monotonic()
    taken = ring.take(5.0)
    assert taken is not None
    assert time.monotonic() - start < 4.0
