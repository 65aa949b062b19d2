"""The packaged demo tracks: files, titles, licences, exact beats."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from livedance.errors import FileError
from livedance.paths import ASSETS

MUSIC_DIR = ASSETS / "music"


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One demo track."""

    path: Path
    title: str
    licence: str
    bpm: float
    duration_s: float
    beats_s: tuple[float, ...]
    """Exact beat times from the start of the file."""
    downbeats_s: tuple[float, ...]


@cache
def demo_tracks() -> tuple[Track, ...]:
    """Return the packaged tracks in playing order; raises `FileError` when the package is incomplete."""
    try:
        entries = json.loads((MUSIC_DIR / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"the demo music is missing from {MUSIC_DIR}: reinstall livedance") from error
    return tuple(
        Track(
            path=MUSIC_DIR / entry["file"],
            title=entry["title"],
            licence=entry["licence"],
            bpm=entry["bpm"],
            duration_s=entry["seconds"],
            beats_s=tuple(entry["beats"]),
            downbeats_s=tuple(entry["downbeats"]),
        )
        for entry in entries
    )
