"""What every child process does: find its role, live while the supervisor lives, say that it is alive.

Run as `python -m livedance.process ROLE FOLDER`.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from livedance import show as shows
from livedance.errors import LivedanceError

MODULES: Final = {
    "stage": "livedance.stage",
    "herald": "livedance.herald",
    "brain": "livedance.brain_live",
    "window": "livedance.screen",
    "painter": "livedance.painter",
    "terminal": "livedance.terminal",
}
NOT_HERE: Final = 69
"""Exit code of a process that cannot work on this machine (no display); it is not started again."""
DRAWING: Final = ("window", "painter")
"""Roles that need OpenCV; a machine that cannot load it has a show without them."""
ORPHAN_S: Final = 1.5
"""Time a process has to end by itself when its supervisor died."""


class Life:
    """Heartbeat and stop signal of one process. Any thread."""

    def __init__(self, show: shows.Show, role: str) -> None:
        self.role = role
        self._board = show.board()
        self._end = threading.Event()
        self._parent = show.supervisor_pid
        self._beat_s = 0.0
        threading.Thread(target=self._watch_parent, name="parent", daemon=True).start()

    @property
    def board(self) -> shows.Board:
        """The board of the show."""
        return self._board

    def goes_on(self) -> bool:
        """Say "I am alive" (at most 20 times a second); False once this process is to end."""
        if self._beat_s == 0.0:
            _spare_collector()
        now = time.monotonic()
        if now - self._beat_s > 0.05:
            self._beat_s = now
            self._board.beat(self.role)
        return not (self._end.is_set() or self._board.stop)

    def end(self) -> None:
        """Ask this process to end (signal handler)."""
        self._end.set()

    def _watch_parent(self) -> None:
        """End within two seconds of the supervisor's death, whatever the main thread does."""
        while not self._parent_gone():
            time.sleep(0.25)
        self._end.set()
        time.sleep(ORPHAN_S)
        os._exit(1)

    def _parent_gone(self) -> bool:
        if os.name == "nt":
            return _windows_process_gone(self._parent)
        return os.getppid() != self._parent


def _windows_process_gone(pid: int) -> bool:
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(0x00100000, False, pid)
    if not handle:
        return True
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == 0)
    finally:
        kernel.CloseHandle(handle)


def _load(role: str) -> Callable[[shows.Show, Life], int | None] | None:
    """Return the role's own main; None after saying so when a drawing role misses a library of the system."""
    if role in DRAWING:
        from livedance.broadcast.window import import_opencv

        try:
            # One drawing thread: the brain and the other screens need the second core.
            import_opencv().setNumThreads(1)
        except LivedanceError as error:
            logging.error("%s", error)
            print(f"livedance: {error}", file=sys.stderr, flush=True)
            return None
    main_of: Callable[[shows.Show, Life], int | None] = importlib.import_module(MODULES[role]).main
    return main_of


def _spare_collector() -> None:
    """Take what exists when the loop begins out of the garbage collector's sight.

    A full collection would look at 45,000 objects of modules and models: 20 ms in which no OSC frame leaves; and since
    it waits until a quarter of them is new, a show would grow by its cyclic garbage for a quarter of an hour.
    """
    gc.collect()
    gc.freeze()


def main(argv: list[str]) -> int:
    """Run one role; returns the exit code."""
    role, folder = argv[0], Path(argv[1])
    show = shows.load(folder)
    life = Life(show, role)
    # Ctrl-C reaches the whole terminal group: only the supervisor acts on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, lambda *_: life.end())
    logging.basicConfig(
        filename=folder / f"{role}.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.captureWarnings(True)
    try:
        run = _load(role)
        if run is None:
            return NOT_HERE
        return int(run(show, life) or 0)
    except LivedanceError as error:
        logging.error("%s", error)
        print(f"livedance: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    except BaseException:
        # The one broad handler of a process, for a cancelled loop too: the log keeps the reason.
        logging.exception("%s ended", role)
        return 1


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    # Drivers and toolkits may keep threads that never end; everything of ours is closed by now.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
