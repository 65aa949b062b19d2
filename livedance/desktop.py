"""What this machine can show: is there a desktop, and its browser."""

from __future__ import annotations

import os
import sys
import webbrowser


def has_desktop() -> bool:
    """Return whether this machine seems to have a display."""
    if os.name == "nt" or sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def open_page(url: str) -> bool:
    """Open `url` in the person's browser; returns whether one took it. Never raises."""
    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
