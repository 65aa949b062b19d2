"""Onset strength, hop by hop: what makes a listener tap, in three bands, with a memory of the last seconds.

Half-wave flux with an automatic gain, so that a quiet microphone and a hot line look alike. Trackers keep their own
envelope beside `Features` because they need its exact delay and its past.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Array

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
WINDOW: Final = 1024
ONSET_DELAY_S: Final = 0.010
"""An attack stands this long after it happened in the envelope (measured on clicks; kicks come up to 20 ms later)."""
LOW_HZ: Final = (30.0, 150.0)
"""Kick and bass."""
MID_HZ: Final = (1_000.0, 5_000.0)
"""Snare and the click of a kick; most of a hi-hat lies above."""
FULL_HZ: Final = (30.0, 11_000.0)
COMPRESSION: Final = 100.0
"""The full band is log(1 + COMPRESSION * magnitude / peak): 40 dB below the peak still counts."""
PEAK_DECAY: Final = 0.5 ** (HOP_S / 4.0)
"""The gain's reference halves in 4 s."""
PEAK_FLOOR: Final = 1e-3
"""Magnitude of a full-scale sine is 1 here; below -60 dB the gain stops rising."""
LOUDER: Final = 4.0
"""When the music comes in over a noise floor, what was remembered of the noise is scaled down with the new gain."""
MEMORY_HOPS: Final = 768
"""About 9 s: eight beats at 60 BPM and some."""
LOW, MID, FULL = range(3)


class OnsetMeter:
    """Turns hops of 512 samples into onset strengths (low, mid, full), 0 to about 1 each. Mutable, one per run."""

    def __init__(self) -> None:
        self._buffer = np.zeros(WINDOW, dtype=np.float32)
        window = np.hanning(WINDOW + 1)[:-1]
        self._window = (window * 2.0 / window.sum()).astype(np.float32)
        frequencies = np.fft.rfftfreq(WINDOW, 1.0 / HOP_RATE_HZ)
        self._bands = tuple(_band(frequencies, band) for band in (LOW_HZ, MID_HZ, FULL_HZ))
        self._magnitude: Array = np.zeros(self._bands[FULL].stop)
        self._log: Array = np.zeros(self._bands[FULL].stop - self._bands[FULL].start)
        self._peak = PEAK_FLOOR
        self.louder = False
        """Whether the newest hop is so much louder than all before that the gain jumped."""
        self._band_peaks = [0.0, 0.0]
        self.past: Array = np.zeros((MEMORY_HOPS, 3))
        """(MEMORY_HOPS, 3) newest last: low, mid, full."""
        self._past_flat = self.past.reshape(-1)
        """The same memory in one dimension: only there NumPy shifts it in place, without a copy."""

    def step(self, samples: F32, spectrum: F32 | None = None) -> Array:
        """Take one hop; return its (3,) onset strengths, also kept in `past`.

        `spectrum` (`Features.spectrum`), where somebody has it, is what the transform here would give.
        """
        n = len(samples)
        self._buffer[:-n] = self._buffer[n:]
        self._buffer[-n:] = samples
        low, mid, full = self._bands
        if spectrum is None:
            spectrum = np.abs(np.fft.rfft(self._buffer * self._window)[: full.stop])
        magnitude = spectrum[: full.stop]
        peak = max(float(magnitude[full].max()), self._peak * PEAK_DECAY, PEAK_FLOOR)
        self.louder = peak > LOUDER * self._peak
        if self.louder:
            self.past[:, FULL] *= self._peak / peak
        self._peak = peak
        log = np.log1p(COMPRESSION * magnitude[full] / self._peak)
        self._past_flat[:-3] = self._past_flat[3:]
        self.past[-1, LOW] = self._flux(LOW, magnitude[low] - self._magnitude[low])
        self.past[-1, MID] = self._flux(MID, magnitude[mid] - self._magnitude[mid])
        self.past[-1, FULL] = np.maximum(log - self._log, 0.0).sum() / len(log)
        self._magnitude, self._log = magnitude, log
        newest: Array = self.past[-1]
        return newest

    def _flux(self, band: int, rise: Array) -> float:
        """Return the rise of a band against the largest rise of the last seconds."""
        flux = float(np.maximum(rise, 0.0).sum())
        if flux > LOUDER * self._band_peaks[band]:
            self.past[:, band] *= self._band_peaks[band] / flux
        self._band_peaks[band] = max(flux, self._band_peaks[band] * PEAK_DECAY, PEAK_FLOOR)
        return flux / self._band_peaks[band]


def _band(frequencies: Array, band_hz: tuple[float, float]) -> slice:
    inside = np.flatnonzero((frequencies >= band_hz[0]) & (frequencies <= band_hz[1]))
    return slice(int(inside[0]), int(inside[-1]) + 1)
