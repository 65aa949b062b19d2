"""What a client and the server say to each other on the socket, from the first hello on.

Every message is checked (`text`), limited (`limits`) and answered; nothing that a client sends raises.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from livedance.broadcast import limits, text
from livedance.broadcast.access import Access
from livedance.broadcast.client import Client
from livedance.broadcast.hub import Hub
from livedance.errors import LivedanceError, WireError

_OP: Final = re.compile(r"[a-z][a-z_]{0,31}")


class Conversations:
    """All conversations of one server. One thread: the server's loop."""

    def __init__(
        self,
        hub: Hub,
        access: Access,
        *,
        now: Callable[[], float],
        on_control: Callable[[str, dict[str, Any], str], None],
    ) -> None:
        self._hub, self._access = hub, access
        self._now, self._on_control = now, on_control
        self._names = self._greeting = 0

    async def serve(self, connection: ServerConnection) -> None:
        """Talk with one client until it leaves."""
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
            if not client.requests.take(self._now()):
                await self._flooded(client)
                return False
            if request is not None:
                self._refuse(client, "hello", "the first message is 'hello'")
        has_token = self._access.token_matches(request.token)
        if self._access.view_needs_token and not has_token:
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
            if not bucket.take(self._now()):
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
                t1_s = self._now()
                client.send_text(text.pong(t0=t0, t1=t1_s, t2=self._now()))
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
        if not self._access.token_matches(request.token):
            problem = "control needs the token of the show"
        elif not self._hub.allow_control(client):
            problem = "as many controllers as allowed are here already"
        elif not _OP.fullmatch(request.op) or not _is_plain(request.args):
            problem = "'op' is a lower-case name, 'args' holds finite numbers, texts and switches"
        if problem:
            self._hub.counters.add("rejected", "control")
        else:
            problem = self._pass_on(client, request)
        answer = {"id": request.id, "ok": not problem}
        client.send_text(text.dump("control", answer | ({"error": problem} if problem else {})))

    def _pass_on(self, client: Client, request: text.Control) -> str:
        """Hand an act to the show; return why it refuses, or nothing."""
        value = {} if request.value is None else {"value": request.value}
        try:
            self._on_control(request.op, {**value, **request.args}, client.name)
        except LivedanceError as error:
            return str(error)
        return ""

    def _refuse(self, client: Client, code: str, message: str, *, fatal: bool = False) -> None:
        client.send_text(text.error(code=code, message=message, fatal=fatal))


class GuardedConnection(ServerConnection):
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


def _is_plain(args: dict[str, Any]) -> bool:
    """Return whether every argument is a scalar or a short list of scalars that JSON can carry back."""
    scalars = [v for value in args.values() for v in (value if isinstance(value, list) else [value])]
    return all(v is None or isinstance(v, str | bool) or _is_finite(v) for v in scalars)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e15 and math.isfinite(value)
