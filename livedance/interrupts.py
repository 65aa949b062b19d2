"""Ctrl-C from the very first moment: remembered even where an import swallows the exception."""

from __future__ import annotations

import signal
from types import FrameType

_pressed = False


def install() -> None:
    """Remember Ctrl-C and raise `KeyboardInterrupt` from now on. Main thread; before anything heavy is imported."""
    signal.signal(signal.SIGINT, _remember)


def pressed() -> bool:
    """Return whether Ctrl-C came since `install`."""
    return _pressed


def _remember(number: int, frame: FrameType | None) -> None:
    global _pressed
    _pressed = True
    raise KeyboardInterrupt
