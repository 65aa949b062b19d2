"""Several looks as layers of one picture: "silhouette+neon" draws from left to right."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

import numpy as np

from livedance import registry
from livedance.errors import ConfigError, MissingExtra, ModelError
from livedance.messages import PoseFrame
from livedance.render.look import DrawContext, Image, Look

LOG = logging.getLogger(__name__)
STAND_IN: Final = "neon"


class Layers:
    """One or more looks; the first draws the background. One thread."""

    def __init__(self, names: str) -> None:
        """Take "NAME" or "NAME+NAME"; raises `ConfigError` for a name that is not there."""
        parts = [part.strip() for part in names.split("+")]
        if not all(parts):
            raise ConfigError(f"look '{names}' has an empty layer: write NAME or NAME+NAME")
        self._looks: list[Look] = [_built(part) for part in parts]

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        image = self._looks[0].draw(pose, context)
        for look in self._looks[1:]:
            image = over(look.draw(pose, replace(context, background="none")), image)
        return image

    def reset(self) -> None:
        """Forget trails of every layer."""
        for look in self._looks:
            look.reset()


def _built(name: str) -> Look:
    """Return the look `name`, or the one that always works where this machine cannot draw it; that is logged."""
    try:
        look: Look = registry.build("look", name)
    except (ModelError, MissingExtra) as reason:
        LOG.warning("%s: the look '%s' stands in", reason, STAND_IN)
        look = registry.build("look", STAND_IN)
    return look


def over(top: Image, below: Image) -> Image:
    """Return `top` over `below`, both straight alpha."""
    alpha = top[..., 3:].astype(np.float32) / 255.0
    rest = below[..., 3:].astype(np.float32) / 255.0 * (1.0 - alpha)
    total = alpha + rest
    colour = (top[..., :3] * alpha + below[..., :3] * rest) / np.maximum(total, 1e-6)
    return np.concatenate([colour, total * 255.0], axis=-1).round().astype(np.uint8)
