"""Makes files and the demo audible, and knows how late: an output stream fed from the blocks that the brain hears.

Blocks are paced by the machine's clock, the sound card by its own. The queue between them is held at one length by
stretching single blocks by one sample (0.4 % for 6 ms), so the delay that was reported stays true all night.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from statistics import median
from typing import Any, Final

import numpy as np

from livedance.audio.device import Device, choose
from livedance.audio.device_source import pulse_environment
from livedance.audio.devices import list_outputs
from livedance.audio.portaudio import quiet_stderr
from livedance.audio.sounddevice_source import load_sounddevice, start_portaudio, stop_portaudio
from livedance.audio.source import SourceInfo
from livedance.errors import AudioError
from livedance.messages import F32, AudioBlock

LOG = logging.getLogger(__name__)
QUEUE_S: Final = 0.08
"""Sound kept between the writer and the card: what a busy machine may be late without a click."""
SLACK_S: Final = 0.003
"""The queue may be off by this before a block is stretched."""
LONGEST_QUEUE_S: Final = 0.3
SETTLE_S: Final = 0.4
OPEN_S: Final = 3.0
BROWSER: Final = "browser"
OFF: Final = "off"


class Queue:
    """Samples on their way to the card, kept at one length. `write` in one thread, `pull` in the card's callback."""

    def __init__(self, n_channels: int, sample_rate_hz: int) -> None:
        self._n_channels, self._rate_hz = n_channels, sample_rate_hz
        self._parts: deque[F32] = deque()
        self._lock = threading.Lock()
        self._n = 0
        self._average = QUEUE_S * sample_rate_hz
        self.n_underflows = 0
        self.n_stretched = 0

    def write(self, samples: F32) -> None:
        """Append a block, stretched by a sample where the two clocks have drifted apart."""
        target = QUEUE_S * self._rate_hz
        with self._lock:
            if self._n == 0:
                self._append(np.zeros((round(target), self._n_channels), np.float32))
                self._average = target
            elif self._n > LONGEST_QUEUE_S * self._rate_hz:
                return  # the card stands still: what it missed is not played late
            self._average += 0.02 * (self._n - self._average)
            drift = self._average - target
            if abs(drift) > SLACK_S * self._rate_hz and len(samples) > 2:
                samples = stretch(samples, -1 if drift > 0 else 1)
                self.n_stretched += 1
            self._append(samples)

    def pull(self, out: F32) -> None:
        """Fill `out` (N, C); zeros where nothing is queued."""
        filled = 0
        with self._lock:
            while filled < len(out) and self._parts:
                part = self._parts.popleft()
                n = min(len(part), len(out) - filled)
                out[filled : filled + n] = part[:n]
                if n < len(part):
                    self._parts.appendleft(part[n:])
                filled += n
            self._n -= filled
        if filled < len(out):
            out[filled:] = 0.0
            self.n_underflows += filled > 0  # an idle card is no underflow

    def _append(self, samples: F32) -> None:
        self._parts.append(samples)
        self._n += len(samples)


def stretch(samples: F32, n_more: int) -> F32:
    """Return `samples` (N, C) resampled linearly to N + n_more, first and last sample kept."""
    n = len(samples)
    at = np.linspace(0.0, n - 1.0, n + n_more)
    stretched = [np.interp(at, np.arange(n), samples[:, c]) for c in range(samples.shape[1])]
    return np.stack(stretched, axis=1).astype(np.float32)


class Player:
    """One output. `wanted` is auto, off, browser or the name of an output device."""

    def __init__(self, wanted: str = "auto") -> None:
        self._wanted = wanted
        self._queue: Queue | None = None
        self._module: Any = None
        self._stream: Any = None
        self._ages_s: list[float] = []
        self._n_channels = 2
        self.mode = OFF if wanted == OFF else BROWSER
        """off, browser (the page plays it) or the output's name."""

    def open(self, info: SourceInfo) -> float:
        """Start the output and return how long after its due time a sample is heard.

        With `auto` a machine without an output plays in the browser; a device that was named raises `AudioError`.
        """
        if self._wanted in (OFF, BROWSER):
            return 0.0
        try:
            return self._open(info)
        except AudioError as error:
            self.close()
            if self._wanted != "auto":
                raise
            LOG.info("audio: no output here (%s): the page plays the music", error)
            return 0.0

    def write(self, block: AudioBlock) -> None:
        """Queue a block; never waits."""
        if self._queue is not None:
            self._queue.write(_to_channels(block.samples, self._n_channels))

    def close(self) -> None:
        """Stop the output; may be called twice."""
        stream, self._stream, self._queue = self._stream, None, None
        if stream is not None:
            with quiet_stderr():
                stream.close()
        module, self._module = self._module, None
        if module is not None:
            stop_portaudio(module)

    def _open(self, info: SourceInfo) -> float:
        device = self._choose(list_outputs("sounddevice"))
        self._n_channels = min(2, device.n_channels)
        self._queue = Queue(self._n_channels, info.sample_rate_hz)
        self._module = load_sounddevice()
        with quiet_stderr(), pulse_environment("PULSE_SINK", device.pulse_name):
            start_portaudio(self._module)
            try:
                self._stream = self._open_stream(device, info)
                self._stream.start()
            except Exception as error:
                raise AudioError(f"the output device '{device.label}' cannot be opened ({error})") from error
        self.mode = device.name
        return QUEUE_S + self._settled_age_s()

    def _choose(self, devices: list[Device]) -> Device:
        if self._wanted != "auto":
            return choose(devices, self._wanted, kind="audio output")
        real = [d for d in devices if not d.is_route] or devices
        if not real:
            raise AudioError("this machine has no audio output")
        return next((d for d in real if d.is_default), real[0])

    def _open_stream(self, device: Device, info: SourceInfo) -> Any:
        module = self._module
        extra = module.WasapiSettings(auto_convert=True) if device.host_api == "Windows WASAPI" else None

        def callback(out: F32, _n: int, stamp: Any, _status: Any) -> None:
            queue = self._queue
            if queue is not None:
                queue.pull(out)
            if len(self._ages_s) < 1_000:
                self._ages_s.append(stamp.outputBufferDacTime - stamp.currentTime)

        return module.OutputStream(
            device=device.index,
            channels=self._n_channels,
            samplerate=info.sample_rate_hz,
            dtype="float32",
            latency="low",
            extra_settings=extra,
            callback=callback,
        )

    def _settled_age_s(self) -> float:
        """Return the time from callback to loudspeaker: measured once the stream runs, declared if stamps are silly."""
        declared_s = float(self._stream.latency)
        end_s = time.monotonic() + OPEN_S
        while not self._ages_s and time.monotonic() < end_s:
            time.sleep(0.01)
        time.sleep(SETTLE_S)
        if not self._ages_s:
            raise AudioError(f"the output device '{self.mode}' does not start")
        measured_s = median(self._ages_s[-30:])
        return measured_s if 0.0 < measured_s < 1.0 else declared_s


def _to_channels(samples: F32, n_channels: int) -> F32:
    """Return (N, n_channels): mono to both sides, more than that cut."""
    if samples.shape[1] >= n_channels:
        return samples[:, :n_channels]
    return np.repeat(samples[:, :1], n_channels, axis=1)
