"""A level meter: peak and RMS of each channel in dBFS, with a fall that eyes can follow."""

from __future__ import annotations

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
        self.levels: tuple[ChannelLevel, ...] = ()
        self._peak_db = np.zeros(0)
        self._power = np.zeros(0)

    def push(self, samples: F32, sample_rate_hz: int) -> None:
        """Take a block (N, C); other channels than before start the meter anew."""
        n, n_channels = samples.shape
        if n == 0:
            return
        if n_channels != len(self._power):
            self._peak_db = np.full(n_channels, FLOOR_DB)
            self._power = np.zeros(n_channels)
        duration_s = n / sample_rate_hz
        power = np.nan_to_num(np.square(samples, dtype=np.float64).mean(axis=0), posinf=0.0)
        peak = np.nan_to_num(np.abs(samples).max(axis=0), posinf=0.0)
        self._power += (1.0 - np.exp(-duration_s / RMS_TAU_S)) * (power - self._power)
        fallen_db = self._peak_db - PEAK_FALL_DB_PER_S * duration_s
        self._peak_db = np.maximum(np.maximum(fallen_db, FLOOR_DB), _db(np.square(peak)))
        self.levels = tuple(
            ChannelLevel(peak_db=float(p), rms_db=float(r))
            for p, r in zip(self._peak_db, _db(self._power), strict=True)
        )

    def reset(self) -> None:
        """Forget the levels: the device is gone."""
        self.levels = ()
        self._power = np.zeros(0)


def _db(power: NDArray[np.floating]) -> NDArray[np.float64]:
    level_db: NDArray[np.float64] = 10.0 * np.log10(np.maximum(power, 1e-12), dtype=np.float64)
    return level_db
