"""Sound files for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile


def write_tone(path: Path, *, seconds: float = 0.5, rate: int = 44_100, n_channels: int = 2, hz: float = 440.0) -> Path:
    t = np.arange(int(seconds * rate)) / rate
    tone = 0.5 * np.sin(2 * np.pi * hz * t).astype(np.float32)
    soundfile.write(path, np.repeat(tone[:, None], n_channels, axis=1), rate)
    return path
