"""Makes files and the demo audible, and knows how late: an output stream fed from the blocks that the brain hears.

Blocks are paced by the machine's clock, the sound card by its own. The queue between them is steered by stretching
single blocks by one sample (0.4 % for 6 ms), so the delay that was reported stays true all night.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any, Final

import numpy as np

from livedance.audio.device import OUTPUT, Device, choose
from livedance.audio.device_source import pulse_environment
from livedance.audio.devices import list_outputs
from livedance.audio.portaudio import in_time, quiet_stderr
from livedance.audio.sounddevice_source import load_sounddevice, start_portaudio, stop_portaudio
from livedance.audio.source import SourceInfo
from livedance.errors import AudioError
from livedance.messages import F32, AudioBlock

LOG = logging.getLogger(__name__)
QUEUE_S: Final = 0.12
"""Sound kept between the writer and the card: what a busy machine may be late without a click."""
CARD_S: Final = 0.1
"""Buffer asked of the card. Delay is free here: it is known and taken off; a drop-out is not."""
SLACK_S: Final = 0.003
"""The queue may be off by this before a block is stretched."""
SHORTEST_QUEUE_S: Final = 0.03
JUMP_S: Final = 0.04
"""A queue that is off by this is put right at once: something was audible anyway."""
SETTLE_S: Final = 1.0
"""PulseAudio's stamps are up to 0.1 s off in the first 0.7 s of a stream."""
OPEN_S: Final = 3.0
BROWSER: Final = "browser"
OFF: Final = "off"


class Queue:
    """Samples on their way to the card. `write` in one thread, `pull` in the card's callback.

    Keeps `promise_s`, the time from `write` to the loudspeaker: what the card holds back (`pull` is told) plus what
    waits here. Small errors are stretched away, large ones (the card stumbled) cut or filled at once.
    """

    def __init__(self, n_channels: int, sample_rate_hz: int) -> None:
        self._n_channels, self._rate_hz = n_channels, sample_rate_hz
        self._parts: deque[F32] = deque()
        self._lock = threading.Lock()
        self._n = 0
        self._age_s = 0.0
        self._drift = 0.0
        self.promise_s = QUEUE_S
        self.n_underflows = self.n_stretched = self.n_jumps = 0

    @property
    def target(self) -> int:
        """Samples that should wait here."""
        return round(max(self.promise_s - self._age_s, SHORTEST_QUEUE_S) * self._rate_hz)

    def write(self, samples: F32) -> None:
        """Append a block, one sample longer or shorter where the clocks have drifted apart."""
        with self._lock:
            self._drift += 0.02 * (self._n - self.target - self._drift)
            if self._n == 0 or abs(self._drift) > JUMP_S * self._rate_hz:
                self._jump()
            elif abs(self._drift) > SLACK_S * self._rate_hz and len(samples) > 2:
                samples = stretch(samples, -1 if self._drift > 0 else 1)
                self.n_stretched += 1
            self._append(samples)

    def pull(self, out: F32, age_s: float = 0.0) -> None:
        """Fill `out` (N, C), which is heard `age_s` from now; zeros where nothing is queued."""
        with self._lock:
            if 0.0 < age_s < 1.0:
                self._age_s += 0.05 * (age_s - self._age_s) if self._age_s else age_s
            filled = self._move(out)
        if filled < len(out):
            out[filled:] = 0.0
            self.n_underflows += filled > 0  # an idle card is no underflow

    @property
    def age_s(self) -> float:
        """What the card holds back, smoothed; 0 before it has said so."""
        return self._age_s

    def _jump(self) -> None:
        missing = self.target - self._n
        if missing >= 0:
            self._append(np.zeros((missing, self._n_channels), np.float32))
        else:
            self._move(np.empty((-missing, self._n_channels), np.float32))
        self._drift = 0.0
        self.n_jumps += 1

    def _move(self, out: F32) -> int:
        """Move the oldest samples into `out`; return how many there were."""
        filled = 0
        while filled < len(out) and self._parts:
            part = self._parts.popleft()
            n = min(len(part), len(out) - filled)
            out[filled : filled + n] = part[:n]
            if n < len(part):
                self._parts.appendleft(part[n:])
            filled += n
        self._n -= filled
        return filled

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
        self._runs = threading.Event()
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
        in_time(self._stop_quietly)
        self._queue = None

    def _stop_quietly(self) -> None:
        stream, self._stream = self._stream, None
        module, self._module = self._module, None
        with quiet_stderr():
            if stream is not None:
                stream.close()
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
        return self._settle(self._queue)

    def _choose(self, devices: list[Device]) -> Device:
        if self._wanted != "auto":
            return choose(devices, self._wanted, kind=OUTPUT)
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
                queue.pull(out, stamp.outputBufferDacTime - stamp.currentTime)
            self._runs.set()

        return module.OutputStream(
            device=device.index,
            channels=self._n_channels,
            samplerate=info.sample_rate_hz,
            dtype="float32",
            latency=CARD_S,
            extra_settings=extra,
            callback=callback,
        )

    def _settle(self, queue: Queue) -> float:
        """Return the time from `write` to the loudspeaker: measured on the running stream, else as declared."""
        if not self._runs.wait(OPEN_S):
            raise AudioError(f"the output device '{self.mode}' does not start")
        time.sleep(SETTLE_S)
        queue.promise_s = QUEUE_S + (queue.age_s or float(self._stream.latency))
        return queue.promise_s


def _to_channels(samples: F32, n_channels: int) -> F32:
    """Return (N, n_channels): mono to both sides, more than that cut."""
    if samples.shape[1] >= n_channels:
        return samples[:, :n_channels]
    return np.repeat(samples[:, :1], n_channels, axis=1)
