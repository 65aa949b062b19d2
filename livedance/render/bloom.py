"""Bloom: everything that shines, drawn small, blurred twice and added to the picture.

The layer is about 180 lines high whatever the picture, so the glow looks and costs the same at 720 and 1080 lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.render import body, canvas
from livedance.render.look import Image
from livedance.render.palettes import Bgr, Palette

LAYER_LINES: Final = 180
BANDS: Final = 6
"""The light is added in bands, each only as wide as its light."""
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
        """(h, w, 4) BGR and an unused fourth channel, so that it can be added to a BGRA picture."""
        self.shrink = 4
        """Pixels of the picture per pixel of the layer."""

    def begin(self, width_px: int, height_px: int) -> None:
        """Start a dark layer for a picture of this size."""
        self.shrink = max(1, round(height_px / LAYER_LINES))
        shape = (-(-height_px // self.shrink), -(-width_px // self.shrink), 4)
        if self.layer.shape != shape:
            self.layer = np.zeros(shape, np.uint8)
        else:
            self.layer.fill(0)

    def mask(self, dancers: Iterable[body.Figure]) -> Image:
        """Return the dancers' coverage (h, w), one channel."""
        mask: Image = np.zeros(self.layer.shape[:2], np.uint8)
        for figure in dancers:
            canvas.fill_mask(mask, figure.polygons(divide=self.shrink), smooth=False)
        return mask

    def stroke(self, a: Array, b: Array, colour: Bgr, width_px: float) -> None:
        """Draw a line from a to b, in pixels of the picture; at least one pixel of the layer wide."""
        canvas.stroke(self.layer, a / self.shrink, b / self.shrink, colour, max(1.0, width_px / self.shrink))

    def sheen(self, centres_px: Array, radii_px: Array, colour: Bgr) -> None:
        """Draw a soft highlight along a chain of spheres, up and left of its middle: the body looks round."""
        points = (centres_px + radii_px[:, None] * SHEEN_AT) / self.shrink
        for i in range(0, len(points) - 1, 2):
            canvas.trail(self.layer, points[i : i + 3], colour, float(radii_px[i]) * 0.34 / self.shrink)

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
        light = self._blurred(strength)
        blue, green, red, _ = cv2.split(light)
        grey = cv2.max(cv2.max(blue, green), red)
        if not opaque:
            light = cv2.merge([blue, green, red, grey])
        rows = -(-light.shape[0] // BANDS)
        box: canvas.Box = (image.shape[1], image.shape[0], 0, 0)
        for top in range(0, light.shape[0], rows):
            box = canvas.join(box, self._add_band(image, light, grey, top, min(top + rows, light.shape[0])))
        return canvas.clip_box(box, image.shape[1], image.shape[0])

    def _add_band(self, image: Image, light: Image, grey: Image, top: int, bottom: int) -> canvas.Box:
        """Add rows top to bottom of the layer to the picture; returns the box in the picture."""
        k = self.shrink
        # One cell more on every side: the interpolation at the edge of a band needs its neighbours.
        first, last = max(0, top - 1), min(light.shape[0], bottom + 1)
        left, _, columns, _ = cv2.boundingRect(grey[first:last])
        if columns == 0:
            return image.shape[1], image.shape[0], 0, 0
        left, right = max(0, left - 1), min(light.shape[1], left + columns + 1)
        large = cv2.resize(light[first:last, left:right], None, fx=k, fy=k, interpolation=cv2.INTER_LINEAR)
        region = image[top * k : bottom * k, left * k : right * k]
        skip = (top - first) * k
        cv2.add(region, large[skip : skip + region.shape[0], : region.shape[1]], dst=region)
        return left * k, top * k, right * k, bottom * k

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
