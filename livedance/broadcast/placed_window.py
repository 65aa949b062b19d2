"""What every window of a screen shares: its display, full screen or not, and a projector that is unplugged.

Used from one thread of the screen's own process. `open` raises one sentence when no window can be had; after that
nothing raises, errors are counted and the show goes on.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from livedance.broadcast.displays import Display
from livedance.errors import ConfigError

WATCH_S: Final = 1.0
"""How often the displays are looked at."""
LEAST_PX: Final = 16
MOST_PX: Final = 16_384


class PlacedWindow(ABC):
    """One window, not open yet.

    Args:
        size: Width and height in pixels while not in full screen.
        fullscreen: Start borderless over the whole chosen display.
        display: Which display, 0-based; None leaves it to the desktop.
        title: What the title bar says.
        monotonic: Seconds; for tests.
    """

    def __init__(
        self,
        size: tuple[int, int] = (1280, 720),
        fullscreen: bool = False,
        display: int | None = None,
        title: str = "livedance",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if min(size) < LEAST_PX or max(size) > MOST_PX:
            raise ConfigError(f"a window of {size[0]}x{size[1]} is not possible: use {LEAST_PX} to {MOST_PX} a side")
        self.title = title
        self.closed = False
        """True after the person closed the window."""
        self.errors = 0
        self._windowed = size
        self._want_full = fullscreen
        self._display_number = display
        self._monotonic = monotonic
        self._target: Display | None = None
        self._present = True
        """Whether the chosen display is plugged in."""
        self._is_full = False
        self._watched_s = 0.0

    @property
    def fullscreen(self) -> bool:
        """Whether the window covers its display now."""
        return self._is_full

    def toggle_fullscreen(self) -> None:
        """Change between full screen and a window (key F)."""
        if self._is_open():
            self._want_full = not self._is_full
            self._quietly(self._place)

    @abstractmethod
    def _is_open(self) -> bool: ...

    @abstractmethod
    def _place(self) -> None:
        """Put the window where it is wanted: over its display, or beside it while that is unplugged."""

    @abstractmethod
    def _displays(self) -> list[Display]:
        """Return the displays that are plugged in, left to right; empty where nobody can tell."""

    def _watch(self) -> None:
        """Notice an unplugged or returned display, about once a second."""
        now = self._monotonic()
        if now - self._watched_s < WATCH_S or self._target is None:
            return
        self._watched_s = now
        found = next((d for d in self._displays() if d.name == self._target.name), None)
        if (found is not None) != self._present or (found is not None and found != self._target):
            self._present = found is not None
            self._target = found or self._target
            self._quietly(self._place)

    def _quietly(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:  # the show goes on whatever the desktop does
            self.errors += 1
