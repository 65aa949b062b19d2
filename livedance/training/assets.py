"""Makes the packaged demo music from the prepared data: own tracks with exact beats, encoded small."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile

from livedance.errors import FileError
from livedance.messages import HOP_RATE_HZ

TITLES: Final = {
    "own_house_124.ogg": "House at 124",
    "own_disco_116.ogg": "Disco at 116",
    "own_djset_122_128.ogg": "A small DJ set, 122 to 128",
    "own_techno_132.ogg": "Techno at 132",
    "own_hiphop_92.ogg": "Hip-hop at 92",
}
"""File to title, in playing order."""
COMPRESSION: Final = 0.62
"""libsndfile's scale: Vorbis quality 3.8, about 70 kbit/s mono."""
LARGEST_BYTES: Final = 3_000_000
KEPT_KEYS: Final = ("licence", "source", "bpm", "seconds", "beats", "downbeats", "sections")


def make_music(data: Path, out: Path) -> list[dict[str, Any]]:
    """Encode the demo tracks of `data`/music into `out` and write index.json; return its entries.

    Raises `FileError` when a track is missing, lacks exact beats, or all together are too large.
    """
    index = data / "music" / "index.json"
    try:
        known = {e["file"]: e for e in json.loads(index.read_text(encoding="utf-8"))}
    except OSError as error:
        raise FileError(f"the music index '{index}' cannot be read: give the prepared data folder") from error
    out.mkdir(parents=True, exist_ok=True)
    entries = [_make_track(data / "music" / name, out, title, known.get(name)) for name, title in TITLES.items()]
    (out / "index.json").write_text(_dump(entries), encoding="utf-8")
    size = sum(p.stat().st_size for p in out.iterdir())
    if size > LARGEST_BYTES:
        raise FileError(
            f"the demo music takes {size / 1e6:.1f} MB, more than {LARGEST_BYTES / 1e6:.0f} MB: lower COMPRESSION"
        )
    return entries


def _make_track(source: Path, out: Path, title: str, entry: dict[str, Any] | None) -> dict[str, Any]:
    if entry is None or entry["beats_are"] != "exact":
        raise FileError(f"the track '{source.name}' has no exact beats in the music index")
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    if rate != HOP_RATE_HZ:
        raise FileError(f"the track '{source.name}' is at {rate} Hz, expected {HOP_RATE_HZ}")
    target = out / source.name
    with soundfile.SoundFile(
        target, "w", rate, samples.shape[1], format="OGG", subtype="VORBIS", compression_level=COMPRESSION
    ) as sound:
        for part in np.array_split(
            samples, max(1, len(samples) // rate)
        ):  # libvorbis overflows its stack on long writes
            sound.write(part)
    # The prepared data notes in brackets how a track was made; a licence line on stage is the licence alone.
    licence = entry["licence"].partition(" (")[0]
    return {"file": source.name, "title": title, **{k: entry[k] for k in KEPT_KEYS}, "licence": licence}


def _dump(entries: Sequence[dict[str, Any]]) -> str:
    """One line per key: beats would fill a screen otherwise."""
    return "[\n" + ",\n".join("{\n" + ",\n".join(_lines(e)) + "\n}" for e in entries) + "\n]\n"


def _lines(entry: dict[str, Any]) -> Iterable[str]:
    return (f" {json.dumps(key)}: {json.dumps(value, separators=(', ', ': '))}" for key, value in entry.items())
