"""The window of looks that draw on the graphics card: same keys and displays as `window.Window`, with the beam (vsync).

Used from one thread of the screen's own process. `open` raises one sentence when no window can be had; after that
nothing raises, errors are counted and the show goes on.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from livedance.broadcast import displays, keys
from livedance.broadcast.displays import Display
from livedance.broadcast.placed_window import PlacedWindow
from livedance.errors import LivedanceError, LookUnavailable, MissingExtra

VERSION: Final = (3, 3)
"""Of OpenGL, at least."""
_NAMED: Final = {"KP_ADD": "+", "KP_SUBTRACT": "-", **{f"KP_{n}": str(n) for n in range(1, 10)}}
"""Keys that type nothing."""


class GlWindow(PlacedWindow):
    """One window with an OpenGL context, current in this thread from `open` on."""

    _glfw: Any = None
    _handle: Any = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that pictures should have now, pixels."""
        if self._handle is None:
            return self._windowed
        width, height = self._glfw.get_framebuffer_size(self._handle)
        return (width, height) if min(width, height) >= 16 else self._windowed

    def open(self) -> None:
        """Open it and make its context current.

        Raises `MissingExtra` (no glfw), `ConfigError` (no display, no such display) or `LookUnavailable` (no OpenGL).
        """
        displays.require_display()
        self._glfw = _import_glfw()
        glfw = self._glfw
        if sys.platform.startswith("linux") and hasattr(glfw, "PLATFORM_X11"):
            # Only X tells where displays are, and lets a window be put there; Wayland sessions have it, too.
            glfw.init_hint(glfw.PLATFORM, glfw.PLATFORM_X11)
        if not glfw.init():
            raise LookUnavailable("no window with OpenGL: GLFW cannot be started here")
        try:
            self._target = displays.choose(self._displays(), self._display_number)
            self._create()
        except LivedanceError:
            self.close()
            raise
        self._pressed: list[str] = []
        glfw.make_context_current(self._handle)
        glfw.swap_interval(1)
        glfw.set_key_callback(self._handle, self._key)
        glfw.set_char_callback(self._handle, self._char)
        self._place()
        self.closed = False
        self._watched_s = self._monotonic()

    def close(self) -> None:
        """Close it; may be called twice."""
        if self._glfw is not None:
            self._quietly(lambda: self._handle is not None and self._glfw.destroy_window(self._handle))
            self._quietly(self._glfw.terminate)
        self._glfw, self._handle = None, None
        self.closed = True

    def swap(self) -> None:
        """Show what was drawn, with the next picture of the display."""
        if self._handle is not None and not self.closed:
            self._watch()
            self._quietly(lambda: self._glfw.swap_buffers(self._handle))

    def poll_keys(self) -> list[str]:
        """Return the names of keys pressed since the last call (`keys.KEYS`); never waits.

        F has been obeyed already when it is reported. Also runs the window's events: call it after every `swap`.
        """
        if self._handle is None or self.closed:
            return []
        self._quietly(self._glfw.poll_events)
        pressed, self._pressed = self._pressed, []
        for _ in range(pressed.count("f")):
            self.toggle_fullscreen()
        self.closed = bool(self._glfw.window_should_close(self._handle))
        return pressed

    def _is_open(self) -> bool:
        return self._handle is not None

    def _create(self) -> None:
        glfw = self._glfw
        glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, VERSION[0])
        glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, VERSION[1])
        glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
        glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
        glfw.window_hint(glfw.AUTO_ICONIFY, False)
        self._handle = glfw.create_window(*self._windowed, self.title, None, None)
        if not self._handle:
            self._handle = None
            raise LookUnavailable("no window with OpenGL 3.3: the display's driver gives none")

    def _place(self) -> None:
        glfw, target = self._glfw, self._target
        full = self._want_full and self._present and target is not None
        glfw.set_window_attrib(self._handle, glfw.DECORATED, not full)
        glfw.set_input_mode(self._handle, glfw.CURSOR, glfw.CURSOR_HIDDEN if full else glfw.CURSOR_NORMAL)
        size = (target.width, target.height) if full and target is not None else self._windowed
        there = target if self._present else next(iter(self._displays()), None)
        if there is not None:
            glfw.set_window_pos(self._handle, there.x, there.y)
        glfw.set_window_size(self._handle, *size)
        self._is_full = full

    def _displays(self) -> list[Display]:
        """Return the displays, left to right as `displays` counts them; GLFW's own list where that is empty."""
        x11 = displays.connect()
        try:
            found = displays.list_displays(x11)
        finally:
            if x11 is not None:
                x11.close()
        return found or [self._display(monitor) for monitor in self._glfw.get_monitors()]

    def _display(self, monitor: Any) -> Display:
        glfw = self._glfw
        (x, y), mode = glfw.get_monitor_pos(monitor), glfw.get_video_mode(monitor)
        name = glfw.get_monitor_name(monitor)
        return Display(name.decode() if isinstance(name, bytes) else name, x, y, mode.size.width, mode.size.height)

    def _key(self, handle: Any, key: int, code: int, action: int, mods: int) -> None:
        glfw = self._glfw
        if action == glfw.RELEASE:
            return
        if key == glfw.KEY_Q and mods & glfw.MOD_CONTROL:
            self._pressed.append("ctrl+q")
            return
        named = next((typed for stem, typed in _NAMED.items() if key == getattr(glfw, f"KEY_{stem}")), None)
        if named is not None and not mods & glfw.MOD_NUM_LOCK:  # with num lock they type
            self._pressed.append(named)

    def _char(self, handle: Any, code: int) -> None:
        name = keys.name(code)
        if name is not None:
            self._pressed.append(name)


def _import_glfw() -> Any:
    try:
        import glfw
    except ImportError as error:
        raise MissingExtra("the window with OpenGL", "gl") from error
    setattr(glfw, "ERROR_REPORTING", False)  # noqa: B010 (its type is written too narrowly)
    return glfw
