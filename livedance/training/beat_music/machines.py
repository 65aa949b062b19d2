"""Drum machines: LMMS's DrumSynth sounds (808, 909, 606, CR-78, Linn ...), rendered once by LMMS."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np

from livedance.messages import F32
from livedance.training.beat_music import lmms
from livedance.training.beat_music.kits import Instrument, Kit, Layer, by_part, part_of
from livedance.training.beat_music.samples import RATE_HZ, Recording

CELL_S: Final = 2.0
"""One bar at 120 BPM: time of one sound in a rendering."""
_BATCH: Final = 60
"""Sounds in one project: LMMS mixes all tracks all the time."""
_BAR_TICKS: Final = 192
_OTHER: Final = ("misc", "effects", "instrument", "magnetboy", "ferraro", "jorgensohn")
"""Folders that are no machine; what has a drum's name in them makes one kit together."""

_HEAD: Final = (
    '<?xml version="1.0"?><lmms-project version="1.0" type="song" creator="LMMS" creatorversion="1.2.2">'
    '<head bpm="120" timesig_numerator="4" timesig_denominator="4" mastervol="100" masterpitch="0"/>'
    '<song><trackcontainer type="song">'
)
_TRACK: Final = (
    '<track type="0" name="n" muted="0" solo="0"><instrumenttrack vol="50" pan="0" basenote="57" fxch="0">'
    '<instrument name="audiofileprocessor"><audiofileprocessor src={src} amp="100" sframe="0" eframe="1" lframe="0" '
    'looped="0" reversed="0" interp="1" stutter="0"/></instrument></instrumenttrack>'
    '<pattern type="1" pos="{pos}" len="192" steps="16" muted="0"><note pos="0" len="160" key="57" vol="100" pan="0"/>'
    "</pattern></track>"
)
_TAIL: Final = "</trackcontainer></song></lmms-project>"


def kits(samples_folder: Path, cache: Path) -> tuple[Kit, ...]:
    """Return a kit for each machine in `samples_folder`/drumsynth; renders all sounds the first time (a minute).

    Raises `ConfigError` when LMMS is not installed or fails.
    """
    files = [path for path in sorted((samples_folder / "drumsynth").rglob("*.ds")) if _drum(path) is not None]
    listed = "\n".join(str(file.relative_to(samples_folder)) for file in files)
    path = cache / f"drumsynth-{zlib.crc32(listed.encode()):08x}.npy"
    if files and not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        batches = [files[k : k + _BATCH] for k in range(0, len(files), _BATCH)]
        cells = np.concatenate([_cells(batch, samples_folder) for batch in batches])
        partial = path.with_suffix(".part.npy")
        np.save(partial, np.round(cells * 32767).astype(np.int16))
        partial.rename(path)
    groups: dict[str, list[Instrument]] = {}
    for row, file in enumerate(files):
        layer = Layer(top=1.0, recording=Recording(path=path, row=row))
        groups.setdefault(_machine(file), []).append(Instrument(name=_drum(file) or "", layers=(layer,)))
    return tuple(Kit(name=f"drumsynth {name}", family="electronic", drums=by_part(g)) for name, g in groups.items())


def project(files: Sequence[Path], samples_folder: Path) -> str:
    """Return an LMMS project that plays one file in each bar."""
    tracks = (
        _TRACK.format(src=quoteattr(str(path.relative_to(samples_folder))), pos=k * _BAR_TICKS)
        for k, path in enumerate(files)
    )
    return _HEAD + "".join(tracks) + _TAIL


def _cells(files: Sequence[Path], samples_folder: Path) -> F32:
    """Return the sounds (files, samples)."""
    cell = int(CELL_S * RATE_HZ)
    sound = lmms.rendered(project(files, samples_folder))
    padded = np.zeros(len(files) * cell, np.float32)
    padded[: min(len(sound), len(padded))] = sound[: len(padded)]
    return padded.reshape(len(files), cell)


def _drum(path: Path) -> str | None:
    """Return the drum that a sound of a machine plays."""
    return part_of(path.stem.replace("_", " "))


def _machine(path: Path) -> str:
    name = path.parent.name
    return "other" if name.startswith(_OTHER) else name
