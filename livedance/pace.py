"""How often, and how large, a screen draws: a look that is too slow gives up rate, then size; the dance never waits.

The pose is always that of the moment at which the picture will be seen, so fewer pictures are still on the beat.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

LEVELS: Final = ((1, 1.0), (2, 1.0), (2, 0.75), (2, 0.5), (3, 0.5), (4, 0.5))
"""From best to least: every how manieth picture of the full rate is drawn, and at what share of the full side."""
BUSY: Final = 0.85
"""Share of the time for a picture above which drawing does not keep up: brain and stage need their turn, too."""
EASY: Final = 0.60
"""Share of the next better level's time for a picture below which that level is tried."""
LATE_S: Final = 1.0
"""How long drawing must be too slow before it gives something up."""
CALM_S: Final = 6.0
"""How long it must be easy before more is tried; doubled each time that this was too early, up to `CALM_MOST_S`."""
CALM_MOST_S: Final = 96.0
SIDE: Final = 16
"""Least side of a picture, pixels."""


class Pace:
    """Follows how long pictures take. Never reads a clock. One thread.

    Args:
        fps: The full rate, pictures a second.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._level = 0
        self._took: deque[float] = deque()
        self._since_s: float | None = None
        self._calm_s = CALM_S
        self._raised_s = -np.inf

    @property
    def level(self) -> int:
        """Row of `LEVELS` now."""
        return self._level

    @property
    def period_s(self) -> float:
        """Time from one picture to the next."""
        return LEVELS[self._level][0] / self._fps

    def size(self, full: tuple[int, int]) -> tuple[int, int]:
        """Return the size to draw at where the full one is `full`."""
        share = LEVELS[self._level][1]
        return max(SIDE, round(share * full[0])), max(SIDE, round(share * full[1]))

    def took(self, work_s: float, now_s: float) -> None:
        """Take note that the picture finished at `now_s` took `work_s` to draw."""
        if self._since_s is None:
            self._since_s = now_s
        self._took.append(work_s)
        while len(self._took) * self.period_s > 2.0 * LATE_S:
            self._took.popleft()
        for_s = now_s - self._since_s
        usual_s = float(np.median(self._took))
        if for_s >= LATE_S and usual_s > BUSY * self.period_s and self._level < len(LEVELS) - 1:
            if now_s - self._raised_s < CALM_S:
                self._calm_s = min(2.0 * self._calm_s, CALM_MOST_S)
            self._change(self._level + 1)
        elif for_s >= self._calm_s and self._level > 0 and self._better_s(usual_s) < EASY:
            self._raised_s = now_s
            self._change(self._level - 1)

    def _better_s(self, usual_s: float) -> float:
        """Return the share of its time that the next better level would need."""
        (every, side), (_, now) = LEVELS[self._level - 1], LEVELS[self._level]
        return usual_s * (side / now) ** 2 * self._fps / every

    def _change(self, level: int) -> None:
        self._level, self._since_s = level, None
        self._took.clear()
