"""Recorded sounds as arrays: read once, start at their attack, played at any speed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from livedance.errors import FileError
from livedance.messages import F32, HOP_RATE_HZ

RATE_HZ: Final = HOP_RATE_HZ
LONGEST_S: Final = 3.0
ATTACK_FLOOR_DB: Final = -40.0
"""A sound starts where it first comes within this of its peak: silence before it would put hits behind the beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Where one sound lies: an audio file, or one row of an array of sounds (int16, .npy)."""

    path: Path
    row: int | None = None

    def samples(self) -> F32:
        """Return the sound (N,), mono at `RATE_HZ`, from its attack on, peak 1; read once in a process."""
        return _read(self)


@lru_cache(maxsize=4096)
def _read(recording: Recording) -> F32:
    if recording.row is not None:
        sound = np.load(recording.path, mmap_mode="r")[recording.row].astype(np.float32)
    else:
        sound = read_mono(recording.path)
    return from_attack(sound[: int(LONGEST_S * RATE_HZ)])


def read_mono(path: Path) -> F32:
    """Return a whole audio file (N,), mono at `RATE_HZ`. Raises `FileError` when it cannot be read."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise FileError(f"the sound '{path}' cannot be read: {error}; reinstall its package") from error
    mono = samples.mean(axis=1)
    return mono if rate == RATE_HZ else soxr.resample(mono, rate, RATE_HZ).astype(np.float32)


def is_readable(path: Path) -> bool:
    """Return whether `path` is an audio file; packages hold some with a wrong header."""
    try:
        return bool(soundfile.info(path).frames)
    except (OSError, RuntimeError):
        return False


def from_attack(sound: F32) -> F32:
    """Return `sound` from its attack on, with peak 1; silence gives an empty array."""
    size = np.abs(sound)
    peak = float(size.max(initial=0.0))
    if peak < 1e-5:
        return np.zeros(0, np.float32)
    first = int(np.argmax(size >= peak * 10 ** (ATTACK_FLOOR_DB / 20)))
    return np.asarray(sound[first:] / peak, dtype=np.float32)


def at_speed(sound: F32, speed: float) -> F32:
    """Return `sound` played `speed` times as fast (pitch and length change together); linear interpolation."""
    if abs(speed - 1.0) < 1e-4 or len(sound) < 2:
        return sound
    places = np.arange(int((len(sound) - 1) / speed) + 1, dtype=np.float64) * speed
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def decaying(sound: F32, decay_s: float) -> F32:
    """Return `sound` with a further exponential decay (time to -60 dB), which makes it drier."""
    return sound * np.exp(np.arange(len(sound), dtype=np.float32) * np.float32(-6.9 / (decay_s * RATE_HZ)))


def held(sound: F32, length: int, release: int = 1_500) -> F32:
    """Return `sound` let go after `length` samples; a shorter sound with a sustain is looped to that length."""
    tail = float(np.abs(sound[-RATE_HZ // 10 :]).max(initial=0.0))
    if len(sound) < length + release and tail > 0.05:
        sound = _looped(sound, length + release)
    cut = sound[: length + release].copy()
    fade = min(release, len(cut))
    if fade:
        cut[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return cut


def _looped(sound: F32, length: int) -> F32:
    """Repeat the second half of `sound`, cross-faded, until it has `length` samples."""
    start, seam = len(sound) // 2, len(sound) // 8
    body = sound[start:].copy()
    ramp = np.linspace(0.0, 1.0, seam, dtype=np.float32)
    body[-seam:] = body[-seam:] * (1 - ramp) + sound[start - seam : start] * ramp
    rounds = -(-max(length - start, 1) // len(body))
    return np.concatenate([sound[:start], *([body] * rounds)])[:length]


def add_at(target: F32, sound: F32, start: int, gain: float = 1.0) -> None:
    """Add `gain` * `sound` to `target` from sample `start` on; what lies outside is left out."""
    skip = max(0, -start)
    count = min(len(sound) - skip, len(target) - start - skip)
    if count > 0:
        at = start + skip
        target[at : at + count] += np.float32(gain) * sound[skip : skip + count]
