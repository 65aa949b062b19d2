"""PyAudio (on Windows PyAudioWPatch, which adds loopback): the preferred way to a device."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from livedance.audio.device import Device
from livedance.audio.device_source import DeviceSource
from livedance.audio.portaudio import Port, missing_portaudio
from livedance.errors import MissingExtra


def load_pyaudio() -> ModuleType:
    """Return PyAudioWPatch or PyAudio; raises `MissingExtra`, or `AudioError` when PortAudio itself is missing."""
    for name in ("pyaudiowpatch", "pyaudio"):
        try:
            return __import__(name)
        except ModuleNotFoundError:
            continue
        except ImportError as error:  # the extension is there, the library that it links is not
            raise missing_portaudio(error) from error
    raise MissingExtra("the audio backend pyaudio", "pyaudio")


class PyAudioSource(DeviceSource):
    """An input device through PyAudio."""

    backend: ClassVar[str] = "pyaudio"
    _library: Any = None
    _stream: Any = None

    def _start_library(self) -> list[Port]:
        self._module = load_pyaudio()
        self._library = self._module.PyAudio()
        return list_ports(self._library)

    def _start_stream(self, device: Device) -> float:
        module = self._module
        n_channels = device.n_channels

        def callback(data: bytes, _n: int, time_info: dict[str, float], status: int) -> tuple[None, int]:
            samples = np.frombuffer(data, np.float32).reshape(-1, n_channels)
            adc_s, now_s = time_info["input_buffer_adc_time"], time_info["current_time"]
            self._deliver(
                samples, now_s - adc_s if adc_s > 0 else 0.0, overflowed=bool(status & module.paInputOverflow)
            )
            return None, module.paContinue

        self._stream = self._library.open(
            format=module.paFloat32,
            channels=n_channels,
            rate=device.sample_rate_hz,
            input=True,
            input_device_index=device.index,
            frames_per_buffer=self._block_samples,
            stream_callback=callback,
        )
        return float(self._stream.get_input_latency())

    def _is_active(self) -> bool:
        try:
            return self._stream is not None and bool(self._stream.is_active())
        except OSError:
            return False

    def _stop_library(self) -> None:
        stream, self._stream = self._stream, None
        library, self._library = self._library, None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
        if library is not None:
            with contextlib.suppress(OSError):
                library.terminate()


def list_ports(library: Any) -> list[Port]:
    """Return what a `PyAudio` instance lists."""
    apis = [library.get_host_api_info_by_index(i) for i in range(library.get_host_api_count())]
    infos = [library.get_device_info_by_index(i) for i in range(library.get_device_count())]
    return [
        Port(
            index=int(info["index"]),
            name=str(info["name"]),
            host_api=str(apis[int(info["hostApi"])]["name"]),
            n_inputs=int(info["maxInputChannels"]),
            n_outputs=int(info["maxOutputChannels"]),
            sample_rate_hz=int(info["defaultSampleRate"]),
            is_default_input=info["index"] == apis[int(info["hostApi"])]["defaultInputDevice"],
            is_default_output=info["index"] == apis[int(info["hostApi"])]["defaultOutputDevice"],
            is_loopback=bool(info.get("isLoopbackDevice", False)),
        )
        for info in infos
    ]
