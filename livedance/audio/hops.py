"""Device blocks in, hops out: channel pick, mono mix, 44,100 Hz, lost samples as silence.

The hops depend only on the samples, never on how they were cut into blocks: everything that could notice a block border
(the resampler) is fed in fixed chunks. One thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
import soxr

from livedance.errors import AudioError
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, AudioBlock, Hop

RESAMPLE_CHUNK: Final = 256
"""Input samples that the resampler gets at once, whatever the device's block size."""
RESAMPLE_QUALITY: Final = "LQ"
"""5 ms of mean look-ahead (HQ: 11 ms); its roll-off above 15 kHz carries no beat."""
MAX_AMPLITUDE: Final = 8.0
"""Float files may exceed full scale; anything beyond this is a broken file, not loud music."""


def check_channels(channels: Sequence[int] | None, n_channels: int, name: str) -> tuple[int, ...]:
    """Return the 0-based channels to mix for the 1-based `channels` (None: all).

    Raises `AudioError` that names the device's channel count when one of them is not there.
    """
    if not channels:
        return tuple(range(n_channels))
    missing = [c for c in channels if not 1 <= c <= n_channels]
    if missing:
        have = "1 channel" if n_channels == 1 else f"{n_channels} channels"
        raise AudioError(
            f"channel {missing[0]} does not exist: '{name}' has {have}; choose from 1-{n_channels} with --channels"
        )
    return tuple(dict.fromkeys(c - 1 for c in channels))


class HopMaker:
    """Cuts a stream of `AudioBlock` into `Hop`s of 512 samples at 44,100 Hz mono.

    Stream time of a hop is counted in output samples from `start_s`; the resampler's delay is compensated, so a click
    at stream time t in the device lies at t in the hops. Adds at most one hop of lateness, and 10 ms where the rate
    differs.
    """

    def __init__(
        self,
        *,
        sample_rate_hz: int = HOP_RATE_HZ,
        n_channels: int = 1,
        channels: Sequence[int] | None = None,
        name: str = "the source",
        start_s: float = 0.0,
    ) -> None:
        """Take the 1-based `channels` to mix (None: all); raises `AudioError` when one does not exist."""
        self._channels = channels
        self._name = name
        self._start_s = start_s
        self._index = 0
        self._n_out = 0
        self._pending: F32 = np.zeros(0, np.float32)
        self._unheard: deque[tuple[int, int]] = deque()
        self.lost_samples = 0
        """Samples at the source's rate that were replaced by silence."""
        self.bad_samples = 0
        """NaN, infinite or absurdly large samples that were replaced by 0."""
        self._set_format(sample_rate_hz, n_channels)

    @property
    def n_channels(self) -> int:
        """Channels of the source now."""
        return self._n_channels

    def push(self, block: AudioBlock) -> list[Hop]:
        """Take the next block and return the hops that it completes (none or several)."""
        n_channels = block.samples.shape[1] or self._n_channels
        if block.sample_rate_hz != self._rate_hz or n_channels != self._n_channels:
            self._set_format(block.sample_rate_hz, n_channels)
        if block.lost_samples > 0:
            self._feed_silence(block.lost_samples)
        if len(block.samples):
            self._feed(self._mix(block.samples))
        return self._cut()

    def _set_format(self, sample_rate_hz: int, n_channels: int) -> None:
        self._picked = check_channels(self._channels, n_channels, self._name)
        self._rate_hz, self._n_channels = sample_rate_hz, n_channels
        self._chunk: F32 = np.zeros(0, np.float32)
        self._resampler = (
            None
            if sample_rate_hz == HOP_RATE_HZ
            else soxr.ResampleStream(sample_rate_hz, HOP_RATE_HZ, 1, dtype="float32", quality=RESAMPLE_QUALITY)
        )
        self._fed = 0
        self._format_start = self._n_out

    def _mix(self, samples: F32) -> F32:
        mono: F32 = samples[:, self._picked[0]].copy()
        for c in self._picked[1:]:  # in a fixed order: the sum must not depend on the block size
            mono += samples[:, c]
        if len(self._picked) > 1:
            mono *= np.float32(1.0 / len(self._picked))
        bad = ~(np.abs(mono) <= MAX_AMPLITUDE)  # written so that NaN counts as bad
        if bad.any():
            self.bad_samples += int(bad.sum())
            mono[bad] = 0.0
        return mono

    def _feed_silence(self, n: int) -> None:
        self.lost_samples += n
        ratio = HOP_RATE_HZ / self._rate_hz
        first = self._format_start + round(self._fed * ratio)
        self._unheard.append((first, self._format_start + round((self._fed + n) * ratio)))
        self._feed(np.zeros(n, np.float32))

    def _feed(self, mono: F32) -> None:
        self._fed += len(mono)
        if self._resampler is None:
            self._append(mono)
            return
        chunk = np.concatenate((self._chunk, mono))
        n_whole = len(chunk) - len(chunk) % RESAMPLE_CHUNK
        for i in range(0, n_whole, RESAMPLE_CHUNK):
            self._append(self._resampler.resample_chunk(chunk[i : i + RESAMPLE_CHUNK]))
        self._chunk = chunk[n_whole:]

    def _append(self, mono: F32) -> None:
        self._n_out += len(mono)
        self._pending = np.concatenate((self._pending, mono))

    def _cut(self) -> list[Hop]:
        n_hops = len(self._pending) // HOP_SAMPLES
        hops = [self._hop(self._pending[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES]) for i in range(n_hops)]
        self._pending = self._pending[n_hops * HOP_SAMPLES :]
        return hops

    def _hop(self, samples: F32) -> Hop:
        first = self._index * HOP_SAMPLES
        end = first + HOP_SAMPLES
        self._index += 1
        return Hop(
            index=self._index - 1,
            t_s=self._start_s + end / HOP_RATE_HZ,
            samples=samples,
            heard=2 * self._count_unheard(first, end) < HOP_SAMPLES,
        )

    def _count_unheard(self, first: int, end: int) -> int:
        while self._unheard and self._unheard[0][1] <= first:
            self._unheard.popleft()
        return sum(max(0, min(end, b) - max(first, a)) for a, b in self._unheard)
