"""What a source of audio is, and how it says that it is lost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from livedance.messages import AudioBlock


class SourceHealth(Enum):
    """How a source is doing."""

    OPENING = "opening"
    OK = "ok"
    SUSPECT = "suspect"
    """2 s of exact zeros."""
    LOST = "lost"
    """No block for 250 ms (4 s before the first), stream moved to another device, or ended."""
    REFUSED = "refused"
    """The system denies access to the microphone."""
    ENDED = "ended"
    """A file has been played to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInfo:
    """What the first screen shows about a source."""

    name: str
    host_api: str
    sample_rate_hz: int
    n_channels: int
    latency_s: float
    """Declared input latency of the device; 0 for files."""


class AudioSource(Protocol):
    """A device or a file. One thread calls everything here; a device callback only copies and stamps."""

    info: SourceInfo

    def open(self) -> None:
        """Start delivering. Raises `AudioError` or `FileError`, one sentence, before anything is half open."""

    def read(self, timeout_s: float) -> AudioBlock | None:
        """Return the next block, or None when none came in time. Never raises after `open`: see `health`."""

    def health(self) -> SourceHealth:
        """Return the state of the source now."""

    def close(self) -> None:
        """Stop and free the device; may be called twice."""
