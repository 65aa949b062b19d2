"""Who may talk to the server: Host, Origin and token, decided in pure functions.

A page of another site may send requests to a local port (cross-site sockets) and a name may be pointed at a
local address (DNS rebinding); Origin and Host stop both. The token keeps control, and any view from
outside this machine, to those who were given the address.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from dataclasses import dataclass, field

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")


def new_token() -> str:
    """Return a random token for one show."""
    return secrets.token_urlsafe(12)


def is_loopback(host: str) -> bool:
    """Return whether a bind address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of one server."""

    bind_host: str
    token: str
    extra_hosts: frozenset[str] = field(default_factory=frozenset)
    """More names that a request may carry in its Host header."""

    @property
    def view_needs_token(self) -> bool:
        """True unless the server is bound to loopback."""
        return not is_loopback(self.bind_host)

    def host_allowed(self, host_header: str | None) -> bool:
        """Return whether the Host header names this server; rebinding needs a foreign name, so addresses pass."""
        match = _HOST.fullmatch((host_header or "").lower())
        if match is None:
            return False
        name = match[1].strip("[]")
        if is_loopback(name):
            return True
        if not self.view_needs_token:
            return name in self.extra_hosts
        return _is_address(name) or name in self._own_names()

    def origin_allowed(self, origin: str | None, host_header: str | None) -> bool:
        """Return whether a socket may be opened from `origin`; none at all means a program, not a page."""
        if origin is None:
            return True
        scheme, _, rest = origin.lower().partition("://")
        return scheme in ("http", "https") and rest == (host_header or "").lower()

    def token_matches(self, token: object) -> bool:
        """Compare in constant time."""
        if not isinstance(token, str):
            return False
        # JSON may carry lone surrogates, which plain UTF-8 refuses.
        return secrets.compare_digest(token.encode("utf-8", "surrogatepass"), self.token.encode())

    def _own_names(self) -> frozenset[str]:
        name = socket.gethostname().lower()
        return self.extra_hosts | {self.bind_host.lower(), name, f"{name}.local", name.split(".")[0] + ".local"}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
