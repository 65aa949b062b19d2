"""Several looks as layers of one picture: "silhouette+neon" draws from left to right."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final

import numpy as np

from livedance import registry
from livedance.errors import ConfigError, MissingExtra, ModelError
from livedance.messages import PoseFrame
from livedance.render.look import CardLook, DrawContext, Image, Look

LOG = logging.getLogger(__name__)
STAND_IN: Final = "neon"
ON_CARD: Final = ("mesh", "auto")
"""Looks that can draw in a window's own context."""


class Layers:
    """One or more looks; the first draws the background. One thread."""

    def __init__(self, names: str, gl: Any = None) -> None:
        """Take "NAME" or "NAME+NAME", and the context of the window that shows them, where it has one.

        Raises `ConfigError` for a name that is not there.
        """
        parts = [part.strip() for part in names.split("+")]
        if not all(parts):
            raise ConfigError(f"look '{names}' has an empty layer: write NAME or NAME+NAME")
        self._looks: list[Look] = [_built(part, gl) for part in parts]

    @property
    def on_card(self) -> CardLook | None:
        """The look that draws all of the picture on the graphics card, None where there is none, or several."""
        alone = self._looks[0] if len(self._looks) == 1 else None
        return alone if isinstance(alone, CardLook) else None

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


def _built(name: str, gl: Any) -> Look:
    """Return the look `name`, or the one that always works where this machine cannot draw it; that is logged."""
    try:
        options = {"gl": gl} if gl is not None and name in ON_CARD else {}
        look: Look = registry.build("look", name, options)
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
