"""Pictures and sound as an mp4 file: H.264 and AAC by PyAV, or MPEG-4 without sound by OpenCV where it is missing."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from livedance.broadcast.atomic import PartFile
from livedance.errors import ConfigError, FileError

log = logging.getLogger(__name__)

Image = NDArray[np.uint8]

CODECS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("libx264", {"crf": "18", "preset": "veryfast"}),
    ("h264", {}),
    ("mpeg4", {"qscale": "3"}),
)
"""Tried in this order: what a build of PyAV contains differs."""
AUDIO_BIT_RATE: Final = 192_000
AAC_RATES: Final = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
"""Other rates are resampled to the first."""
NO_SOUND: Final = "the video has no sound: pip install 'livedance[video]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is heard with the pictures, from their first one on."""

    samples: NDArray[np.float32]
    """(N, channels) in [-1, 1]."""
    sample_rate_hz: int


class _Encoder(Protocol):
    def write(self, image: Image) -> None: ...

    def close(self) -> None: ...


class VideoWriter:
    """Writes pictures to `path`, which appears when `close` has finished it. One thread; a context manager.

    Args:
        path: the mp4 file.
        size: width and height in pixels, both even.
        fps: frames per second.
        sound: muxed in as AAC, as much of it as there are pictures.

    Raises:
        ConfigError: an odd size.
        FileError: the file cannot be written.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: float, *, sound: Sound | None = None) -> None:
        width, height = size
        if width % 2 or height % 2 or min(size) < 2:
            even = f"{max(width & ~1, 2)}x{max(height & ~1, 2)}"
            raise ConfigError(f"a video of {width}x{height} cannot be encoded: use even numbers, such as {even}")
        self.size = size
        self.note: str | None = None
        """What the person should be told: the sound that is missing."""
        self._part = PartFile(path)
        self._encoder: _Encoder | None = None
        try:
            self._encoder = self._make(fps, sound)
        except BaseException:
            self._part.discard()
            raise

    def write(self, image: Image) -> None:
        """Add one picture, (H, W, 4) BGRA with straight alpha, shown over black, or (H, W, 3) BGR."""
        width, height = self.size
        if image.shape[:2] != (height, width):
            raise FileError(f"a picture of {image.shape[1]}x{image.shape[0]} does not fit a video of {width}x{height}")
        if self._encoder is None:
            raise FileError(f"{self._part.path} is finished already")
        try:
            self._encoder.write(over_black(image))
        except OSError as error:
            self.discard()
            raise FileError(f"cannot write {self._part.path}: {error.strerror or error}") from error

    def close(self) -> None:
        """Finish the file; may be called twice. Raises `FileError`."""
        if self._encoder is None:
            return
        encoder, self._encoder = self._encoder, None
        try:
            encoder.close()
        except OSError as error:
            self._part.discard()
            raise FileError(f"cannot write {self._part.path}: {error.strerror or error}") from error
        self._part.keep()

    def discard(self) -> None:
        """Leave nothing behind; may be called after `close`."""
        if self._encoder is not None:
            encoder, self._encoder = self._encoder, None
            try:
                encoder.close()
            except OSError as error:
                log.debug("while giving up %s: %s", self._part.path, error)
            self._part.discard()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _make(self, fps: float, sound: Sound | None) -> _Encoder:
        if importlib.util.find_spec("av") is not None:
            return _AvEncoder(self._part.part, self.size, fps, sound)
        self.note = NO_SOUND if sound else None
        return _CvEncoder(self._part.part, self.size, fps)


def write_video(
    path: Path, images: Iterable[Image], *, size: tuple[int, int], fps: float, sound: Sound | None = None
) -> str | None:
    """Write all pictures; returns what the person should be told, if anything."""
    with VideoWriter(path, size, fps, sound=sound) as writer:
        for image in images:
            writer.write(image)
    return writer.note


def over_black(image: Image) -> Image:
    """Return BGR (H, W, 3) of a picture with straight alpha laid over black."""
    if image.shape[2] == 3:
        return np.ascontiguousarray(image)
    alpha = image[..., 3:]
    if alpha.min() == 255:
        return np.ascontiguousarray(image[..., :3])
    return (image[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)


def at_known_rate(sound: Sound) -> Sound:
    """Return `sound` at a rate that every AAC player knows."""
    if sound.sample_rate_hz in AAC_RATES:
        return sound
    import soxr

    samples = soxr.resample(sound.samples, sound.sample_rate_hz, AAC_RATES[0])
    return Sound(samples=samples, sample_rate_hz=AAC_RATES[0])


class _AvEncoder:
    """H.264 and AAC. Sound is fed as the pictures advance, so that the file plays while it is read."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float, sound: Sound | None) -> None:
        import av

        self._av: Any = av
        self._rate = Fraction(fps).limit_denominator(1001)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._video = self._add_video(size)
        self._sound = at_known_rate(sound) if sound is not None and len(sound.samples) else None
        self._audio = self._add_audio(self._sound) if self._sound else None
        self._frames = 0
        self._heard = 0

    def write(self, image: Image) -> None:
        picture = self._av.VideoFrame.from_ndarray(image, format="bgr24")
        picture.pts = self._frames
        picture.time_base = 1 / self._rate
        self._container.mux(self._video.encode(picture))
        self._frames += 1
        if self._sound is not None:
            self._hear(self._sound, round(self._frames / self._rate * self._sound.sample_rate_hz))

    def close(self) -> None:
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def _add_video(self, size: tuple[int, int]) -> Any:
        for codec, options in CODECS:
            if codec in self._av.codecs_available:
                stream = self._container.add_stream(codec, rate=self._rate, options=options)
                stream.width, stream.height = size
                stream.pix_fmt = "yuv420p"
                return stream
        raise ConfigError("this build of PyAV has no H.264 and no MPEG-4 encoder: reinstall it with pip")

    def _add_audio(self, sound: Sound) -> Any:
        layout = "mono" if sound.samples.shape[1] == 1 else "stereo"
        stream = self._container.add_stream("aac", rate=sound.sample_rate_hz, layout=layout)
        stream.bit_rate = AUDIO_BIT_RATE
        return stream

    def _hear(self, sound: Sound, until: int) -> None:
        part = sound.samples[self._heard : until, :2]
        if not len(part) or self._audio is None:
            return
        planes = np.ascontiguousarray(part.T, dtype=np.float32)
        block = self._av.AudioFrame.from_ndarray(planes, format="fltp", layout="mono" if len(planes) == 1 else "stereo")
        block.sample_rate = sound.sample_rate_hz
        block.pts = self._heard
        block.time_base = Fraction(1, sound.sample_rate_hz)
        self._container.mux(self._audio.encode(block))
        self._heard += len(part)


class _CvEncoder:
    """MPEG-4 pictures without sound."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        import cv2

        self._writer: Any = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
        if not self._writer.isOpened():
            raise FileError(f"OpenCV cannot write a video here: pip install 'livedance[video]' ({path.parent})")

    def write(self, image: Image) -> None:
        self._writer.write(image)

    def close(self) -> None:
        self._writer.release()
