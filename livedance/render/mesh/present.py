"""From a picture on the card to the window: the last pass (flash limiter, blackout), and nothing read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np

from livedance.render.flash_limiter import SAMPLE
from livedance.render.look import Image, Painted
from livedance.render.mesh.gl import Gl, Size

INFO_LINES: Final = 720
"""Text is as large as in a picture of so many lines."""


class Presenter:
    """Shows pictures in the window whose context it has. One thread: the one that made the context."""

    def __init__(self, gl: Gl) -> None:
        self._gl = gl
        self._to_window, self._sampled = gl.screen("shown.frag", "WINDOW"), gl.screen("shown.frag")
        self._mixed = gl.screen("mix.frag")
        self._sample = gl.canvas(SAMPLE, kind="f1")
        self._upload: Any = None
        self._text: tuple[tuple[str, ...], Any] = ((), None)

    def sample(self, painted: Painted) -> Image:
        """Return the pixels (90, 160, 4) by which the flash limiter judges a picture."""
        texture = painted.frame.color_attachments[0]
        self._sampled.run(self._sample, {"picture": texture}, size=SAMPLE)
        data = self._sample.read(components=4, alignment=1)
        return np.frombuffer(data, np.uint8).reshape(SAMPLE[1], SAMPLE[0], 4)

    def mix(self, painted: Painted, share: float) -> None:
        """Leave only `share` of the new picture, the rest is the one before: what is shown next time as before, too."""
        api = self._gl.api
        self._mixed.run(
            painted.frame, {"picture": painted.before.color_attachments[0]}, share=1.0 - share,
            blend=(api.SRC_ALPHA, api.ONE_MINUS_SRC_ALPHA, api.ZERO, api.ONE),
        )  # fmt: skip

    def show(self, picture: Image | Painted, size: Size, info: Sequence[str] = ()) -> None:
        """Draw a finished picture, and lines of text on it, into the window's back buffer of `size` pixels."""
        window = self._gl.context.screen
        window.viewport = (0, 0, *size)
        if isinstance(picture, Painted):
            texture, gain = picture.frame.color_attachments[0], picture.gain
        else:
            texture, gain = self._uploaded(picture), 1.0
        self._to_window.run(window, {"picture": texture}, (0, 0, *size), size=size, gain=gain, origin=(0.0, 0.0))
        if info:
            text = self._written(tuple(info), size)
            width, height = text.size
            self._to_window.run(
                window, {"picture": text}, (0, size[1] - height, width, size[1]),
                size=(width, height), gain=1.0, origin=(0.0, float(size[1] - height)),
            )  # fmt: skip

    def _uploaded(self, image: Image) -> Any:
        """Return a texture of a picture (H, W, 4), straight alpha over black."""
        if int(image[::16, ::16, 3].min()) < 255:
            alpha = np.ascontiguousarray(image[..., 3])
            image = cv2.multiply(image, cv2.merge([alpha] * 4), scale=1.0 / 255.0)
        size = (image.shape[1], image.shape[0])
        if self._upload is None or self._upload.size != size:
            self._upload = self._gl.canvas(size, kind="f1").color_attachments[0]
        self._upload.write(np.ascontiguousarray(image))
        return self._upload

    def _written(self, lines: tuple[str, ...], size: Size) -> Any:
        """Return a texture of small text on black."""
        if lines != self._text[0]:
            unit = max(0.4, size[1] / (2.0 * INFO_LINES))
            step = round(36 * unit)
            width = max(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, unit, 1)[0][0] for line in lines) + step
            field = np.zeros((min(step * len(lines) + step // 2, size[1]), min(width, size[0]), 4), np.uint8)
            for i, line in enumerate(lines):
                at = (step // 2, step * (i + 1))
                cv2.putText(field, line, at, cv2.FONT_HERSHEY_SIMPLEX, unit, (235, 235, 235, 255), 1, cv2.LINE_AA)
            texture = self._gl.canvas((field.shape[1], field.shape[0]), kind="f1").color_attachments[0]
            texture.write(field)
            self._text = (lines, texture)
        return self._text[1]
