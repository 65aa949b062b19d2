"""Pictures as a numbered sequence of PNG files with straight alpha, as compositing programs take them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.errors import FileError

Image = NDArray[np.uint8]
DIGITS: Final = 5
FAST: Final = 1
"""zlib's level: files a little larger, three times as quickly."""


class StillsWriter:
    """Writes NAME.png as NAME_00000.png, NAME_00001.png and so on. One thread; a context manager.

    The files appear when `close` has finished them all; those of an earlier sequence of that name are replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._part: Path | None = self._folder()

    def write(self, image: Image) -> None:
        """Add one picture, (H, W, 4) BGRA with straight alpha or (H, W, 3) BGR; raises `FileError`."""
        if self._part is None:
            raise FileError(f"{self.path} is finished already")
        done, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, FAST])
        if not done:
            raise FileError(f"cannot write {self.path}: a picture of shape {image.shape} cannot be a PNG")
        try:
            (self._part / self._name(self.count)).write_bytes(data.tobytes())
        except OSError as error:
            self.discard()
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error
        self.count += 1

    def close(self) -> None:
        """Put the files into place; may be called twice. Raises `FileError`."""
        if self._part is None:
            return
        part, self._part = self._part, None
        try:
            for old in self.path.parent.glob(f"{self.path.stem}_{'[0-9]' * DIGITS}{self.path.suffix}"):
                old.unlink()
            for made in sorted(part.iterdir()):
                made.rename(self.path.with_name(made.name))
            part.rmdir()
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._part is not None:
            shutil.rmtree(self._part, ignore_errors=True)
        self._part = None

    def __enter__(self) -> StillsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _name(self, number: int) -> str:
        return f"{self.path.stem}_{number:0{DIGITS}d}{self.path.suffix}"

    def _folder(self) -> Path:
        try:
            return Path(tempfile.mkdtemp(prefix=f".{self.path.stem}-", dir=self.path.parent))
        except OSError as error:
            raise FileError(f"cannot write {self.path}: {error.strerror or error}") from error
