"""Endless listening: clips one after the other in parallel streams, cut into chunks that the network is taught on.

The state is carried from chunk to chunk, as on stage; so the network hears long stretches, and clip after clip is a cut
to another song. Now and then a stream starts anew, as a show does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedance.beat.bands import LONG_RISE_HOPS, N_BANDS
from livedance.messages import F32
from livedance.training.beat_clips import Clip
from livedance.training.beat_frames import N_TAUGHT

LEAD_HOPS: Final = LONG_RISE_HOPS
"""Hops that must be known before the first one whose rises are asked for: the longer of the two looks back."""
FRESH_SHARE: Final = 0.08
"""So many chunks begin with the state before any sound."""


class Chunk(NamedTuple):
    """T hops of B streams."""

    levels: F32
    """(LEAD_HOPS + T, B, N_BANDS): with the end of the chunk before, for the rises."""
    target: F32
    """(T, B, N_TAUGHT)"""
    weight: F32
    """(T, B, N_TAUGHT)"""
    is_fresh: NDArray[np.bool_]
    """(B,) streams whose state is to be forgotten before this chunk."""


class _Stream:
    """One stream's place in the clips."""

    def __init__(self, heard: Iterator[Clip]) -> None:
        self._heard = heard
        self._clip = next(heard)
        self._at = 0

    def fill(self, chunk: Chunk, stream: int) -> None:
        """Write the next hops into column `stream` of `chunk`."""
        done, n_hops = 0, len(chunk.target)
        while done < n_hops:
            if self._at >= len(self._clip.levels):
                self._clip, self._at = next(self._heard), 0
            n = min(n_hops - done, len(self._clip.levels) - self._at)
            here, there = slice(done, done + n), slice(self._at, self._at + n)
            chunk.levels[LEAD_HOPS + done : LEAD_HOPS + done + n, stream] = self._clip.levels[there]
            chunk.target[here, stream] = self._clip.target[there]
            chunk.weight[here, stream] = self._clip.weight[there]
            done, self._at = done + n, self._at + n


class Streams:
    """Goes through `clips` in a new random order again and again; each clip is heard once before any is heard twice."""

    def __init__(
        self,
        clips: Sequence[Clip],
        *,
        n_streams: int,
        n_hops: int,
        rng: np.random.Generator,
        hear: Callable[[Clip], Clip] = lambda clip: clip,
    ) -> None:
        """Take `clips`, each heard as `hear` returns it when its turn comes."""
        self._rng = rng
        self._n_hops = n_hops
        heard = (hear(clips[i]) for i in _orders(len(clips), rng))
        self._lead = np.zeros((LEAD_HOPS, n_streams, N_BANDS), np.float32)
        self._streams = [_Stream(heard) for _ in range(n_streams)]
        self.chunks_per_epoch = max(1, sum(len(c.levels) for c in clips) // (n_streams * n_hops))

    def next(self) -> Chunk:
        """Return the next chunk."""
        size = (self._n_hops, len(self._streams))
        chunk = Chunk(
            np.empty((LEAD_HOPS + size[0], size[1], N_BANDS), np.float32),
            np.empty((*size, N_TAUGHT), np.float32),
            np.empty((*size, N_TAUGHT), np.float32),
            self._rng.random(size[1]) < FRESH_SHARE,
        )
        for i, stream in enumerate(self._streams):
            stream.fill(chunk, i)
        chunk.levels[:LEAD_HOPS] = np.where(chunk.is_fresh[:, None], 0.0, self._lead)
        self._lead = chunk.levels[-LEAD_HOPS:].copy()
        return chunk


def _orders(n: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(n).tolist()
