"""Where a screen's pictures are shown: a window that takes pictures, or one in which a look draws by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from livedance.broadcast.gl_window import GlWindow
from livedance.broadcast.window import Window
from livedance.config import LookConfig, WindowConfig
from livedance.errors import LivedanceError
from livedance.messages import Levels, PoseFrame
from livedance.picture import Picture
from livedance.render.choice import draws_on_card

LOG = logging.getLogger(__name__)


class Surface(Protocol):
    """A window with its picture. Main thread (toolkits demand it)."""

    picture: Picture

    @property
    def window(self) -> Window | GlWindow:
        """The window itself: keys, size, full screen."""

    @property
    def paces(self) -> bool:
        """Whether `show` waits for the display."""

    def show(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], t_s: float,
        size: tuple[int, int], info: Sequence[str],
    ) -> float:  # fmt: skip
        """Draw `pose` at `size`, make the last pass and show it, stretched to the window.

        Returns the seconds that it took without waiting for the display, when it is on its way there.
        """

    def close(self) -> None:
        """Close the window."""


class PlainSurface:
    """An OpenCV window; every look, everywhere."""

    paces = False

    def __init__(self, window: WindowConfig, look: LookConfig) -> None:
        self.window = Window(**_options(window))
        # The window first: without a display, or without libGL, it has the one sentence to say.
        self.window.open()
        self.picture = Picture(look.name, look.background, look.flash_limiter)

    def show(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], t_s: float,
        size: tuple[int, int], info: Sequence[str],
    ) -> float:  # fmt: skip
        """Draw in memory and hand it to the window."""
        start = time.perf_counter()
        self.window.show(self.picture.draw(pose, levels, state, size, t_s), info=info)
        return time.perf_counter() - start

    def close(self) -> None:
        """Close the window."""
        self.window.close()


class CardSurface:
    """A GLFW window in whose own context the look draws: nothing is read back."""

    paces = True

    def __init__(self, window: WindowConfig, look: LookConfig) -> None:
        self.window = GlWindow(**_options(window))
        self.window.open()
        try:
            import moderngl

            from livedance.render.mesh.gl import Gl

            self._gl = Gl(moderngl.create_context(require=330))
            self.picture = Picture(look.name, look.background, look.flash_limiter, gl=self._gl)
        except BaseException:
            self.window.close()
            raise

    def show(
        self, pose: PoseFrame, levels: Levels, state: Mapping[str, Any], t_s: float,
        size: tuple[int, int], info: Sequence[str],
    ) -> float:  # fmt: skip
        """Draw on the card; returns when the display has taken the picture."""
        start = time.perf_counter()
        self.picture.present(self.picture.paint(pose, levels, state, size, t_s), self.window.size, info)
        self._gl.context.finish()
        worked_s = time.perf_counter() - start
        self.window.swap()
        # Drivers queue pictures; whoever waits here knows when the light leaves.
        self._gl.context.finish()
        return worked_s

    def close(self) -> None:
        """Close the window."""
        self.window.close()


def open_surface(window: WindowConfig, look: LookConfig) -> Surface:
    """Return the surface that suits the look; raises `LivedanceError` when no window can be opened at all."""
    if draws_on_card(look.name):
        try:
            return CardSurface(window, look)
        except LivedanceError as reason:
            LOG.warning("%s: the look draws in memory, for an OpenCV window", reason)
        except Exception as reason:  # whatever a driver throws
            LOG.warning("no window with OpenGL (%s): the look draws in memory, for an OpenCV window", reason)
    return PlainSurface(window, look)


def _options(window: WindowConfig) -> dict[str, Any]:
    return {
        "size": (window.width_px, window.height_px),
        "fullscreen": window.fullscreen,
        "display": window.display,
    }
