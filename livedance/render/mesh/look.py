"""Mesh: dressed dancers, drawn directly. Needs no model and, slowly, no GPU."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.messages import PoseFrame
from livedance.render import canvas, palettes, stage_floor
from livedance.render.bloom import Bloom
from livedance.render.camera import Camera, View
from livedance.render.look import DrawContext, Image
from livedance.render.mesh import figure, rig
from livedance.render.mesh.gpu import Dressed, Stage
from livedance.render.neon import beat_pulse

ORDER: Final = ("rider", "sprite", "hood")
"""Who dances first, second and third; then they come again."""
SHADOW_M: Final = np.array([0.10, 0.0, -0.22])
"""Where the shadow of a point one metre up falls."""
ROOM_M: Final = 0.32
"""What a body, its clothes and hands take up round its joints."""


class Mesh:
    """Dancers in jackets, trousers and sneakers, lit from both sides, on a floor that mirrors them.

    Args:
        glow: Strength of the bloom (0 = none, 1 = normal).
    """

    def __init__(self, *, glow: float = 1.0) -> None:
        if glow < 0:
            raise ConfigError("mesh: glow must not be negative")
        self.glow = glow
        self._stage = Stage()
        self._figures = {name: figure.load(name) for name in ORDER}
        self._fingers = rig.Fingers()
        self._camera = Camera()
        self._floor = stage_floor.StageFloor()
        self._bloom = Bloom()

    def reset(self) -> None:
        """Seat the camera and the hands anew."""
        self._camera.reset()
        self._fingers = rig.Fingers()

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        canvas.check(context)
        pose = canvas.sane(pose)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera, context.moved)
        palette = palettes.pick(context.palette)
        pulse = beat_pulse(pose, context)
        image = self._floor.background(context)
        on_stage = context.background == "stage"
        self._bloom.begin(context.width_px, context.height_px)
        if on_stage:
            self._light_floor(pose, view, palette, pulse)
        dancers = [
            self._dressed(pose, i, motion, palette)
            for i, motion in enumerate(rig.motions(pose, self._fingers.follow(pose)))
        ]
        box = _box(pose, view, self._bloom.shrink)
        if box[2] > box[0] and box[3] > box[1]:
            energy = min(1.0, max(0.0, context.levels.energy))
            colour, glow = self._stage.draw(dancers, view, box, pulse, energy, floor=on_stage)
            _over(image[box[1] : box[3], box[0] : box[2]], colour)
            self._bloom.add(glow, box)
        opaque = context.background != "none"
        self._bloom.finish(image, self.glow * (0.75 + 0.45 * pulse), opaque=opaque)
        if not opaque:
            canvas.straighten(image, (0, 0, context.width_px, context.height_px))
        return image

    def _dressed(self, pose: PoseFrame, number: int, motion: NDArray[np.float32], palette: palettes.Palette) -> Dressed:
        name = ORDER[number % len(ORDER)]
        worn = self._figures[name]
        position, normal = skinned(worn, motion)
        return Dressed(
            name=name, worn=worn, position_m=position, normal=normal, palette=palettes.for_dancer(palette, number)
        )

    def _light_floor(self, pose: PoseFrame, view: View, palette: palettes.Palette, pulse: float) -> None:
        for root in pose.root_position_m:
            for curve, strength in stage_floor.rings(pose.beat_position, root, view):
                ink = palettes.scaled(palette.core, strength * (0.30 + 0.50 * pulse))
                cv2.polylines(self._bloom.layer, [curve // self._bloom.shrink], True, (*ink, 0.0), 1, cv2.LINE_AA)


def skinned(worn: figure.Figure, motion: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return positions and normals (V, 3) of a figure whose bones move by `motion` (B, 3, 4)."""
    mixed = (worn.weights @ motion.reshape(len(motion), 12)).reshape(-1, 3, 4)
    position = np.einsum("vij,vj->vi", mixed[..., :3], worn.position_m) + mixed[..., 3]
    normal = np.einsum("vij,vj->vi", mixed[..., :3], worn.normal)
    return position, normal


def _box(pose: PoseFrame, view: View, grid: int) -> canvas.Box:
    """Return the part of the picture that holds the dancers, their shadows and what the floor mirrors.

    Its sides lie on the grid of the bloom layer, `grid` pixels wide, or on the picture's edge.
    """
    if not len(pose.root_position_m):
        return 0, 0, 0, 0
    joints = pose.joint_positions_m.reshape(-1, 3)
    corners = np.concatenate([joints, joints * [1.0, -1.0, 1.0], joints * [1.0, 0.0, 1.0] + SHADOW_M * joints[:, 1:2]])
    pixels, depth = view.project(corners)
    room = ROOM_M * view.pixels_per_m(depth.min())
    low = np.floor((pixels.min(axis=0) - room) / grid).astype(int) * grid
    high = np.ceil((pixels.max(axis=0) + room) / grid).astype(int) * grid
    return canvas.clip_box((int(low[0]), int(low[1]), int(high[0]), int(high[1])), view.width_px, view.height_px)


def _over(under: Image, top: Image) -> None:
    """Lay a premultiplied picture over another of the same size, in place."""
    clear = cv2.bitwise_not(cv2.extractChannel(top, 3))
    cv2.multiply(under, cv2.merge([clear] * 4), dst=under, scale=1.0 / 255.0)
    cv2.add(under, top, dst=under)
