"""The table of entries as it ships beside the motion library: read in 15 ms, made in 0.3 s.

Only one side is kept; mirroring takes a millisecond. A file that belongs to another library, or to another way of
making the table, is left alone, and the table is made.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from livedance.dance import transitions
from livedance.dance.library import MotionLibrary
from livedance.dance.transitions import Columns, Entries
from livedance.errors import FileError

FILE: Final = "entries.npz"
_MADE_FROM: Final = "made_from"


def entries_of(library: MotionLibrary) -> Entries:
    """Return the entries of `library`: from the file beside it where that fits, else made now."""
    plain = None if library.folder is None else _read(library.folder / FILE, library)
    return transitions.build(library) if plain is None else transitions.both_sides(library, plain)


def write(library: MotionLibrary) -> Path:
    """Write the entries of a library that was loaded from a folder into that folder; raises `FileError`."""
    if library.folder is None:
        raise FileError("entries can only be written beside a motion library that lies in a folder")
    path, columns = library.folder / FILE, transitions.one_side(library)
    columns[_MADE_FROM] = np.array(_mark(library))
    try:
        np.savez_compressed(path, allow_pickle=False, **columns)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written ({error.strerror})") from error
    return path


def _read(path: Path, library: MotionLibrary) -> Columns | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            if str(archive[_MADE_FROM]) != _mark(library):
                return None
            return {name: archive[name] for name in archive.files if name != _MADE_FROM}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _mark(library: MotionLibrary) -> str:
    return f"{transitions.VERSION} {library.fingerprint}"
