"""The viewer's files over HTTP: held in memory, found by exact name, under a strict policy.

Traversal cannot work because a path is only ever compared with known names. Audio of the demo or of a file is
read from disk in pieces, so that a page can play and seek it.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline' data:; img-src 'self' blob: data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Styles may be injected because OBS does so for its custom CSS; nothing else may."""
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PIECE_BYTES: Final = 1 << 20
"""Most bytes of audio in one answer; players ask for the next piece."""
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_TYPES: Final[Mapping[str, str]] = {".js": "text/javascript", ".ogg": "audio/ogg", ".flac": "audio/flac"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP response, whatever library sends it."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _File:
    content_type: str
    plain: bytes
    packed: bytes


class StaticSite:
    """The files of one folder, loaded once; immutable afterwards."""

    def __init__(self, folder: Path) -> None:
        self._files = {f"/{p.relative_to(folder).as_posix()}": _load(p) for p in _files_below(folder)}
        if "/index.html" in self._files:
            self._files["/"] = self._files["/index.html"]
        if "/control.html" in self._files:
            self._files["/control"] = self._files["/control.html"]

    def __contains__(self, path: str) -> bool:
        """Return whether `path` (no query) is one of the files."""
        return path in self._files

    def answer(self, path: str, accept_encoding: str) -> Answer:
        """Return the file at `path`, gzipped where that is accepted and smaller, or a 404."""
        file = self._files.get(path)
        if file is None:
            return text_answer(404, "Not found\n")
        headers = {"Content-Type": file.content_type, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if "gzip" in accept_encoding and len(file.packed) < len(file.plain):
            return Answer(status=200, headers=headers | {"Content-Encoding": "gzip"}, body=file.packed)
        return Answer(status=200, headers=headers, body=file.plain)


def text_answer(status: int, text: str, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """Return a short uncached answer."""
    return Answer(
        status=status, headers={"Content-Type": content_type, "Cache-Control": "no-store"}, body=text.encode()
    )


def audio_answer(path: Path, range_header: str | None) -> Answer:
    """Return one piece (at most `PIECE_BYTES`) of an audio file, as players ask for it; 404 when it is gone."""
    try:
        size = path.stat().st_size
        span = _span(range_header, size)
        if span is None:
            return Answer(status=416, headers={"Content-Range": f"bytes */{size}"})
        start, stop = span
        with path.open("rb") as file:
            file.seek(start)
            body = file.read(stop - start)
    except OSError:
        return text_answer(404, "Not found\n")
    headers = {"Content-Type": _content_type(path), "Accept-Ranges": "bytes", "Cache-Control": "no-cache"}
    if range_header is None and stop == size:
        return Answer(status=200, headers=headers, body=body)
    headers["Content-Range"] = f"bytes {start}-{start + len(body) - 1}/{size}"
    return Answer(status=206, headers=headers, body=body)


def _span(range_header: str | None, size: int) -> tuple[int, int] | None:
    """Return the half-open span to send, or None when it cannot be satisfied. Odd headers count as none."""
    match = _RANGE.fullmatch(range_header or "")
    if match is None:
        return (0, size) if range_header is None else (0, min(size, PIECE_BYTES))
    start = int(match[1])
    stop = min(size, int(match[2]) + 1 if match[2] else size, start + PIECE_BYTES)
    return (start, stop) if start < stop else None


def _files_below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def _load(path: Path) -> _File:
    plain = path.read_bytes()
    # mtime 0: the same bytes on every start.
    return _File(_content_type(path), plain, gzip.compress(plain, 9, mtime=0))


def _content_type(path: Path) -> str:
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
