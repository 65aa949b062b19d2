"""Files that are there whole or not at all: written under another name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livedance.errors import FileError


class PartFile:
    """A file in the making beside `path`; the suffix stays, so that libraries recognise the format.

    Raises `FileError` when nothing can be written there, at once rather than after the work.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
        try:
            self.part.touch()
        except OSError as error:
            raise FileError(f"cannot write {path}: {error.strerror or error}; choose another place") from error

    def keep(self) -> None:
        """Put the finished file in its place."""
        try:
            self.part.replace(self.path)
        except OSError as error:
            self.discard()
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error

    def discard(self) -> None:
        """Remove the unfinished file; may be called twice."""
        self.part.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Give the name to write to; keep the file when the block ends well, remove it when not."""
    part = PartFile(path)
    try:
        yield part.part
    except OSError as error:
        part.discard()
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error
    except BaseException:
        part.discard()
        raise
    part.keep()
