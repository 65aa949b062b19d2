"""The server's port: the one that was asked for or the first that is free, and the address that neighbours use."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from typing import Final

from livedance.errors import LivedanceError, PortBusyError

DEFAULT_PORT: Final = 8_765
PORT_TRIES: Final = 20


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


def lan_address() -> str:
    """Return this machine's address as its neighbours see it (no packet is sent), else loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"
