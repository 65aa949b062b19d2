"""Audio with known beats: click tracks of any tempo, and metronomes to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

RATE_HZ: Final = 44_100
LEAD_IN_S: Final = 0.5
"""Silence before the first click."""
CLICK_S: Final = 0.12


def click_track(bpm: float, seconds: float) -> tuple[NDArray[np.float32], Array]:
    """Return (samples at 44,100 Hz, beat times in s): a kick-like click on each beat, brighter on the downbeat."""
    beats = np.arange(LEAD_IN_S, seconds - CLICK_S, 60.0 / bpm)
    samples = np.zeros(round(seconds * RATE_HZ), np.float32)
    for index, beat in enumerate(beats):
        start = round(beat * RATE_HZ)
        click = _click(is_downbeat=index % 4 == 0)
        samples[start : start + len(click)] += click
    return samples, np.round(beats * RATE_HZ) / RATE_HZ


def metronome(beats_s: Array, bpm: float) -> Array:
    """Return the beats of a dancer who starts on the first beat and keeps `bpm` whatever is heard."""
    return np.arange(beats_s[0], beats_s[-1] + 1e-9, 60.0 / bpm)


def write_wav(path: Path, samples: NDArray[np.float32]) -> None:
    """Write mono 16-bit PCM at 44,100 Hz."""
    import soundfile

    soundfile.write(str(path), samples, RATE_HZ, subtype="PCM_16")


def as_written(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `samples` as a reader of `write_wav`'s file gets them."""
    return (np.round(samples * 32_767) / 32_768).astype(np.float32)


def _click(*, is_downbeat: bool) -> NDArray[np.float32]:
    t_s = np.arange(round(CLICK_S * RATE_HZ)) / RATE_HZ
    kick = np.cos(2 * np.pi * 55.0 * t_s) * np.exp(-t_s / 0.030)
    tick = np.cos(2 * np.pi * (2_400.0 if is_downbeat else 1_600.0) * t_s) * np.exp(-t_s / 0.006)
    return (0.6 * kick + 0.3 * tick).astype(np.float32)
