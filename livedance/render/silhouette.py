"""The silhouette: a filled body with a soft edge; the matte that VJs key with."""

from __future__ import annotations

import cv2
import numpy as np

from livedance.errors import ConfigError
from livedance.messages import PoseFrame
from livedance.render import body, canvas, palettes
from livedance.render.camera import Camera, View
from livedance.render.look import DrawContext, Image
from livedance.render.stage_floor import StageFloor

WHITE = (255.0, 255.0, 255.0)


class Silhouette:
    """White body shapes, alpha = coverage; palette 0 is white, the others take the palette's seam colour.

    Args:
        softness_px: Width of the soft edge at 720 lines (0 = only anti-aliased).
        outline_px: Width of an outline in the palette's left colour at 720 lines (0 = none).
    """

    def __init__(self, *, softness_px: float = 0.8, outline_px: float = 0.0) -> None:
        if softness_px < 0 or outline_px < 0:
            raise ConfigError("silhouette: softness_px and outline_px must not be negative")
        self.softness_px = softness_px
        self.outline_px = outline_px
        self._camera = Camera()
        self._floor = StageFloor()

    def reset(self) -> None:
        """Seat the camera anew."""
        self._camera.reset()

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        canvas.check(context)
        pose = canvas.sane(pose)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera, context.moved)
        dancers = body.posed(pose)
        unit = context.height_px / 720.0
        ink = WHITE if context.palette % len(palettes.PALETTES) == 0 else palettes.pick(context.palette).core
        clear = context.background == "none"
        layers = [(0.0, ink)]
        if self.outline_px > 0:
            layers.insert(0, (self.outline_px * unit, palettes.pick(context.palette).left))
        image = _transparent(context, layers[0][1]) if clear else self._floor.background(context)
        for number, (grow_px, colour) in enumerate(layers):
            mask, box = self._mask(dancers, view, context, grow_px)
            _lay(image, mask, colour, box, onto_nothing=clear and number == 0)
        return image

    def _mask(self, dancers: body.Posed, view: View, context: DrawContext, grow_px: float) -> tuple[Image, canvas.Box]:
        """Return the (H, W) coverage of all dancers and the box that holds it."""
        mask = np.zeros((context.height_px, context.width_px), np.uint8)
        box: canvas.Box = (context.width_px, context.height_px, 0, 0)
        for figure in body.figures(dancers, view, grow_px=grow_px):
            canvas.fill_mask(mask, (p for i, p in enumerate(figure.polygons()) if i not in body.WORN_PARTS))
            box = canvas.join(box, figure.box)
        soft = self.softness_px * context.height_px / 720.0
        pad = int(3 * soft) + 2
        box = (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad)
        x0, y0, x1, y1 = box = canvas.clip_box(box, context.width_px, context.height_px)
        if soft > 0.2 and x1 > x0 and y1 > y0:
            # A blur of the copy, then back: the blur must not read beyond what the box holds.
            mask[y0:y1, x0:x1] = cv2.GaussianBlur(mask[y0:y1, x0:x1], (0, 0), soft)
        return mask, box


def _transparent(context: DrawContext, ink: palettes.Bgr) -> Image:
    """Return a transparent picture that has the colour of `ink` everywhere, so that no edge is tinted."""
    pixel = np.array([*(round(c) for c in ink), 0], np.uint8).view(np.uint32)[0]
    return np.full((context.height_px, context.width_px), pixel, np.uint32).view(np.uint8).reshape(
        context.height_px, context.width_px, 4
    )  # fmt: skip


def _lay(image: Image, mask: Image, ink: palettes.Bgr, box: canvas.Box, *, onto_nothing: bool) -> None:
    """Lay `ink` through `mask` over `image` inside `box`, straight alpha; `onto_nothing`: it has the ink already."""
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        return
    region, cover = image[y0:y1, x0:x1], mask[y0:y1, x0:x1]
    if onto_nothing:
        cv2.insertChannel(cover, region, 3)
        return
    *under, alpha = cv2.split(region)
    rest = cv2.bitwise_not(cover)
    mixed = [
        cv2.add(cv2.convertScaleAbs(cover, alpha=colour / 255.0), cv2.multiply(plane, rest, scale=1 / 255.0))
        for plane, colour in zip(under, ink, strict=True)
    ]
    cv2.merge([*mixed, cv2.max(alpha, cover)], dst=region)
