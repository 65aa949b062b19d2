"""What becomes of a truth when its audio is cut, joined, bent or written to a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from livedance.messages import Section
from livedance.training.beat_music.piece import F64, Truth

EDGE_S: Final = 1e-4
"""A beat this close before the start of a part belongs to it: starts are rounded to samples."""

Spans = tuple[tuple[float, float], ...]


def without_beat(duration_s: float, category: str, genre: str = "") -> Truth:
    """Return the truth of audio without a pulse."""
    none = np.zeros(0)
    return Truth(
        beat_s=none, downbeat_s=none, phrase_s=none, rhythm=(), sections=((0.0, Section.BREAK),), drop_s=none,
        duration_s=duration_s, category=category, genre=genre,
    )  # fmt: skip


def warped(truth: Truth, at: Callable[[F64], F64], duration_s: float) -> Truth:
    """Return `truth` with every time `t` moved to `at(t)`, which must rise."""

    def one(t: float) -> float:
        return float(at(np.array([t]))[0])

    return replace(
        truth,
        beat_s=at(truth.beat_s),
        downbeat_s=at(truth.downbeat_s),
        phrase_s=at(truth.phrase_s),
        rhythm=tuple((one(a), one(b)) for a, b in truth.rhythm),
        sections=tuple((one(t), section) for t, section in truth.sections),
        drop_s=at(truth.drop_s),
        duration_s=duration_s,
    )


def shifted(truth: Truth, by_s: float) -> Truth:
    """Return `truth` of the same audio that starts `by_s` later."""
    return warped(truth, lambda t: t + by_s, truth.duration_s + by_s)


def window(truth: Truth, start_s: float, end_s: float) -> Truth:
    """Return the truth of the audio from `start_s` to `end_s`, in seconds of that part."""

    def inside(times: F64) -> F64:
        return np.maximum(times[(times >= start_s - EDGE_S) & (times < end_s - EDGE_S)] - start_s, 0.0)

    before = [section for t, section in truth.sections if t <= start_s + EDGE_S]
    first = before[-1] if before else (truth.sections[0][1] if truth.sections else Section.INTRO)
    later = tuple((t - start_s, section) for t, section in truth.sections if start_s + EDGE_S < t < end_s - EDGE_S)
    return replace(
        truth,
        beat_s=inside(truth.beat_s),
        downbeat_s=inside(truth.downbeat_s),
        phrase_s=inside(truth.phrase_s),
        rhythm=tuple((a - start_s, b - start_s) for a, b in within(truth.rhythm, start_s, end_s)),
        sections=((0.0, first), *later),
        drop_s=inside(truth.drop_s),
        duration_s=end_s - start_s,
    )


def within(spans: Spans, start_s: float, end_s: float) -> Spans:
    """Return what of `spans` lies between `start_s` and `end_s`."""
    cut = ((max(a, start_s), min(b, end_s)) for a, b in spans)
    return tuple((a, b) for a, b in cut if b - a > 1e-6)


def joined(spans: Spans) -> Spans:
    """Return `spans` (ascending) with those that touch made one."""
    out: list[tuple[float, float]] = []
    for a, b in spans:
        if out and a - out[-1][1] < 1e-3:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return tuple(out)


def spliced(first: Truth, second: Truth, at_s: float, category: str) -> Truth:
    """Return the truth of `first` until `at_s` and of `second` from then on; both count from the same start."""

    def both(a: F64, b: F64) -> F64:
        return np.concatenate([a[a < at_s - EDGE_S], b[b >= at_s - EDGE_S]])

    head, tail = window(first, 0.0, at_s), window(second, at_s, max(second.duration_s, at_s))
    return Truth(
        beat_s=both(first.beat_s, second.beat_s),
        downbeat_s=both(first.downbeat_s, second.downbeat_s),
        phrase_s=both(first.phrase_s, second.phrase_s),
        rhythm=joined((*head.rhythm, *((a + at_s, b + at_s) for a, b in tail.rhythm))),
        sections=(*head.sections, *((t + at_s, section) for t, section in tail.sections)),
        drop_s=both(first.drop_s, second.drop_s),
        duration_s=second.duration_s,
        category=category,
        genre=first.genre if first.genre == second.genre else f"{first.genre}+{second.genre}",
    )


def silenced(truth: Truth, start_s: float, end_s: float) -> Truth:
    """Return `truth` without a heard pulse between two times; the beats go on."""
    rest = (*within(truth.rhythm, 0.0, start_s), *within(truth.rhythm, end_s, truth.duration_s))
    return replace(truth, rhythm=rest)


def dump(truth: Truth) -> str:
    """Return `truth` as JSON; times to the microsecond."""
    return json.dumps(
        {
            "beats": _rounded(truth.beat_s),
            "downbeats": _rounded(truth.downbeat_s),
            "phrases": _rounded(truth.phrase_s),
            "rhythm": [_rounded(np.array(span)) for span in truth.rhythm],
            "sections": [[round(t, 6), section.name.lower()] for t, section in truth.sections],
            "drops": _rounded(truth.drop_s),
            "duration_s": round(truth.duration_s, 6),
            "category": truth.category,
            "genre": truth.genre,
        }
    )


def load(text: str) -> Truth:
    """Return the truth that `dump` wrote."""
    entry: dict[str, Any] = json.loads(text)
    return Truth(
        beat_s=np.array(entry["beats"], dtype=np.float64),
        downbeat_s=np.array(entry["downbeats"], dtype=np.float64),
        phrase_s=np.array(entry["phrases"], dtype=np.float64),
        rhythm=tuple((a, b) for a, b in entry["rhythm"]),
        sections=tuple((t, Section[name.upper()]) for t, name in entry["sections"]),
        drop_s=np.array(entry["drops"], dtype=np.float64),
        duration_s=entry["duration_s"],
        category=entry["category"],
        genre=entry["genre"],
    )


def _rounded(times: F64) -> list[float]:
    return [round(float(t), 6) for t in times]
