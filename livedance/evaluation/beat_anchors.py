"""Between what and what a tracker's scores lie: chance, and a metronome that was told the first tempo and beat."""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np

from livedance.evaluation.beat_take import Take
from livedance.evaluation.beat_truth import first_beat_s
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES
from livedance.training.beat_music.piece import Truth

CHANCE: Final = "chance"
METRONOME: Final = "metronome"
NAMES: Final = (CHANCE, METRONOME)
_FIRST_BEATS: Final = 9


def takes(truth: Truth, name: str) -> tuple[Take, ...]:
    """Return both anchors for the item `name`; none when it has fewer than two beats."""
    if len(truth.beat_s) < 2:
        return ()
    return chance(truth, name), metronome(truth)


def chance(truth: Truth, name: str) -> Take:
    """Return the take of somebody who knows the tempo at every moment and guesses one phase, drawn by the name."""
    offset = float(np.random.default_rng(zlib.crc32(name.encode())).random())
    beats = truth.beat_s
    count = np.arange(len(beats), dtype=np.float64)
    t_s = np.arange(HOP_SAMPLES, truth.duration_s * HOP_RATE_HZ, HOP_SAMPLES) / HOP_RATE_HZ
    position = np.interp(t_s, beats, count, left=np.nan, right=np.nan) + offset
    return Take(
        tracker=CHANCE,
        beat_s=np.interp(count[1:] - offset, count, beats),
        downbeat_s=None,
        t_s=t_s,
        position=position,
        beats_per_s=np.gradient(position, t_s),
    )


def metronome(truth: Truth) -> Take:
    """Return the take of a clock that starts on the first beat heard, at its first tempo, and never alters."""
    first = first_beat_s(truth)
    heard = truth.beat_s[truth.beat_s >= first][:_FIRST_BEATS]
    period = float(np.median(np.diff(heard))) if len(heard) > 1 else 0.5
    return Take(
        tracker=METRONOME,
        beat_s=np.arange(first, truth.duration_s, period),
        downbeat_s=None,
        t_s=np.zeros(1),
        position=np.array([-first / period]),
        beats_per_s=np.array([1.0 / period]),
    )
