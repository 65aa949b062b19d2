"""What a receiver of each output sees, with the machine time at which it saw it. Decoding waits until after the run."""

from __future__ import annotations

import contextlib
import json
import mmap
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import osc_codec, skeleton
from livedance.broadcast import wire
from livedance.errors import ConfigError, WireError
from livedance.evaluation.show_process import BenchError

Array = NDArray[np.floating]

WINDOW_PICTURES: Final = 20
"""So many changes of the display are a window that is drawn, not one that is being opened."""
PROTOCOL: Final = "livedance.v1"
BODY_JOINTS: Final = 18
_NAMES: Final = {f"/livedance/dancer/1/{name}": j for j, name in enumerate(skeleton.JOINT_NAMES[:BODY_JOINTS])}


class OscListener:
    """Receives the `default` profile. Its own thread."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port = int(self._socket.getsockname()[1])
        self._got: list[tuple[float, bytes]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._stopped.set()
        self._thread.join(2.0)
        self._socket.close()

    def poses(self) -> tuple[Array, Array]:
        """Return (times (T,), positions (T, 18, 3)) of dancer 1."""
        times, poses = [], []
        for stamp, data in self._got:
            if b"/livedance/dancer/1/" in data:
                pose = np.full((BODY_JOINTS, 3), np.nan)
                for message in osc_codec.decode(data):
                    if (joint := _NAMES.get(message.address)) is not None:
                        pose[joint] = message.args
                times.append(stamp)
                poses.append(pose)
        return np.array(times), np.array(poses).reshape(-1, BODY_JOINTS, 3)

    def hits(self) -> Array:
        """Return the times of `beat/hit`."""
        return np.array([stamp for stamp, data in self._got if b"/beat/hit\0" in data])

    def rhythm(self) -> tuple[float, float]:
        """Return (frames a second, longest gap in s) of the poses so far."""
        stamps = np.array([stamp for stamp, data in self._got if b"/livedance/dancer/1/" in data])
        if len(stamps) < 2:
            return 0.0, float("inf")
        return float((len(stamps) - 1) / (stamps[-1] - stamps[0])), float(np.diff(stamps).max())

    def first_time(self) -> float | None:
        """Return when the first datagram came."""
        return self._got[0][0] if self._got else None

    def _run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                data = self._socket.recv(65_536)
                self._got.append((time.monotonic(), data))


class SocketListener:
    """A `livedance.v1` client that wants poses (or any other streams). Its own thread."""

    def __init__(
        self, url: str, want: tuple[str, ...] = ("pose",), token: str = "", *, keep: int | None = None
    ) -> None:
        """Connect; `keep` bounds how many messages are remembered (None: all)."""
        self._url, self._want, self._token, self._keep = url, want, token, keep
        self._got: list[tuple[float, bytes]] = []
        self.connected_s: float | None = None
        self.problem = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave."""
        self._stopped.set()
        self._thread.join(3.0)

    def poses(self) -> tuple[Array, Array]:
        """Return (times (T,), positions (T, 18, 3)) of the first dancer."""
        times, poses = [], []
        for stamp, message in self._messages():
            if isinstance(message, wire.Pose) and len(message.positions):
                times.append(stamp)
                poses.append(np.asarray(message.positions, np.float64)[0, :BODY_JOINTS])
        return np.array(times), np.array(poses).reshape(-1, BODY_JOINTS, 3)

    def first_window_s(self) -> float | None:
        """Return when the first window of motion came."""
        return next((stamp for stamp, message in self._messages() if isinstance(message, wire.Window)), None)

    def windows(self) -> list[tuple[float, wire.Window]]:
        """Return (time of arrival, window) of every window of motion."""
        return [(stamp, message) for stamp, message in self._messages() if isinstance(message, wire.Window)]

    def _messages(self) -> list[tuple[float, wire.Message]]:
        found = []
        for stamp, data in self._got:
            with contextlib.suppress(WireError):
                found += [(stamp, message) for message in wire.decode_all(data)]
        return found

    def _run(self) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
        from websockets.typing import Subprotocol

        try:
            protocol = Subprotocol(PROTOCOL)
            with connect(self._url, compression=None, max_size=None, subprotocols=[protocol]) as connection:
                hello = {"type": "hello", "want": list(self._want), "token": self._token, "name": "bench"}
                connection.send(json.dumps(hello))
                self.connected_s = time.monotonic()
                while not self._stopped.is_set():
                    with contextlib.suppress(TimeoutError):
                        message = connection.recv(timeout=0.2)
                        if isinstance(message, bytes) and (self._keep is None or len(self._got) < self._keep):
                            self._got.append((time.monotonic(), message))
        except (OSError, WebSocketException) as problem:
            self.problem = str(problem)


class ScreenListener:
    """A virtual display whose picture is read from memory, so that looking costs nothing and adds no delay."""

    RATE_HZ: Final = 90.0
    WIDTH_PX: Final = 640
    HEIGHT_PX: Final = 360
    STRIDE_PX: Final = 4

    def __init__(self) -> None:
        if not shutil.which("Xvfb"):
            raise ConfigError("this bench needs Xvfb: apt-get install xvfb")
        self._folder = Path(tempfile.mkdtemp(prefix="ld-screen-"))
        self._server, self.display = self._start_server()
        self._times: list[float] = []
        self._pictures: list[NDArray[np.uint8]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking and end the display."""
        self._stopped.set()
        self._thread.join(2.0)
        if self._server.poll() is None:
            self._server.terminate()
            self._server.wait(5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait(self, timeout_s: float) -> None:
        """Return once a window moves on the display; raises `BenchError` when none does in time."""
        end = time.monotonic() + timeout_s
        while len(self._times) < WINDOW_PICTURES:
            if time.monotonic() > end:
                raise BenchError(f"no window has moved on the display within {timeout_s:.0f} s")
            time.sleep(0.05)

    def pictures(self) -> tuple[Array, NDArray[np.uint8]]:
        """Return (times, grey pictures) at each change of the display."""
        return np.array(self._times), np.array(self._pictures)

    def _start_server(self) -> tuple[subprocess.Popen[bytes], str]:
        size = f"{self.WIDTH_PX}x{self.HEIGHT_PX}x24"
        for number in range(141, 171):
            words = ["Xvfb", f":{number}", "-screen", "0", size, "-fbdir", str(self._folder), "-nolisten", "tcp"]
            server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            end = time.monotonic() + 5.0
            while time.monotonic() < end and server.poll() is None:
                if Path(f"/tmp/.X11-unix/X{number}").exists() and (self._folder / "Xvfb_screen0").exists():
                    return server, f":{number}"
                time.sleep(0.05)
            if server.poll() is None:
                server.terminate()
        raise ConfigError("no virtual display could be started")

    def _run(self) -> None:
        with (self._folder / "Xvfb_screen0").open("rb") as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        fields = struct.unpack(">25I", memory[:100])
        offset, height, line = fields[0] + 12 * fields[19], fields[5], fields[12]
        screen = np.frombuffer(memory, np.uint8, height * line, offset).reshape(height, line // 4, 4)
        last: NDArray[np.uint8] | None = None
        while not self._stopped.wait(1.0 / self.RATE_HZ):
            small = screen[:: self.STRIDE_PX, : self.WIDTH_PX : self.STRIDE_PX, 1].copy()
            if last is None or not np.array_equal(small, last):
                self._times.append(time.monotonic())
                self._pictures.append(small)
                last = small
