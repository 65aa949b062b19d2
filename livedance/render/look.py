"""What a look is: a pure drawing of one pose frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from livedance.messages import Levels, PoseFrame
from livedance.render.camera import STILL, Moved

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawContext:
    """What a look may use beside the pose."""

    width_px: int
    height_px: int
    levels: Levels = field(default_factory=Levels)
    palette: int = 0
    background: str = "black"
    """none (alpha), black or stage."""
    camera: str = "front"
    moved: Moved = STILL
    """Where people moved the camera from there."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture that is still on the graphics card: BGR, opaque, the first row is the top one."""

    frame: Any
    """Its framebuffer, with one texture; another picture is drawn there after the next."""
    before: Any
    """That of the picture before."""
    gain: float = 1.0
    """What blackout leaves of the light."""


class Look(Protocol):
    """Draws. Owned by one screen process; may keep trails between frames; never sees the clock."""

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) uint8 BGRA, straight alpha."""

    def reset(self) -> None:
        """Forget trails (after a cut or a jump)."""


@runtime_checkable
class CardLook(Protocol):
    """A look that can leave its picture on the graphics card."""

    def paint(self, pose: PoseFrame, context: DrawContext) -> Painted:
        """Return the picture where it is; background `none` is black."""
