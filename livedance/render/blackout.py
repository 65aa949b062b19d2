"""Blackout: the picture fades to black, and to transparent, within 100 ms, whatever else hangs."""

from __future__ import annotations

from collections import deque
from typing import Final

import cv2
import numpy as np

from livedance.render.look import Image

MAX_FADE_MS: Final = 100.0
RETURNS_PER_S: Final = 3
"""The picture comes back at most this often in a second, so that the key is no strobe."""


class Blackout:
    """Runs after every other pass of a screen. Never reads a clock."""

    def __init__(self) -> None:
        self._gain = 1.0
        self._at_s: float | None = None
        self._was_wanted = False
        self._returns: deque[float] = deque(maxlen=RETURNS_PER_S)
        self._dark = np.zeros((0, 0, 4), np.uint8)

    @property
    def gain(self) -> float:
        """What is left of the light, 0 to 1."""
        return self._gain

    def apply(self, image: Image, t_s: float, wanted: bool, fade_ms: float = 60.0) -> Image:
        """Return `image` itself in the light, else a faded copy; dark pictures are shared and read-only.

        Args:
            image: (H, W, C) uint8; all channels fade, alpha too.
            t_s: Time at which it is shown.
            wanted: True for dark.
            fade_ms: Time of a whole fade, 0 to `MAX_FADE_MS`.
        """
        self.step(t_s, wanted, fade_ms)
        if self._gain >= 1.0:
            return image
        if self._gain <= 0.0:
            return self._black(image.shape)
        out: Image = cv2.convertScaleAbs(image, alpha=self._gain)
        return out

    def step(self, t_s: float, wanted: bool, fade_ms: float = 60.0) -> float:
        """Return what is left of the light at `t_s`, for pictures that are dimmed elsewhere; `apply` does both."""
        dt = 0.0 if self._at_s is None else max(0.0, t_s - self._at_s)
        # The first picture needs no fade; a show that starts in blackout starts dark.
        step = 1.0 if self._at_s is None else dt / max(min(fade_ms, MAX_FADE_MS) / 1000.0, 1e-6)
        self._at_s = t_s
        if wanted or self._may_return(t_s):
            self._gain = max(0.0, self._gain - step) if wanted else min(1.0, self._gain + step)
            self._was_wanted = wanted
        return self._gain

    def _may_return(self, t_s: float) -> bool:
        if not self._was_wanted:
            return True
        if len(self._returns) == RETURNS_PER_S and t_s - self._returns[0] < 1.0:
            return False
        self._returns.append(t_s)
        return True

    def _black(self, shape: tuple[int, ...]) -> Image:
        if self._dark.shape != shape:
            self._dark = np.zeros(shape, np.uint8)
            self._dark.flags.writeable = False
        return self._dark
