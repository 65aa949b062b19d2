"""Every input and output of the machine, seen afresh; what is missing for them; a check before a show starts."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from livedance.audio import pulse
from livedance.audio.device import Device
from livedance.audio.portaudio import Port, quiet_stderr, to_devices, to_outputs
from livedance.config import AudioConfig
from livedance.errors import AudioError, MissingExtra

SOUND_NODES: Final = Path("/dev/snd")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFinding:
    """One line for `livedance doctor`."""

    what: str
    state: str
    """ok, note (works without it) or fault."""
    detail: str
    fix: str = ""


def default_backend() -> str:
    """Return the backend that `auto` means: pyaudio when it is importable, else sounddevice."""
    return "pyaudio" if find_spec("pyaudiowpatch") or find_spec("pyaudio") else "sounddevice"


def list_ports(backend: str) -> list[Port]:
    """Return what PortAudio lists now through `backend` (pyaudio or sounddevice).

    While another stream of this process is open PortAudio shows the list of when that one started.
    Raises `AudioError` or `MissingExtra`.
    """
    with quiet_stderr():
        if backend == "pyaudio":
            from livedance.audio import pyaudio_source

            library = pyaudio_source.load_pyaudio().PyAudio()
            try:
                return pyaudio_source.list_ports(library)
            finally:
                library.terminate()
        from livedance.audio import sounddevice_source

        module = sounddevice_source.load_sounddevice()
        sounddevice_source.start_portaudio(module)
        try:
            return sounddevice_source.list_ports(module)
        finally:
            sounddevice_source.stop_portaudio(module)


def list_inputs(backend: str) -> list[Device]:
    """Return every input."""
    return to_devices(list_ports(backend))


def list_outputs(backend: str) -> list[Device]:
    """Return every output."""
    return to_outputs(list_ports(backend))


def check_input(config: AudioConfig) -> None:
    """Raise `AudioError`, `MissingExtra` or `FileError` when `config` names what is not there; opens no stream."""
    from livedance.audio.choice import check

    check(config)


def probe_audio() -> list[AudioFinding]:
    """Return what works and what is missing, with the line that mends it; never raises."""
    backend = default_backend()
    try:
        ports = list_ports(backend)
    except (AudioError, MissingExtra) as error:
        return [AudioFinding(what="audio", state="fault", detail=str(error))]
    found = [AudioFinding(what="audio", state="ok", detail=f"through {backend}")]
    found += _inputs(to_devices(ports)) + _outputs(to_outputs(ports))
    return found + (_linux(ports) if sys.platform == "linux" else [])


def _inputs(devices: list[Device]) -> list[AudioFinding]:
    real = [d for d in devices if not d.is_route]
    microphones = [d for d in real if not d.is_monitor]
    monitors = [d for d in real if d.is_monitor]
    found = [_listed("inputs", microphones, "none: livedance run plays the demo; connect a microphone or line input")]
    return [*found, _listed("loopback", monitors, "none: the computer's own sound cannot be heard")]


def _outputs(devices: list[Device]) -> list[AudioFinding]:
    real = [d for d in devices if not d.is_route]
    return [_listed("outputs", real, "none: demo and files are played by the page")]


def _listed(what: str, devices: list[Device], none: str) -> AudioFinding:
    names = ", ".join(dict.fromkeys(d.name for d in devices))
    return AudioFinding(what=what, state="ok" if devices else "note", detail=names or none)


def _linux(ports: list[Port]) -> list[AudioFinding]:
    """Return the usual faults of a Linux sound set-up."""
    found = []
    has_route = any(p.name == "pulse" for p in ports)
    server = pulse.server()
    if server is not None and not has_route:
        fix = "sudo apt install libasound2-plugins"
        found.append(AudioFinding(what=server.host_api, state="note", detail="PortAudio cannot reach it", fix=fix))
    if server is None and has_route and pulse.socket_path().exists():
        fix = "sudo apt install pulseaudio-utils"
        detail = "a sound server runs but pactl is missing: its devices cannot be listed by name"
        found.append(AudioFinding(what="pactl", state="note", detail=detail, fix=fix))
    if SOUND_NODES.is_dir() and not all(os.access(n, os.R_OK) for n in SOUND_NODES.glob("pcm*")):
        detail = "this user may not use the sound card"
        found.append(AudioFinding(what="permission", state="note", detail=detail, fix="sudo usermod -aG audio $USER"))
    return found + [_aux(n) for n in pulse.sources() if n.n_channels > 2 and "aux" in n.channel_map]


def _aux(node: pulse.PulseNode) -> AudioFinding:
    detail = f"{node.name}: its channels are called aux and arrive silent through the sound server"
    return AudioFinding(what="channels", state="note", detail=detail, fix="choose the card's ALSA name with --device")
