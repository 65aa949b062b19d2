"""The dancers by OpenGL: one picture with two layers, colour and glow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.render.camera import View
from livedance.render.mesh.figure import Figure
from livedance.render.mesh.gl import Gl, Size
from livedance.render.palettes import Bgr, Palette

SAMPLES: Final = 4
MIRROR: Final = 0.30
"""Part of the light that the floor mirrors."""
MIRRORED: Final = ("trousers", "shoe", "glove", "shell", "light")
"""What a camera ever sees in the floor."""
LIGHTS: Final = ("left", "right", "core", "haze", "body")
"""Colours of a palette that the programs ask for."""
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dressed:
    """One dancer of one frame."""

    name: str
    worn: Figure
    dye: tuple[float, float, float]
    """How much of the haze, left and right lights is in the cloth."""
    glove: float
    """How bright the hands are."""
    position_m: F32
    """(V, 3)"""
    normal: F32
    palette: Palette


@dataclass(slots=True, eq=False)
class _Loaded:
    """One dancer on the card."""

    array: Any
    moving: Any
    """The buffer of what changes from frame to frame."""
    both: F32
    """(V, 6) position and normal, as they go there."""
    low: tuple[int, int]
    """First index and number of indices of what the floor mirrors."""


class Stage:
    """Draws dressed dancers. One thread: the one that made the context."""

    def __init__(self, gl: Gl) -> None:
        self._gl = gl
        self._program = gl.program("dancer.vert", "dancer.frag")
        self._loaded: dict[tuple[int, str], _Loaded] = {}
        self._size = (0, 0)
        self._target: Any = None
        self._plain: Any = None

    def draw(
        self, dancers: Sequence[Dressed], view: View, pulse: float, energy: float, *, floor: bool
    ) -> tuple[Any, Any]:
        """Return the textures of colour and glow, BGRA each, premultiplied; the first row is the top one.

        `pulse` and `energy`, both [0, 1], drive what glows; `floor` adds what it mirrors.
        """
        self._resize((view.width_px, view.height_px))
        context, api, program = self._gl.context, self._gl.api, self._program
        self._target.use()
        context.clear(0.0, 0.0, 0.0, 0.0)
        context.enable(api.DEPTH_TEST | api.BLEND | api.CULL_FACE)
        context.blend_func = (api.ONE, api.ONE_MINUS_SRC_ALPHA)
        for name, value in camera_values(view).items():
            if name in program:
                program[name].value = value
        program["pulse"].value, program["energy"].value = pulse, energy
        loaded = [self._moved(number, dancer) for number, dancer in enumerate(dancers)]
        if floor:
            self._each(dancers, loaded, flip=-1.0, mirror=MIRROR)
            self._target.color_mask = (_NO_COLOUR, _NO_COLOUR)
            self._target.clear(depth=1.0)
            self._target.color_mask = (_COLOUR, _COLOUR)
        self._each(dancers, loaded, flip=1.0, mirror=0.0)
        if not self._gl.is_software:
            context.copy_framebuffer(self._plain, self._target)
        colour, glow = self._plain.color_attachments
        return colour, glow

    def _moved(self, number: int, dancer: Dressed) -> _Loaded:
        """Return dancer `number` with this frame's vertices on the card."""
        key = (number, dancer.name)
        if key not in self._loaded:
            self._loaded[key] = self._made(dancer.worn)
        loaded = self._loaded[key]
        loaded.both[:, :3], loaded.both[:, 3:] = dancer.position_m, dancer.normal
        loaded.moving.write(loaded.both)
        return loaded

    def _made(self, worn: Figure) -> _Loaded:
        context, both = self._gl.context, np.empty((len(worn.position_m), 6), np.float32)
        moving = context.buffer(reserve=both.nbytes, dynamic=True)
        rest = np.concatenate(
            [worn.position_m, worn.material[:, None], worn.open[:, None]], axis=1, dtype=np.float32
        )  # fmt: skip
        content = [
            (moving, "3f 3f", "position", "normal"),
            (context.buffer(rest.tobytes()), "3f 1f 1f", "rest", "material", "open"),
        ]
        array = context.vertex_array(self._program, content, context.buffer(worn.triangles.astype(np.int32).tobytes()))
        return _Loaded(array=array, moving=moving, both=both, low=worn.span(MIRRORED))

    def _each(self, dancers: Sequence[Dressed], loaded: Sequence[_Loaded], *, flip: float, mirror: float) -> None:
        """Draw everybody as they are, or mirrored (`flip` -1)."""
        program = self._program
        self._gl.context.front_face = "cw" if flip > 0.0 else "ccw"  # the picture is drawn upside down
        program["flip"].value, program["mirror"].value = flip, mirror
        for dancer, on_card in zip(dancers, loaded, strict=True):
            for name, value in colour_values(dancer.palette).items():
                program[name].value = value
            program["dye"].value, program["glove_tone"].value = dancer.dye, dancer.glove
            if flip > 0.0:
                on_card.array.render()
            else:
                on_card.array.render(first=on_card.low[0], vertices=on_card.low[1])

    def _resize(self, size: Size) -> None:
        if size == self._size:
            return
        self._size = size
        context = self._gl.context
        self._plain = self._gl.canvas(size, layers=2, kind="f1")
        if self._gl.is_software:
            # Several samples a pixel cost too much there: `join.frag` softens the edges.
            layers = self._plain.color_attachments
            self._plain = self._target = context.framebuffer(layers, context.depth_renderbuffer(size))
            return
        several = [context.renderbuffer(size, 4, samples=SAMPLES) for _ in range(2)]
        self._target = context.framebuffer(several, context.depth_renderbuffer(size, samples=SAMPLES))


def camera_values(view: View) -> dict[str, Any]:
    """Return what the shaders must know of the camera, by their names for it."""
    framing, preset, moved, focal = view.framing, view.preset, view.moved, view.focal_px
    return {
        "lens": (
            framing.x_m + moved.x_m, view.horizon_px / view.height_px,
            2.0 * focal / view.width_px, 2.0 * focal / view.height_px,
        ),
        "eye": (
            preset.distance_m + moved.away_m + framing.z_m, preset.height_m + moved.y_m,
            1.0 - 2.0 * view.horizon_px / view.height_px, view.yaw_rad,
        ),
    }  # fmt: skip


def colour_values(palette: Palette) -> dict[str, Any]:
    """Return the lights of a palette, linear RGB, by the names of the shaders."""
    return {f"{name}_": linear(getattr(palette, name)) for name in LIGHTS}


def linear(colour: Bgr) -> tuple[float, float, float]:
    """Return a BGR colour of 0-255 as linear RGB."""
    b, g, r = (min(1.0, value / 255.0) ** 2.2 for value in colour)
    return r, g, b


_NO_COLOUR: Final = (False, False, False, False)
_COLOUR: Final = (True, True, True, True)
