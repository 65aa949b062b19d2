"""From a pose to a finished picture: look, flash limiter, blackout. The same in window, painter and render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livedance.messages import Levels, PoseFrame
from livedance.render.blackout import Blackout
from livedance.render.camera import Moved
from livedance.render.flash_limiter import FlashLimiter
from livedance.render.layers import Layers
from livedance.render.look import DrawContext, Image
from livedance.state import controls_from_json


@dataclass(slots=True)
class Picture:
    """Draws poses with a look and makes the last pass: limiter and blackout. One thread."""

    look_name: str
    background: str
    flash_limit: bool
    layers: Layers = field(init=False)
    limiter: FlashLimiter = field(default_factory=FlashLimiter)
    blackout: Blackout = field(default_factory=Blackout)
    _limited: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.layers = Layers(self.look_name)

    def draw(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], size: tuple[int, int], t_s: float
    ) -> Image:
        """Return (H, W, 4) BGRA for `pose`; changes the look when the state asks for another."""
        wanted = str(state.get("look") or self.look_name)
        if wanted != self.look_name:
            self.look_name, self.layers = wanted, Layers(wanted)
        context = DrawContext(
            width_px=size[0],
            height_px=size[1],
            levels=levels,
            palette=int(state.get("palette", 0)),
            background=self.background,
            camera=str(state.get("camera", "front")),
            moved=Moved.by(controls_from_json(state.get("controls", {}))),
        )
        image = self.layers.draw(pose, context)
        if self.flash_limit:
            image = self.limiter.apply(image, t_s)
        fade_ms = float(state.get("controls", {}).get("blackout_fade_ms", 60.0))
        return self.blackout.apply(image, t_s, bool(state.get("blackout")), fade_ms)

    def tamed_flashes(self) -> bool:
        """Return whether the limiter has changed a picture since the last call."""
        before, self._limited = self._limited, self.limiter.limited
        return self._limited > before
