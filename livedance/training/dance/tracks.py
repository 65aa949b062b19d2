"""`livedance train data`: the training clips of the motion library as rows in beat time, one file.

Dance without music: beats were recovered from the motion, so bars, phrases and sections are not known and no network
can learn them from this.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import clip_sampler, library, pose_features
from livedance.dance.library import Clip, MotionLibrary
from livedance.errors import ConfigError, FileError
from livedance.messages import SAMPLES_PER_BEAT
from livedance.paths import model_dir

FILE: Final = "tracks.npz"
FORMAT: Final = 1
SHORTEST_BEATS: Final = 6
"""A shorter clip has no stretch to learn from."""
SPLITS: Final = Path("configs/splits/dance.toml")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One clip in beat time."""

    id: str
    style: str
    bpm: float
    confidence: float
    damped: float
    is_valid: bool
    rows: NDArray[np.float32]
    """(16 n, SIZE)"""
    energy: NDArray[np.float32]
    """(n,) of each beat."""


def track_of(clip: Clip, *, is_valid: bool) -> Track:
    """Return a clip of the library as a track."""
    beats = np.arange(clip.n_beats * SAMPLES_PER_BEAT) / SAMPLES_PER_BEAT
    rows, _ = pose_features.rows_of(clip_sampler.sample(clip, beats))
    return Track(
        id=clip.id,
        style=clip.style,
        bpm=clip.native_bpm,
        confidence=clip.confidence,
        damped=clip.damped,
        is_valid=is_valid,
        rows=rows.astype(np.float32),
        energy=np.asarray(clip.beat_energy, np.float32),
    )


def chosen(splits: Path = SPLITS) -> dict[str, bool]:
    """Return clip id -> whether it is for validation, of all clips that may be learnt from; raises `ConfigError`."""
    try:
        given = tomllib.loads(splits.read_text(encoding="utf-8"))
        takes = tomllib.loads((model_dir(library.NAME) / "splits.toml").read_text(encoding="utf-8"))
        valid, without = set(given["valid"]), set(given["without_tags"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{splits} is no split of the dance data: {error}") from error
    train, held_out = takes["train"]["clips"], set(takes["held_out"]["clips"])
    if unknown := sorted(valid - set(train)):
        raise ConfigError(f"{splits} names clips that are none of the training clips: {', '.join(unknown)}")
    tags = {clip.id: clip.tags for clip in MotionLibrary.shipped().clips}
    return {name: name in valid for name in train if name not in held_out and not tags[name] & without}


def make(out: Path, splits: Path = SPLITS, tell: Callable[[str], None] = lambda _: None) -> list[Track]:
    """Write all tracks into the folder `out` and return them."""
    clips = {clip.id: clip for clip in MotionLibrary.shipped().clips}
    tracks = []
    for name, is_valid in chosen(splits).items():
        tell(name)
        if clips[name].n_beats >= SHORTEST_BEATS:
            tracks.append(track_of(clips[name], is_valid=is_valid))
    arrays: dict[str, Any] = {f"rows/{t.id}": t.rows for t in tracks} | {f"energy/{t.id}": t.energy for t in tracks}
    facts = [(t.id, t.style, t.bpm, t.confidence, t.damped, t.is_valid) for t in tracks]
    names = ("id", "style", "bpm", "confidence", "damped", "is_valid")
    arrays |= {name: np.array(column) for name, column in zip(names, zip(*facts, strict=True), strict=True)}
    arrays["versions"] = np.array([FORMAT, pose_features.VERSION])
    try:
        out.mkdir(parents=True, exist_ok=True)
        np.savez(out / FILE, **arrays)
    except OSError as error:
        raise FileError(f"cannot write {out / FILE}: {error.strerror}") from error
    return tracks


def load(folder: Path) -> list[Track]:
    """Return the tracks that `make` wrote; raises `FileError`."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {path}: run 'livedance train data --out {folder}' first") from error
    if list(found["versions"]) != [FORMAT, pose_features.VERSION]:
        raise FileError(f"{path} was made by another livedance: run 'livedance train data --out {folder}' again")
    return [
        Track(
            id=str(name),
            style=str(found["style"][i]),
            bpm=float(found["bpm"][i]),
            confidence=float(found["confidence"][i]),
            damped=float(found["damped"][i]),
            is_valid=bool(found["is_valid"][i]),
            rows=found[f"rows/{name}"],
            energy=found[f"energy/{name}"],
        )
        for i, name in enumerate(found["id"])
    ]
