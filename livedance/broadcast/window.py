"""The window: shows pictures on a chosen display, reports keys, survives an unplugged projector.

Used from one thread of the screen's own process. `open` raises one sentence when no window can be
had; after that nothing raises, errors are counted and the show goes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.broadcast import displays, keys
from livedance.broadcast.displays import Display
from livedance.broadcast.placed_window import PlacedWindow
from livedance.broadcast.x11 import X11
from livedance.errors import ConfigError, LivedanceError

Image = NDArray[np.uint8]

LOOK_EVERY: Final = 8
"""Pictures between two looks at whether the window is still there."""
MISSED: Final = 3
"""Looks in a row that must miss the window before it counts as closed."""
OPEN_TRIES: Final = 5
PAINTED_S: Final = 0.6
"""How long a new window may take to show its first picture before it is made anew."""
GREY: Final = 24
PACKAGES: Final = {
    "libGL.so": "libgl1",
    "libEGL.so": "libegl1",
    "libglib-2.0.so": "libglib2.0-0",
    "libgthread-2.0.so": "libglib2.0-0",
    "libSM.so": "libsm6",
    "libXext.so": "libxext6",
}
"""Debian packages of the system libraries that OpenCV may miss."""


class Window(PlacedWindow):
    """One window."""

    _cv: Any = None
    _x11: X11 | None = None
    _window = 0
    """X's number of it."""
    _shows = 0
    _missed: int | None = None
    """Looks at the window in a row that did not see it; None before the first that did."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that pictures should have now: the display's own in full screen."""
        if self._is_full and self._target is not None:
            return self._target.width, self._target.height
        return self._windowed

    def open(self) -> None:
        """Open it; raises `ConfigError` (no display, no such display) or `LivedanceError` (missing library)."""
        displays.require_display()
        self._cv = import_opencv()
        self._x11 = displays.connect()
        try:
            self._target = displays.choose(self._displays(), self._display_number)
            self._create()
        except self._cv.error as error:
            self.close()
            raise ConfigError(
                f"no window: OpenCV cannot open one here ({_first_line(error)}); use a browser"
            ) from error
        except LivedanceError:
            self.close()
            raise
        self.closed = False
        self._watched_s = self._monotonic()

    def close(self) -> None:
        """Close it; may be called twice."""
        if self._cv is not None:
            self._quietly(lambda: self._cv.destroyWindow(self.title))
            self._quietly(lambda: self._cv.waitKey(1))
        if self._x11 is not None:
            self._x11.close()
        self._cv, self._x11 = None, None
        self.closed = True

    def show(self, image: Image, info: Sequence[str] = ()) -> None:
        """Show a picture (H, W, 3 or 4), BGR or BGRA with straight alpha over black, and lines of text on it."""
        if self._cv is None or self.closed:
            return
        self._watch()
        self._quietly(lambda: self._draw(image, info))

    def poll_keys(self) -> list[str]:
        """Return the names of keys pressed since the last call (`keys.KEYS`); waits at most 1 ms.

        F has been obeyed already when it is reported. Also runs the window's own event loop: call it
        after every `show`.
        """
        if self._cv is None or self.closed:
            return []
        pressed: list[str] = []
        self._quietly(lambda: pressed.extend(self._read_keys()))
        return pressed

    def _is_open(self) -> bool:
        return self._cv is not None

    def _displays(self) -> list[Display]:
        return displays.list_displays(self._x11)

    def _create(self) -> None:
        cv = self._cv
        for attempt in range(1, OPEN_TRIES + 1):
            cv.namedWindow(self.title, cv.WINDOW_NORMAL | cv.WINDOW_FREERATIO | cv.WINDOW_GUI_NORMAL)
            self._place()
            if self._is_painted() or attempt == OPEN_TRIES:
                return
            # On a busy machine Qt now and then misses that its window is on the screen and never paints it.
            cv.destroyWindow(self.title)
            cv.waitKey(1)
            self._is_full = False

    def _is_painted(self) -> bool:
        """Show a dark grey picture and return whether the screen really has it; True where it cannot be asked."""
        cv, (width, height) = self._cv, self.size
        end = self._monotonic() + PAINTED_S
        while True:
            cv.imshow(self.title, np.full((height, width, 3), GREY, np.uint8))
            cv.waitKey(5)
            # Only now does the window exist for the X server.
            self._adorn()
            if self._x11 is None or self._window == 0:
                return True
            colour = self._x11.pixel(self._window, width // 2, height // 2)
            if colour is None or abs((colour & 0xFF) - GREY) <= 4:
                return True
            if self._monotonic() >= end:
                return False

    def _place(self) -> None:
        cv = self._cv
        full = self._want_full and self._present
        if self._is_full:
            cv.setWindowProperty(self.title, cv.WND_PROP_FULLSCREEN, cv.WINDOW_NORMAL)
        if self._target is not None and self._present:
            cv.moveWindow(self.title, self._target.x, self._target.y)
        elif not self._present:
            left = self._displays()
            cv.moveWindow(self.title, left[0].x if left else 0, left[0].y if left else 0)
        if full:
            if self._target is not None:
                cv.resizeWindow(self.title, self._target.width, self._target.height)
            cv.setWindowProperty(self.title, cv.WND_PROP_FULLSCREEN, cv.WINDOW_FULLSCREEN)
        else:
            cv.resizeWindow(self.title, *self._windowed)
        self._is_full = full
        self._adorn()

    def _adorn(self) -> None:
        """Hide the cursor in full screen and ask for Ctrl-Q; does what the system allows."""
        if self._x11 is not None:
            window = self._x11.find_window(self.title)
            self._x11.grab_ctrl_q(window)
            self._x11.set_cursor_hidden(window, self._is_full)
            self._window = window

    def _draw(self, image: Image, info: Sequence[str]) -> None:
        cv = self._cv
        if self._shows % LOOK_EVERY == 0 and self._was_closed():
            self.closed = True
            return
        self._shows += 1
        picture = opaque(cv, image)
        if info:
            picture = write_info(cv, picture, info)
        cv.imshow(self.title, picture)

    def _was_closed(self) -> bool:
        """Return whether the person closed the window; imshow would silently bring it back.

        A window is not visible either before it is first mapped and for a moment while it changes to full
        screen, so it must have been seen, and be missing more than once.
        """
        if self._cv.getWindowProperty(self.title, self._cv.WND_PROP_VISIBLE) >= 1:
            self._missed = 0
        elif self._missed is not None:
            self._missed += 1
        return self._missed is not None and self._missed >= MISSED

    def _read_keys(self) -> list[str]:
        pressed = []
        name = keys.name(self._cv.waitKeyEx(1))
        if name is not None:
            pressed.append(name)
        if self._x11 is not None and self._x11.ctrl_q_pressed():
            pressed.append("ctrl+q")
        if "f" in pressed:
            self.toggle_fullscreen()
        return pressed


def import_opencv() -> Any:
    """Return the module cv2; raises `LivedanceError` that names the package of a missing system library."""
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_LOGGING_RULES", "*.warning=false;default.warning=false")
        # OpenCV brings Qt's plugin for X only; a Wayland session must not send it looking for another.
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    try:
        import cv2
    except ImportError as error:
        text = str(error)
        for library, package in PACKAGES.items():
            if library in text:
                message = f"no window: the system library {library} is missing: apt-get install {package}"
                raise LivedanceError(message) from error
        raise LivedanceError(f"no window: OpenCV cannot be loaded ({_first_line(error)})") from error
    return cv2


def opaque(cv: Any, image: Image) -> Image:
    """Return the picture as BGR over black; a few samples tell whether alpha matters at all."""
    if image.shape[2] == 3:
        return image
    if int(image[::16, ::16, 3].min()) == 255:
        return np.asarray(cv.cvtColor(image, cv.COLOR_BGRA2BGR))
    alpha = np.ascontiguousarray(image[..., 3])
    colour = cv.cvtColor(image, cv.COLOR_BGRA2BGR)
    return np.asarray(cv.multiply(colour, cv.merge([alpha, alpha, alpha]), scale=1 / 255.0))


def write_info(cv: Any, picture: Image, lines: Sequence[str]) -> Image:
    """Return the picture with small lines of text in its upper left corner, on a dimmed field."""
    out = picture.copy()
    unit = max(0.4, out.shape[0] / 1440.0)
    step = round(36 * unit)
    width = max(cv.getTextSize(line, cv.FONT_HERSHEY_SIMPLEX, unit, 1)[0][0] for line in lines)
    field = out[: step * len(lines) + step // 2, : width + step]
    field[:] = field // 3
    for i, line in enumerate(lines):
        at = (step // 2, step * (i + 1))
        cv.putText(out, line, at, cv.FONT_HERSHEY_SIMPLEX, unit, (235, 235, 235), 1, cv.LINE_AA)
    return out


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
