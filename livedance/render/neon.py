"""Neon: a dark glossy dancer edged with two coloured lights, glowing seams, ribbons and after-images.

One frame: background, floor light, after-images and ribbons, then each dancer group by group from
far to near, and last the bloom, drawn at a quarter of the size, blurred and added over everything.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.messages import PoseFrame
from livedance.render import body, canvas, palettes, stage_floor
from livedance.render.bloom import QUARTER, Bloom
from livedance.render.camera import Camera, View
from livedance.render.look import DrawContext, Image
from livedance.render.marks import Mark, marks
from livedance.render.palettes import Palette
from livedance.render.trails import Echoes, Ribbons

RIM_M: Final = 0.016
"""Width of the coloured edge light."""
SEAM_M: Final = 0.013
"""Width of the glowing lines on the body."""
VISOR_M: Final = 0.026
SHEEN: Final = 0.42
"""Strength of the soft highlight along each limb."""
RIBBON_M: Final = 0.036
REFLECTION: Final = 0.45
FAR_DIM: Final = 0.45
"""How much darker a limb is an arm's length behind the hips."""


class Neon:
    """A beautiful default that needs no model and no GPU.

    Args:
        glow: Strength of the bloom (0 = none, 1 = normal).
        trail_beats: How long ribbons and after-images last, in music beats (0 = none).
        outline_px: Width of the edge light at 720 lines; 0 follows the dancer's size.
    """

    def __init__(self, *, glow: float = 1.0, trail_beats: float = 1.0, outline_px: float = 0.0) -> None:
        if glow < 0 or trail_beats < 0 or outline_px < 0:
            raise ConfigError("neon: glow, trail_beats and outline_px must not be negative")
        self.glow = glow
        self.trail_beats = trail_beats
        self.outline_px = outline_px
        self._camera = Camera()
        self._floor = stage_floor.StageFloor()
        self._bloom = Bloom()
        self._ribbons = Ribbons(max(trail_beats, 1e-3))
        self._echoes = Echoes(max(trail_beats, 1e-3))

    def reset(self) -> None:
        """Forget trails and seat the camera anew."""
        self._camera.reset()
        self._ribbons.clear()
        self._echoes.clear()

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        canvas.check(context)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera)
        palette = palettes.pick(context.palette)
        pulse = beat_pulse(pose, context)
        image = self._floor.background(context)
        self._bloom.begin(context.width_px, context.height_px)
        dancers = body.posed(pose)
        figures = body.figures(dancers, view)
        if context.background == "stage" and len(figures) > 0:
            self._light_floor(pose, view, palette, pulse)
        if self.trail_beats > 0:
            self._leave_trails(pose, view, dancers, figures, palette, image)
        lines = marks(dancers, view)
        for figure in figures:
            self._draw_dancer(image, figure, lines[figure.dancer], palettes.for_dancer(palette, figure.dancer), pulse)
        if context.background == "stage":
            self._bloom.reflect(floor_row(pose, view) / QUARTER, REFLECTION)
        box = self._bloom.finish(image, self.glow * (0.80 + 0.45 * pulse), opaque=context.background != "none")
        if context.background == "none":
            for figure in figures:
                box = canvas.join(box, figure.box)
            canvas.straighten(image, canvas.clip_box(box, context.width_px, context.height_px))
        return image

    def _light_floor(self, pose: PoseFrame, view: View, palette: Palette, pulse: float) -> None:
        """Draw the beat's rings into the bloom layer."""
        centre = np.nan_to_num(pose.root_position_m).mean(axis=0)
        for curve, strength in stage_floor.rings(pose.beat_position, centre, view):
            colour = palettes.scaled(palette.core, strength * (0.30 + 0.50 * pulse))
            cv2.polylines(self._bloom.layer, [curve // QUARTER], True, (*colour, 0.0), 1, cv2.LINE_AA)

    def _leave_trails(
        self, pose: PoseFrame, view: View, dancers: body.Posed, figures: list[body.Figure], palette: Palette,
        image: Image,
    ) -> None:  # fmt: skip
        self._ribbons.add(pose.beat_position, pose.t_s, dancers.tips_m)
        if self._echoes.due(pose.beat_position):
            self._echoes.add(pose.beat_position, pose.t_s, self._bloom.mask(figures))
        shape = self._bloom.layer.shape[:2]
        self._bloom.echoes(self._echoes.fading(pose.beat_position, pose.t_s, shape), palette)
        points, fresh = self._ribbons.sample()
        if len(fresh) < 2:
            return
        pixels, depth = view.project(points)
        width = RIBBON_M * view.pixels_per_m(depth)
        for n in range(pixels.shape[1]):
            colours = palettes.for_dancer(palette, n)
            for k, colour in enumerate((colours.right, colours.left)):
                self._ribbon(image, pixels[:, n, k], width[:, n, k], fresh, colour)

    def _ribbon(
        self, image: Image, points: NDArray[np.floating], width: NDArray[np.floating],
        fresh: NDArray[np.floating], colour: palettes.Bgr,
    ) -> None:  # fmt: skip
        layer = self._bloom.layer
        for i in range(len(fresh) - 1):
            share = float(fresh[i + 1])
            ink = palettes.scaled(colour, 0.85 * share**1.5)
            canvas.stroke(image, points[i], points[i + 1], ink, max(1.0, float(width[i]) * 0.30 * share))
            if i % 2 == 0:
                end = points[min(i + 2, len(points) - 1)]
                canvas.stroke(layer, points[i] / QUARTER, end / QUARTER, ink, float(width[i]) * share / QUARTER)

    def _draw_dancer(
        self, image: Image, figure: body.Figure, lines: list[Mark], palette: Palette, pulse: float
    ) -> None:
        rim = RIM_M * figure.scale_px if self.outline_px == 0 else self.outline_px * image.shape[0] / 720.0
        side = (round(rim * canvas.ONE), round(-0.45 * rim * canvas.ONE))
        for group in figure.order:
            near = float(figure.nearness[group])
            light = (1.0 - FAR_DIM * max(0.0, -near)) * (0.80 + 0.20 * pulse)
            left, right = palettes.scaled(palette.left, light), palettes.scaled(palette.right, light)
            members = body.GROUP_PARTS[group]
            edged = [figure.polygons[i] for i in members if not body.PARTS[i].joins]
            for polygon in edged:
                canvas.fill(image, polygon + np.array([-side[0], side[1]], np.int32), left)
            for polygon in edged:
                canvas.fill(image, polygon + np.array(side, np.int32), right)
            dark = palettes.scaled(palette.body, 1.0 + 0.5 * near)
            for i in members:
                canvas.fill(image, figure.polygons[i], dark)
            coarse = [i for i in members if i not in body.FINE_PARTS]
            self._bloom.edges(
                [figure.polygons[i] for i in coarse if not body.PARTS[i].joins],
                [figure.polygons[i] for i in coarse], left, right, rim,
            )  # fmt: skip
            shine = palettes.scaled(palettes.mix(palette.left, palette.haze, 0.5), SHEEN * light)
            for rows in body.CHAINS[group]:
                self._bloom.sheen(figure.centres_px[rows], figure.radii_px[rows], shine)
            for mark in lines:
                if mark.group == group:
                    self._seam(image, figure, mark, palette, light)

    def _seam(self, image: Image, figure: body.Figure, mark: Mark, palette: Palette, light: float) -> None:
        width = (VISOR_M if mark.name == "visor" else SEAM_M) * figure.scale_px
        base = palette.core if mark.name == "visor" else palettes.mix(palette.core, palette.left, 0.45)
        for i in range(len(mark.points_px) - 1):
            shown = float(min(mark.shown[i], mark.shown[i + 1]))
            # A line that turns away gets thinner, not greyer, and ends before it meets the edge light.
            if shown > 0.2:
                ink = palettes.scaled(base, light * (0.55 + 0.45 * shown))
                a, b = mark.points_px[i], mark.points_px[i + 1]
                canvas.stroke(image, a, b, ink, width * (0.3 + 0.7 * shown))
                canvas.stroke(self._bloom.layer, a / QUARTER, b / QUARTER, ink, max(1.0, width / QUARTER))


def beat_pulse(pose: PoseFrame, context: DrawContext) -> float:
    """Return the beat's flash of light, 1 on the beat falling to 0, larger with energy and bass."""
    phase = float(pose.beat_position % 1.0) if np.isfinite(pose.beat_position) else 0.0
    drive = 0.35 + 0.35 * context.levels.energy + 0.30 * max(context.levels.bass, context.levels.onset)
    return float(np.exp(-4.5 * phase) * min(1.0, drive))


def floor_row(pose: PoseFrame, view: View) -> float:
    """Return the picture row of the floor under the dancers' middle."""
    if len(pose.root_position_m) == 0:
        return float(view.height_px)
    centre = np.nan_to_num(pose.root_position_m).mean(axis=0) * np.array([1.0, 0.0, 1.0])
    return float(view.project(centre[None])[0][0, 1])
