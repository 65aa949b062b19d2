"""The stage: a dark room with haze, two beams and a floor, and the rings that the beat sends over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedance.render import palettes
from livedance.render.camera import View, find_preset, fit
from livedance.render.canvas import blank
from livedance.render.look import DrawContext, Image

RING_BEATS = 2.0
"""Music beats for which one ring lives."""
RING_SPEED_M = 1.1
"""Metres a ring grows in a beat."""
RING_POINTS = 72


class StageFloor:
    """Makes backgrounds once per size, palette, camera and kind, and hands out copies."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._image = np.zeros((0, 0, 4), np.uint8)

    def background(self, context: DrawContext) -> Image:
        """Return a new (H, W, 4) picture with the background of `context`."""
        key = (context.width_px, context.height_px, context.background, context.palette, context.camera)
        if key != self._key:
            self._key = key
            self._image = _stage(context) if context.background == "stage" else blank(context)
        return self._image.copy()


def rings(beat_position: float, centre_m: NDArray[np.floating], view: View) -> list[tuple[NDArray[np.int32], float]]:
    """Return the beat rings on the floor round `centre_m` (3,): closed curves (72, 2) in pixels, and brightness."""
    turn = np.linspace(0.0, 2.0 * np.pi, RING_POINTS, endpoint=False)
    circle = np.stack([np.cos(turn), np.zeros_like(turn), np.sin(turn)], axis=-1)
    phase = beat_position % 1.0
    out = []
    for age in np.arange(phase, RING_BEATS, 1.0):
        radius = 0.25 + RING_SPEED_M * age
        points, _ = view.project(np.array([centre_m[0], 0.0, centre_m[2]]) + radius * circle)
        out.append((np.rint(np.clip(points, -8000, 8000)).astype(np.int32), float((1.0 - age / RING_BEATS) ** 2)))
    return out


def _stage(context: DrawContext) -> Image:
    """Return the still part of the stage; a fixed grain breaks up bands in its dark slopes."""
    height, width = context.height_px, context.width_px
    preset = find_preset(context.camera)
    framing = fit(np.zeros((1, 3)), width / height)
    horizon = View(preset=preset, framing=framing, width_px=width, height_px=height).horizon_px / height
    y = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    x = (np.linspace(0.0, 1.0, width, dtype=np.float32)[None, :] - 0.5) * (width / height)
    haze = np.array(palettes.pick(context.palette).haze, np.float32)
    left = np.array(palettes.pick(context.palette).left, np.float32)
    right = np.array(palettes.pick(context.palette).right, np.float32)
    wall = 0.05 * np.exp(-((x / 0.9) ** 2) - ((y - 0.45) / 0.5) ** 2)
    depth = np.clip((y - horizon) / max(1.0 - horizon, 0.05), 0.0, 1.0)
    floor = 0.30 * depth**1.3 * np.exp(-((x / (0.35 + 0.9 * depth)) ** 2))
    light = (wall + floor)[..., None] * haze
    for side, colour in ((-1.0, left), (1.0, right)):
        # A beam leans in from above and widens on its way down; it ends in the haze over the floor.
        axis = side * (0.62 - 0.34 * y)
        beam = np.exp(-(((x - axis) / (0.035 + 0.10 * y)) ** 2)) * np.clip(1.0 - y / 0.9, 0.0, 1.0) ** 1.3
        light += (0.16 * beam)[..., None] * (0.55 * colour + 0.45 * haze)
        pool = np.exp(-(((x - side * 0.30) / 0.55) ** 2)) * depth**1.6
        light += (0.07 * pool)[..., None] * colour
    grain = np.random.default_rng(7).random((height, width, 1), dtype=np.float32)
    image = np.full((height, width, 4), 255, np.uint8)
    image[..., :3] = np.clip(light + grain, 0, 255).astype(np.uint8)
    return image
