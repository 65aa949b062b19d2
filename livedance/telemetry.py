"""How long things take: bounded samples per stage, percentiles on demand."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

KEEP: Final = 600
"""Samples kept per name: about ten seconds at 60 a second."""


class Telemetry:
    """Work times and counters of one process. One thread."""

    def __init__(self) -> None:
        self._samples: dict[str, deque[float]] = {}
        self._counts: dict[str, int] = {}

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Measure the body in milliseconds under `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.sample(name, (time.perf_counter() - start) * 1e3)

    def sample(self, name: str, value: float) -> None:
        """Record one value under `name` (milliseconds by convention)."""
        self._samples.setdefault(name, deque(maxlen=KEEP)).append(value)

    def count(self, name: str, n: int = 1) -> None:
        """Add to a counter."""
        self._counts[name] = self._counts.get(name, 0) + n

    def snapshot(self) -> dict[str, float]:
        """Return `NAME_p50`, `NAME_p99` (rounded, ms) and the counters; a flat mapping for JSON."""
        out: dict[str, float] = dict(self._counts)
        for name, values in self._samples.items():
            p50, p99 = np.percentile(np.fromiter(values, float), [50, 99])
            out[f"{name}_p50"] = round(float(p50), 3)
            out[f"{name}_p99"] = round(float(p99), 3)
        return out
