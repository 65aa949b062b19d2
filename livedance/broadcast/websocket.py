"""The server: one port for the page, its health and the `livedance.v1` socket.

    WebSocketServer.start()   -> address, on its own thread and loop
    publish, set_state, ...   <- any thread
    on_control, on_clients    -> called on the server's loop; must return at once

Access is decided in `access`, plain requests are answered in `http_routes`, clients are talked with in `conversation`,
and who gets what is up to `hub`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.server import serve
from websockets.typing import Subprotocol

from livedance import paths
from livedance.broadcast import http_static, limits, wire
from livedance.broadcast.access import Access, new_token
from livedance.broadcast.conversation import Conversations, GuardedConnection
from livedance.broadcast.http_routes import Routes
from livedance.broadcast.hub import Hub
from livedance.broadcast.port import bind, lan_address
from livedance.errors import LivedanceError

SUBPROTOCOL: Final = Subprotocol(wire.PROTOCOL)
HOUSEKEEPING_S: Final = 1.0

OnControl = Callable[[str, dict[str, Any], str], None]
OnClients = Callable[[dict[str, int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What the server needs to know before it opens."""

    host: str = "127.0.0.1"
    port: int | None = None
    """None: `DEFAULT_PORT` or the next free one; a number: that one or `PortBusyError`; 0: any."""
    token: str = field(default_factory=new_token)
    caps: limits.Caps = field(default_factory=limits.Caps)
    viewer: Path = paths.VIEWER
    show_start_s: float = field(default_factory=time.monotonic)
    """`time.monotonic()` at show time 0."""
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    boot: str = field(default_factory=lambda: secrets.token_hex(8))
    extra_hosts: frozenset[str] = frozenset()


class WebSocketServer:
    """Fans the show out to browsers and programs."""

    def __init__(
        self,
        options: ServerOptions,
        *,
        on_control: OnControl = lambda op, args, client: None,
        on_clients: OnClients = lambda counts: None,
        port_before: int | None = None,
        audio: Mapping[str, Path] | None = None,
    ) -> None:
        """Load the page's files.

        Args:
            options: where and how to serve.
            on_control: called with (op, args, client) for every command that may be obeyed; a `LivedanceError` that it
                raises is the answer to the client.
            on_clients: called with the number of clients per want whenever it changes.
            port_before: the port of this show before a restart, tried first; viewers wait there.
            audio: files offered at `/audio/NAME`, for a page that must play them.
        """
        self.options = options
        self.on_control, self.on_clients = on_control, on_clients
        self.port = 0
        """The port in use, once open."""
        self.access = Access(bind_host=options.host, token=options.token, extra_hosts=options.extra_hosts)
        self._hub = Hub(
            caps=options.caps,
            session=options.session,
            boot=options.boot,
            now=self.now,
            on_clients=lambda counts: self.on_clients(counts),
        )
        self._routes = Routes(
            self.access,
            http_static.StaticSite(options.viewer),
            dict(audio or {}),
            self._hub.counters,
            health=self.health,
            stats=lambda: self._hub.stats,
        )
        self._conversations = Conversations(
            self._hub,
            self.access,
            now=self.now,
            on_control=lambda op, args, client: self.on_control(op, args, client),
        )
        self._port_before = port_before
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._lag_s = 0.0

    def now(self) -> float:
        """Return show time, seconds."""
        return time.monotonic() - self.options.show_start_s

    @property
    def url(self) -> str:
        """The address to open; the token travels in the fragment, which browsers never send."""
        host = self.options.host if self.options.host not in ("0.0.0.0", "::", "") else lan_address()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/#token={self.options.token}"

    # --- opening and closing -------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[WebSocketServer]:
        """Serve on the running loop while the body runs. Raises `PortBusyError` or `LivedanceError`."""
        self._loop = asyncio.get_running_loop()
        listener = bind(self.options.host, self.options.port, self._port_before)
        self.port = listener.getsockname()[1]
        server = serve(
            self._conversations.serve,
            sock=listener,
            subprotocols=[SUBPROTOCOL],
            compression=None,
            process_request=self._routes.process,
            max_size=limits.INBOUND_BYTES,
            open_timeout=limits.HELLO_TIMEOUT_S,
            close_timeout=1.0,
            server_header=None,
            create_connection=GuardedConnection,
            logger=_quiet_logger(),
            backlog=1_024,
        )
        async with server:
            housekeeping = asyncio.create_task(self._keep_house())
            try:
                yield self
            finally:
                housekeeping.cancel()
                self._loop = None

    def start(self) -> str:
        """Serve on an own thread; returns the address. Raises what `serving` raises."""
        ready = threading.Event()
        failure: list[LivedanceError] = []

        async def main() -> None:
            try:
                async with self.serving():
                    self._stop = asyncio.Event()
                    ready.set()
                    await self._stop.wait()
            except LivedanceError as error:
                failure.append(error)
            finally:
                ready.set()

        self._thread = threading.Thread(target=lambda: asyncio.run(main()), name="websocket", daemon=True)
        self._thread.start()
        ready.wait()
        if failure:
            raise failure[0]
        return self.url

    def stop(self) -> None:
        """End the thread within two seconds; may be called twice."""
        if self._stop is not None:
            self._call(self._stop.set)
        if self._thread is not None:
            self._thread.join(2.0)

    # --- feeding, from any thread --------------------------------------------------------------------------------

    def publish(self, message: bytes) -> None:
        """Send a wire message to everyone who wants its kind."""
        self._call(self._hub.publish, message)

    def set_state(self, state: dict[str, Any]) -> None:
        """Replace the sticky state; every client, also one that joins later, gets it."""
        self._call(self._hub.set_state, state)

    def set_stats(self, stats: dict[str, Any]) -> None:
        """Send the show's numbers to huds and to `/metrics`."""
        self._call(self._hub.set_stats, stats)

    def set_presets(self, presets: dict[str, Any]) -> None:
        """Tell those who may control the show, also who joins later, which presets there are."""
        self._call(self._hub.set_presets, presets)

    def snapshot(self) -> tuple[bytes | None, list[bytes], dict[str, Any]]:
        """Return what a newcomer gets: newest clock, windows, sticky state. The server's loop only."""
        store = self._hub.store
        return store.clock, store.windows(self.now()), store.state

    def _call(self, function: Callable[..., object], *args: object) -> None:
        loop = self._loop
        if loop is not None:
            # The loop may close between the look and the call: then there is nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(function, *args)

    def health(self) -> dict[str, Any]:
        """Return what `/healthz` says."""
        ahead = self._hub.store.beats_ahead(self.now())
        return {
            "status": "ok",
            "session": self._hub.session,
            "boot": self.options.boot,
            "t_s": round(self.now(), 3),
            "clients": self._hub.counts(),
            "score_ahead_beats": round(ahead, 3) if math.isfinite(ahead) else None,
            "loop_lag_s": round(self._lag_s, 4),
        }

    async def _keep_house(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + HOUSEKEEPING_S
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._lag_s = max(0.0, loop.time() - due)
            due = loop.time() + HOUSEKEEPING_S
            self._hub.drop_stalled(HOUSEKEEPING_S)


def _quiet_logger() -> logging.Logger:
    """Return the library's logger without its line per request and per broken connection."""
    logger = logging.getLogger("livedance.broadcast.websocket.library")
    logger.setLevel(logging.CRITICAL)
    return logger
