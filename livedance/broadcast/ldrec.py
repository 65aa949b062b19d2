"""The recording format: `.ldrec`, a show as it went over the wire.

    "LDREC001", then records:  u32 length, u32 crc32 of the bytes, the bytes        (little-endian)

The bytes are a wire message, or UTF-8 JSON that begins with `{`: `welcome` (always the first record, again after the
stage was restarted), `state`, and `applied` with the `op` of a command and the hop at which it acted; op `miss` says
that `hops` hops from `hop` on were stepped without their audio, which came too late. A file that was cut off anywhere
is read up to its last whole record.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from livedance.broadcast import wire
from livedance.errors import FileError, WireError

MAGIC: Final = b"LDREC001"
MAX_RECORD: Final = 64 * 1024 * 1024
_HEAD: Final = 8


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a show."""

    data: bytes

    @property
    def is_text(self) -> bool:
        """True for JSON, False for a binary wire message."""
        return self.data[:1] == b"{"

    def json(self) -> dict[str, Any]:
        """Return the JSON object of a text record; raises `WireError` when it is none."""
        try:
            value = json.loads(self.data)
        except ValueError as error:
            raise WireError("a text record is not JSON") from error
        if not isinstance(value, dict):
            raise WireError("a text record is not a JSON object")
        return value

    def messages(self) -> list[wire.Message]:
        """Return the messages of a binary record; raises `WireError` when it holds none."""
        return wire.decode_all(self.data)


def frame(data: bytes) -> bytes:
    """Return `data` as it stands in the file: length, check sum, bytes."""
    return len(data).to_bytes(4, "little") + zlib.crc32(data).to_bytes(4, "little") + data


def read(path: Path) -> Iterator[Record]:
    """Yield the records of `path`; stops quietly at a torn tail.

    Raises:
        FileError: at the first step, when the file cannot be read or is no recording.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise FileError(f"{path} is not a livedance recording (.ldrec)")
            while (data := _next(file)) is not None:
                yield Record(data)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from error


def good_length(path: Path) -> int:
    """Return how many bytes of `path` are whole records (the magic included); 0 when it is no recording."""
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return 0
            end = file.tell()
            while _next(file) is not None:
                end = file.tell()
            return end
    except FileNotFoundError:
        return 0


def _next(file: BinaryIO) -> bytes | None:
    head = file.read(_HEAD)
    length = int.from_bytes(head[:4], "little")
    if len(head) < _HEAD or not 0 < length <= MAX_RECORD:
        return None
    data = file.read(length)
    if len(data) < length or zlib.crc32(data) != int.from_bytes(head[4:], "little"):
        return None
    return data
