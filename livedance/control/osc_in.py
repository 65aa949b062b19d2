"""OSC control input: a non-blocking UDP socket that turns messages into commands and answers queries.

OSC has no passwords, so it listens on loopback, or elsewhere only to a list of senders. Garbage, floods and unknown
addresses are counted and never raise. Time tags are ignored.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from livedance import osc_codec
from livedance.control import controls as control_rules
from livedance.control import ops, osc_table
from livedance.control.osc_tempo import ExternalTempo, collect
from livedance.errors import ConfigError, LivedanceError, PortBusyError, WireError
from livedance.messages import Command, Controls
from livedance.osc_codec import Arg, OscMessage

DEFAULT_PORT: Final = 9010
PORTS_TRIED: Final = 20
MAX_READ: Final = 512
"""Datagrams read in one poll; the rest waits in the system's buffer, which is bounded and drops."""
MAX_PER_SENDER: Final = 64
"""Messages of one sender acted on in one poll, so that a flood cannot keep another sender's blackout out."""
MAX_SUBSCRIBERS: Final = 16
MAX_BYTES: Final = 65_536
LOG_EVERY_S: Final = 5.0

Address = tuple[Any, ...]
_log = logging.getLogger(__name__)


class OscIn:
    """Listens for control messages. `open`, then `poll` whenever `fileno()` is readable; one thread.

    The owner calls `publish` with each new `Controls`; subscribers then hear what changed.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int | None = None,
        allow: Sequence[str] = (),
        vocabulary: ops.Vocabulary = ops.VOCABULARY,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.host, self.port = host, port
        """Port after `open`: the one that is really used."""
        self.accepted = 0
        self.dropped = 0
        """Messages beyond what one sender may send in one poll, and datagrams of senders that are not allowed."""
        self.malformed = 0
        self.unknown = 0
        self.is_flooded = False
        """Whether a sender sent more in the last poll than it may: the owner does well to wait before the next."""
        self._allow = [_network(a) for a in allow]
        self._vocabulary = vocabulary
        self._now = now
        self._socket: socket.socket | None = None
        self._controls = Controls()
        self._sent: dict[str, tuple[Arg, ...]] = dict(osc_table.readback(self._controls))
        self._subscribers: dict[Address, None] = {}
        self._tempo = ExternalTempo()
        self._logged_s = float("-inf")

    def open(self) -> None:
        """Bind. Without a port: 9010 or the next free one. Raises `ConfigError` or `PortBusyError`."""
        family, host = _resolve(self.host)
        if not ipaddress.ip_address(host).is_loopback and not self._allow:
            raise ConfigError(
                f"OSC input on {self.host} needs a list of senders that may control: osc_in.allow = [...]"
            )
        wanted = [self.port] if self.port is not None else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
        for port in wanted:
            sock = socket.socket(family, socket.SOCK_DGRAM)
            try:
                sock.bind((host, port))
            except OSError:
                sock.close()
                continue
            sock.setblocking(False)
            self._socket, self.port = sock, int(sock.getsockname()[1])
            return
        raise PortBusyError(
            f"OSC input port {wanted[0]} on {self.host} is taken; choose another with --osc-in HOST:PORT"
        )

    def fileno(self) -> int:
        """Return the socket's descriptor, for a selector."""
        return self._socket.fileno() if self._socket else -1

    def poll(self) -> list[Command]:
        """Return the commands that have arrived; never blocks, never raises for what was sent."""
        commands: list[Command] = []
        spent: dict[Address, int] = {}
        tempo: dict[str, float] = {}
        for _ in range(MAX_READ):
            received = self._receive()
            if received is None:
                break
            data, sender = received
            if spent.get(sender, 0) >= MAX_PER_SENDER or not self._is_allowed(sender):
                self._count("dropped", sender, "too many messages, or a sender that is not allowed")
                continue
            for message in self._decoded(data, sender):
                spent[sender] = spent.get(sender, 0) + 1
                if spent[sender] > MAX_PER_SENDER:
                    self._count("dropped", sender, "too many messages")
                    break
                commands += self._act(message, sender, tempo)
        self.is_flooded = max(spent.values(), default=0) >= MAX_PER_SENDER
        return commands + self._follow(tempo)

    def publish(self, controls: Controls) -> None:
        """Take the newest controls and tell subscribers what changed."""
        self._controls = controls
        state = dict(osc_table.readback(controls))
        changed = {a: v for a, v in state.items() if self._sent.get(a) != v}
        self._sent = state
        for subscriber in self._subscribers:
            for address, args in changed.items():
                self._reply(subscriber, address, *args)

    def learn(self, **names: Sequence[str]) -> None:
        """Take names that choices accept from now on: the presets, which change while the show runs."""
        self._vocabulary = {**self._vocabulary, **{field: tuple(choices) for field, choices in names.items()}}

    def close(self) -> None:
        """Close the socket; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self) -> tuple[bytes, Address] | None:
        if self._socket is None:
            return None
        try:
            return self._socket.recvfrom(MAX_BYTES)
        except BlockingIOError:
            return None
        except OSError:  # a refused reply of ours reported here (Windows); nothing was lost
            return b"", ("", 0)

    def _decoded(self, data: bytes, sender: Address) -> list[OscMessage]:
        try:
            return osc_codec.decode(data)
        except WireError as problem:
            self._count("malformed", sender, str(problem))
            return []

    def _act(self, message: OscMessage, sender: Address, tempo: dict[str, float]) -> list[Command]:
        address, args = message.address, message.args
        if address in osc_table.TEMPO_ADDRESSES:
            collect(tempo, osc_table.TEMPO_ADDRESSES[address], args)
            return []
        if self._answer(address, args, sender):
            return []
        try:
            command = osc_table.command_for(address, args)
            if command is None:
                if address not in osc_table.BY_ADDRESS:
                    self._count("unknown", sender, f"address {address[:80]!r}")
                return []
            command = control_rules.check(command, self._vocabulary, self._controls)
        except LivedanceError as problem:
            self._reply(sender, f"{osc_table.PREFIX}/error", str(problem))
            return []
        self.accepted += 1
        return [command]

    def _answer(self, address: str, args: tuple[Arg, ...], sender: Address) -> bool:
        """Answer a query; return whether it was one."""
        prefix = osc_table.PREFIX
        if address == f"{prefix}/ping":
            self._reply(sender, f"{prefix}/pong", self._controls.version)
        elif address == f"{prefix}/get":
            self._tell(sender, str(args[0]) if args else "")
        elif address == f"{prefix}/subscribe":
            self._subscribe(sender, args[0] if args else None)
        elif args and args[0] == "?" and address.startswith(prefix):
            self._tell(sender, address)
        else:
            return False
        return True

    def _tell(self, sender: Address, wanted: str) -> None:
        wanted = wanted if not wanted or wanted.startswith("/") else f"{osc_table.PREFIX}/{wanted}"
        state = osc_table.readback(self._controls)
        if wanted and wanted not in state:
            self._reply(sender, f"{osc_table.PREFIX}/error", f"there is no control '{wanted[:80]}'")
        for address in [wanted] if wanted in state else [] if wanted else state:
            self._reply(sender, address, *state[address])

    def _subscribe(self, sender: Address, port: Arg) -> None:
        number = int(port) if isinstance(port, (int, float)) and abs(port) < 65_536 else sender[1]
        if number < 0:
            for known in [s for s in self._subscribers if s[0] == sender[0]]:
                del self._subscribers[known]
            return
        target = (sender[0], number or sender[1], *sender[2:])
        self._subscribers.pop(target, None)
        while len(self._subscribers) >= MAX_SUBSCRIBERS:
            del self._subscribers[next(iter(self._subscribers))]
        self._subscribers[target] = None
        self._tell(target, "")

    def _reply(self, target: Address, address: str, *args: Arg) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(osc_codec.message(address, *args), target)
        except (OSError, OverflowError):  # unreachable or full: the asker will ask again
            self._count("dropped", target, "a reply could not be sent")

    def _follow(self, tempo: dict[str, float]) -> list[Command]:
        command = self._tempo.step(tempo) if tempo else None
        return [command] if command and self._controls.tempo_source == "osc" else []

    def _is_allowed(self, sender: Address) -> bool:
        if not sender[0]:
            return False
        address = _address(str(sender[0]))
        return address.is_loopback or any(address in network for network in self._allow)

    def _count(self, counter: str, sender: Address, why: str) -> None:
        setattr(self, counter, getattr(self, counter) + 1)
        if self._now() - self._logged_s >= LOG_EVERY_S:
            self._logged_s = self._now()
            counts = f"{self.dropped} dropped, {self.malformed} malformed, {self.unknown} unknown so far"
            _log.warning("OSC input from %s: %s (%s)", sender[0], why, counts)


@lru_cache(maxsize=256)
def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return a sender's address; kept, as each of a flood's messages asks for it."""
    return ipaddress.ip_address(host.partition("%")[0])


def vocabulary_with(**names: Sequence[str]) -> ops.Vocabulary:
    """Return the vocabulary of a running show: its styles and looks beside the fixed choices."""
    return {**ops.VOCABULARY, **{field: tuple(choices) for field, choices in names.items()}}


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ConfigError(f"osc_in.allow: '{text}' is not an address or a network such as 192.168.1.0/24") from None


def _resolve(host: str) -> tuple[int, str]:
    try:
        family, _, _, _, target = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)[0]
    except (OSError, UnicodeError):
        raise ConfigError(f"OSC input host '{host}' is not an address of this machine") from None
    return int(family), str(target[0])
