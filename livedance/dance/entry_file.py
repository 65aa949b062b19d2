"""The table of entries as it ships beside the motion library: read in 15 ms, made in 0.3 s.

A file that belongs to another library or to another way of making the table is left alone, and the table is made.
"""

from __future__ import annotations

import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance.dance import transitions
from livedance.dance.library import MotionLibrary
from livedance.dance.transitions import Entries
from livedance.errors import FileError

FILE: Final = "entries.npz"
_COLUMNS: Final = tuple(f.name for f in fields(Entries) if f.name not in ("n_beats", "styles"))


def entries_of(library: MotionLibrary) -> Entries:
    """Return the entries of `library`: from the file beside it where that fits, else made now."""
    shipped = None if library.folder is None else _read(library.folder / FILE, library)
    return transitions.build(library) if shipped is None else shipped


def write(library: MotionLibrary) -> Path:
    """Write the entries of a library that was loaded from a folder into that folder; raises `FileError`."""
    if library.folder is None:
        raise FileError("entries can only be written beside a motion library that lies in a folder")
    path, entries = library.folder / FILE, transitions.build(library)
    columns: dict[str, Any] = {name: getattr(entries, name) for name in _COLUMNS}
    try:
        np.savez_compressed(path, made_from=_mark(library), n_beats=entries.n_beats, styles=entries.styles, **columns)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written ({error.strerror})") from error
    return path


def _read(path: Path, library: MotionLibrary) -> Entries | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if str(archive["made_from"]) != _mark(library):
                return None
            columns = {name: archive[name] for name in _COLUMNS}
            n_beats, styles = int(archive["n_beats"]), tuple(archive["styles"].tolist())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Entries(n_beats=n_beats, styles=styles, **columns)


def _mark(library: MotionLibrary) -> str:
    return f"{transitions.VERSION} {library.fingerprint}"
