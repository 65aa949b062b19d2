"""The packaged tracks one after another, cross-faded, for ever: the show without a sound card."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from livedance.audio.file_source import open_sound, wait_until
from livedance.audio.music import Track, demo_tracks
from livedance.audio.source import SourceHealth, SourceInfo
from livedance.errors import FileError
from livedance.messages import F32, HOP_RATE_HZ, AudioBlock

N_CHANNELS: Final = 2
CROSS_FADE_S: Final = 2.0


class DemoSource:
    """Plays the demo tracks in order, each fading into the next over 2 s, and starts again after the last.

    The sound is a pure function of the sample index. Paced like a device unless `paced` is False.
    """

    def __init__(self, *, paced: bool = True, block_samples: int = 256, tracks: Sequence[Track] | None = None) -> None:
        self._paced, self._block_samples = paced, block_samples
        self._tracks = tracks
        self._playlist: _Playlist | None = None
        self._index = self._position = 0
        self._start_s: float | None = None
        self.info = SourceInfo(
            name="demo", host_api="demo", sample_rate_hz=HOP_RATE_HZ, n_channels=N_CHANNELS, latency_s=0.0
        )

    @property
    def track(self) -> Track | None:
        """The track that plays now; the later one during a fade."""
        return None if self._playlist is None else self._playlist.track

    def playing(self) -> dict[str, Any]:
        """Return what plays, where the page finds it, and the stream time of its first sample."""
        playlist = self._playlist
        if playlist is None:
            return {}
        track = playlist.track
        return {
            "url": f"/audio/{track.path.name}",
            "title": f"{track.title} ({track.licence})",
            "t0_stream_s": playlist.track_start / HOP_RATE_HZ,
        }

    def open(self) -> None:
        """Open the first track; raises `FileError` when the package is incomplete."""
        self._playlist = _Playlist(self._tracks or demo_tracks())
        self._index = self._position = 0
        self._start_s = None

    def read(self, timeout_s: float) -> AudioBlock | None:
        """Return the next block; when paced, wait until it is due, at most `timeout_s`."""
        if self._playlist is None:
            return None
        if self._start_s is None:
            self._start_s = time.monotonic()
        first_due = self._start_s + self._position / HOP_RATE_HZ
        if self._paced and not wait_until(first_due + self._block_samples / HOP_RATE_HZ, timeout_s):
            return None
        block = AudioBlock(
            index=self._index,
            t_s=self._position / HOP_RATE_HZ,
            sample_rate_hz=HOP_RATE_HZ,
            samples=self._playlist.take(self._block_samples),
            device_t_s=first_due if self._paced else None,
        )
        self._index += 1
        self._position += self._block_samples
        return block

    def health(self) -> SourceHealth:
        """Return OK while open."""
        return SourceHealth.OPENING if self._playlist is None else SourceHealth.OK

    def close(self) -> None:
        """Close the files; may be called twice."""
        if self._playlist is not None:
            self._playlist.close()
            self._playlist = None


class _Playing:
    """One open track with its place in it."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self._sound: Any = open_sound(track.path)
        if self._sound.samplerate != HOP_RATE_HZ:
            raise FileError(f"the demo track '{track.path.name}' is not at {HOP_RATE_HZ} Hz: make the assets again")
        self.n_left = int(self._sound.frames)

    def take(self, n: int) -> F32:
        """Return the next `n` samples (n, 2), zeros after the end."""
        stereo = np.zeros((n, N_CHANNELS), np.float32)
        samples = self._sound.read(min(n, self.n_left), dtype="float32", always_2d=True)
        stereo[: len(samples)] = samples[:, :N_CHANNELS]  # a mono track goes to both sides
        self.n_left = max(0, self.n_left - n)
        return stereo

    def close(self) -> None:
        self._sound.close()


class _Playlist:
    """All tracks as one endless sound, cut anywhere."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._tracks = tracks
        self._number = 0
        self._now = _Playing(tracks[0])
        self._next: _Playing | None = None
        self._n_fade = round(CROSS_FADE_S * HOP_RATE_HZ)
        self._position = 0
        self.track_start = 0
        """Sample of the playlist at which `track` began."""

    @property
    def track(self) -> Track:
        return (self._next or self._now).track

    def take(self, n: int) -> F32:
        """Return the next `n` samples; steps are cut where a fade begins or ends, so `n` does not matter."""
        parts = []
        while n > 0:
            n_before_fade = self._now.n_left - self._n_fade
            step = min(n, n_before_fade if n_before_fade > 0 else self._now.n_left)
            parts.append(self._now.take(step) if n_before_fade > 0 else self._fade(step))
            n -= step
            self._position += step
            if self._now.n_left == 0:
                self._advance()
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def close(self) -> None:
        self._now.close()
        if self._next is not None:
            self._next.close()

    def _fade(self, n: int) -> F32:
        if self._next is None:
            self._next = _Playing(self._tracks[(self._number + 1) % len(self._tracks)])
            self.track_start = self._position
        start = self._n_fade - self._now.n_left
        along = ((start + np.arange(n)) / self._n_fade * (np.pi / 2))[:, None]
        mixed: F32 = (self._now.take(n) * np.cos(along) + self._next.take(n) * np.sin(along)).astype(np.float32)
        return mixed

    def _advance(self) -> None:
        self._now.close()
        self._number = (self._number + 1) % len(self._tracks)
        if self._next is None:  # a track shorter than the fade
            self._next, self.track_start = _Playing(self._tracks[self._number]), self._position
        self._now, self._next = self._next, None
