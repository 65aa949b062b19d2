"""What both PortAudio backends share: choosing a device, stamping blocks, watching the stream.

The device callback only copies, stamps and counts. Everything else happens in the thread that calls `read`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar, Final

import numpy as np

from livedance.audio.device import Device, choose, first_microphone, first_monitor
from livedance.audio.hops import check_channels
from livedance.audio.portaudio import Port, in_time, quiet_stderr, to_devices
from livedance.audio.pulse_watch import StreamWatch
from livedance.audio.ring import BlockRing
from livedance.audio.source import SourceHealth, SourceInfo
from livedance.audio.stamps import Stamps
from livedance.audio.watch import Watchdog, WatchLimits
from livedance.errors import AudioError
from livedance.messages import F32, AudioBlock

PAUSE_S: Final = 0.1
"""After this long without a block, a device that `may_pause` is heard as silent."""
_environment = threading.Lock()


class DeviceSource(ABC):
    """One input device through PortAudio. All of its channels are opened; the hops pick.

    Thread: `open`, `read`, `health`, `close` from one thread; `_deliver` from PortAudio's.
    """

    backend: ClassVar[str]

    def __init__(
        self,
        *,
        device: str | None = None,
        channels: Sequence[int] | None = None,
        loopback: bool = False,
        block_samples: int = 256,
        limits: WatchLimits | None = None,
    ) -> None:
        """Choose `device` by name (None: the first microphone, or with `loopback` what the computer plays)."""
        self._wanted, self._channels, self._loopback = device, channels, loopback
        self._block_samples = block_samples
        self._ring = BlockRing()
        self._watchdog = Watchdog(limits)
        self._stream_watch: StreamWatch | None = None
        self._placing = threading.Lock()
        self._stamps = Stamps()
        self._index = self._position = 0
        self._end_s: float | None = None
        self._is_open = False
        self.device: Device | None = None
        self.info = SourceInfo(
            name=device or "microphone", host_api="", sample_rate_hz=44_100, n_channels=0, latency_s=0.0
        )

    @property
    def may_pause(self) -> bool:
        """True where no block means silence: WASAPI loopback delivers nothing while nothing plays."""
        return sys.platform == "win32" and self.device is not None and self.device.is_monitor

    def open(self) -> None:
        """Find and start the device; raises `AudioError`, one sentence, and leaves nothing open."""
        try:
            with quiet_stderr():
                ports = self._start_library()
            self.device = self._choose(to_devices(ports))
            check_channels(self._channels, self.device.n_channels, self.device.name)
            self._begin(self.device)
        except AudioError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise _explained(error, self.device, self._wanted) from error

    def read(self, timeout_s: float) -> AudioBlock | None:
        """Return the next block, or None."""
        block = self._ring.take(timeout_s)
        if block is None and self.may_pause:
            self._put_silence()
        if block is not None:
            self._watchdog.heard(time.monotonic(), is_zero=not block.samples.any())
        return block

    def health(self) -> SourceHealth:
        """Return the watchdog's verdict."""
        if not self._is_open:
            return SourceHealth.LOST
        if self._stream_watch is not None and self._stream_watch.has_moved:
            self._watchdog.moved()
        if not len(self._ring) and not self._is_active():
            self._watchdog.ended()
        health = self._watchdog.health(time.monotonic())
        return SourceHealth.OK if health is SourceHealth.LOST and self.may_pause and self._is_active() else health

    def close(self) -> None:
        """Stop the stream and PortAudio, so that the next `open` sees the devices anew; may be called twice."""
        self._is_open = False
        if self._stream_watch is not None:
            self._stream_watch.stop()
            self._stream_watch = None
        in_time(self._stop_quietly)

    def _stop_quietly(self) -> None:
        with quiet_stderr():
            self._stop_library()

    def _choose(self, devices: Sequence[Device]) -> Device:
        if self._wanted is not None:
            return choose([d for d in devices if d.n_channels > 0], self._wanted)
        return first_monitor(devices) if self._loopback else first_microphone(devices)

    def _begin(self, device: Device) -> None:
        self._ring.clear()
        self._index = self._position = 0
        self._stamps, self._end_s = Stamps(), None
        self._watchdog.start(time.monotonic())
        if device.host_api in ("PulseAudio", "PipeWire") or device.name in ("pulse", "default"):
            self._stream_watch = StreamWatch(device.pulse_name)
        self.info = SourceInfo(
            name=device.name,
            host_api=device.host_api,
            sample_rate_hz=device.sample_rate_hz,
            n_channels=device.n_channels,
            latency_s=0.0,
        )
        with quiet_stderr(), pulse_environment("PULSE_SOURCE", device.pulse_name):
            latency_s = self._start_stream(device)
        self.info = replace(self.info, latency_s=latency_s)
        self._is_open = True
        if self._stream_watch is not None:
            self._stream_watch.start()

    def _deliver(self, samples: F32, age_s: float, *, overflowed: bool) -> None:
        """Take one callback's samples (N, C); `age_s`: how old the first one is by the device's clock (0: unknown)."""
        now_s = time.monotonic()
        with self._placing:
            rate = self.info.sample_rate_hz
            duration_s = len(samples) / rate
            lost = 0
            if overflowed and self._end_s is not None:
                lost = max(0, round((now_s - duration_s - self._end_s) * rate))
            self._position += lost
            first_s = self._stamps.first_sample_s(
                stream_s=self._position / rate, duration_s=duration_s, arrival_s=now_s, age_s=age_s
            )
            self._put(samples, first_s, lost, now_s)

    def _put(self, samples: F32, first_s: float, lost: int, now_s: float) -> None:
        block = AudioBlock(
            index=self._index,
            t_s=self._position / self.info.sample_rate_hz,
            sample_rate_hz=self.info.sample_rate_hz,
            samples=samples,
            lost_samples=lost,
            device_t_s=first_s,
        )
        self._index += 1
        self._position += len(samples)
        self._end_s = now_s
        self._ring.put(block)

    def _put_silence(self) -> None:
        """Stand in for a loopback that delivers nothing while nothing plays; stays `PAUSE_S` behind the present."""
        now_s = time.monotonic()
        with self._placing:
            if self._end_s is None or now_s - self._end_s < 2 * PAUSE_S:
                return
            n = round((now_s - PAUSE_S - self._end_s) * self.info.sample_rate_hz)
            self._put(np.zeros((n, self.info.n_channels), np.float32), self._end_s, 0, now_s - PAUSE_S)

    @abstractmethod
    def _start_library(self) -> list[Port]:
        """Start PortAudio afresh and return everything that it lists."""

    @abstractmethod
    def _start_stream(self, device: Device) -> float:
        """Open `device` with its channels and rate, start the callback, return its latency in seconds."""

    @abstractmethod
    def _is_active(self) -> bool:
        """Return whether PortAudio says that the stream runs."""

    @abstractmethod
    def _stop_library(self) -> None:
        """Close the stream if there is one and end PortAudio; never raises, may be called twice."""


@contextmanager
def pulse_environment(variable: str, name: str | None) -> Iterator[None]:
    """Let ALSA's PulseAudio plugin connect to the source or sink `name`: it reads the environment when it opens."""
    if name is None:
        yield
        return
    with _environment:
        before = os.environ.get(variable)
        os.environ[variable] = name
        try:
            yield
        finally:
            if before is None:
                del os.environ[variable]
            else:
                os.environ[variable] = before


REFUSAL_WORDS: Final = ("permission denied", "access denied", "e_accessdenied", "0x80070005", "not authorized")


def is_refusal(error: Exception) -> bool:
    """Return whether the system denied access to the microphone, as far as the error says."""
    return any(word in str(error).lower() for word in REFUSAL_WORDS)


def _explained(error: Exception, device: Device | None, wanted: str | None) -> AudioError:
    name = device.label if device is not None else wanted or "the microphone"
    if is_refusal(error):
        return AudioError(f"the system denies access to '{name}': allow the microphone for this program and try again")
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return AudioError(f"the audio device '{name}' cannot be opened ({reason}); see livedance devices")
