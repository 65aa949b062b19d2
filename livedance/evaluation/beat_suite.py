"""What beat trackers are tried on: items of groups, each with audio and its truth, loaded one at a time.

Groups: "synthetic" (held-out seeds, kits and presets of our own generator; categories by kind of trouble), "non-music",
"lmms" (projects of training artists, one fold an artist), "tracks": folders of audio with beats (beat_folder.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation import beat_rendered
from livedance.messages import F32, HOP_RATE_HZ
from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]

SYNTHETIC: Final = "synthetic"
NON_MUSIC: Final = "non-music"
LMMS: Final = "lmms"
TRACKS: Final = "tracks"
KINDS: Final = {"steady": 3, "full": 2, "ramp": 1, "cut": 1, "mix": 1, "break": 1, "noise": 1, "sparse": 1}
"""Kinds of the generator and how many items of each for one of the option."""
ITEM_S: Final = 45.0
NON_MUSIC_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Mono audio at 44,100 Hz and what is true of it."""

    audio: F32
    truth: Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to listen to."""

    name: str
    group: str
    category: str
    load: Callable[[], Heard]
    fold: str = ""
    """Artist; a model that has not heard the fold may be given for it."""


def synthetic(n_items: int, seed: int, cache: Path | None = None, kinds: Sequence[str] = tuple(KINDS)) -> list[Item]:
    """Return `n_items` times `KINDS` items of each kind, rendered when they are loaded."""
    return [
        Item(
            name=f"{kind} {index + 1}",
            group=SYNTHETIC,
            category=kind,
            load=partial(_rendered, kind, seed * 10_000 + 100 * list(KINDS).index(kind) + index, ITEM_S, cache),
        )
        for kind in kinds
        for index in range(n_items * KINDS[kind])
    ]


def non_music(seed: int) -> list[Item]:
    """Return sounds without a beat, two of each but silence."""
    return [
        Item(
            name=f"{kind} {index + 1}",
            group=NON_MUSIC,
            category=kind,
            load=partial(beatless, kind, seed * 100 + index),
        )
        for kind in _BEATLESS
        for index in range(1 if kind == "silence" else 2)
    ]


def beatless(kind: str, seed: int, seconds: float = NON_MUSIC_S) -> Heard:
    """Return digital silence, pink noise, slow chords without attack ("ambient"), speech or applause."""
    rng = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    n = round(seconds * HOP_RATE_HZ)
    made = _BEATLESS[kind](rng, n)
    loudest = max(float(np.abs(made).max()), 1e-9)
    return Heard(audio=(0.3 / loudest * made).astype(np.float32), truth=without_beats(kind, seconds))


def without_beats(category: str, duration_s: float) -> Truth:
    """Return the truth of a sound that has no beat."""
    none = np.zeros(0)
    return Truth(
        beat_s=none, downbeat_s=none, phrase_s=none, rhythm=(), sections=(), drop_s=none, duration_s=duration_s,
        category=category,
    )  # fmt: skip


def _silence(rng: np.random.Generator, n: int) -> F64:
    return np.zeros(n)


def _pink(rng: np.random.Generator, n: int) -> F64:
    spectrum = np.fft.rfft(rng.standard_normal(n))
    audio: F64 = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1.0)), n)
    return audio


def _ambient(rng: np.random.Generator, n: int) -> F64:
    """Return detuned partials, each swelling at a slow pace of its own."""
    t = np.arange(n) / HOP_RATE_HZ
    audio = np.zeros(n)
    for pitch in rng.choice([36, 43, 48, 51, 55, 58, 60, 63, 67, 70], size=7, replace=False):
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12.0) * rng.normal(1.0, 0.002)
        swell = 0.5 + 0.5 * np.sin(2.0 * np.pi * (t * rng.uniform(0.03, 0.11) + rng.random()))
        for harmonic in (1, 2, 3):
            audio += swell / harmonic**1.5 * np.sin(2.0 * np.pi * (harmonic * hz * t + rng.random()))
    return audio


def _spoken(name: str, rng: np.random.Generator, n: int) -> F64:
    """Return a sound of the generator that has no pulse."""
    from livedance.training.beat_music import speech

    sources = {**speech.SPOKEN, **speech.UNPULSED}
    return np.asarray(sources[name](rng, n), dtype=np.float64)


_BEATLESS: Final[dict[str, Callable[[np.random.Generator, int], F64]]] = {
    "silence": _silence,
    "pink": _pink,
    "ambient": _ambient,
    "speech": partial(_spoken, "talk"),
    "applause": partial(_spoken, "applause"),
}


def _rendered(kind: str, index: int, seconds: float, cache: Path | None) -> Heard:
    audio, truth = beat_rendered.example(kind, index, seconds, cache)
    return Heard(audio=audio, truth=truth)
