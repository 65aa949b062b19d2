"""What there is to find in the true beats of an item: where to score, local tempo, cuts and ramps, breaks.

Pure NumPy on `Truth`, whatever it was made from: a composed piece, a project file, a list of beats in a folder.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]

TRIM_S: Final = 5.0
"""Beats before this are not scored: the habit of the field (mir_eval's `trim_beats`)."""
OUTRO_S: Final = 8.0
"""So long after the last rhythm beats still count."""
BREAK_LEAST_S: Final = 4.0
"""A stretch without rhythm this long is a break."""
JUMP: Final = 0.04
"""An interval this much off the three before is a cut."""
STEADY: Final = 0.005
"""Intervals of a steady tempo differ by less."""
BEND_LEAST: Final = 2e-4
"""Intervals that go on changing by more than this each are a ramp."""
BEND_BEATS: Final = 6
"""Shortest ramp."""


def scored_span(truth: Truth) -> tuple[float, float]:
    """Return [from, to), s, in which beats are scored: after 5 s and the first rhythm, not long after the last."""
    if not truth.rhythm:
        return TRIM_S, truth.duration_s
    return max(TRIM_S, truth.rhythm[0][0]), min(truth.duration_s, truth.rhythm[-1][1] + OUTRO_S)


def first_beat_s(truth: Truth) -> float:
    """Return the first beat that a listener can hear; raises ValueError when there is none."""
    start = truth.rhythm[0][0] - 0.05 if truth.rhythm else 0.0
    heard = truth.beat_s[truth.beat_s >= start]
    if not len(heard):
        raise ValueError("the truth has no beats")
    return float(heard[0])


def within(times_s: F64, span: tuple[float, float]) -> F64:
    """Return the times in [start, end)."""
    out: F64 = times_s[(times_s >= span[0]) & (times_s < span[1])]
    return out


def local_periods(beat_s: F64) -> tuple[F64, F64]:
    """Return the periods before and after each beat (N,), s: medians of up to three intervals; a cut has two."""
    gaps = np.diff(beat_s)
    if not len(gaps):
        return np.full(len(beat_s), np.nan), np.full(len(beat_s), np.nan)
    n = len(beat_s)
    before = np.array([np.median(gaps[max(0, i - 3) : max(i, 1)]) for i in range(n)])
    after = np.array([np.median(gaps[min(i, n - 2) : i + 3]) for i in range(n)])
    return before, after


def changes(truth: Truth) -> tuple[float, ...]:
    """Return the first beats of a new grid (cut, mix) and the last beats of tempo ramps, ascending."""
    if truth.category in ("cut", "mix"):
        return cuts(truth.beat_s)
    return ramp_ends(truth.beat_s) if truth.category == "ramp" else ()


def cuts(beat_s: F64) -> tuple[float, ...]:
    """Return the first beats of a new grid: where an interval is not that of the beats before."""
    gaps = np.diff(beat_s)
    found: list[float] = []
    i = 2
    while i < len(gaps):
        usual = float(np.median(gaps[max(0, i - 3) : i]))
        if abs(gaps[i] / usual - 1.0) <= JUMP:
            i += 1
            continue
        is_odd = i + 1 < len(gaps) and abs(gaps[i + 1] / gaps[i] - 1.0) > JUMP
        found.append(float(beat_s[i + 1] if is_odd else beat_s[i]))
        i += 4
    return tuple(found)


def ramp_ends(beat_s: F64) -> tuple[float, ...]:
    """Return the beats at which steady changes of tempo come to their end."""
    gaps = np.diff(beat_s)
    bends = np.abs(gaps[1:] / gaps[:-1] - 1.0)
    is_bent = np.concatenate(([False], (bends > BEND_LEAST) & (bends <= JUMP), [False]))
    edges = np.flatnonzero(np.diff(is_bent.astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    return tuple(float(beat_s[end]) for start, end in zip(starts, ends, strict=True) if end - start >= BEND_BEATS)


def breaks(truth: Truth) -> tuple[tuple[float, float], ...]:
    """Return the stretches [start, end) without rhythm between two with rhythm.

    Only those before which the rhythm was heard for 4 s at the tempo that goes on: else nobody could know the beat.
    """
    found = []
    for (begin, start), (end, _) in itertools.pairwise(truth.rhythm):
        since = start - BREAK_LEAST_S
        if end - start >= BREAK_LEAST_S and begin <= since and _is_steady(truth.beat_s, since, end):
            found.append((start, end))
    return tuple(found)


def _is_steady(beat_s: F64, start: float, end: float) -> bool:
    """Whether all intervals between beats in [start, end] are alike."""
    gaps = np.diff(beat_s[(beat_s >= start) & (beat_s <= end + 0.02)])
    return len(gaps) > 0 and bool(np.all(np.abs(gaps / np.median(gaps) - 1.0) <= STEADY))
