"""One error tree. Each error is one sentence that names the thing, the value and the fix.

LivedanceError        exit 1   anything we raise on purpose
├─ ConfigError        exit 2   an option, a key or a value that cannot be used
│  └─ MissingExtra    exit 2   an optional package that is not installed
├─ AudioError         exit 3   a device or channel that cannot be opened
├─ ModelError         exit 4   a model file or a GPU that cannot be used
│  └─ LookUnavailable exit 4   a look that this machine cannot draw
├─ PortBusyError      exit 5   the port that was asked for is taken
├─ FileError          exit 6   a file that cannot be read or written
└─ WireError          exit 1   bytes that are not livedance.v1
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class LivedanceError(Exception):
    """Base of every error that livedance raises on purpose."""

    exit_code: int = 1
    """What `livedance` returns to the shell when this error ends it (design: commands)."""


class ConfigError(LivedanceError):
    """An option, a configuration key or a value that cannot be used."""

    exit_code = 2


class MissingExtra(ConfigError):
    """An optional package is not installed; the message carries the install line."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package: pip install 'livedance[{extra}]'")
        self.extra = extra


class AudioError(LivedanceError):
    """An audio device or channel that cannot be opened."""

    exit_code = 3


class ModelError(LivedanceError):
    """A model file, an inference engine or a GPU that cannot be used."""

    exit_code = 4


class LookUnavailable(ModelError):
    """A look that this machine cannot draw (no OpenGL); another one stands in."""


class PortBusyError(LivedanceError):
    """A port that the user asked for is taken."""

    exit_code = 5


class FileError(LivedanceError):
    """A file that cannot be read or written."""

    exit_code = 6


class WireError(LivedanceError):
    """Bytes that are not a `livedance.v1` message."""


def near(name: str, choices: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the choice nearest to `name`, or a full stop: the end of a sentence."""
    found = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else "."
