"""What the reliability tests watch a show with: a web client, a reference rhythm, a display, the process list."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from livedance.broadcast import wire
from tests.integration.running_show import OscListener, wait_for

FRAME_S = 1 / 60


class Rhythm:
    """Sleeps 1/60 s again and again: the largest gap it sees is this machine's scheduler, not our program."""

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(FRAME_S):
            self.ticks.append(time.monotonic())

    def lateness_s(self, start_s: float, end_s: float) -> float:
        """Return by how much the latest tick of a span was late."""
        ticks = [t for t in self.ticks if start_s <= t <= end_s]
        return max(0.0, float(np.diff(ticks).max()) - FRAME_S) if len(ticks) > 1 else end_s - start_s

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1.0)


def sent_times(osc: OscListener, start_s: float, end_s: float) -> np.ndarray:
    """Return the show times at which frames left the stage, of those received in a span of this machine's time."""
    return np.array([m.values[0] for m in osc.values("/livedance/time") if start_s <= m.t_s <= end_s])


def fastest_m_per_s(osc: OscListener, start_s: float, end_s: float, joint: str = "hips") -> float:
    """Return the greatest speed between two frames; a jump is faster than any dancer."""
    frames = [m for m in osc.values(f"/livedance/dancer/1/{joint}") if start_s <= m.t_s <= end_s]
    places = np.array([m.values for m in frames])
    times = sent_times(osc, start_s, end_s)
    n = min(len(places), len(times))
    steps = np.linalg.norm(np.diff(places[:n], axis=0), axis=1)
    return float((steps / np.maximum(np.diff(times[:n]), FRAME_S)).max())


class WebClient:
    """One `livedance.v1` client in a thread; everything it was sent, in order."""

    def __init__(self, url: str, *, want: tuple[str, ...] = ("score",), token: str | None = None) -> None:
        address, _, fragment = url.partition("#token=")
        self.address = address.replace("http://", "ws://") + "ws"
        self.token = fragment if token is None else token
        self.want = want
        self.texts: list[dict] = []
        self.binary: list[tuple[float, bytes]] = []
        self.closed_s: float | None = None
        self._id = 0
        self._open = contextlib.ExitStack()
        self.socket: ClientConnection = self._open.enter_context(
            connect(self.address, subprotocols=["livedance.v1"], open_timeout=10, max_size=None, compression=None)
        )
        self.send("hello", want=list(want), token=self.token, versions=[1])
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            for message in self.socket:
                if isinstance(message, str):
                    self.texts.append(json.loads(message))
                else:
                    self.binary.append((time.monotonic(), message))
        self.closed_s = time.monotonic()

    def send(self, kind: str, **fields: object) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def control(self, op: str, value: object = None, **args: object) -> dict:
        """Send a control and return its answer."""
        self._id += 1
        self.send("control", id=self._id, op=op, value=value, args=args, token=self.token)
        return wait_for(lambda: next((t for t in self.of("control") if t.get("id") == self._id), None), 5, "an answer")

    def of(self, kind: str) -> list[dict]:
        return [t for t in list(self.texts) if t.get("type") == kind]

    def state(self) -> dict:
        """Return the newest state."""
        return next((t for t in reversed(list(self.texts)) if t.get("type") == "state"), {})

    def windows(self, since_s: float = 0.0) -> list[wire.Window]:
        found = [m for t_s, data in list(self.binary) if t_s >= since_s for m in wire.decode_all(data)]
        return [m for m in found if isinstance(m, wire.Window)]

    def close(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            self._open.close()


@contextlib.contextmanager
def x_server() -> Iterator[str]:
    """Run an X server of our own on a free display; ended by its own id."""
    assert shutil.which("Xvfb"), "Xvfb is not installed (apt-get install xvfb)"
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    try:
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_with(mark: str) -> list[int]:
    """Return the processes whose environment holds `mark`: everything that a show with it has started."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if mark.encode() in file.read() and is_alive(int(name)):
                    found.append(int(name))
    return found
