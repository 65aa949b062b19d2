"""The OpenGL side of the mesh look: one hidden context, one picture with two layers, colour and glow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import LookUnavailable, MissingExtra
from livedance.render.camera import View
from livedance.render.canvas import Box
from livedance.render.look import Image
from livedance.render.mesh.figure import Figure
from livedance.render.palettes import Bgr, Palette

LOG = logging.getLogger(__name__)
SOFTWARE: Final = ("llvmpipe", "softpipe", "swiftshader", "software")
SHADERS: Final = Path(__file__).parent
SAMPLES: Final = 4
MIRROR: Final = 0.30
"""Part of the light that the floor mirrors."""
LIGHTS: Final = ("left", "right", "core", "haze", "body")
"""Colours of a palette that the program asks for."""
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dressed:
    """One dancer of one frame."""

    name: str
    worn: Figure
    position_m: F32
    """(V, 3)"""
    normal: F32
    palette: Palette


class Stage:
    """Draws dressed dancers. One thread: the one that made it.

    Raises `MissingExtra` without moderngl and `LookUnavailable` without OpenGL 3.3.
    """

    def __init__(self) -> None:
        self._gl = _moderngl()
        self.context = _context(self._gl)
        self.renderer = str(self.context.info["GL_RENDERER"])
        self.is_software = draws_in_software(self.renderer)
        self._program = self._compiled("dancer.vert", "dancer.frag")
        self._smooth = self._compiled("screen.vert", "smooth.frag")
        corners = self.context.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32).tobytes())
        self._screen = self.context.vertex_array(self._smooth, [(corners, "2f", "corner")])
        self._drawn: dict[tuple[int, str], tuple[Any, Any, F32]] = {}
        self._size = (0, 0)
        self._target: Any = None
        self._plain: Any = None

    def draw(
        self, dancers: Sequence[Dressed], view: View, box: Box, pulse: float, energy: float, *, floor: bool
    ) -> tuple[Image, Image]:
        """Return colour and glow inside `box`, (h, w, 4) BGRA each, premultiplied.

        `pulse` and `energy`, both [0, 1], drive what glows; `floor` adds shadows and what the floor mirrors.
        """
        self._resize(view.width_px, view.height_px)
        gl, program = self.context, self._program
        self._target.use()
        gl.clear(0.0, 0.0, 0.0, 0.0)
        gl.enable(self._gl.DEPTH_TEST | self._gl.BLEND | self._gl.CULL_FACE)
        gl.blend_func = (self._gl.ONE, self._gl.ONE_MINUS_SRC_ALPHA)
        self._look_through(view)
        program["pulse"].value, program["energy"].value = pulse, energy
        arrays = [self._loaded(number, dancer) for number, dancer in enumerate(dancers)]
        if floor:
            self._each(dancers, arrays, flip=-1.0, flat=0.0, mirror=MIRROR)
            self._target.color_mask = (_NO_COLOUR, _NO_COLOUR)
            self._target.clear(depth=1.0)
            self._target.color_mask = (_COLOUR, _COLOUR)
            # Where shadows overlap the floor is not darker.
            gl.blend_equation = self._gl.MAX
            gl.disable(self._gl.DEPTH_TEST | self._gl.CULL_FACE)
            self._each(dancers, arrays, flip=1.0, flat=1.0, mirror=0.0)
            gl.enable(self._gl.DEPTH_TEST | self._gl.CULL_FACE)
            gl.blend_equation = self._gl.FUNC_ADD
        self._each(dancers, arrays, flip=1.0, flat=0.0, mirror=0.0)
        if self.is_software:
            return self._smoothed(box), _read(self._target, 1, box)
        gl.copy_framebuffer(self._plain, self._target)
        return _read(self._plain, 0, box), _read(self._plain, 1, box)

    def _smoothed(self, box: Box) -> Image:
        """Return the colours with soft edges: on a software rasteriser several samples a pixel cost too much."""
        gl = self.context
        x0, y0, x1, y1 = box
        gl.disable(self._gl.DEPTH_TEST | self._gl.BLEND | self._gl.CULL_FACE)
        self._plain.use()
        self._plain.scissor = (x0, y0, x1 - x0, y1 - y0)
        self._target.color_attachments[0].use(0)
        self._smooth["texel"].value = (1.0 / self._size[0], 1.0 / self._size[1])
        self._screen.render(self._gl.TRIANGLE_STRIP)
        self._plain.scissor = None
        return _read(self._plain, 0, box)

    def _compiled(self, vertex: str, fragment: str) -> Any:
        shaders = [(SHADERS / name).read_text(encoding="utf-8") for name in (vertex, fragment)]
        return self.context.program(vertex_shader=shaders[0], fragment_shader=shaders[1])

    def _loaded(self, number: int, dancer: Dressed) -> Any:
        """Return the vertex array of dancer `number` with this frame's vertices in it."""
        key = (number, dancer.name)
        if key not in self._drawn:
            self._drawn[key] = self._made(dancer.worn)
        moving, array, both = self._drawn[key]
        both[:, :3], both[:, 3:] = dancer.position_m, dancer.normal
        moving.write(both)
        return array

    def _made(self, worn: Figure) -> tuple[Any, Any, F32]:
        gl, both = self.context, np.empty((len(worn.position_m), 6), np.float32)
        moving = gl.buffer(reserve=both.nbytes, dynamic=True)
        rest = np.concatenate([worn.position_m, worn.material[:, None]], axis=1, dtype=np.float32)
        content = [
            (moving, "3f 3f", "position", "normal"),
            (gl.buffer(rest.tobytes()), "3f 1f", "rest", "material"),
        ]
        array = gl.vertex_array(self._program, content, gl.buffer(worn.triangles.astype(np.int32).tobytes()))
        return moving, array, both

    def _each(
        self, dancers: Sequence[Dressed], arrays: Sequence[Any], *, flip: float, flat: float, mirror: float
    ) -> None:
        """Draw everybody: as they are, mirrored (`flip` -1) or laid on the floor as shadows (`flat` 1)."""
        program = self._program
        self.context.front_face = "cw" if flip > 0.0 else "ccw"  # the picture is drawn upside down
        program["flip"].value, program["flat_"].value, program["mirror"].value = flip, flat, mirror
        for dancer, array in zip(dancers, arrays, strict=True):
            palette = dancer.palette
            for name in LIGHTS:
                program[f"{name}_"].value = _linear(getattr(palette, name))
            array.render()

    def _look_through(self, view: View) -> None:
        framing, preset = view.framing, view.preset
        focal = view.focal_px
        self._program["lens"].value = (
            framing.x_m + view.moved.x_m, 0.0, 2.0 * focal / view.width_px, 2.0 * focal / view.height_px,
        )  # fmt: skip
        shift = 1.0 - 2.0 * view.horizon_px / view.height_px
        self._program["eye"].value = (
            preset.distance_m + view.moved.away_m + framing.z_m, preset.height_m + view.moved.y_m, shift, view.yaw_rad,
        )  # fmt: skip

    def _resize(self, width: int, height: int) -> None:
        if (width, height) == self._size:
            return
        self._size = (width, height)
        gl, size = self.context, (width, height)
        if self.is_software:
            layers = [gl.texture(size, 4), gl.texture(size, 4)]
            self._target = gl.framebuffer(layers, gl.depth_renderbuffer(size))
            self._plain = gl.framebuffer([gl.renderbuffer(size, 4)])
            return
        several = [gl.renderbuffer(size, 4, samples=SAMPLES) for _ in range(2)]
        self._target = gl.framebuffer(several, gl.depth_renderbuffer(size, samples=SAMPLES))
        self._plain = gl.framebuffer([gl.renderbuffer(size, 4), gl.renderbuffer(size, 4)])


