"""Writes a show to a `.ldrec` file while it runs. A disk that fails costs records, never the show."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from livedance.broadcast import ldrec
from livedance.errors import FileError

log = logging.getLogger(__name__)

FLUSH_S: Final = 1.0
MAX_WAITING: Final = 32 * 1024 * 1024
"""Bytes held between two flushes at most."""


class Recorder:
    """The stage's recording. One thread; `write` reaches the disk once a second, whole records only.

    After `open` nothing raises: when the disk is full or gone, `lost` counts the records that were dropped, `error`
    says why, and writing is tried again every second.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.path: Path | None = None
        self.written = 0
        """Records on the disk."""
        self.lost = 0
        """Records that could not be written."""
        self.error: str | None = None
        self._clock = clock
        self._file: io.RawIOBase | None = None
        self._end = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._flushed_s = 0.0

    def open(self, path: Path, welcome_json: str, *, append: bool = False) -> None:
        """Begin a recording with `welcome_json`.

        Args:
            path: the file; its folder must exist.
            welcome_json: what a client of the show would be welcomed with.
            append: go on with a recording that is there (a restarted stage), after its last whole record.

        Raises:
            FileError: the file cannot be written.
        """
        keep = ldrec.good_length(path) if append and path.exists() else 0
        try:
            file = open(path, "r+b" if keep else "wb", buffering=0)  # noqa: SIM115  closed by close()
            file.truncate(keep)
            file.seek(keep)
            _write_all(file, (b"" if keep else ldrec.MAGIC) + ldrec.frame(welcome_json.encode()))
        except OSError as error:
            raise FileError(f"cannot record to {path}: {error.strerror or error}; choose another place") from error
        self.path, self._file, self._end = path, file, file.tell()
        self.written += 1
        self._flushed_s = self._clock()

    def write(self, data: bytes) -> None:
        """Add one wire message."""
        if self._file is None:
            return
        record = ldrec.frame(data)
        if self._waiting_bytes + len(record) > MAX_WAITING:
            self.flush()
        self._waiting.append(record)
        self._waiting_bytes += len(record)
        if self._clock() - self._flushed_s >= FLUSH_S:
            self.flush()

    def write_text(self, json_text: str) -> None:
        """Add one JSON message (state, control, a missed deadline)."""
        self.write(json_text.encode())

    def flush(self) -> None:
        """Bring everything that waits to the disk, or count it as lost."""
        if self._file is None:
            return
        self._flushed_s = self._clock()
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not waiting:
            return
        try:
            self._file.seek(self._end)
            _write_all(self._file, b"".join(waiting))
            self._end = self._file.tell()
            self.written += len(waiting)
            self.error = None
        except OSError as error:
            self._fail(error, len(waiting))

    def close(self) -> None:
        """Write what waits and close the file; may be called twice."""
        if self._file is None:
            return
        self.flush()
        try:
            self._file.close()
        except OSError as error:
            self._fail(error, 0)
        self._file = None

    def _fail(self, error: OSError, n_records: int) -> None:
        if self.error is None:
            log.warning("recording to %s fails (%s): the show goes on without it", self.path, error.strerror)
        self.error = str(error.strerror or error)
        self.lost += n_records
        # Half a record must not stay, or a reader would stop there.
        if self._file is not None and not self._file.closed:
            try:
                self._file.truncate(self._end)
            except OSError:
                log.debug("cannot cut %s back to %d bytes", self.path, self._end)


def _write_all(file: io.RawIOBase, data: bytes) -> None:
    view = memoryview(data)
    while view:
        n = file.write(view)
        view = view[n or 0 :]
