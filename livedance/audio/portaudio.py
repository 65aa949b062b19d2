"""What PortAudio lists, made into devices that a person can name; and its chatter on stderr kept away."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from livedance.audio import pulse
from livedance.audio.device import Device
from livedance.errors import AudioError

VIRTUAL_ALSA: Final = (
    "pulse",
    "default",
    "pipewire",
    "sysdefault",
    "jack",
    "dmix",
    "dsnoop",
    "front",
    "surround",
    "iec958",
    "spdif",
    "hdmi",
    "samplerate",
    "speexrate",
    "speex",
    "lavrate",
    "upmix",
    "vdownmix",
    "null",
    "oss",
)
"""ALSA names that are routes to a device, not devices; listed last and never chosen unasked."""
MISSING_PORTAUDIO: Final = (
    "live audio needs the system library PortAudio: install it with 'sudo apt install libportaudio2' "
    "(Fedora: portaudio, macOS: brew install portaudio)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One device as PortAudio lists it."""

    index: int
    name: str
    host_api: str
    n_inputs: int
    n_outputs: int
    sample_rate_hz: int
    is_default_input: bool = False
    is_default_output: bool = False
    is_loopback: bool = False


def to_devices(ports: Sequence[Port]) -> list[Device]:
    """Return the inputs: those of PulseAudio or PipeWire by their own names where it runs, then PortAudio's."""
    plain = [_input(p) for p in ports if p.n_inputs > 0]
    route = _pulse_port(ports)
    server = pulse.server() if route is not None else None
    if route is None or server is None:
        return plain
    return [_pulse_input(node, server, route.index) for node in pulse.sources()] + plain


def to_outputs(ports: Sequence[Port]) -> list[Device]:
    """Return the outputs, in the same way."""
    plain = [_output(p) for p in ports if p.n_outputs > 0]
    route = _pulse_port(ports)
    server = pulse.server() if route is not None else None
    if route is None or server is None:
        return plain
    return [_pulse_output(node, server, route.index) for node in pulse.sinks()] + plain


def _pulse_port(ports: Sequence[Port]) -> Port | None:
    return next((p for p in ports if sys.platform == "linux" and p.name == "pulse" and p.host_api == "ALSA"), None)


def is_virtual(port: Port) -> bool:
    """Return whether the port is one of ALSA's routes."""
    return port.host_api == "ALSA" and port.name.split(":")[0].rstrip("0123456789") in VIRTUAL_ALSA


def _input(port: Port) -> Device:
    return Device(
        name=port.name,
        host_api=port.host_api,
        n_channels=min(port.n_inputs, 2) if is_virtual(port) else port.n_inputs,  # routes claim 32 or more
        sample_rate_hz=port.sample_rate_hz,
        index=port.index,
        is_monitor=port.is_loopback or "blackhole" in port.name.lower(),
        is_default=port.is_default_input,
        is_route=is_virtual(port),
    )


def _output(port: Port) -> Device:
    return Device(
        name=port.name,
        host_api=port.host_api,
        n_channels=min(port.n_outputs, 2) if is_virtual(port) else port.n_outputs,
        sample_rate_hz=port.sample_rate_hz,
        index=port.index,
        is_default=port.is_default_output,
        is_route=is_virtual(port),
    )


def _pulse_input(node: pulse.PulseNode, server: pulse.PulseServer, index: int) -> Device:
    of_default = node.monitor_of is not None and node.monitor_of == server.default_sink
    return Device(
        name=node.name,
        host_api=server.host_api,
        n_channels=node.n_channels,
        sample_rate_hz=node.sample_rate_hz,
        index=index,
        description=node.description,
        is_monitor=node.monitor_of is not None,
        is_default=of_default if node.monitor_of is not None else node.name == server.default_source,
        pulse_name=node.name,
    )


def _pulse_output(node: pulse.PulseNode, server: pulse.PulseServer, index: int) -> Device:
    return Device(
        name=node.name,
        host_api=server.host_api,
        n_channels=node.n_channels,
        sample_rate_hz=node.sample_rate_hz,
        index=index,
        description=node.description,
        is_default=node.name == server.default_sink,
        pulse_name=node.name,
    )


def missing_portaudio(error: Exception) -> AudioError:
    """Return the error to raise when a backend cannot load PortAudio."""
    return AudioError(f"{MISSING_PORTAUDIO} ({error})")


HANG_S: Final = 3.0
"""PortAudio opens and closes in 0.1 s; a call that takes this long never ends."""
_stderr = threading.Lock()
_hangs = threading.Event()


def hangs() -> bool:
    """Return whether PortAudio of this process has stopped answering for good.

    Its ALSA thread spins for ever when the sound server dies between opening and the first block (PortAudio 19.6), and
    closing that stream waits for the thread. Nothing in the process can mend it: a new process can.
    """
    return _hangs.is_set()


def in_time(call: Callable[[], None]) -> None:
    """Run `call`, which stops PortAudio, for at most `HANG_S`; after that `hangs` is true."""
    if hangs():
        return
    worker = threading.Thread(target=call, name="portaudio-stop", daemon=True)
    worker.start()
    worker.join(HANG_S)
    if worker.is_alive():
        _hangs.set()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep the C libraries (ALSA, JACK, PortAudio) from writing on the terminal while they probe devices."""
    if hangs() or not _stderr.acquire(timeout=2 * HANG_S):
        raise AudioError("the sound system of this machine does not answer: start livedance again")
    try:
        try:
            saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        except OSError:  # no stderr at all: nothing to keep quiet
            yield
            return
        os.dup2(null, 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)
    finally:
        _stderr.release()
