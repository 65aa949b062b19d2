"""A music file as a source of audio, paced like a device or as fast as it is read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from livedance.audio.source import SourceHealth, SourceInfo
from livedance.errors import AudioError, FileError
from livedance.messages import F32, AudioBlock

CHECK_BLOCK: Final = 1 << 16


def open_sound(path: Path) -> Any:
    """Return the open `soundfile.SoundFile`; raises `FileError`, one sentence, when it cannot be played."""
    try:
        import soundfile
    except OSError as error:
        raise AudioError(f"reading audio files needs libsndfile, which is missing: {error}") from error
    if not path.is_file():
        raise FileError(f"there is no audio file '{path}': give the path of a wav, flac, ogg or mp3 file")
    if path.stat().st_size == 0:
        raise FileError(f"the audio file '{path}' is empty (0 bytes): give a wav, flac, ogg or mp3 file")
    try:
        sound = soundfile.SoundFile(str(path))
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise FileError(
            f"the audio file '{path}' cannot be read ({_reason(error)}): give a wav, flac, ogg or mp3 file"
        ) from error
    if sound.frames <= 0:
        sound.close()
        raise FileError(f"the audio file '{path}' holds 0 seconds of sound: give one with music in it")
    return sound


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_string", error)).strip().rstrip(".") or type(error).__name__


class FileSource:
    """Plays one file. `paced` delivers each block when its last sample is due, else as fast as it is read.

    A NaN or an infinite sample in the first second ends `open` with `FileError`; later ones are left to the hops, which
    replace and count them. `device_t_s` is the due time of the first sample when paced, None otherwise.
    """

    def __init__(self, path: str | Path, *, paced: bool = True, loop: bool = False, block_samples: int = 256) -> None:
        self._path = Path(path)
        self._paced, self._loop, self._block_samples = paced, loop, block_samples
        self._sound: Any = None
        self._index = self._position = self._round_start = 0
        self._start_s: float | None = None
        self._health = SourceHealth.OPENING
        self.info = SourceInfo(
            name=self._path.name, host_api="file", sample_rate_hz=44_100, n_channels=0, latency_s=0.0
        )

    def playing(self) -> dict[str, Any]:
        """Return what plays, where the page finds it, and the stream time at which it began (again)."""
        return {
            "url": f"/audio/{quote(self._path.name)}",
            "title": self._path.stem,
            "t0_stream_s": self._round_start / self.info.sample_rate_hz,
        }

    @property
    def duration_s(self) -> float:
        """Length of the file; 0 before `open`."""
        return 0.0 if self._sound is None else float(self._sound.frames / self._sound.samplerate)

    def open(self) -> None:
        """Open and check the file; raises `FileError`."""
        sound = open_sound(self._path)
        try:
            self._check(sound)
        except Exception:
            sound.close()
            raise
        self._sound = sound
        self._index = self._position = self._round_start = 0
        self._start_s = None
        self._health = SourceHealth.OK
        self.info = SourceInfo(
            name=self._path.name,
            host_api="file",
            sample_rate_hz=int(sound.samplerate),
            n_channels=int(sound.channels),
            latency_s=0.0,
        )

    def read(self, timeout_s: float) -> AudioBlock | None:
        """Return the next block; when paced, wait until it is due, at most `timeout_s`."""
        if self._sound is None or self._health is SourceHealth.ENDED:
            return None
        rate = self.info.sample_rate_hz
        if self._start_s is None:
            self._start_s = time.monotonic()
        first_due = self._start_s + self._position / rate
        if self._paced and not wait_until(first_due + self._block_samples / rate, timeout_s):
            return None
        samples = self._next_samples()
        if not len(samples):
            self._health = SourceHealth.ENDED
            return None
        block = AudioBlock(
            index=self._index,
            t_s=self._position / rate,
            sample_rate_hz=rate,
            samples=samples,
            device_t_s=first_due if self._paced else None,
        )
        self._index += 1
        self._position += len(samples)
        return block

    def health(self) -> SourceHealth:
        """Return OK while it plays, then ENDED."""
        return self._health

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._sound is not None:
            self._sound.close()
            self._sound = None

    def _check(self, sound: Any) -> None:
        try:
            head = sound.read(CHECK_BLOCK, dtype="float32", always_2d=True)
            sound.seek(0)
        except (RuntimeError, OSError) as error:
            raise FileError(f"the audio file '{self._path}' cannot be decoded: {_reason(error)}") from error
        if not len(head):
            raise FileError(f"the audio file '{self._path}' holds 0 seconds of sound: give one with music in it")
        if not np.isfinite(head).all():
            raise FileError(f"the audio file '{self._path}' holds samples that are no numbers (NaN): export it again")

    def _next_samples(self) -> F32:
        samples = self._decode()
        if self._loop and len(samples) < self._block_samples:
            self._sound.seek(0)
            self._round_start = self._position + len(samples)
            samples = np.concatenate((samples, self._decode(self._block_samples - len(samples))))
        return samples

    def _decode(self, n: int | None = None) -> F32:
        try:
            samples: F32 = self._sound.read(n or self._block_samples, dtype="float32", always_2d=True)
        except (RuntimeError, OSError):  # a torn file ends where it is torn; the show goes on
            return np.zeros((0, self.info.n_channels), np.float32)
        return samples


def wait_until(due_s: float, timeout_s: float) -> bool:
    """Sleep until the monotonic time `due_s`, at most `timeout_s`; True when it has come."""
    wait_s = due_s - time.monotonic()
    if wait_s > 0:
        time.sleep(min(wait_s, max(timeout_s, 0.0)))
    return time.monotonic() >= due_s
