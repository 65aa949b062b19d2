"""What a voice has danced: when each beat of the library was last shown, and how often, each side for itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.transitions import Entries

Array = NDArray[np.floating]

NEVER: Final = -1e9
"""Dance beat on which nothing was danced."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Memory:
    """Immutable; arrays are (2, n beats of the library), row 1 mirrored, empty before the first phrase."""

    last: Array
    """Dance beat on which a beat was last shown."""
    count: Array
    """How often it was shown."""
    row: int = -1
    """Entry of the last phrase."""
    beats: int = 0
    """Clip beats of the last phrase."""
    run: int = 0
    """Phrases in a row that went on in the same clip."""

    def after(self, entries: Entries, row: int, *, dance_beat: float, beats: int) -> Memory:
        """Return the memory with `beats` clip beats from entry `row` on, danced from `dance_beat` on."""
        n = entries.n_beats
        last = self.last.copy() if self.last.size else np.full((2, n), NEVER)
        count = self.count.copy() if self.count.size else np.zeros((2, n))
        first = int(entries.flat[row])
        span = slice(first, first + min(beats, int(entries.beats_left[row])))
        side = int(entries.mirrored[row])
        last[side, span] = dance_beat
        count[side, span] += 1.0
        goes_on = self.row >= 0 and self.goes_on(entries, np.array([row]))[0]
        return replace(self, last=last, count=count, row=row, beats=beats, run=self.run + 1 if goes_on else 1)

    def goes_on(self, entries: Entries, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which entries go on where the last phrase ended."""
        if self.row < 0:
            return np.zeros(len(rows), dtype=bool)
        same = entries.clip[rows] == entries.clip[self.row]
        same &= entries.beat[rows] == entries.beat[self.row] + self.beats
        out: NDArray[np.bool_] = same & (entries.mirrored[rows] == entries.mirrored[self.row])
        return out

    def since(self, entries: Entries, rows: NDArray[np.intp], now: float, beats: int) -> tuple[Array, Array]:
        """Return beats (N,) since any of the `beats` from each entry on was danced: on this side, on the other."""
        if not self.last.size:
            return np.full(len(rows), -NEVER), np.full(len(rows), -NEVER)
        newest = _span_max(self.last, beats)
        side = entries.mirrored[rows].astype(int)
        at = entries.flat[rows]
        return now - newest[side, at], now - newest[1 - side, at]

    def shown(self, entries: Entries, rows: NDArray[np.intp], beats: int) -> Array:
        """Return how often (N,) the `beats` from each entry on were danced, both sides together, in the mean."""
        if not self.count.size:
            return np.zeros(len(rows))
        total = np.concatenate([[0.0], np.cumsum(self.count.sum(axis=0))])
        first = entries.flat[rows]
        stop = np.minimum(first + beats, len(total) - 1)
        out: Array = (total[stop] - total[first]) / np.maximum(stop - first, 1)
        return out

    def clip_since(self, entries: Entries, rows: NDArray[np.intp], now: float) -> Array:
        """Return beats (N,) since anything of each entry's clip was danced."""
        if not self.last.size:
            return np.full(len(rows), -NEVER)
        newest = np.maximum.reduceat(self.last.max(axis=0), entries.clip_first)
        out: Array = now - newest[entries.clip[rows]]
        return out


EMPTY: Final = Memory(last=np.empty((2, 0)), count=np.empty((2, 0)))


def _span_max(track: Array, beats: int) -> Array:
    """Return the maximum over the `beats` from each column on."""
    out = track.copy()
    for k in range(1, beats):
        out[:, :-k] = np.maximum(out[:, :-k], track[:, k:])
    return out
