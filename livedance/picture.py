"""From a pose to a finished picture: look, flash limiter, blackout. The same in window, painter and render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livedance.messages import Levels, PoseFrame
from livedance.render.blackout import Blackout
from livedance.render.camera import Moved
from livedance.render.flash_limiter import FlashLimiter
from livedance.render.layers import Layers
from livedance.render.look import DrawContext, Image, Painted
from livedance.state import controls_from_json


@dataclass(slots=True)
class Picture:
    """Draws poses with a look and makes the last pass: limiter and blackout. One thread."""

    look_name: str
    background: str
    flash_limit: bool
    gl: Any = None
    """The context of the window that shows it, where it has one (`render.mesh.gl.Gl`)."""
    layers: Layers = field(init=False)
    limiter: FlashLimiter = field(default_factory=FlashLimiter)
    blackout: Blackout = field(default_factory=Blackout)
    _presenter: Any = field(init=False, default=None)
    _limited: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.layers = Layers(self.look_name, self.gl)
        if self.gl is not None:
            from livedance.render.mesh.present import Presenter

            self._presenter = Presenter(self.gl)

    def draw(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], size: tuple[int, int], t_s: float
    ) -> Image:
        """Return (H, W, 4) BGRA for `pose`; changes the look when the state asks for another."""
        image = self.layers_for(state).draw(pose, self._context(levels, state, size))
        if self.flash_limit:
            image = self.limiter.apply(image, t_s)
        return self.blackout.apply(image, t_s, bool(state.get("blackout")), _fade_ms(state))

    def paint(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], size: tuple[int, int], t_s: float
    ) -> Image | Painted:
        """Return what `draw` would, left on the graphics card where the look can do that. Needs `gl`."""
        on_card = self.layers_for(state).on_card
        if on_card is None:
            return self.draw(pose, levels, state, size, t_s)
        painted = on_card.paint(pose, self._context(levels, state, size))
        if self.flash_limit:
            share = self.limiter.judge(self._presenter.sample(painted), t_s, (*size[::-1], 4))
            if share < 1.0:
                self._presenter.mix(painted, share)
        return replace(painted, gain=self.blackout.step(t_s, bool(state.get("blackout")), _fade_ms(state)))

    def present(self, picture: Image | Painted, size: tuple[int, int], info: Sequence[str]) -> None:
        """Draw a finished picture into the window of `gl`."""
        self._presenter.show(picture, size, info)

    def layers_for(self, state: Mapping[str, Any]) -> Layers:
        """Return the look that the state asks for."""
        wanted = str(state.get("look") or self.look_name)
        if wanted != self.look_name:
            self.look_name, self.layers = wanted, Layers(wanted, self.gl)
        return self.layers

    def _context(self, levels: Levels, state: Mapping[str, Any], size: tuple[int, int]) -> DrawContext:
        return DrawContext(
            width_px=size[0],
            height_px=size[1],
            levels=levels,
            palette=int(state.get("palette", 0)),
            background=self.background,
            camera=str(state.get("camera", "front")),
            moved=Moved.by(controls_from_json(state.get("controls", {}))),
        )

    def tamed_flashes(self) -> bool:
        """Return whether the limiter has changed a picture since the last call."""
        before, self._limited = self._limited, self.limiter.limited
        return self._limited > before


def _fade_ms(state: Mapping[str, Any]) -> float:
    return float(state.get("controls", {}).get("blackout_fade_ms", 60.0))
