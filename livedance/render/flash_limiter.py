"""Flash limiter: no more than three general or red flashes in any second, after WCAG 2.3.1.

The last pass of every screen. It lowers the risk of a seizure; it is no medical or broadcast
certificate, and lights that are not in the picture are beyond it.

A *transition* is a swing of relative luminance by 10 % or more whose dark end is below 0.80, or a
change to or from saturated red by more than 0.2 in CIE 1976 u'v'. A flash is two opposing
transitions. The picture is watched on a grid of 32 x 18 cells. When a quarter of the cells would
make a seventh transition within a second, the new picture is mixed with the one shown before, just
as much as it takes for the swing to stay below the threshold; otherwise it passes untouched.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.render.look import Image

GRID: Final = (32, 18)
"""Columns, rows."""
SAMPLE: Final = (GRID[0] * 5, GRID[1] * 5)
"""Columns, rows of the pixels that are looked at."""
SWING: Final = 0.10
DARK_BELOW: Final = 0.80
RED_SHARE: Final = 0.80
RED_SWING: Final = 0.20
TRANSITIONS_PER_S: Final = 6
AREA: Final = 0.25
WINDOW_S: Final = 0.999
"""A hair under a second, so that exactly three flashes a second do not trip over rounding."""
MIXES: Final = (1.0, 0.7, 0.5, 0.35, 0.24, 0.16, 0.1, 0.06, 0.03, 0.0)
"""Shares of the new picture that are tried, from untouched to frozen."""

_LEVELS: Final = np.arange(256) / 255.0
_LINEAR: Final = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
"""sRGB level -> linear light."""
_TO_XYZ: Final = np.array(
    [[0.1804375, 0.3575761, 0.4124564], [0.0721750, 0.7151522, 0.2126729], [0.9503041, 0.1191920, 0.0193339]],
    np.float32,
)
"""Linear BGR -> CIE XYZ."""
_WHITE_UV: Final = (0.1978, 0.4683)
_DARK: Final = 0.03
"""Sum of linear B + G + R below which a cell counts as black, not as a colour."""

Grid = NDArray[np.float32]


class Swings:
    """Counts transitions of one value per cell. Owned by one limiter."""

    def __init__(self, size: tuple[int, int]) -> None:
        columns, rows = size
        self.low: Grid = np.zeros((rows, columns), np.float32)
        self.high: Grid = np.zeros((rows, columns), np.float32)
        self._rising = np.zeros((rows, columns), np.int8)
        self._times = np.full((TRANSITIONS_PER_S + 1, rows, columns), -np.inf)

    def start(self, value: Grid) -> None:
        """Forget everything; `value` is what is shown now."""
        self.low, self.high = value.copy(), value.copy()
        self._rising[:] = 0
        self._times[:] = -np.inf

    def would(self, value: Grid, swing: float, dark_below: float) -> NDArray[np.bool_]:
        """Return the cells in which showing `value` makes a transition."""
        up = (value - self.low >= swing) & (self.low < dark_below) & (self._rising <= 0)
        down = (self.high - value >= swing) & (value < dark_below) & (self._rising >= 0)
        out: NDArray[np.bool_] = up | down
        return out

    def over(self, t_s: float, new: NDArray[np.bool_]) -> float:
        """Return the share of cells beyond the limit in the second up to `t_s`, were `new` to happen."""
        count = (self._times > t_s - WINDOW_S).sum(axis=0) + new
        return float(np.mean(count > TRANSITIONS_PER_S))

    def show(self, value: Grid, t_s: float, new: NDArray[np.bool_]) -> None:
        """Take note that `value` is shown and makes the transitions `new`."""
        if new.any():
            up = np.where(self._rising == 0, value - self.low > self.high - value, self._rising < 0)
            self._rising = np.where(new, np.where(up, 1, -1), self._rising).astype(np.int8)
            later = np.concatenate([self._times[1:], np.full_like(self._times[:1], t_s)])
            self._times = np.where(new, later, self._times)
        # A swing is measured from the farthest value since the last turn.
        self.low = np.where(new, value, np.minimum(self.low, value))
        self.high = np.where(new, value, np.maximum(self.high, value))


class FlashLimiter:
    """Watches one screen's pictures and tames them. Never reads a clock.

    Args:
        enabled: False passes everything (the show says so loudly).
    """

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self.active = False
        """True while the last picture was mixed (state bit)."""
        self.limited = 0
        """Pictures mixed since the start."""
        self._light = Swings(GRID)
        self._red = Swings(GRID)
        self._shown: Image | None = None
        self._shape: tuple[int, ...] = ()
        self._cells: Image = np.zeros((GRID[1], GRID[0], 3), np.uint8)
        self._shown_t_s = 0.0

    def reset(self) -> None:
        """Forget what was shown."""
        self._shown, self._shape = None, ()
        self.active = False

    def apply(self, image: Image, t_s: float) -> Image:
        """Return `image` itself when it is safe, else a new picture between it and the one before.

        Args:
            image: (H, W, 3 or 4) uint8 BGR or BGRA, straight alpha. It is kept for the next call: do not
                draw on it afterwards.
            t_s: Time at which it is shown; a step back or another size starts anew.
        """
        if not self.enabled:
            return image
        mix = self.judge(image, t_s, image.shape)
        if self.active and self._shown is not None:
            image = cv2.addWeighted(image, mix, self._shown, 1.0 - mix, 0.0)
        self._shown = image
        return image

    def judge(self, sample: Image, t_s: float, shape: tuple[int, ...]) -> float:
        """Return the share of the new picture that is safe: 1 untouched, else mix it with the one shown before.

        For pictures that are mixed elsewhere (on a graphics card); `apply` does both.

        Args:
            sample: the picture, or its nearest pixels at `SAMPLE`.
            t_s: Time at which it is shown.
            shape: of the picture itself; another one starts anew, and so does a step back in time.
        """
        small = _cells(sample)
        if shape != self._shape or t_s < self._shown_t_s:
            light, red = _measure(small)
            self._light.start(light)
            self._red.start(red)
            self._cells, self._shape, self._shown_t_s, self.active = small, shape, t_s, False
            return 1.0
        for mix in MIXES:
            cells = small if mix == 1.0 else cv2.addWeighted(small, mix, self._cells, 1.0 - mix, 0.0)
            light, red = _measure(cells)
            bright, reddish = self._light.would(light, SWING, DARK_BELOW), self._red.would(red, RED_SWING, np.inf)
            if self._light.over(t_s, bright) < AREA and self._red.over(t_s, reddish) < AREA:
                break
        self._light.show(light, t_s, bright)
        self._red.show(red, t_s, reddish)
        self._cells, self._shown_t_s = cells, t_s
        self.active = mix < 1.0
        self.limited += self.active
        return mix


def _cells(image: Image) -> Image:
    """Return the grid (18, 32, 3) of a picture, alpha multiplied in.

    A sparse sample of 5 x 5 points a cell is enough: flashes that matter cover a quarter of the picture.
    """
    sample = cv2.resize(image, SAMPLE, interpolation=cv2.INTER_NEAREST)
    if sample.shape[2] == 4:
        alpha = sample[..., 3]
        sample = sample[..., :3]
        if int(alpha.min()) < 255:
            sample = cv2.multiply(sample, cv2.merge([alpha, alpha, alpha]), scale=1 / 255.0)
    out: Image = cv2.resize(sample, GRID, interpolation=cv2.INTER_AREA)
    return out


def _measure(cells: Image) -> tuple[Grid, Grid]:
    """Return relative luminance (18, 32) and saturated redness: u'v' distance from white where red, else 0."""
    linear = _LINEAR[cells]
    xyz = linear @ _TO_XYZ.T
    total = linear.sum(axis=2)
    red = (linear[..., 2] >= RED_SHARE * total) & (total > _DARK)
    weight = np.maximum(xyz[..., 0] + 15.0 * xyz[..., 1] + 3.0 * xyz[..., 2], 1e-6)
    u, v = 4.0 * xyz[..., 0] / weight, 9.0 * xyz[..., 1] / weight
    distance = np.hypot(u - _WHITE_UV[0], v - _WHITE_UV[1])
    return xyz[..., 1], np.where(red, distance, 0.0).astype(np.float32)
