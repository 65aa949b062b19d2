"""`livedance run` as a user starts it: a process of its own, its facts read from its JSON lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from livedance.errors import LivedanceError

STOP_S: Final = 10.0
TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class BenchError(LivedanceError):
    """A measurement that came to nothing and may be repeated."""


class ShowProcess:
    """A running show. Use as a context; it is stopped as by Ctrl-C."""

    def __init__(self, options: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.options = [*options, "--no-tui", "--log-json"]
        self._env = dict(env or os.environ)
        self.facts: dict[str, Any] = {}
        """The newest value of each fact."""
        self.first_s: dict[tuple[str, Any], float] = {}
        """(fact, value) -> machine time at which it was first printed."""
        self.said: list[str] = []
        self.started_s = 0.0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> ShowProcess:
        self.started_s = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "livedance", "run", *self.options],
            env=self._env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the show goes on."""
        return self._process is not None and self._process.poll() is None

    def wait_for(self, fact: str, timeout_s: float) -> Any:
        """Return the first true value of a fact; raises `BenchError` with what the show said instead."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.is_running:
            if self.facts.get(fact):
                return self.facts[fact]
            time.sleep(0.02)
        raise BenchError(f"the show did not say '{fact}' within {timeout_s:g} s; it said: {' '.join(self.said[-3:])}")

    def stop(self) -> int:
        """End the show as Ctrl-C does; return its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _read(self, pipe: IO[str]) -> None:
        for line in pipe:
            self.said.append(line.strip())
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                self.facts.update(found)
                for fact, value in found.items():
                    if isinstance(value, (str, bool)):
                        self.first_s.setdefault((fact, value), time.monotonic())


def family(pid: int) -> dict[int, str]:
    """Return pid -> role of a show's supervisor and all its children (Linux)."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":  # ended, and not yet asked how
            parents[int(folder.name)] = int(fields[1])
    found, fresh = {pid: "supervisor"}, {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh}
        found |= {child: role_of(child) for child in fresh}
    return found


def role_of(pid: int) -> str:
    """Return the role of a child process from its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "gone"
    if b"livedance.process" in words:
        return words[words.index(b"livedance.process") + 1].decode()
    return Path(words[0].decode()).name


def cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process in MB; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 1e6
    except OSError:
        return 0.0
