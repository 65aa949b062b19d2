"""Which displays there are, and whether a window can be opened at all: asked before OpenCV's Qt is.

Without a display Qt ends the whole process, so the question is answered here first.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from livedance.broadcast.x11 import X11
from livedance.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Display:
    """One monitor or projector, in pixels of the whole desktop."""

    name: str
    x: int
    y: int
    width: int
    height: int


def require_display(env: Mapping[str, str] = os.environ) -> None:
    """Raise `ConfigError` when no window can be opened here."""
    if not sys.platform.startswith("linux"):
        return
    name = env.get("DISPLAY", "")
    if not name:
        if env.get("WAYLAND_DISPLAY"):
            raise ConfigError("no window: this Wayland session has no X display; install xwayland, or use a browser")
        raise ConfigError("no window: DISPLAY is not set; start from a desktop, or open the page in a browser")
    if not answers(name):
        raise ConfigError(f"no window: the display '{name}' does not answer; check DISPLAY, or use a browser")


def answers(name: str) -> bool:
    """Return whether the X server `name` (such as ":0" or "host:1.0") takes a connection."""
    host, _, rest = name.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return any(_connects(socket.AF_UNIX, address) for address in (path, "\0" + path))
    with contextlib.suppress(OSError):
        socket.create_connection((host, 6000 + int(number)), timeout=2.0).close()
        return True
    return False


def connect() -> X11 | None:
    """Return a connection to the X server, None where there is none or no library for it."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return X11()
    except OSError:
        return None


def list_displays(x11: X11 | None) -> list[Display]:
    """Return the displays, left to right as the system counts them; empty where it cannot be told."""
    if x11 is not None:
        return [Display(*monitor) for monitor in x11.monitors()]
    if sys.platform == "win32":
        return _windows_displays()
    return []


def choose(displays: list[Display], number: int | None) -> Display | None:
    """Return display `number` (0-based; None: the first); raises `ConfigError` that lists what there is.

    Where displays cannot be listed (macOS), the first is the one that the desktop chooses: None.
    """
    if not number:
        return displays[0] if displays else None
    if not displays:
        raise ConfigError(f"display {number} cannot be chosen: the displays of this system cannot be listed")
    if not 0 <= number < len(displays):
        known = ", ".join(f"{i} ({d.name} {d.width}x{d.height})" for i, d in enumerate(displays))
        raise ConfigError(f"there is no display {number}; there are: {known}")
    return displays[number]


def _connects(family: int, address: str) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(2.0)
        return client.connect_ex(address) == 0


def _windows_displays() -> list[Display]:
    import ctypes
    from ctypes import wintypes

    found: list[Display] = []
    windll = getattr(ctypes, "windll", None)
    kind = getattr(ctypes, "WINFUNCTYPE", None)
    if windll is None or kind is None:
        return found

    def add(monitor: int, context: int, rect: object, data: int) -> int:
        r = rect.contents  # type: ignore[attr-defined]
        found.append(Display(f"display {len(found)}", r.left, r.top, r.right - r.left, r.bottom - r.top))
        return 1

    callback = kind(
        wintypes.BOOL, wintypes.HMONITOR, wintypes.HDC, ctypes.POINTER(wintypes.RECT), wintypes.LPARAM
    )(add)  # fmt: skip
    windll.user32.EnumDisplayMonitors(None, None, callback, 0)
    return found
