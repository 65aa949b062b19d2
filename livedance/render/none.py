"""No picture: for shows that only send poses."""

from __future__ import annotations

import numpy as np

from livedance.messages import PoseFrame
from livedance.render import canvas
from livedance.render.look import DrawContext, Image


class NoLook:
    """Draws nothing and costs nothing: the same blank picture again and again."""

    def __init__(self) -> None:
        self._image = np.zeros((0, 0, 4), np.uint8)
        self._background = ""

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return a blank (H, W, 4) picture, shared between calls and read-only."""
        if self._image.shape[:2] != (context.height_px, context.width_px) or self._background != context.background:
            canvas.check(context)
            self._image = canvas.blank(context)
            self._image.flags.writeable = False
            self._background = context.background
        return self._image

    def reset(self) -> None:
        """Nothing to forget."""
