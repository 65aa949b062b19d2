"""The stage: a dark room with haze, four beams and a floor, and the rings that the beat sends over it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.render import palettes
from livedance.render.camera import View, find_preset, fit, seen_by
from livedance.render.canvas import blank
from livedance.render.look import DrawContext, Image

RING_BEATS = 2.0
"""Music beats for which one ring lives."""
RING_SPEED_M = 1.1
"""Metres a ring grows in a beat."""
RING_POINTS = 72
COARSE = 4
"""The stage's soft light is computed at this fraction of the size: a new palette must not stop the picture."""


class StageFloor:
    """Makes backgrounds once per size, palette, camera and kind, and hands out copies."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._image = np.zeros((0, 0, 4), np.uint8)
        self._grain = np.zeros((0, 0, 3), np.float32)

    def background(self, context: DrawContext) -> Image:
        """Return a new (H, W, 4) picture with the background of `context`."""
        key = (context.width_px, context.height_px, context.background, context.palette, context.camera)
        if key != self._key:
            self._key = key
            self._image = self._stage(context) if context.background == "stage" else blank(context)
        return self._image.copy()

    def _stage(self, context: DrawContext) -> Image:
        """Return the still part of the stage; a fixed grain breaks up bands in its dark slopes."""
        size = (context.width_px, context.height_px)
        if self._grain.shape[1::-1] != size:
            grain = np.random.default_rng(7).random(size[::-1], dtype=np.float32) - 0.5
            self._grain = np.repeat(grain[..., None], 3, axis=2)
        light = cv2.resize(_light(context), size, interpolation=cv2.INTER_LINEAR)
        image: Image = cv2.cvtColor(cv2.add(light, self._grain, dtype=cv2.CV_8U), cv2.COLOR_BGR2BGRA)
        return image


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


def _light(context: DrawContext) -> NDArray[np.float32]:
    """Return the light of the still stage (H/4, W/4, 3), 0-255."""
    height, width = -(-context.height_px // COARSE), -(-context.width_px // COARSE)
    preset = find_preset(context.camera)
    framing = seen_by(preset, fit(np.zeros((1, 3)), width / height))
    horizon = View(preset=preset, framing=framing, width_px=width, height_px=height).horizon_px / height
    y = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    x = (np.linspace(0.0, 1.0, width, dtype=np.float32)[None, :] - 0.5) * (width / height)
    haze = np.array(palettes.pick(context.palette).haze, np.float32)
    left = np.array(palettes.pick(context.palette).left, np.float32)
    right = np.array(palettes.pick(context.palette).right, np.float32)
    wall = 0.11 * np.exp(-((x / 1.1) ** 2) - ((y - 0.55) / 0.42) ** 2)
    depth = np.clip((y - horizon) / max(1.0 - horizon, 0.05), 0.0, 1.0)
    floor = 0.30 * depth**1.3 * np.exp(-((x / (0.35 + 0.9 * depth)) ** 2))
    light = (wall + floor)[..., None] * haze
    narrow = min(1.0, width / height / 1.6)
    for place, colour in zip((-1.5, -0.5, 0.5, 1.5), (left, haze, haze, right), strict=True):
        # Beams come from lamps over the whole width, widen and fade on their way down, and meet behind the dancers.
        down = y / max(1.25 * horizon, 0.85)
        axis = place * (width / height) * (0.24 - 0.14 * down)
        beam = np.exp(-(((x - axis) / (narrow * (0.012 + 0.13 * down))) ** 2)) * np.clip(1.0 - down, 0.0, 1.0) ** 1.2
        light += (0.27 * beam)[..., None] * (0.7 * colour + 0.3 * haze)
    for side, colour in ((-1.0, left), (1.0, right)):
        pool = np.exp(-(((x - side * 0.30) / 0.55) ** 2)) * depth**1.6
        light += (0.07 * pool)[..., None] * colour
    return np.asarray(light, np.float32)
