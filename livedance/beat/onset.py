"""Onset strength, hop by hop: what makes a listener tap, in the whole spectrum and below 150 Hz.

Half-wave flux of log-compressed magnitudes with an automatic gain, so that a quiet microphone and a hot line look
alike. The trackers keep their own envelope because they need its exact delay (`ONSET_DELAY_S`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Array

WINDOW: Final = 1024
ONSET_DELAY_S: Final = 0.0075
"""An attack is strongest in the hop that ends this long after it (measured on clicks and kicks)."""
LOW_HZ: Final = (30.0, 150.0)
FULL_HZ: Final = (30.0, 11_000.0)
COMPRESSION: Final = 100.0
"""log(1 + COMPRESSION * magnitude / peak): 40 dB below the peak still counts."""
PEAK_DECAY: Final = 0.5 ** (HOP_SAMPLES / HOP_RATE_HZ / 4.0)
"""The gain's reference halves in 4 s."""
PEAK_FLOOR: Final = 1e-3
"""Magnitude of a full-scale sine is 1 here; below -60 dB the gain stops rising."""


class OnsetMeter:
    """Turns hops of 512 samples into (low, full) onset strengths, 0 to about 1. Mutable, one per run."""

    def __init__(self) -> None:
        self._buffer = np.zeros(WINDOW, dtype=np.float32)
        window = np.hanning(WINDOW + 1)[:-1]
        self._window = (window / window.sum() * 2.0).astype(np.float32)
        frequencies = np.fft.rfftfreq(WINDOW, 1.0 / HOP_RATE_HZ)
        self._low = _band(frequencies, LOW_HZ)
        self._full = _band(frequencies, FULL_HZ)
        self._log: Array = np.zeros(len(frequencies))
        self._low_magnitude: Array = np.zeros(self._low.stop - self._low.start)
        self._peak = PEAK_FLOOR
        self._low_peak = PEAK_FLOOR

    def step(self, samples: F32) -> tuple[float, float]:
        """Return the onset strength below 150 Hz and in the whole spectrum at the end of this hop."""
        n = len(samples)
        self._buffer[:-n] = self._buffer[n:]
        self._buffer[-n:] = samples
        magnitude = np.abs(np.fft.rfft(self._buffer * self._window))
        low_magnitude = magnitude[self._low]
        self._peak = max(float(magnitude[self._full].max()), self._peak * PEAK_DECAY, PEAK_FLOOR)
        self._low_peak = max(float(low_magnitude.max()), self._low_peak * PEAK_DECAY, PEAK_FLOOR)
        log = np.log1p(COMPRESSION * magnitude / self._peak)
        full = float(np.maximum(log - self._log, 0.0)[self._full].mean())
        low = float(np.maximum(low_magnitude - self._low_magnitude, 0.0).sum()) / self._low_peak
        self._log, self._low_magnitude = log, low_magnitude
        return low, full


def _band(frequencies: Array, band_hz: tuple[float, float]) -> slice:
    inside = np.flatnonzero((frequencies >= band_hz[0]) & (frequencies <= band_hz[1]))
    return slice(int(inside[0]), int(inside[-1]) + 1)
