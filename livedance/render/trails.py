"""What a dancer leaves behind, kept in beat time: ribbons of light from the hands, and after-images.

Both depend on the poses and their beats, not on how often a screen draws: samples are taken at fixed
steps of a beat by interpolation, so 30 and 144 frames a second leave the same trail.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.render.look import Image

Array = NDArray[np.floating]

RIBBON_STEP_BEATS: Final = 1 / 32
MAX_AGE_S: Final = 2.5
"""Nothing is kept longer, even when the beat stands still."""
JUMP_M: Final = 0.8
"""A tip that moves farther between two frames was cut, not danced."""


@dataclass(frozen=True, slots=True)
class Echo:
    """One after-image."""

    beat: float
    t_s: float
    mask: Image
    """One channel at the size of the glow layer."""


class Ribbons:
    """World positions of the tips of all dancers over the last beats."""

    def __init__(self, length_beats: float) -> None:
        self.length_beats = length_beats
        self._past: deque[tuple[float, float, Array]] = deque(maxlen=512)

    def clear(self) -> None:
        """Forget everything."""
        self._past.clear()

    def add(self, beat: float, t_s: float, tips_m: Array) -> None:
        """Add tips (N, K, 3); another number of dancers, a step back in time or a cut starts anew."""
        if self._past:
            last_beat, last_t, last = self._past[-1]
            same = last.shape == tips_m.shape
            if not same or beat < last_beat or t_s < last_t or np.abs(last - tips_m).max(initial=0.0) > JUMP_M:
                self._past.clear()
            elif beat == last_beat:
                self._past.pop()
        self._past.append((beat, t_s, tips_m))
        keep_from = beat - self.length_beats - 2 * RIBBON_STEP_BEATS
        while len(self._past) > 2 and (self._past[1][0] < keep_from or t_s - self._past[0][1] > MAX_AGE_S):
            self._past.popleft()

    def sample(self) -> tuple[Array, Array]:
        """Return positions (M, N, K, 3), oldest first, and freshness (M,) in 0-1; M is 0 with too little past."""
        if len(self._past) < 2:
            return np.zeros((0, 0, 0, 3)), np.zeros(0)
        beats = np.array([b for b, _, _ in self._past])
        stack = np.stack([p for _, _, p in self._past])
        now = beats[-1]
        # Steps on a fixed grid of the beat, then the newest pose: old points of the ribbon do not swim.
        first = np.ceil(max(beats[0], now - self.length_beats) / RIBBON_STEP_BEATS)
        grid = np.arange(first, np.floor(now / RIBBON_STEP_BEATS) + 1) * RIBBON_STEP_BEATS
        at = np.concatenate([grid[grid < now], [now]])
        right = np.clip(np.searchsorted(beats, at, side="left"), 1, len(beats) - 1)
        span = np.maximum(beats[right] - beats[right - 1], 1e-9)
        share = np.clip((at - beats[right - 1]) / span, 0.0, 1.0)[:, None, None, None]
        points = stack[right - 1] * (1.0 - share) + stack[right] * share
        return points, np.clip(1.0 - (now - at) / self.length_beats, 0.0, 1.0)


class Echoes:
    """After-images taken at fixed parts of the beat."""

    def __init__(self, length_beats: float, per_beat: int = 4) -> None:
        self.length_beats = length_beats
        self.per_beat = per_beat
        self._kept: deque[Echo] = deque(maxlen=16)
        self._slot: int | None = None

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._slot = None

    def due(self, beat: float) -> bool:
        """Return True once for each part of the beat that has begun."""
        slot = int(np.floor(beat * self.per_beat))
        if self._slot is not None and slot < self._slot:
            self.clear()
        fresh = self._slot is not None and slot != self._slot
        self._slot = slot
        return fresh

    def add(self, beat: float, t_s: float, mask: Image) -> None:
        """Keep `mask`, taken at `beat`."""
        self._kept.append(Echo(beat, t_s, mask))

    def fading(self, beat: float, t_s: float, shape: tuple[int, ...]) -> list[tuple[Image, float]]:
        """Return the masks of `shape` that still show, oldest first, with their strength in 0-1."""
        out = []
        for echo in self._kept:
            age = (beat - echo.beat) / self.length_beats
            if echo.mask.shape == shape and 0.0 <= age < 1.0 and 0.0 <= t_s - echo.t_s < MAX_AGE_S:
                out.append((echo.mask, (1.0 - age) ** 1.5))
        return out
