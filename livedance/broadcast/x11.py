"""The few X11 calls that a window needs and OpenCV lacks: monitors, a hidden cursor, Ctrl-Q.

Through ctypes, so that nothing is installed; every call is optional: without the libraries the
functions say so and the window works with less. One connection, used from one thread.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any, Final

CONTROL_MASK: Final = 4
_LOCKS: Final = (0, 2, 16, 18)
"""Caps lock and num lock count as modifiers: grab with every combination of them."""
_GRAB_ASYNC: Final = 1
_KEY_PRESS: Final = 2
_EVENT_BYTES: Final = 192
_ALL_PLANES: Final = 0xFFFFFFFF
_Z_PIXMAP: Final = 2

_quiet_handler: Any = None


class _MonitorInfo(ctypes.Structure):
    """XRRMonitorInfo of Xrandr.h."""

    _fields_ = (
        ("name", ctypes.c_ulong),
        ("primary", ctypes.c_int),
        ("automatic", ctypes.c_int),
        ("noutput", ctypes.c_int),
        ("x", ctypes.c_int),
        ("y", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("mwidth", ctypes.c_int),
        ("mheight", ctypes.c_int),
        ("outputs", ctypes.c_void_p),
    )


class X11:
    """A connection to the X server of DISPLAY. Raises `OSError` when there is none."""

    def __init__(self) -> None:
        self._x = _load("X11")
        self._randr = _load_optional("Xrandr")
        self._fixes = _load_optional("Xfixes")
        x = self._x
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XDefaultRootWindow.restype = ctypes.c_ulong
        x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self._ignore_errors()
        self._display = ctypes.c_void_p(x.XOpenDisplay(None))
        if not self._display:
            raise OSError("the X server does not answer")
        self._root = x.XDefaultRootWindow(self._display)
        self._hidden = 0
        self._grabbed = 0

    def close(self) -> None:
        """Give the connection back; the server undoes hidden cursors and grabs."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = ctypes.c_void_p()

    def monitors(self) -> list[tuple[str, int, int, int, int]]:
        """Return name, x, y, width, height of each monitor; without RandR none."""
        if self._randr is None or not self._display:
            return []
        count = ctypes.c_int(0)
        get = self._randr.XRRGetMonitors
        get.restype = ctypes.POINTER(_MonitorInfo)
        get.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
        found = get(self._display, self._root, 1, ctypes.byref(count))
        if not found:
            return []
        out = [
            (self._atom(found[i].name), found[i].x, found[i].y, found[i].width, found[i].height)
            for i in range(count.value)
        ]
        self._randr.XRRFreeMonitors.argtypes = [ctypes.POINTER(_MonitorInfo)]
        self._randr.XRRFreeMonitors(found)
        return out

    def find_window(self, title: str) -> int:
        """Return the id of the window called `title`, 0 when there is none."""
        return self._search(self._root, title.encode(), 4)

    def set_cursor_hidden(self, window: int, hidden: bool) -> None:
        """Hide or show the pointer over `window` only."""
        if self._fixes is None or not self._display:
            return
        for name in ("XFixesHideCursor", "XFixesShowCursor"):
            getattr(self._fixes, name).argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        if hidden and window and self._hidden != window:
            # The extension must be greeted once before it does anything.
            major, minor = ctypes.c_int(4), ctypes.c_int(0)
            self._fixes.XFixesQueryVersion.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
            self._fixes.XFixesQueryVersion(self._display, ctypes.byref(major), ctypes.byref(minor))
            self._fixes.XFixesHideCursor(self._display, window)
            self._hidden = window
        elif not hidden and self._hidden:
            self._fixes.XFixesShowCursor(self._display, self._hidden)
            self._hidden = 0
        self._flush()

    def pixel(self, window: int, x: int, y: int) -> int | None:
        """Return the colour 0xRRGGBB that the screen shows at a point of `window`; None where it cannot be read."""
        if not self._display:
            return None
        x11 = self._x
        x11.XGetImage.restype = ctypes.c_void_p
        x11.XGetImage.argtypes = [
            ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 2, ctypes.c_ulong, ctypes.c_int,
        ]  # fmt: skip
        image = x11.XGetImage(self._display, window, x, y, 1, 1, _ALL_PLANES, _Z_PIXMAP)
        if not image:
            return None
        x11.XGetPixel.restype = ctypes.c_ulong
        x11.XGetPixel.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
        x11.XDestroyImage.argtypes = [ctypes.c_void_p]
        colour = int(x11.XGetPixel(image, 0, 0)) & 0xFFFFFF
        x11.XDestroyImage(image)
        return colour

    def grab_ctrl_q(self, window: int) -> None:
        """Ask for Ctrl-Q pressed in `window`: OpenCV's Qt windows keep keys with Ctrl to themselves."""
        if not window or window == self._grabbed or not self._display:
            return
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._x.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        code = self._x.XKeysymToKeycode(self._display, ord("q"))
        grab = self._x.XGrabKey
        grab.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_ulong, *[ctypes.c_int] * 3]
        for locks in _LOCKS:
            grab(self._display, code, CONTROL_MASK | locks, window, 1, _GRAB_ASYNC, _GRAB_ASYNC)
        self._grabbed = window
        self._flush()

    def ctrl_q_pressed(self) -> bool:
        """Return True once for each Ctrl-Q since the last call; never waits."""
        if not self._display:
            return False
        event = ctypes.create_string_buffer(_EVENT_BYTES)
        self._x.XPending.argtypes = [ctypes.c_void_p]
        self._x.XNextEvent.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
        pressed = False
        while self._x.XPending(self._display) > 0:
            self._x.XNextEvent(self._display, event)
            pressed |= int.from_bytes(event.raw[:4], "little") == _KEY_PRESS
        return pressed

    def _search(self, window: int, title: bytes, depth: int) -> int:
        name = ctypes.c_char_p()
        self._x.XFetchName.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(ctypes.c_char_p)]
        if self._x.XFetchName(self._display, window, ctypes.byref(name)) and name.value == title:
            return window
        if depth == 0:
            return 0
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        children = ctypes.POINTER(ctypes.c_ulong)()
        count = ctypes.c_uint()
        query = self._x.XQueryTree
        query.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_void_p] * 4]
        pointers = (ctypes.byref(v) for v in (root, parent, children, count))
        if not query(self._display, window, *pointers):
            return 0
        found = 0
        for i in range(count.value):
            found = found or self._search(children[i], title, depth - 1)
        if children:
            self._x.XFree.argtypes = [ctypes.c_void_p]
            self._x.XFree(children)
        return found

    def _atom(self, atom: int) -> str:
        get = self._x.XGetAtomName
        get.restype = ctypes.c_void_p
        get.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        pointer = get(self._display, atom)
        if not pointer:
            return ""
        name = ctypes.string_at(pointer).decode(errors="replace")
        self._x.XFree.argtypes = [ctypes.c_void_p]
        self._x.XFree(pointer)
        return name

    def _flush(self) -> None:
        self._x.XFlush.argtypes = [ctypes.c_void_p]
        self._x.XFlush(self._display)

    def _ignore_errors(self) -> None:
        # A window may vanish between finding and using it; Xlib would end the process for that.
        global _quiet_handler
        if _quiet_handler is None:
            kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
            _quiet_handler = kind(lambda display, event: 0)
            self._x.XSetErrorHandler(_quiet_handler)


def _load(name: str) -> Any:
    found = ctypes.util.find_library(name)
    if found is None:
        raise OSError(f"lib{name} is not installed")
    return ctypes.CDLL(found)


def _load_optional(name: str) -> Any:
    try:
        return _load(name)
    except OSError:
        return None
