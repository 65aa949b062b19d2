from __future__ import annotations

import numpy as np
import pytest

from livedance.audio.meter import Meter


def test_each_channel_has_its_own_level() -> None:
    meter = Meter()
    t = np.arange(44_100) / 44_100
    stereo = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), np.zeros_like(t)], axis=1).astype(np.float32)
    for i in range(0, 44_100, 256):
        meter.push(stereo[i : i + 256], 44_100)
    left, right = meter.levels
    assert left.peak_db == pytest.approx(-6.0, abs=0.2)
    assert left.rms_db == pytest.approx(-9.0, abs=0.6)
    assert (right.peak_db, right.rms_db) == (-120.0, -120.0)


def test_peaks_fall_slowly() -> None:
    meter = Meter()
    meter.push(np.ones((441, 1), np.float32), 44_100)
    for _ in range(50):
        meter.push(np.zeros((441, 1), np.float32), 44_100)
    assert meter.levels[0].peak_db == pytest.approx(-10.0, abs=0.1)


def test_other_channels_and_bad_numbers() -> None:
    meter = Meter()
    meter.push(np.full((10, 2), np.nan, np.float32), 44_100)
    assert np.isfinite([meter.levels[0].peak_db, meter.levels[0].rms_db]).all()
    meter.push(np.zeros((10, 4), np.float32), 44_100)
    assert len(meter.levels) == 4
    meter.push(np.zeros((0, 1), np.float32), 44_100)
    meter.reset()
    assert meter.levels == ()
