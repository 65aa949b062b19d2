"""The OSC output: a profile, a non-blocking UDP socket, and strings on the port beside it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import osc_codec, registry
from livedance.broadcast.osc_profile import PREFIX, OscProfile
from livedance.broadcast.osc_values import OscFrame, OscStats
from livedance.errors import ConfigError, near
from livedance.messages import ClockState, Levels, PoseFrame

INFO_PERIOD_S: Final = 1.0
PORT_HINT: Final = "write it as PROFILE=HOST:PORT, for example td=127.0.0.1:9000"
_EARLY: Final = 0.5
"""Part of a frame period by which a frame may come early and still be sent: callers' clocks jitter."""


class OscSink:
    """Sends every frame to one receiver; strings (`set_info`) go to `port + 1` once a second and on change.

    The host is resolved once, in `open`. Sending never blocks and never raises: what the system refuses is counted in
    `errors`. `beat/hit` goes out by itself, on the beat less `lead_ms`, between frames. Used from one thread.
    """

    def __init__(
        self,
        profile: str | OscProfile = "default",
        host: str = "127.0.0.1",
        port: int = 9000,
        n_dancers: int = 1,
        rate_hz: float = 60.0,
        delay_ms: float = 0.0,
        lead_ms: float = 0.0,
        picture: bool = False,
    ) -> None:
        self.name = f"osc:{profile}" if isinstance(profile, str) else "osc"
        self.delay_ms, self.lead_ms = delay_ms, lead_ms
        self.stats = OscStats()
        """Replaced by the owner; its `dropped` is ignored in favour of our own count."""
        self.sent = 0
        """Datagrams handed to the system."""
        self.errors = 0
        self._profile: OscProfile = (
            registry.build("osc_profile", profile, {"n_dancers": n_dancers, "lead_ms": lead_ms, "picture": picture})
            if isinstance(profile, str)
            else profile
        )
        self._address = (host, port)
        self._period_s = 1.0 / rate_hz
        self._socket: socket.socket | None = None
        self._target: tuple[object, ...] = ()
        self._info_target: tuple[object, ...] = ()
        self._info: dict[str, str] = {}
        self._info_due_s = float("-inf")
        self._due_s = float("-inf")
        self._frame = 0

    def open(self) -> None:
        """Resolve the host and make the socket. Raises `ConfigError` for a host that cannot be found."""
        host, port = self._address
        try:
            family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        except (OSError, UnicodeError) as problem:
            raise ConfigError(f"OSC receiver '{host}' cannot be found ({problem}); {PORT_HINT}") from None
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._target = tuple(target)
        self._info_target = (target[0], int(target[1]) + 1, *target[2:])

    def is_due(self, t_s: float) -> bool:
        """Return whether the next frame would be sent at show time `t_s`, so that its pose is worth sampling."""
        return t_s >= self._due_s - _EARLY * self._period_s

    def send_hit(self, clock: ClockState, t_s: float) -> None:
        """Send `beat/hit` if a beat has been reached at show time `t_s`, the output's delay already added."""
        for datagram in self._profile.encode_hit(clock, t_s):
            self._put(datagram, self._target)

    def send(
        self,
        pose: PoseFrame,
        clock: ClockState,
        levels: Levels,
        t_s: float,
        picture: NDArray[np.floating] | None = None,
    ) -> None:
        """Send one frame, unless the rate says that it is not due yet; `picture` as in `OscFrame`."""
        if self._socket is None or not self.is_due(t_s):
            return
        self._due_s = max(self._due_s + self._period_s, t_s + _EARLY * self._period_s)
        frame = OscFrame(
            pose=pose,
            clock=clock,
            levels=levels,
            t_s=t_s,
            index=self._frame,
            stats=self._own_stats(),
            picture=picture,
        )
        for datagram in self._profile.encode(frame):
            self._put(datagram, self._target)
        self._frame += 1
        if t_s >= self._info_due_s:
            self._info_due_s = t_s + INFO_PERIOD_S
            self._send_info(self._info)

    def set_info(self, strings: Mapping[str, str]) -> None:
        """Set strings such as style, device or error; those that changed are sent at once."""
        changed = {key: text for key, text in strings.items() if self._info.get(key) != text}
        self._info.update(changed)
        self._send_info(changed)

    def close(self) -> None:
        """Close the socket; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _own_stats(self) -> OscStats:
        s = self.stats
        return OscStats(
            audio_ms=s.audio_ms,
            model_ms=s.model_ms,
            render_ms=s.render_ms,
            total_ms=s.total_ms,
            fps=s.fps or 1.0 / self._period_s,
            dropped=self.errors,
            state=s.state,
        )

    def _send_info(self, strings: Mapping[str, str]) -> None:
        for key, text in strings.items():
            self._put(osc_codec.message(f"{PREFIX}/info/{key}", text[:500]), self._info_target)

    def _put(self, datagram: bytes, target: tuple[object, ...]) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(datagram, target)
            self.sent += 1
        except OSError:  # full buffer, no route, interface gone: the show goes on
            self.errors += 1


def parse_osc_option(text: str) -> tuple[str, str, int]:
    """Return (profile, host, port) of `td=127.0.0.1:9000`. Raises `ConfigError` that names what is there."""
    profile, equals, address = text.partition("=")
    host, colon, port = address.rpartition(":")
    if not equals or not colon or not host:
        raise ConfigError(f"--osc '{text}' is not complete: {PORT_HINT}")
    known = registry.names("osc_profile")
    if profile not in known:
        raise ConfigError(
            f"there is no OSC profile '{profile}'{near(profile, known) or '.'} There are: {', '.join(known)}"
        )
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65_534:
        raise ConfigError(f"--osc '{text}': port '{port}' is not a number from 1 to 65534")
    return profile, host.strip("[]"), int(port)
