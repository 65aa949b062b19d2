"""Bloom: everything that shines, drawn at a quarter of the size, blurred twice and added to the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.render import body, canvas
from livedance.render.look import Image
from livedance.render.palettes import Bgr, Palette

QUARTER: Final = 4
NEAR_GLOW: Final = 0.75
"""Gain of the tight blur, which makes the edge glow."""
WIDE_GLOW: Final = 1.1
"""Gain of the wide blur, which fills the air round the dancer."""
ECHO_GAIN: Final = 0.30
SHEEN_AT: Final = np.array([-0.30, -0.22])
"""Place of the highlight in radii from the middle of a limb."""
Array = NDArray[np.floating]


class Bloom:
    """One layer of light; begin, draw, finish. Owned by one look."""

    def __init__(self) -> None:
        self.layer: Image = np.zeros((0, 0, 4), np.uint8)
        """(H/4, W/4, 4) BGR and an unused fourth channel, so that it can be added to a BGRA picture."""

    def begin(self, width_px: int, height_px: int) -> None:
        """Start a dark layer for a picture of this size."""
        shape = (-(-height_px // QUARTER), -(-width_px // QUARTER), 4)
        if self.layer.shape != shape:
            self.layer = np.zeros(shape, np.uint8)
        else:
            self.layer.fill(0)

    def mask(self, dancers: Iterable[body.Figure]) -> Image:
        """Return the dancers' coverage (H/4, W/4), one channel."""
        mask: Image = np.zeros(self.layer.shape[:2], np.uint8)
        for figure in dancers:
            canvas.fill_mask(mask, (p // QUARTER for p in figure.polygons), smooth=False)
        return mask

    def edges(
        self, edged: Sequence[body.Polygon], inside: Sequence[body.Polygon], left: Bgr, right: Bgr, rim_px: float
    ) -> None:
        """Draw two edge lights round a dark inside; convex polygons in 1/16 pixel of the picture."""
        side = max(1, round(1.4 * rim_px / QUARTER * canvas.ONE))
        rims = [p // QUARTER for p in edged]
        for shift, colour in ((-side, left), (side, right)):
            for polygon in rims:
                canvas.fill(self.layer, polygon + np.array([shift, -side // 3], np.int32), colour, 0.0, smooth=False)
        for polygon in inside:
            canvas.fill(self.layer, polygon // QUARTER, (0.0, 0.0, 0.0), 0.0, smooth=False)

    def sheen(self, centres_px: Array, radii_px: Array, colour: Bgr) -> None:
        """Draw a soft highlight along a chain of spheres, up and left of its middle: the body looks round."""
        points = (centres_px + radii_px[:, None] * SHEEN_AT) / QUARTER
        for i in range(len(points) - 1):
            canvas.stroke(self.layer, points[i], points[i + 1], colour, float(radii_px[i]) * 0.34 / QUARTER)

    def echoes(self, kept: Sequence[tuple[Image, float]], palette: Palette) -> None:
        """Add after-images: fresh ones in the left colour, old ones in the right."""
        if not kept:
            return
        fresh = np.zeros(self.layer.shape[:2], np.uint8)
        old = fresh.copy()
        for mask, strength in kept:
            cv2.addWeighted(fresh, 1.0, mask, ECHO_GAIN * strength * strength, 0.0, dst=fresh)
            cv2.addWeighted(old, 1.0, mask, ECHO_GAIN * strength * (1.0 - strength), 0.0, dst=old)
        for mask, colour in ((fresh, palette.left), (old, palette.right)):
            cv2.add(self.layer, tinted(mask, colour), dst=self.layer)

    def reflect(self, floor_row: float, gain: float) -> None:
        """Mirror the light above the floor line (row of the layer) into the floor below it."""
        height = self.layer.shape[0]
        row = round(floor_row)
        depth = min(row, height - row)
        if 0 < row < height and depth > 0:
            image = cv2.flip(self.layer[row - depth : row], 0)
            under = self.layer[row : row + depth]
            cv2.addWeighted(under, 1.0, image, gain, 0.0, dst=under)

    def finish(self, image: Image, strength: float, *, opaque: bool) -> canvas.Box:
        """Blur the layer and add it to `image`; returns the box that holds light.

        Args:
            image: (H, W, 4) premultiplied.
            strength: Gain of the light.
            opaque: Leave alpha alone; else alpha covers the light.
        """
        height, width = image.shape[:2]
        light = self._blurred(strength)
        blue, green, red, _ = cv2.split(light)
        grey = cv2.max(cv2.max(blue, green), red)
        c0, r0, columns, rows = cv2.boundingRect(grey)
        if columns == 0:
            return 0, 0, 0, 0
        if not opaque:
            light = cv2.merge([blue, green, red, grey])
        part = light[r0 : r0 + rows, c0 : c0 + columns]
        x0, y0, x1, y1 = box = canvas.clip_box(
            (c0 * QUARTER, r0 * QUARTER, (c0 + columns) * QUARTER, (r0 + rows) * QUARTER), width, height
        )
        large = cv2.resize(part, None, fx=QUARTER, fy=QUARTER, interpolation=cv2.INTER_LINEAR)
        region = image[y0:y1, x0:x1]
        cv2.add(region, large[: y1 - y0, : x1 - x0], dst=region)
        return box

    def _blurred(self, strength: float) -> Image:
        height, width = self.layer.shape[:2]
        near = cv2.blur(cv2.blur(self.layer, (3, 3)), (5, 5))
        tiny = cv2.resize(self.layer, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
        far = cv2.blur(cv2.blur(tiny, (5, 5)), (5, 5))
        wide = cv2.resize(far, (width, height), interpolation=cv2.INTER_LINEAR)
        out: Image = cv2.addWeighted(near, NEAR_GLOW * strength, wide, WIDE_GLOW * strength, 0.0)
        return out


def tinted(mask: Image, colour: Bgr) -> Image:
    """Return (H, W, 4) light of `colour` where `mask` is 255; the fourth channel is 0."""
    channels = [cv2.convertScaleAbs(mask, alpha=c / 255.0) for c in colour]
    out: Image = cv2.merge([*channels, np.zeros_like(mask)])
    return out
