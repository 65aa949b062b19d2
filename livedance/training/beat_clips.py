"""Clips to learn from: a folder of `NAME.flac` (or .wav) with `NAME.json`; band levels are kept beside the audio.

Features are taken by the runtime's own code. A cache of another version of the features is made again.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from livedance.beat import bands
from livedance.errors import FileError
from livedance.messages import HOP_RATE_HZ
from livedance.training import beat_frames
from livedance.training.beat_music import truths
from livedance.training.beat_music.piece import Truth

AUDIO: Final = (".flac", ".wav", ".ogg")
HELD_OUT: Final = "held-out"
"""Folder of clips whose sounds and seeds are for evaluation only."""
VALID_SHARE: Final = 10
"""One clip in so many is for validation, chosen by its name: the same ones in every run."""
F16 = NDArray[np.float16]


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """One clip, ready for the network."""

    name: str
    truth: Truth
    levels: F16
    """(T, N_BANDS)"""
    target: F16
    """(T, N_TAUGHT)"""
    weight: NDArray[np.bool_]
    """(T, N_TAUGHT)"""

    @property
    def is_valid(self) -> bool:
        """Whether the clip is for validation."""
        return is_valid_name(self.name)


def is_valid_name(name: str) -> bool:
    """Return whether the clip called `name` is for validation; a song at all its tempi ("NAME@BPM") is, or is not."""
    return zlib.crc32(name.partition("@")[0].encode()) % VALID_SHARE == 0


def files(folder: Path) -> list[Path]:
    """Return the audio files below `folder` that have a truth, but for held-out ones.

    Raises `FileError` when there is none.
    """
    audio = (p for p in folder.rglob("*") if p.suffix in AUDIO and p.with_suffix(".json").is_file())
    found = sorted(p for p in audio if HELD_OUT not in p.relative_to(folder).parts)
    if not found:
        raise FileError(f"{folder} holds no clips (NAME.flac with NAME.json): run 'livedance train beat-data' first")
    return found


def load(paths: Iterable[Path], progress: Callable[[str], None] = lambda name: None) -> list[Clip]:
    """Return the clips in `paths`; `progress` is told each name."""
    clips = []
    for path in paths:
        clips.append(load_one(path))
        progress(path.name)
    return clips


def load_one(path: Path) -> Clip:
    """Return one clip, from its cache where that is younger than the audio."""
    truth = _truth(path.with_suffix(".json"))
    levels = _levels(path)
    answer = beat_frames.frames(truth, len(levels))
    return Clip(
        name=path.stem,
        truth=truth,
        levels=levels,
        target=answer.target.astype(np.float16),
        weight=answer.weight > 0.0,
    )


def _truth(path: Path) -> Truth:
    try:
        return truths.load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(f"{path} is no truth of a clip ({error!r}): render the data again") from error


def _levels(path: Path) -> F16:
    cache = path.with_suffix(f".bands{bands.VERSION}.npy")
    if cache.is_file() and cache.stat().st_mtime >= path.stat().st_mtime:
        kept: F16 = np.load(cache)
        return kept
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if rate != HOP_RATE_HZ:
        raise FileError(f"{path} has {rate} Hz; training clips have {HOP_RATE_HZ} Hz: render the data again")
    levels: F16 = bands.BandExtractor().levels(audio.mean(axis=1)).astype(np.float16)
    partial = cache.with_name(f"{cache.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        np.save(file, levels)
    partial.replace(cache)  # at once: another run may be reading
    return levels
