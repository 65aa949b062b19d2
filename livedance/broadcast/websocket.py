"""The server: one port for the page, its health and the `livedance.v1` socket.

    WebSocketServer.start()   -> address, on its own thread and loop
    publish, set_state, ...   <- any thread
    on_control, on_clients    -> called on the server's loop; must return at once

Access is decided in `access`, what a client may say in `text`, who gets what in `hub`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import math
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from livedance import paths
from livedance.broadcast import http_static, limits, text, wire
from livedance.broadcast.access import Access, new_token
from livedance.broadcast.client import Client
from livedance.broadcast.hub import Hub
from livedance.broadcast.metrics import gauges
from livedance.errors import LivedanceError, PortBusyError, WireError

log = logging.getLogger(__name__)

SUBPROTOCOL: Final = Subprotocol(wire.PROTOCOL)
DEFAULT_PORT: Final = 8_765
PORT_TRIES: Final = 20
_OP: Final = re.compile(r"[a-z][a-z_]{0,31}")
HOUSEKEEPING_S: Final = 1.0
_REASONS: Final = {200: "OK", 206: "Partial Content", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
                   416: "Range Not Satisfiable"}  # fmt: skip

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
            on_control: called with (op, args, client) for every command that may be obeyed.
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
        self._site = http_static.StaticSite(options.viewer)
        self._audio = dict(audio or {})
        self._names = self._greeting = 0
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
        host = self.options.host if self.options.host not in ("0.0.0.0", "::", "") else _lan_address()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/#token={self.options.token}"

    # --- opening and closing -------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[WebSocketServer]:
        """Serve on the running loop while the body runs. Raises `PortBusyError` or `LivedanceError`."""
        self._loop = asyncio.get_running_loop()
        listener = bind(self.options.host, self.options.port, self._port_before)
        self.port = listener.getsockname()[1]
        server = serve(
            self._serve_client,
            sock=listener,
            subprotocols=[SUBPROTOCOL],
            compression=None,
            process_request=self._process_request,
            max_size=limits.INBOUND_BYTES,
            open_timeout=limits.HELLO_TIMEOUT_S,
            close_timeout=1.0,
            server_header=None,
            create_connection=_GuardedConnection,
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

    # --- HTTP ----------------------------------------------------------------------------------------------------

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        host, path = _header(request, "Host"), request.path.partition("?")[0]
        if not self.access.host_allowed(host):
            self._hub.counters.add("rejected", "host")
            return _respond(http_static.text_answer(403, "This name is not ours\n"), request)
        if path == "/ws":
            if self.access.origin_allowed(_header(request, "Origin"), host):
                return None
            self._hub.counters.add("rejected", "origin")
            return _respond(http_static.text_answer(403, "Pages of other sites may not connect\n"), request)
        return _respond(self._answer(request, path), request)

    def _answer(self, request: Request, path: str) -> http_static.Answer:
        if getattr(request, "method", "GET") not in ("GET", "HEAD"):
            return http_static.text_answer(405, "Only GET and HEAD\n")
        if path == "/healthz":
            return http_static.text_answer(200, json.dumps(self.health()) + "\n", "application/json")
        if path == "/metrics":
            return http_static.text_answer(200, self._metrics(), "text/plain; version=0.0.4")
        if path.startswith("/audio/"):
            file = self._audio.get(unquote(path.removeprefix("/audio/")))
            return http_static.audio_answer(file, _header(request, "Range")) if file else self._site.answer("", "")
        return self._site.answer(path, _header(request, "Accept-Encoding") or "")

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

    def _metrics(self) -> str:
        health = {k: v for k, v in self.health().items() if v is not None}
        return "\n".join([*gauges(health), *gauges(self._hub.stats, "livedance_show"), *self._hub.counters.lines(), ""])

    # --- the socket ----------------------------------------------------------------------------------------------

    async def _serve_client(self, connection: ServerConnection) -> None:
        self._names += 1
        client = Client(connection, f"web-{self._names}")
        if self._greeting >= limits.MAX_GREETING:
            self._hub.counters.add("rejected", "crowd")
            await connection.close(1013, "too many at the door")
            return
        try:
            self._greeting += 1
            try:
                async with asyncio.timeout(limits.HELLO_TIMEOUT_S):
                    joined = await self._greet(client)
            finally:
                self._greeting -= 1
            if joined:
                await self._listen(client)
        except TimeoutError:
            self._hub.counters.add("closed", "silent")
            await connection.close(1008, "no hello")
        except ConnectionClosed:
            pass
        finally:
            self._hub.leave(client)

    async def _greet(self, client: Client) -> bool:
        """Wait for a valid hello; returns whether the client has been let in."""
        while not isinstance(request := self._parse(client, await client.connection.recv()), text.Hello):
            if not client.requests.take(self.now()):
                await self._flooded(client)
                return False
            if request is not None:
                self._refuse(client, "hello", "the first message is 'hello'")
        has_token = self.access.token_matches(request.token)
        if self.access.view_needs_token and not has_token:
            self._hub.counters.add("rejected", "token")
            self._refuse(client, "token", "this address needs the token of the show", fatal=True)
            await client.connection.close(1008, "token")
            return False
        client.name = request.name or client.name
        if not self._hub.admit(client, frozenset(request.want), may_control=has_token):
            self._refuse(client, "full", "as many viewers as allowed are here already", fatal=True)
            await client.connection.close(1013, "full")
            return False
        return True

    async def _listen(self, client: Client) -> None:
        async for message in client.connection:
            request = self._parse(client, message)
            bucket = client.acks if isinstance(request, text.Ack) else client.requests
            if not bucket.take(self.now()):
                await self._flooded(client)
                return
            self._handle(client, request)

    async def _flooded(self, client: Client) -> None:
        self._hub.counters.add("closed", "flood")
        await client.connection.close(1008, "too many messages")

    def _parse(self, client: Client, message: str | bytes) -> text.Text | None:
        """Return the checked message; anything odd is counted and answered, and None is returned."""
        try:
            if not isinstance(message, str):
                raise WireError("clients send JSON text, not binary messages")
            return text.parse(message)
        except (WireError, RecursionError) as error:
            self._hub.counters.add("malformed", "client")
            sentence = str(error) if isinstance(error, WireError) else "a text message is nested too deep"
            self._refuse(client, "malformed", sentence)
            return None

    def _handle(self, client: Client, request: text.Text | None) -> None:
        match request:
            case text.Ping(t0=t0):
                t1_s = self.now()
                client.send_text(text.pong(t0=t0, t1=t1_s, t2=self.now()))
            case text.Ack():
                client.acknowledge()
            case text.Report():
                client.report = request
            case text.Control():
                self._control(client, request)
            case _:
                pass

    def _control(self, client: Client, request: text.Control) -> None:
        problem = ""
        if not self.access.token_matches(request.token):
            problem = "control needs the token of the show"
        elif not self._hub.allow_control(client):
            problem = "as many controllers as allowed are here already"
        elif not _OP.fullmatch(request.op) or not _is_plain(request.args):
            problem = "'op' is a lower-case name, 'args' holds finite numbers, texts and switches"
        if problem:
            self._hub.counters.add("rejected", "control")
        else:
            value = {} if request.value is None else {"value": request.value}
            self.on_control(request.op, {**value, **request.args}, client.name)
        answer = {"id": request.id, "ok": not problem}
        client.send_text(text.dump("control", answer | ({"error": problem} if problem else {})))

    def _refuse(self, client: Client, code: str, message: str, *, fatal: bool = False) -> None:
        client.send_text(text.error(code=code, message=message, fatal=fatal))

    async def _keep_house(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + HOUSEKEEPING_S
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._lag_s = max(0.0, loop.time() - due)
            due = loop.time() + HOUSEKEEPING_S
            self._hub.drop_stalled(HOUSEKEEPING_S)


class _GuardedConnection(ServerConnection):
    """Cuts a client that floods the protocol itself (pings, fragments), which the library would answer."""

    _bucket: limits.TokenBucket | None = None

    def process_event(self, event: Any) -> None:
        """Count every frame; the first event is the handshake."""
        if self._bucket is None:
            self._bucket = limits.TokenBucket(limits.FRAMES_PER_S, 2 * limits.FRAMES_PER_S)
        elif not self._bucket.take(time.monotonic()):
            self.transport.abort()
            return
        super().process_event(event)


def bind(host: str, port: int | None, port_before: int | None = None) -> socket.socket:
    """Return a listening socket on `port`; None: on `port_before` or the first free one from `DEFAULT_PORT`.

    Raises `PortBusyError` when the asked port is taken and `LivedanceError` when the address is not ours.
    """
    before = [port_before] if port_before and not port else []
    free = range(DEFAULT_PORT, DEFAULT_PORT + PORT_TRIES)
    candidates = [*before, *free, 0] if port is None else [*before, port]
    for candidate in candidates:
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise LivedanceError(f"cannot listen on {host}:{candidate}: {error.strerror or error}") from error
    raise PortBusyError(f"port {port} on {host} is taken by another program; choose another with --web {host}:PORT")


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio switches Nagle's delay off only for sockets that say they are TCP.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1_024)
    except OSError:
        listener.close()
        raise
    return listener


def _lan_address() -> str:
    """Return this machine's address as its neighbours see it (no packet is sent), else loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def _is_plain(args: dict[str, Any]) -> bool:
    """Return whether every argument is a scalar or a short list of scalars that JSON can carry back."""
    scalars = [v for value in args.values() for v in (value if isinstance(value, list) else [value])]
    return all(v is None or isinstance(v, str | bool) or _is_finite(v) for v in scalars)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e15 and math.isfinite(value)


def _header(request: Request, name: str) -> str | None:
    values = request.headers.get_all(name)
    # Two Host or Origin headers are an attempt to be two things at once.
    return values[0] if len(values) == 1 else None if not values else "!"


def _respond(answer: http_static.Answer, request: Request) -> Response:
    headers = Headers({**http_static.SECURITY_HEADERS, **answer.headers})
    headers["Content-Length"] = str(len(answer.body))
    headers["Connection"] = "close"
    body = b"" if getattr(request, "method", "GET") == "HEAD" else answer.body
    return Response(answer.status, _REASONS[answer.status], headers, body)


def _quiet_logger() -> logging.Logger:
    """Return the library's logger without its line per request and per broken connection."""
    logger = logging.getLogger("livedance.broadcast.websocket.library")
    logger.setLevel(logging.CRITICAL)
    return logger
