"""sounddevice: the way to a device that needs no compiler on any system."""

from __future__ import annotations

import contextlib
from functools import cache
from types import ModuleType
from typing import Any, ClassVar

from livedance.audio.device import Device
from livedance.audio.device_source import DeviceSource
from livedance.audio.portaudio import Port, missing_portaudio
from livedance.messages import F32


@cache
def load_sounddevice() -> ModuleType:
    """Return sounddevice; raises `AudioError` that names PortAudio's package when it is missing.

    Importing it starts PortAudio; that is undone here, so that each user starts it afresh and sees the devices of now.
    """
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise missing_portaudio(error) from error
    stop_portaudio(sounddevice)
    return sounddevice  # type: ignore[no-any-return]


def start_portaudio(module: ModuleType) -> None:
    """Start PortAudio once for this user of it: it lists devices only when it starts from nothing."""
    module._initialize()


def stop_portaudio(module: ModuleType) -> None:
    """Undo one `start_portaudio`."""
    with contextlib.suppress(Exception):
        module._terminate()


class SoundDeviceSource(DeviceSource):
    """An input device through sounddevice."""

    backend: ClassVar[str] = "sounddevice"
    _module: Any = None
    _stream: Any = None

    def _start_library(self) -> list[Port]:
        module = load_sounddevice()
        start_portaudio(module)
        self._module = module
        return list_ports(module)

    def _start_stream(self, device: Device) -> float:
        def callback(data: F32, _n: int, time: Any, status: Any) -> None:
            adc_s = time.inputBufferAdcTime
            age_s = time.currentTime - adc_s if adc_s > 0 else 0.0
            self._deliver(data.copy(), age_s, overflowed=bool(status.input_overflow))

        self._stream = self._module.InputStream(
            device=device.index,
            channels=device.n_channels,
            samplerate=device.sample_rate_hz,
            blocksize=self._block_samples,
            dtype="float32",
            latency="low",
            callback=callback,
        )
        self._stream.start()
        return float(self._stream.latency)

    def _is_active(self) -> bool:
        return self._stream is not None and bool(self._stream.active)

    def _stop_library(self) -> None:
        stream, self._stream = self._stream, None
        module, self._module = self._module, None
        if stream is not None:
            with contextlib.suppress(Exception):
                stream.close()
        if module is not None:
            stop_portaudio(module)


def list_ports(module: Any) -> list[Port]:
    """Return what sounddevice lists."""
    apis = module.query_hostapis()
    return [
        Port(
            index=int(info["index"]),
            name=str(info["name"]),
            host_api=str(apis[info["hostapi"]]["name"]),
            n_inputs=int(info["max_input_channels"]),
            n_outputs=int(info["max_output_channels"]),
            sample_rate_hz=int(info["default_samplerate"]),
            is_default_input=info["index"] == apis[info["hostapi"]]["default_input_device"],
            is_default_output=info["index"] == apis[info["hostapi"]]["default_output_device"],
        )
        for info in module.query_devices()
    ]
