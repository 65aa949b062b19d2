"""Which audio devices there are, and which one a name means. Never a device that was not asked for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livedance.errors import AudioError

HOST_API_ORDER: Final = (
    "PipeWire",
    "PulseAudio",
    "Windows WASAPI",
    "Core Audio",
    "ASIO",
    "JACK",
    "ALSA",
    "Windows DirectSound",
    "MME",
)
"""The same device often shows under several host APIs; the first of these is taken unless one is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One way to hear or play."""

    name: str
    """What a person types after --device."""
    host_api: str
    n_channels: int
    """Input channels (output channels for an output device)."""
    sample_rate_hz: int
    index: int
    """PortAudio's number of the device to open now; it changes when PortAudio starts again."""
    description: str = ""
    is_monitor: bool = False
    """Hears what the computer plays."""
    is_default: bool = False
    is_route: bool = False
    """One of ALSA's routes (pulse, default): opened when named, never chosen unasked."""
    pulse_name: str | None = None
    """Source or sink of PulseAudio or PipeWire, chosen through the environment of the process."""

    @property
    def label(self) -> str:
        """Name and host API, as printed."""
        return f"{self.name} ({self.host_api})"


INPUT: Final = "audio input"
OUTPUT: Final = "audio output"
_HINTS: Final = {INPUT: ("--device", "use --audio demo or a file"), OUTPUT: ("--play", "use --play browser or off")}
"""kind -> (the option that names one, what to do without any)."""


def choose(devices: Sequence[Device], wanted: str, *, kind: str = INPUT) -> Device:
    """Return the device that `wanted` means: exact name first, then part of a name; "HOST API: NAME" works too.

    Raises `AudioError` that lists the near names when none or several devices are meant.
    """
    option, without = _HINTS[kind]
    text = wanted.strip().lower()
    for matches in (_exact(devices, text), _partial(devices, text)):
        if matches:
            names = {d.pulse_name or d.name for d in matches}
            if len(names) == 1 or matches[0].name.lower() == text:
                return min(matches, key=_host_api_rank)
            listed = ", ".join(f"'{d.name}'" for d in matches[:6])
            raise AudioError(f"'{wanted}' means several {kind} devices: {listed}; give more of the name to {option}")
    if not devices:
        raise AudioError(f"there is no {kind} device '{wanted}'; this machine has none: {without}")
    raise AudioError(f"there is no {kind} device '{wanted}'; {_near(devices, wanted)}")


def first_microphone(devices: Sequence[Device]) -> Device:
    """Return the microphone to use when none is named: the system's default, else the first; never a monitor."""
    microphones = sorted(
        (d for d in devices if not d.is_monitor and not d.is_route and d.n_channels > 0), key=_host_api_rank
    )
    if not microphones:
        raise AudioError("there is no microphone or line input: connect one, or use --audio loopback, demo or a file")
    best = [d for d in microphones if _host_api_rank(d) == _host_api_rank(microphones[0])]
    return next((d for d in best if d.is_default), best[0])


def first_monitor(devices: Sequence[Device]) -> Device:
    """Return the device that hears what the computer plays: the monitor of the default output, else the first."""
    monitors = sorted((d for d in devices if d.is_monitor), key=_host_api_rank)
    if not monitors:
        raise AudioError(
            "there is no loopback device: on Linux run PulseAudio or PipeWire, "
            "on Windows install 'livedance[pyaudio]', on macOS install BlackHole"
        )
    return next((d for d in monitors if d.is_default), monitors[0])


def _exact(devices: Sequence[Device], text: str) -> list[Device]:
    return [d for d in devices if text in _spellings(d)]


def _partial(devices: Sequence[Device], text: str) -> list[Device]:
    return [d for d in devices if text and any(text in s for s in _spellings(d))]


def _spellings(device: Device) -> list[str]:
    names = [n.lower() for n in (device.name, device.description, device.pulse_name) if n]
    return [*names, *(f"{device.host_api.lower()}: {n}" for n in names), device.label.lower()]


def _host_api_rank(device: Device) -> int:
    return HOST_API_ORDER.index(device.host_api) if device.host_api in HOST_API_ORDER else len(HOST_API_ORDER)


def _near(devices: Sequence[Device], wanted: str) -> str:
    names = list(dict.fromkeys(d.name for d in devices))
    ranked = sorted(names, key=lambda n: -difflib.SequenceMatcher(None, n.lower(), wanted.lower()).ratio())
    return f"the nearest are {', '.join(repr(n) for n in ranked[:4])} (all: livedance devices)"
