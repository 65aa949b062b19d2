"""What the port answers to plain HTTP: the page, health, metrics and sound; and who may open a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from livedance.broadcast import http_static
from livedance.broadcast.access import Access
from livedance.broadcast.metrics import Counters, gauges

_REASONS: Final = {
    200: "OK", 206: "Partial Content", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    416: "Range Not Satisfiable",
}  # fmt: skip


class Routes:
    """Answers requests. One thread: the server's loop."""

    def __init__(
        self,
        access: Access,
        site: http_static.StaticSite,
        audio: Mapping[str, Path],
        counters: Counters,
        *,
        health: Callable[[], dict[str, Any]],
        stats: Callable[[], dict[str, Any]],
    ) -> None:
        self._access, self._site, self._audio = access, site, audio
        self._counters, self._health, self._stats = counters, health, stats

    def process(self, connection: ServerConnection, request: Request) -> Response | None:
        """Return the answer to a request, or None to open the socket."""
        host, path = _header(request, "Host"), request.path.partition("?")[0]
        if not self._access.host_allowed(host):
            self._counters.add("rejected", "host")
            return _respond(http_static.text_answer(403, "This name is not ours\n"), request)
        if path == "/ws":
            if self._access.origin_allowed(_header(request, "Origin"), host):
                return None
            self._counters.add("rejected", "origin")
            return _respond(http_static.text_answer(403, "Pages of other sites may not connect\n"), request)
        return _respond(self._answer(request, path), request)

    def _answer(self, request: Request, path: str) -> http_static.Answer:
        if getattr(request, "method", "GET") not in ("GET", "HEAD"):
            return http_static.text_answer(405, "Only GET and HEAD\n")
        if path == "/healthz":
            return http_static.text_answer(200, json.dumps(self._health()) + "\n", "application/json")
        if path == "/metrics":
            return http_static.text_answer(200, self._metrics(), "text/plain; version=0.0.4")
        if path.startswith("/audio/"):
            file = self._audio.get(unquote(path.removeprefix("/audio/")))
            return http_static.audio_answer(file, _header(request, "Range")) if file else self._site.answer("", "")
        return self._site.answer(path, _header(request, "Accept-Encoding") or "")

    def _metrics(self) -> str:
        health = {k: v for k, v in self._health().items() if v is not None}
        return "\n".join([*gauges(health), *gauges(self._stats(), "livedance_show"), *self._counters.lines(), ""])


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
