"""A real show in a real process tree, for tests: start, listen, kill a part, stop."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

REPOSITORY = Path(__file__).resolve().parents[2]
SCALE = float(os.environ.get("LIVEDANCE_TEST_TIME_SCALE", "1"))
"""Slow machines stretch every time-out by this."""


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, timeout_s: float, what: str):
    """Return the first true value of `condition()`; fails with `what` when none comes in time."""
    end = time.monotonic() + timeout_s * SCALE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {timeout_s * SCALE:g} s for {what}")


@dataclass
class OscFrame:
    """One message as it was received."""

    t_s: float
    address: str
    values: tuple


class OscListener:
    """Receives OSC in a thread with python-osc's own parser."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.messages: list[OscFrame] = []
        self.packets: list[float] = []
        self._stop = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop:
            try:
                data = self.socket.recv(65_536)
            except (TimeoutError, OSError):
                continue
            now = time.monotonic()
            self.packets.append(now)
            for message in OscBundle(data) if OscBundle.dgram_is_bundle(data) else [OscMessage(data)]:
                self.messages.append(OscFrame(now, message.address, tuple(message.params)))

    def values(self, address: str) -> list[OscFrame]:
        return [m for m in list(self.messages) if m.address == address]

    def last(self, address: str, default: float) -> float:
        """The newest first value of an address."""
        found = self.values(address)
        return found[-1].values[0] if found else default

    def close(self) -> None:
        self._stop = True
        self._thread.join(1.0)
        self.socket.close()


@dataclass
class Show:
    """A running `livedance run`."""

    process: subprocess.Popen
    lines: list[str] = field(default_factory=list)

    def facts(self) -> dict:
        """Everything the JSON log has said so far, newest last."""
        out: dict = {}
        for line in list(self.lines):
            with contextlib.suppress(ValueError):
                out |= json.loads(line)
        return out

    def fact(self, key: str, timeout_s: float = 15.0):
        return wait_for(lambda: self.facts().get(key), timeout_s, f"{key} in {self.lines}")

    def pid(self, role: str) -> int | None:
        """The process id of a role, found among our children."""
        children = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid=,args="], capture_output=True, text=True, check=False
        ).stdout
        for line in children.splitlines():
            pid, _, args = line.strip().partition(" ")
            if f"livedance.process {role} " in args:
                return int(pid)
        return None

    def kill(self, role: str) -> int:
        pid = wait_for(lambda: self.pid(role), 10.0, f"a {role} process")
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(8.0 * SCALE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextlib.contextmanager
def running(*args: str, env: dict[str, str] | None = None):
    """Start a show without window or page unless `args` say so; yields it and stops it."""
    command = [sys.executable, "-m", "livedance", "run", "--log-json", "--no-window", "--osc-in", "off", *args]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, "LIVEDANCE_WEB__OPEN_BROWSER": "off", **(env or {})}, text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    show = Show(process)
    reader = threading.Thread(target=lambda: show.lines.extend(iter(process.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        yield show
    finally:
        show.stop()
        reader.join(2.0)
