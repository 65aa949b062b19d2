"""What there is to find in the true beats of an item, and what nobody could know. Pure NumPy on `Truth`.

A beat without rhythm can be known if the rhythm was heard for 4 s since the last change and the tempo has not moved
since: then a tracker shall free-wheel. Else (a cut into a break, a pitch fader moved in a break, an intro of pads) it
cannot be known, and is not scored.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation.beat_changes import changes, is_steady
from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]
Spans = tuple[tuple[float, float], ...]

TRIM_S: Final = 5.0
"""Beats before this are not scored: the habit of the field (mir_eval's `trim_beats`)."""
OUTRO_S: Final = 8.0
"""So long after the last rhythm beats still count."""
HEARD_S: Final = 4.0
"""Rhythm this long is enough to know the beat; a stretch without rhythm this long is a break."""
EARLY_S: Final = 0.02
"""A beat may lie this much before the rhythm that begins with it."""


def rhythm(truth: Truth) -> Spans:
    """Return where a rhythm is heard; everywhere when the truth does not say."""
    return truth.rhythm or ((0.0, truth.duration_s),)


def scored(truth: Truth, times_s: F64) -> NDArray[np.bool_]:
    """Return which times count: after 5 s and the first rhythm, soon after the last, where a beat can be known."""
    spans = rhythm(truth)
    counts = (times_s >= max(TRIM_S, spans[0][0] - EARLY_S)) & (times_s < spans[-1][1] + OUTRO_S)
    for start, end in _gaps(truth):
        if not _is_known(truth, start, end):
            counts &= (times_s < start - EARLY_S) | (times_s >= end - EARLY_S)
    return counts


def breaks(truth: Truth) -> Spans:
    """Return the stretches [start, end) of 4 s and more without rhythm through which a tracker can free-wheel."""
    known = (gap for gap in _gaps(truth)[:-1] if _is_known(truth, *gap))
    return tuple((start, end) for start, end in known if end - start >= HEARD_S)


def waits(truth: Truth) -> Spans:
    """Return [since, until) of every search: from the first beat, and from each change, to the next change.

    A search begins with rhythm that goes on for 4 s; where there is none before the next change nothing is sought.
    """
    edges = [0.0, *changes(truth), truth.duration_s]
    found = []
    for start, end in itertools.pairwise(edges):
        parts = [(max(a, start), min(b, end)) for a, b in rhythm(truth)]
        since = next((a for a, b in parts if b - a >= HEARD_S), None)
        beats = truth.beat_s[(truth.beat_s >= (since or 0.0) - EARLY_S) & (truth.beat_s < end)]
        if since is not None and len(beats) and end - beats[0] >= HEARD_S:
            found.append((float(beats[0]), float(end)))
    return tuple(found)


def first_beat_s(truth: Truth) -> float:
    """Return the first beat that a listener can hear; raises ValueError when there is none."""
    heard = truth.beat_s[truth.beat_s >= rhythm(truth)[0][0] - EARLY_S]
    if not len(heard):
        raise ValueError("the truth has no beats")
    return float(heard[0])


def local_periods(beat_s: F64) -> tuple[F64, F64]:
    """Return the periods before and after each beat (N,), s: medians of up to three intervals; a cut has two."""
    gaps = np.diff(beat_s)
    if not len(gaps):
        return np.full(len(beat_s), np.nan), np.full(len(beat_s), np.nan)
    n = len(beat_s)
    before = np.array([np.median(gaps[max(0, i - 3) : max(i, 1)]) for i in range(n)])
    after = np.array([np.median(gaps[min(i, n - 2) : i + 3]) for i in range(n)])
    return before, after


def _gaps(truth: Truth) -> Spans:
    """Return the stretches without rhythm after the first; the last one ends with the item."""
    spans = rhythm(truth)
    inner = [(a, b) for (_, a), (b, _) in itertools.pairwise(spans)]
    return (*inner, (spans[-1][1], truth.duration_s))


def _is_known(truth: Truth, start: float, end: float) -> bool:
    """Whether the beat can be known through a stretch without rhythm."""
    since = max((t for t in changes(truth) if t <= start), default=0.0)
    heard = sum(max(0.0, min(b, start) - max(a, since)) for a, b in rhythm(truth))
    return heard >= HEARD_S and is_steady(truth.beat_s, max(since, start - HEARD_S), end)
