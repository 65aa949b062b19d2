"""Every input and output of the machine, seen afresh; and a check of a configuration before a show starts."""

from __future__ import annotations

from livedance.audio.devices import Device
from livedance.audio.portaudio import Port, quiet_stderr, to_devices, to_outputs


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
