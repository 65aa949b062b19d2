"""Single keys from the terminal, without Enter, read in a thread; the terminal is put back at the end.

Ctrl-C stays what it is. Nothing happens where there is no terminal, or where we run in the background: touching its
settings from there would stop the whole process.
"""

from __future__ import annotations

import atexit
import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

POLL_S: Final = 0.1
JOIN_S: Final = 1.0
_ESCAPE: Final = "\x1b"


def key_names(typed: str) -> list[str]:
    """Return the key names (as in `keymap`) in a chunk of typed characters; arrow and function keys give none."""
    if typed.startswith(_ESCAPE):
        return []
    names = []
    for char in typed:
        if char == " " or char.isprintable():
            names.append(char.lower())
        elif "\x01" <= char <= "\x1a" and char not in "\r\n\t\b":
            names.append(f"ctrl+{chr(ord(char) + 96)}")
    return names


class TerminalKeys:
    """Calls `on_key(name)` for each key, from its own thread. `start` returns False where there is no terminal."""

    def __init__(self, on_key: Callable[[str], None]) -> None:
        self._on_key = on_key
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._restore: Callable[[], None] | None = None

    def start(self) -> bool:
        """Begin to read keys; returns whether there is a terminal to read from."""
        if not sys.stdin or not sys.stdin.isatty():
            return False
        if sys.platform == "win32":
            target = self._read_windows
        else:
            self._restore = _set_raw(sys.stdin.fileno())
            if self._restore is None:
                return False
            atexit.register(self.stop)
            target = self._read_posix
        self._thread = threading.Thread(target=target, name="terminal-keys", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """Stop reading and put the terminal back; may be called twice."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)
        if self._restore is not None:
            self._restore()
            self._restore = None
            atexit.unregister(self.stop)

    def _read_posix(self) -> None:
        fd = sys.stdin.fileno()
        while not self._stopped.is_set():
            try:
                if not select.select([fd], [], [], POLL_S)[0]:
                    continue
                typed = os.read(fd, 64)
            except OSError:  # the terminal was closed
                return
            if not typed:
                return
            self._give(typed.decode("utf-8", "ignore"))

    def _read_windows(self) -> None:
        import msvcrt

        console: Any = msvcrt
        while not self._stopped.wait(POLL_S / 2):
            while console.kbhit():
                char = console.getwch()
                if char in "\x00\xe0":
                    console.getwch()  # second half of a function or arrow key
                else:
                    self._give(char)

    def _give(self, typed: str) -> None:
        for name in key_names(typed):
            self._on_key(name)


def _set_raw(fd: int) -> Callable[[], None] | None:
    """Turn off echo, lines and Ctrl-Q flow control; return the undo, or None when the terminal is not ours."""
    import termios

    try:
        if os.tcgetpgrp(fd) != os.getpgrp():
            return None
        before = termios.tcgetattr(fd)
        raw = termios.tcgetattr(fd)
        raw[0] &= ~(termios.IXON | termios.ICRNL)
        raw[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(fd, termios.TCSANOW, raw)
    except (OSError, termios.error):
        return None

    def undo() -> None:
        try:
            termios.tcsetattr(fd, termios.TCSANOW, before)
        except (OSError, termios.error):  # the terminal is gone
            return

    return undo
