"""A server on a free port, clients that speak livedance.v1, and something to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection, connect

from livedance.broadcast import wire
from livedance.broadcast.websocket import ServerOptions, WebSocketServer
from livedance.messages import ClockState, MotionWindow
from livedance.skeleton import rest_pose

TOKEN = "right-token"


@contextmanager
def serving(viewer: Path | None = None, **options: Any) -> Iterator[WebSocketServer]:
    """Serve while the body runs; `server.commands` collects what controls ask for."""
    if viewer is not None:
        options["viewer"] = viewer
    server = WebSocketServer(ServerOptions(**{"port": 0, "token": TOKEN, **options}))
    server.commands = []  # type: ignore[attr-defined]
    server.on_control = lambda op, args, client: server.commands.append((op, args))  # type: ignore[attr-defined]
    server.start()
    try:
        yield server
    finally:
        server.stop()


def join(server: WebSocketServer, want: list[str] | None = None, *, token: str = "", **how: Any) -> ClientConnection:
    """Return a connection that has been welcomed."""
    client = dial(server, **how)
    say(client, type="hello", want=want or ["score"], token=token)
    assert hear(client)["type"] == "welcome"
    return client


def dial(server: WebSocketServer, **how: Any) -> ClientConnection:
    """Return an open connection that has not said anything."""
    options = {"subprotocols": [wire.PROTOCOL], "compression": None, "max_size": 16 << 20, **how}
    return connect(f"ws://127.0.0.1:{server.port}/ws", **options)


def say(client: ClientConnection, **message: Any) -> None:
    client.send(json.dumps(message))


def hear(client: ClientConnection) -> Any:
    """Return the next message: text as a table, bytes as they are."""
    message = client.recv(timeout=10)
    return json.loads(message) if isinstance(message, str) else message


def hear_text(client: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next text message of type `kind`."""
    while True:
        message = hear(client)
        if isinstance(message, dict) and message["type"] == kind:
            return message


def hear_bytes(client: ClientConnection, kind: int) -> bytes:
    """Return the next binary message whose type byte is `kind`."""
    while True:
        message = hear(client)
        if isinstance(message, bytes) and message[0] == kind:
            return message


def clock(server: WebSocketServer, beat: float = 8.0) -> bytes:
    return wire.encode_clock(ClockState(t_s=server.now(), beat_position=beat, confidence=1.0))


def window(beat: float, plan: int, dancer: int = 0) -> bytes:
    root, rotations = rest_pose()
    motion = MotionWindow(
        beat_start=beat,
        root_position_m=np.tile(root, (32, 1)),
        joint_rotations_wxyz=np.tile(rotations, (32, 1, 1)),
        foot_contact=np.zeros((32, 4)),
        hands=np.zeros((32, 2), np.uint8),
        plan=plan,
        dancer=dancer,
    )
    return wire.encode_window(motion)


def image(seq: int, size: int = 20_000) -> bytes:
    return wire.encode_image(t_s=float(seq), width=16, height=16, data=bytes(size), seq=seq)
