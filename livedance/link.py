"""Links between our own processes: framed messages over a private local socket.

The stage listens, everyone else connects and says who it is in the first message. A frame is
`u32 length` and a `livedance.v1` message (JSON messages begin with "{"). POSIX: a Unix socket in the
show's private folder; elsewhere: loopback TCP with the show's secret as the first frame.
Loss: a peer that leaves `OUT_LIMIT` bytes unread is disconnected (it reconnects and is brought up to date).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import struct
import time
from collections import deque
from collections.abc import Container
from pathlib import Path
from typing import Any, Final

_LENGTH: Final = struct.Struct("<I")
OUT_LIMIT: Final = 8 << 20
FRAME_LIMIT: Final = 16 << 20
RETRY_S: Final = 0.05


class Link:
    """One end of a connection. Non-blocking; one thread."""

    def __init__(self, sock: socket.socket | None = None) -> None:
        self._sock = sock
        self._in = bytearray()
        self._out: deque[memoryview] = deque()
        self._out_bytes = 0
        self._kept: list[bytes] = []
        """Messages that came with the first one, before the peer had a name."""
        if sock is not None:
            sock.setblocking(False)

    @property
    def connected(self) -> bool:
        """True while the peer is there."""
        return self._sock is not None

    @property
    def pending(self) -> bool:
        """True while bytes wait to be sent."""
        return bool(self._out)

    def fileno(self) -> int:
        """Return the descriptor for a selector, or -1."""
        return self._sock.fileno() if self._sock else -1

    def send(self, message: bytes) -> None:
        """Queue a message and send what the socket takes now; drops it when nobody is there."""
        if self._sock is None:
            return
        frame = memoryview(_LENGTH.pack(len(message)) + message)
        self._out.append(frame)
        self._out_bytes += len(frame)
        if self._out_bytes > OUT_LIMIT:
            self.close()
            return
        self.flush()

    def send_json(self, message: dict[str, Any]) -> None:
        """Queue a JSON message."""
        self.send(json.dumps(message, separators=(",", ":")).encode())

    def flush(self) -> None:
        """Send what the socket takes now."""
        while self._out and self._sock is not None:
            try:
                sent = self._sock.send(self._out[0])
            except BlockingIOError:
                return
            except OSError:
                self.close()
                return
            self._out_bytes -= sent
            if sent == len(self._out[0]):
                self._out.popleft()
            else:
                self._out[0] = self._out[0][sent:]

    def recv(self) -> list[bytes]:
        """Return every whole message that has arrived; never blocks."""
        while self._sock is not None:
            try:
                data = self._sock.recv(1 << 18)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self.close()
                break
            self._in += data
        kept, self._kept = self._kept, []
        return kept + self._frames()

    def keep_for_next(self, messages: list[bytes]) -> None:
        """Let the next `recv` return `messages` first."""
        self._kept = messages

    def _frames(self) -> list[bytes]:
        out: list[bytes] = []
        at = 0
        while len(self._in) - at >= _LENGTH.size:
            (n,) = _LENGTH.unpack_from(self._in, at)
            if n > FRAME_LIMIT:
                self.close()
                return out
            if len(self._in) - at - _LENGTH.size < n:
                break
            out.append(bytes(self._in[at + _LENGTH.size : at + _LENGTH.size + n]))
            at += _LENGTH.size + n
        del self._in[:at]
        return out

    def close(self) -> None:
        """Hang up; what was not sent is lost."""
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.close()
        self._sock = None
        self._out.clear()
        self._out_bytes = 0


class StageLink(Link):
    """The client's end: connects to the stage and reconnects when it comes back."""

    def __init__(self, address: str, secret: str, role: str) -> None:
        super().__init__()
        self._address, self._secret, self._role = address, secret, role
        self._next_try_s = 0.0

    def keep(self) -> bool:
        """Reconnect when needed; returns True right after a new connection. Call often; never blocks long."""
        if self.connected or time.monotonic() < self._next_try_s:
            return False
        self._next_try_s = time.monotonic() + RETRY_S
        try:
            self._sock = _connect(self._address)
        except OSError:
            self._sock = None
            return False
        self._sock.setblocking(False)
        self._in.clear()
        self.send_json({"type": "hello", "role": self._role, "secret": self._secret, "pid": os.getpid()})
        return self.connected

    def wait_connected(self, timeout_s: float) -> bool:
        """Try until connected or `timeout_s` is over."""
        end = time.monotonic() + timeout_s
        while not self.connected and time.monotonic() < end:
            if not self.keep():
                time.sleep(0.01)
        return self.connected


class LinkServer:
    """The stage's end: accepts, checks the secret, names the peers by role."""

    def __init__(self, address: str, secret: str) -> None:
        self._secret = secret
        self._listener = _listen(address)
        self._listener.setblocking(False)
        self._unnamed: list[Link] = []
        self.peers: dict[str, Link] = {}
        """Role -> link; a new one of the same role replaces the old."""

    def accept(self, ready: Container[int] | None = None) -> list[str]:
        """Take new connections; returns roles that have just arrived.

        Args:
            ready: descriptors that a selector found readable; None asks the sockets themselves.
        """
        if ready is None or self._listener.fileno() in ready:
            with contextlib.suppress(BlockingIOError, InterruptedError):
                while True:
                    sock, _ = self._listener.accept()
                    self._unnamed.append(Link(sock))
        arrived = []
        for link in list(self._unnamed):
            messages = link.recv()
            if not messages:
                if not link.connected:
                    self._unnamed.remove(link)
                continue
            self._unnamed.remove(link)
            role = self._role(messages[0])
            if role is None:
                link.close()
                continue
            link.keep_for_next(messages[1:])
            if role in self.peers:
                self.peers[role].close()
            self.peers[role] = link
            arrived.append(role)
        return arrived

    def _role(self, hello: bytes) -> str | None:
        try:
            message = json.loads(hello)
            good = secrets.compare_digest(str(message["secret"]), self._secret)
            return str(message["role"]) if good else None
        except (ValueError, KeyError, TypeError):
            return None

    def filenos(self) -> list[int]:
        """Return every descriptor worth waiting for."""
        links = [*self._unnamed, *self.peers.values()]
        return [self._listener.fileno(), *(link.fileno() for link in links if link.connected)]

    def close(self) -> None:
        """Hang up on everyone."""
        for link in [*self._unnamed, *self.peers.values()]:
            link.close()
        self._listener.close()


def new_address(folder: Path) -> str:
    """Return an address for a show in its private folder."""
    if hasattr(socket, "AF_UNIX") and os.name == "posix":
        return str(folder / "stage.sock")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _is_unix(address: str) -> bool:
    return not address.startswith("127.0.0.1:")


def _connect(address: str) -> socket.socket:
    if _is_unix(address):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(address)
        return sock
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=0.5)


def _listen(address: str) -> socket.socket:
    if _is_unix(address):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(address)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(address)
    else:
        host, _, port = address.rpartition(":")
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, int(port)))
    sock.listen(16)
    return sock
