"""The parent: starts, watches and restarts the processes of a show. Opens no socket, imports next to nothing.

When it dies, the children see it and end within two seconds (`livedance.process`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Final

from livedance import interrupts
from livedance.process import NOT_HERE
from livedance.show import Board, Show

LOG = logging.getLogger(__name__)
TICK_S: Final = 0.02
LONGEST_TICK_S: Final = 0.1
STOP_S: Final = 2.5
"""Time the children have to close their files."""
HANG_S: Final = {"stage": 2.0, "brain": 5.0, "herald": 5.0, "window": 6.0, "painter": 6.0, "terminal": 10.0}
"""Without a heartbeat for this long a process counts as hung and is ended."""
START_S: Final = 20.0
"""Time until the first heartbeat."""
BACKOFF_S: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)
CALM_S: Final = 5.0
"""A process that lived this long starts again without back-off."""
USER_ERRORS: Final = (2, 3, 4, 5, 6)
"""Exit codes that a restart cannot mend."""


@dataclass(slots=True)
class Child:
    """One role and its process."""

    role: str
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    checked_s: float = 0.0
    beat_s: float = 0.0
    silent_s: float = 0.0
    """Time without a new heartbeat, as far as the supervisor itself was running."""
    fails: int = 0
    next_start_s: float = 0.0
    finished: bool = False
    has_lived: bool = False


class Supervisor:
    """Keeps the roles of one show alive until it is to end."""

    def __init__(self, show: Show, roles: tuple[str, ...]) -> None:
        self._show = show
        self._board = Board(show.folder / "board")
        self._children = [Child(role) for role in roles]
        self._interrupts = 0
        self._exit_code = 0
        handler = logging.FileHandler(show.folder / "supervisor.log", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        LOG.addHandler(handler)
        LOG.propagate = False

    def run(self) -> int:
        """Run the show; returns the exit code. Main thread."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        if interrupts.pressed():
            self._on_signal(signal.SIGINT, None)
        try:
            while not self._board.stop:
                for child in self._children:
                    self._tend(child)
                time.sleep(TICK_S)
        finally:
            self._stop_all()
        return self._exit_code

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._interrupts += 1
        self._exit_code = 130
        self._board.ask_stop()
        if self._interrupts > 1:
            for child in self._children:
                _kill(child)

    def _tend(self, child: Child) -> None:
        if child.role == "painter" and not self._board.painter_wanted and child.process is None:
            return
        now = time.monotonic()
        if child.process is None:
            if not child.finished and now >= child.next_start_s:
                self._start(child, now)
            return
        code = child.process.poll()
        if code is None:
            self._check_heart(child, now)
        else:
            self._bury(child, code, now)

    def _start(self, child: Child, now: float) -> None:
        self._board.clear_beat(child.role)
        command = [sys.executable, "-m", "livedance.process", child.role, str(self._show.folder)]
        # The terminal process owns the keyboard; the others must not read it.
        stdin = None if child.role == "terminal" else subprocess.DEVNULL
        with _interrupt_held():
            child.process = subprocess.Popen(command, stdin=stdin, env=_environment())
        child.started_s = child.checked_s = now
        child.beat_s = child.silent_s = 0.0

    def _check_heart(self, child: Child, now: float) -> None:
        """End a child that gives no sign of life; only time in which this process ran itself counts against it.

        After a stall of the whole machine (suspend, a frozen host) every heartbeat is old and nobody is to blame.
        """
        beat = self._board.last_beat_s(child.role)
        child.has_lived = child.has_lived or beat > 0
        child.silent_s = 0.0 if beat != child.beat_s else child.silent_s + min(now - child.checked_s, LONGEST_TICK_S)
        child.beat_s, child.checked_s = beat, now
        if child.silent_s > (HANG_S[child.role] if beat > 0 else START_S):
            LOG.warning("%s gave no sign of life for %.1f s and is ended", child.role, child.silent_s)
            _kill(child)

    def _bury(self, child: Child, code: int, now: float) -> None:
        child.process = None
        if self._board.stop:
            return
        LOG.warning("%s ended with code %d after %.1f s", child.role, code, now - child.started_s)
        lived = child.has_lived or self._board.last_beat_s(child.role) > 0
        if code == NOT_HERE or (child.role == "painter" and code == 0):
            child.finished = code == NOT_HERE
            return
        if code in USER_ERRORS and not lived:
            # A sentence has been printed; before the show runs it is the user's to act on.
            self._exit_code = code
            self._board.ask_stop()
            return
        child.fails = 0 if now - child.started_s > CALM_S else child.fails + 1
        child.next_start_s = now + BACKOFF_S[min(max(child.fails, 1), len(BACKOFF_S)) - 1]
        if child.role == "stage" and child.fails >= 10:
            self._exit_code = 1
            self._board.ask_stop()

    def _stop_all(self) -> None:
        self._board.ask_stop()
        end = time.monotonic() + STOP_S
        while time.monotonic() < end and any(c.process and c.process.poll() is None for c in self._children):
            time.sleep(TICK_S)
        for child in self._children:
            _kill(child)


def _kill(child: Child) -> None:
    if child.process is not None and child.process.poll() is None:
        child.process.kill()
        child.process.wait()


@contextlib.contextmanager
def _interrupt_held() -> Iterator[None]:
    """Let a child begin with Ctrl-C blocked, until it ignores it by itself; ours is delivered afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _environment() -> dict[str, str]:
    """Return the children's environment: one numerics thread each, so that nobody starves a frame."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one}
