"""A level meter: peak and RMS of each channel in dBFS, with a fall that eyes can follow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.messages import F32

FLOOR_DB: Final = -120.0
PEAK_FALL_DB_PER_S: Final = 20.0
RMS_TAU_S: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLevel:
    """Level of one channel."""

    peak_db: float
    rms_db: float


class Meter:
    """Follows the channels of one source. One writer; `levels` may be read from any thread."""

    def __init__(self) -> None:
        self._peak: NDArray[np.float32] = np.zeros(0, np.float32)
        self._power: NDArray[np.float32] = np.zeros(0, np.float32)

    @property
    def levels(self) -> tuple[ChannelLevel, ...]:
        """Peak and RMS of each channel now; empty before any sound."""
        peak, power = self._peak, self._power
        return tuple(
            ChannelLevel(peak_db=_db(float(p) ** 2), rms_db=_db(float(r))) for p, r in zip(peak, power, strict=False)
        )

    def push(self, samples: F32, sample_rate_hz: int) -> None:
        """Take a block (N, C); other channels than before start the meter anew."""
        n, n_channels = samples.shape
        if n == 0:
            return
        power = np.einsum("nc,nc->c", samples, samples) / n
        peak = np.abs(samples).max(axis=0)
        if not math.isfinite(float(power.sum())):
            power, peak = np.zeros_like(power), np.zeros_like(peak)
        duration_s = n / sample_rate_hz
        if n_channels != len(self._power):
            self._peak, self._power = peak, np.zeros_like(power)
        fall = 10.0 ** (-PEAK_FALL_DB_PER_S * duration_s / 20.0)
        self._peak = np.maximum(self._peak * np.float32(fall), peak)
        self._power = self._power + np.float32(1.0 - math.exp(-duration_s / RMS_TAU_S)) * (power - self._power)

    def reset(self) -> None:
        """Forget the levels: the device is gone."""
        self._peak = self._power = np.zeros(0, np.float32)


def _db(power: float) -> float:
    return max(10.0 * math.log10(power), FLOOR_DB) if power > 0.0 else FLOOR_DB
