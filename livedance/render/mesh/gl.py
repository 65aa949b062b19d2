"""OpenGL as looks use it: one context, programs from shader files, passes over a whole picture."""

from __future__ import annotations

import atexit
import functools
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance.errors import LookUnavailable, MissingExtra
from livedance.render.canvas import Box

SOFTWARE: Final = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "basic render")
SHADERS: Final = Path(__file__).parent
Size = tuple[int, int]


class Gl:
    """A context of OpenGL 3.3, current in the one thread that made it.

    Args:
        context: A window's own; None makes a hidden one.

    Raises `MissingExtra` without moderngl and `LookUnavailable` without OpenGL 3.3.
    """

    def __init__(self, context: Any = None) -> None:
        self.api = _moderngl()
        self.context = _hidden(self.api) if context is None else context
        self.context.gc_mode = "auto"
        atexit.register(_leave, weakref.ref(self.context))
        self.renderer = str(self.context.info["GL_RENDERER"])
        self.is_software = draws_in_software(self.renderer)
        self._corners = self.context.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32).tobytes())

    def program(self, vertex: str, fragment: str, *marks: str) -> Any:
        """Return a program of two shader files; each of `marks` is defined in both."""
        shaders = [_source(name, marks) for name in (vertex, fragment)]
        return self.context.program(vertex_shader=shaders[0], fragment_shader=shaders[1])

    def screen(self, fragment: str, *marks: str) -> Pass:
        """Return a pass that runs a fragment shader over a picture."""
        program = self.program("screen.vert", fragment, *marks)
        return Pass(self, program, self.context.vertex_array(program, [(self._corners, "2f", "corner")]))

    def canvas(self, size: Size, layers: int = 1, kind: str = "f2") -> Any:
        """Return a framebuffer on textures of four channels (`f1` bytes, `f2` half floats), all of it black."""
        textures = [self.context.texture(size, 4, dtype=kind) for _ in range(layers)]
        for texture in textures:
            texture.repeat_x = texture.repeat_y = False
            texture.filter = (self.api.LINEAR, self.api.LINEAR)
        made = self.context.framebuffer(textures)
        made.clear(0.0, 0.0, 0.0, 0.0)
        return made


class Pass:
    """One fragment shader over a picture, or over parts of it."""

    def __init__(self, gl: Gl, program: Any, array: Any) -> None:
        self._gl, self._program, self._array = gl, program, array

    def run(
        self, target: Any, textures: Mapping[str, Any], *boxes: Box, blend: tuple[int, ...] = (), **values: Any
    ) -> None:  # fmt: skip
        """Draw into `target`, all of it or only `boxes`; textures and values go by their names in the shader.

        What a shader does not use may be given all the same. `blend`: factors (colour, then alpha) of what is drawn and
        of what is there; none of them: it is replaced.
        """
        context, api = self._gl.context, self._gl.api
        context.disable(api.DEPTH_TEST | api.BLEND | api.CULL_FACE)
        if blend:
            context.enable(api.BLEND)
            context.blend_func = blend
        target.use()
        for unit, (name, texture) in enumerate(textures.items()):
            if name in self._program:
                texture.use(unit)
                self._program[name].value = unit
        for name, value in values.items():
            if name in self._program:
                self._program[name].value = value
        for x0, y0, x1, y1 in boxes or ((0, 0, *target.size),):
            if x1 > x0 and y1 > y0:
                target.scissor = (x0, y0, x1 - x0, y1 - y0)
                self._array.render(api.TRIANGLE_STRIP)
        target.scissor = None


@functools.cache
def shared() -> Gl:
    """Return this process's hidden context; raises as `Gl` does. Only the drawing thread may ask."""
    return Gl()


@functools.cache
def probe() -> tuple[str, bool]:
    """Return who would draw here, and whether in software; leaves no context behind. Raises as `Gl` does."""
    if shared.cache_info().currsize:
        return shared().renderer, shared().is_software
    context = _hidden(_moderngl())
    renderer = str(context.info["GL_RENDERER"])
    # A hidden context that stays current would keep a window from taking its own.
    context.__exit__(None, None, None)
    context.release()
    return renderer, draws_in_software(renderer)


def draws_in_software(renderer: str) -> bool:
    """Return whether a renderer of this name has no GPU."""
    return any(name in renderer.lower() for name in SOFTWARE)


def _leave(context: Callable[[], Any]) -> None:
    """End without tidying up: the process takes it all along, and moderngl cannot once its own module is gone."""
    if (left := context()) is not None:
        left.gc_mode = None


def _source(name: str, marks: tuple[str, ...]) -> str:
    text = (SHADERS / name).read_text(encoding="utf-8")
    version, _, rest = text.partition("\n")
    return "\n".join([version, *(f"#define {mark}" for mark in marks), rest])


def _moderngl() -> Any:
    try:
        import moderngl
    except ImportError as error:
        raise MissingExtra("the look 'mesh'", "gl") from error
    return moderngl


def _hidden(moderngl: Any) -> Any:
    failures = []
    for options in ({"backend": "egl"}, {}):
        try:
            return moderngl.create_context(standalone=True, require=330, **options)
        except Exception as error:  # whatever a driver throws
            failures.append(str(error))
    raise LookUnavailable(f"the look 'mesh' needs OpenGL 3.3, and there is none here ({'; '.join(failures)})")
