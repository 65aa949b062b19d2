"""Mesh: dressed dancers, drawn directly. Needs no model and, slowly, no GPU."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.messages import PoseFrame
from livedance.render import canvas, palettes
from livedance.render.camera import Camera, View
from livedance.render.look import DrawContext, Image, Painted
from livedance.render.mesh import figure, rig
from livedance.render.mesh.gl import Gl, shared
from livedance.render.mesh.gpu import Dressed, Stage
from livedance.render.mesh.light import Light
from livedance.render.neon import beat_pulse

ORDER: Final = ("rider", "sprite", "hood", "lantern")
"""Who dances first, second and so on; then they come again."""
DYES: Final = {
    "rider": (0.10, 0.02, 0.00), "sprite": (0.05, 0.00, 0.13), "hood": (0.03, 0.05, 0.00), "lantern": (0.06, 0.0, 0.0)
}  # fmt: skip
"""How much of the palette's haze, left and right lights is in the cloth of each."""
GLOVES: Final = {"rider": 0.40, "sprite": 0.34, "hood": 0.06, "lantern": 0.16}
ROOM_M: Final = 0.32
"""What a body, its clothes and hands take up round its joints."""


class Mesh:
    """Dancers in jackets, trousers and sneakers, lit from both sides, on a floor that mirrors them.

    Args:
        glow: Strength of the bloom (0 = none, 1 = normal).
        gl: The context to draw in; None takes this process's hidden one.
    """

    def __init__(self, *, glow: float = 1.0, gl: Gl | None = None) -> None:
        if glow < 0:
            raise ConfigError("mesh: glow must not be negative")
        self.glow = glow
        gl = gl or shared()
        self._figures = {name: figure.load(name) for name in ORDER}
        self._stage = Stage(gl)
        self._light = Light(gl)
        self._fingers = rig.Fingers()
        self._camera = Camera()

    def reset(self) -> None:
        """Seat the camera and the hands anew, and forget trails."""
        self._camera.reset()
        self._light.reset()
        self._fingers = rig.Fingers()

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        picture = self._drawn(pose, context, straight=True)
        data = picture.read(components=4, alignment=1)
        return np.frombuffer(bytearray(data), np.uint8).reshape(context.height_px, context.width_px, 4)

    def paint(self, pose: PoseFrame, context: DrawContext) -> Painted:
        """Return the picture where it is, on the card; background `none` is black."""
        picture = self._drawn(pose, context, straight=False)
        return Painted(frame=picture, before=self._light.before)

    def _drawn(self, pose: PoseFrame, context: DrawContext, *, straight: bool) -> Any:
        canvas.check(context)
        pose = canvas.sane(pose)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera, context.moved)
        palette = palettes.pick(context.palette)
        pulse, energy = beat_pulse(pose, context), min(1.0, max(0.0, context.levels.energy))
        on_stage = context.background == "stage"
        self._light.fit((view.width_px, view.height_px))
        if on_stage:
            self._light.light_stage(pose, view, palette, pulse, energy)
        motions = np.concatenate([rig.motions(pose, self._fingers.follow(pose)), rig.twists(pose)], axis=1)
        dancers = [self._dressed(i, motion, palette) for i, motion in enumerate(motions)]
        colour, glow = self._stage.draw(dancers, view, pulse, energy, floor=on_stage)
        self._light.hang(glow, pose, self.glow * (0.75 + 0.45 * pulse))
        return self._light.join(colour, _box(pose, view), context.background, straight=straight)

    def _dressed(self, number: int, motion: NDArray[np.float32], palette: palettes.Palette) -> Dressed:
        name = ORDER[number % len(ORDER)]
        worn = self._figures[name]
        position, normal = skinned(worn, motion)
        return Dressed(
            name=name,
            worn=worn,
            dye=DYES[name],
            glove=GLOVES[name],
            position_m=position,
            normal=normal,
            palette=palettes.for_dancer(palette, number),
        )


def skinned(worn: figure.Figure, motion: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return positions and normals (V, 3) of a figure whose bones, and twists, move by `motion` (B + 4, 3, 4)."""
    mixed = (worn.carry @ motion.reshape(len(motion), 12)).reshape(-1, 3, 4)
    position = np.einsum("vij,vj->vi", mixed[..., :3], worn.position_m) + mixed[..., 3]
    normal = np.einsum("vij,vj->vi", mixed[..., :3], worn.normal)
    return position, normal


def _box(pose: PoseFrame, view: View) -> canvas.Box:
    """Return the part of the picture that holds the dancers and what the floor mirrors."""
    if not len(pose.root_position_m):
        return 0, 0, 0, 0
    joints = pose.joint_positions_m.reshape(-1, 3)
    pixels, depth = view.project(np.concatenate([joints, joints * [1.0, -1.0, 1.0]]))
    room = ROOM_M * view.pixels_per_m(depth.min())
    low, high = np.floor(pixels.min(axis=0) - room).astype(int), np.ceil(pixels.max(axis=0) + room).astype(int)
    return canvas.clip_box((int(low[0]), int(low[1]), int(high[0]), int(high[1])), view.width_px, view.height_px)
