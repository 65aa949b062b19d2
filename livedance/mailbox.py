"""A mailbox between two threads that states what it loses and counts it. Audio has its own (`audio/ring.py`)."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Ring(Generic[T]):
    """Bounded first-in first-out between one writer and one reader. Full: the OLDEST is lost and counted."""

    def __init__(self, size: int) -> None:
        self._items: deque[T] = deque()
        self._size = size
        self._ready = threading.Condition()
        self.lost = 0
        """Items lost because the reader was slow."""

    def put(self, item: T) -> None:
        """Add an item; never blocks longer than the lock. Any thread."""
        with self._ready:
            if len(self._items) >= self._size:
                self._items.popleft()
                self.lost += 1
            self._items.append(item)
            self._ready.notify()

    def take(self, timeout_s: float | None = 0.0) -> T | None:
        """Return the oldest item, or None when there is none within `timeout_s`. Reader's thread."""
        with self._ready:
            if not self._items and timeout_s != 0.0:
                self._ready.wait(timeout_s)
            return self._items.popleft() if self._items else None

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._items)
