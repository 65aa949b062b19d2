"""Folders of audio with known beats as items.

Either an `index.json`: a list of {file, beats, [downbeats], [sections], [beats_are]}, or beside each sound a text file
of the same name ending in `.beats`: a time in seconds a line, then, if known, the number of the beat in its bar from 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.cli.beats import read_mono
from livedance.errors import FileError
from livedance.evaluation.beat_suite import TRACKS, Heard, Item
from livedance.messages import HOP_RATE_HZ
from livedance.training.beat_music.piece import Truth

F64 = NDArray[np.float64]

SOUNDS: Final = (".wav", ".flac", ".ogg", ".mp3", ".aiff")
ESTIMATED: Final = "machine-estimated"
"""Such beats are another tracker's opinion: a group of their own, never compared with goals."""
DRUMS: Final = frozenset("ksh")
"""Letters of layers in an index's sections that carry a beat: kick, snare, hat."""


def items(folder: Path, group: str = TRACKS) -> list[Item]:
    """Return the items of `folder`; raises `FileError` when there is none or a list of beats cannot be read."""
    index = folder / "index.json"
    found = _indexed(folder, index, group) if index.exists() else _listed(folder, group)
    if not found:
        raise FileError(f"no audio with beats in '{folder}': give an index.json, or a NAME.beats beside each sound")
    return found


def _indexed(folder: Path, index: Path, group: str) -> list[Item]:
    try:
        entries = json.loads(index.read_text(encoding="utf-8"))
        found = []
        for entry in entries:
            is_estimated = ESTIMATED in str(entry.get("beats_are", ""))
            truth = partial(_indexed_truth, entry)
            found.append(
                Item(
                    name=Path(entry["file"]).stem,
                    group=f"{group}, {ESTIMATED}" if is_estimated else group,
                    category=str(entry.get("beats_are", "given")).split()[0],
                    load=partial(_load, folder / entry["file"], truth),
                )
            )
        return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(f"the index '{index}' cannot be used: {error!r}") from error


def _listed(folder: Path, group: str) -> list[Item]:
    sounds = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SOUNDS and p.with_suffix(".beats").exists())
    return [
        Item(
            name=str(path.relative_to(folder).with_suffix("")),
            group=group,
            category="given",
            load=partial(_load, path, partial(_listed_truth, path.with_suffix(".beats"))),
        )
        for path in sounds
    ]


def _load(path: Path, truth: Any) -> Heard:
    audio = np.concatenate([*read_mono(path), np.zeros(0, np.float32)])
    return Heard(audio=audio, truth=truth(len(audio) / HOP_RATE_HZ))


def _indexed_truth(entry: Mapping[str, Any], seconds: float) -> Truth:
    """Return the truth of an index's entry; a section without drums (`[start, layers]`) is a break."""
    beats = np.array(entry["beats"], dtype=np.float64)
    sections = entry.get("sections") or [[float(beats[0]), "k"]]
    ends = [*(start for start, _ in sections[1:]), seconds]
    rhythm: list[tuple[float, float]] = []
    for (start, layers), end in zip(sections, ends, strict=True):
        if not DRUMS & set(layers):
            continue
        if rhythm and rhythm[-1][1] == start:
            start = rhythm.pop()[0]
        rhythm.append((start, end))
    return truth_of_beats(beats, np.array(entry.get("downbeats", []), dtype=np.float64), seconds, tuple(rhythm))


def _listed_truth(path: Path, seconds: float) -> Truth:
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        beats = np.array([float(row[0]) for row in rows])
        downbeats = np.array([float(row[0]) for row in rows if len(row) > 1 and float(row[1]) == 1.0])
    except (OSError, ValueError) as error:
        raise FileError(f"the list of beats '{path}' cannot be read: {error}") from error
    order = np.argsort(beats)
    return truth_of_beats(beats[order], np.sort(downbeats), seconds)


def truth_of_beats(beat_s: F64, downbeat_s: F64, seconds: float, rhythm: tuple[tuple[float, float], ...] = ()) -> Truth:
    """Return the truth of a sound of which only beats are known; beats after its end are left out."""
    none = np.zeros(0)
    return Truth(
        beat_s=beat_s[beat_s < seconds],
        downbeat_s=downbeat_s[downbeat_s < seconds],
        phrase_s=none,
        rhythm=rhythm,
        sections=(),
        drop_s=none,
        duration_s=seconds,
    )
