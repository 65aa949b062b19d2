"""Takes whose scores are known by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation.beat_take import Take
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Section
from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]
NONE: F64 = np.zeros(0)


def truth(
    beats: F64,
    *,
    category: str = "steady",
    rhythm: tuple[tuple[float, float], ...] = (),
    sections: tuple[tuple[float, Section], ...] = (),
    drops: F64 = NONE,
) -> Truth:
    return Truth(
        beat_s=beats,
        downbeat_s=beats[::4],
        phrase_s=beats[::32],
        rhythm=rhythm,
        sections=sections,
        drop_s=drops,
        duration_s=float(beats[-1]) + 0.5,
        category=category,
    )


def steady(bpm: float = 120.0, seconds: float = 40.0, first_s: float = 0.25) -> F64:
    return np.arange(first_s, seconds, 60.0 / bpm)


def hop_times(seconds: float) -> F64:
    return np.arange(HOP_SAMPLES, seconds * HOP_RATE_HZ, HOP_SAMPLES) / HOP_RATE_HZ


def follower(beats: F64, *, late_s: float = 0.0, times: float = 1.0, offset: float = 0.0, from_s: float = 0.0) -> Take:
    """Return the take of a tracker that knows `beats` from `from_s` on, but late, at `times` the tempo, or shifted."""
    more = np.arange(1, 5)
    first, last = beats[1] - beats[0], beats[-1] - beats[-2]
    known = np.concatenate([beats[0] - first * more[::-1], beats, beats[-1] + last * more]) + late_s
    count = np.arange(-4, len(beats) + 4) * times + offset
    t_s = hop_times(float(beats[-1]) + 0.5)
    hop_s = HOP_SAMPLES / HOP_RATE_HZ
    rate = (np.interp(t_s + hop_s, known, count) - np.interp(t_s, known, count)) / hop_s
    whole = np.arange(np.ceil(offset), np.floor((len(beats) - 1) * times + offset) + 1)
    told = np.interp(whole, count, known)
    ones = told[whole % 4 == 0]
    return Take(
        tracker="case",
        beat_s=told[told >= from_s],
        downbeat_s=ones[ones >= from_s],
        t_s=t_s,
        position=np.where(t_s >= from_s, np.interp(t_s, known, count), np.nan),
        beats_per_s=rate,
        confidence=np.where(t_s >= from_s, 1.0, 0.0),
    )