def _read(source: Any, layer: int, box: Box) -> Image:
    x0, y0, x1, y1 = box
    data = source.read(viewport=(x0, y0, x1 - x0, y1 - y0), components=4, attachment=layer, alignment=1)
    return np.frombuffer(data, np.uint8).reshape(y1 - y0, x1 - x0, 4)


_NO_COLOUR: Final = (False, False, False, False)
_COLOUR: Final = (True, True, True, True)


def _linear(colour: Bgr) -> tuple[float, float, float]:
    """Return a BGR colour of 0-255 as linear RGB."""
    b, g, r = (min(1.0, value / 255.0) ** 2.2 for value in colour)
    return r, g, b


def probe() -> tuple[str, bool]:
    """Return who would draw here, and whether in software. Raises as `Stage` does."""
    context = _context(_moderngl())
    renderer = str(context.info["GL_RENDERER"])
    context.release()
    return renderer, draws_in_software(renderer)


def draws_in_software(renderer: str) -> bool:
    """Return whether a renderer of this name has no GPU."""
    return any(name in renderer.lower() for name in SOFTWARE)


def _moderngl() -> Any:
    try:
        import moderngl
    except ImportError as error:
        raise MissingExtra("the look 'mesh'", "gl") from error
    return moderngl


def _context(moderngl: Any) -> Any:
    failures = []
    for options in ({"backend": "egl"}, {}):
        try:
            return moderngl.create_context(standalone=True, require=330, **options)
        except Exception as error:  # whatever a driver throws
            failures.append(str(error))
    raise LookUnavailable(f"the look 'mesh' needs OpenGL 3.3, and there is none here ({'; '.join(failures)})")
