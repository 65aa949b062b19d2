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
from livedance.render.bloom import Bloom
from livedance.render.camera import Camera, View
from livedance.render.look import DrawContext, Image
from livedance.render.marks import Mark, marks
from livedance.render.palettes import Palette
from livedance.render.trails import Echoes, Ribbons

RIM_M: Final = 0.016
"""Width of the coloured edge light."""
RIM_LIFT: Final = 0.45
"""How far the edge lights come from above, as a share of their width."""
SEAM_M: Final = 0.013
"""Width of the glowing lines on the body."""
VISOR_M: Final = 0.026
SHEEN: Final = 0.42
"""Strength of the soft highlight along each limb."""
RIBBON_M: Final = 0.036
"""Width of the glow of a ribbon."""
REFLECTION: Final = 0.45
"""Share of the light that the floor mirrors."""
BLACK: Final = (0.0, 0.0, 0.0)
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
        pose = canvas.sane(pose)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera, context.moved)
        palette = palettes.pick(context.palette)
        pulse = beat_pulse(pose, context)
        image = self._floor.background(context)
        self._bloom.begin(context.width_px, context.height_px)
        opaque = context.background != "none"
        dancers = body.posed(pose)
        figures = body.figures(dancers, view)
        if context.background == "stage" and len(figures) > 0:
            self._light_floor(pose, view, palette, pulse)
        if self.trail_beats > 0:
            self._leave_trails(pose, view, dancers, figures, palette, image, opaque)
        lines = marks(dancers, view)
        for figure in figures:
            self._draw_dancer(image, figure, lines[figure.dancer], palettes.for_dancer(palette, figure.dancer), pulse)
        if context.background == "stage":
            self._bloom.reflect(floor_row(pose, view) / self._bloom.shrink, REFLECTION)
        box = self._bloom.finish(image, self.glow * (0.80 + 0.45 * pulse), opaque=opaque)
        if not opaque:
            for figure in figures:
                box = canvas.join(box, figure.box)
            canvas.straighten(image, canvas.clip_box(box, context.width_px, context.height_px))
        return image

    def _light_floor(self, pose: PoseFrame, view: View, palette: Palette, pulse: float) -> None:
        """Draw the beat's rings round each dancer into the bloom layer."""
        for root in pose.root_position_m:
            for curve, strength in stage_floor.rings(pose.beat_position, root, view):
                colour = palettes.scaled(palette.core, strength * (0.30 + 0.50 * pulse))
                cv2.polylines(self._bloom.layer, [curve // self._bloom.shrink], True, (*colour, 0.0), 1, cv2.LINE_AA)

    def _leave_trails(
        self, pose: PoseFrame, view: View, dancers: body.Posed, figures: list[body.Figure], palette: Palette,
        image: Image, opaque: bool,
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
                self._ribbon(image, pixels[:, n, k], width[:, n, k], fresh, colour, opaque)

    def _ribbon(
        self, image: Image, points: NDArray[np.floating], width: NDArray[np.floating],
        fresh: NDArray[np.floating], colour: palettes.Bgr, opaque: bool,
    ) -> None:  # fmt: skip
        for i in range(0, len(fresh) - 1, 2):
            share, wide = float(fresh[min(i + 2, len(fresh) - 1)]), float(width[i])
            fade = share**1.5
            ink = palettes.scaled(colour, 0.85 * fade)
            piece = points[i : i + 3]
            canvas.trail(image, piece, ink, max(1.0, 0.30 * wide * share), 255.0 if opaque else 255.0 * fade)
            canvas.trail(self._bloom.layer, piece / self._bloom.shrink, ink, wide * share / self._bloom.shrink)

    def _draw_dancer(
        self, image: Image, figure: body.Figure, lines: list[Mark], palette: Palette, pulse: float
    ) -> None:
        rim = RIM_M * figure.scale_px if self.outline_px == 0 else self.outline_px * image.shape[0] / 720.0
        sharp = _lit_from_both_sides(figure, rim * canvas.ONE, 1)
        soft = _lit_from_both_sides(figure, 1.4 * rim * canvas.ONE, self._bloom.shrink)
        for group in figure.order:
            near = float(figure.nearness[group])
            light = (1.0 - FAR_DIM * max(0.0, -near)) * (0.80 + 0.20 * pulse)
            left, right = palettes.scaled(palette.left, light), palettes.scaled(palette.right, light)
            dark = palettes.scaled(palette.body, 1.0 + 0.5 * near)
            edged, members = body.EDGED_PARTS[group], body.GROUP_PARTS[group]
            for polygons, colour, parts in zip(sharp, (left, right, dark), (edged, edged, members), strict=True):
                canvas.fill(image, polygons, parts, colour)
            edged, members = body.COARSE_EDGED_PARTS[group], body.COARSE_PARTS[group]
            for polygons, colour, parts in zip(soft, (left, right, BLACK), (edged, edged, members), strict=True):
                canvas.fill(self._bloom.layer, polygons, parts, colour, 0.0, smooth=False)
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
                self._bloom.stroke(a, b, ink, width)


def _lit_from_both_sides(
    figure: body.Figure, rim: float, divide: int
) -> tuple[list[body.Polygon], list[body.Polygon], list[body.Polygon]]:
    """Return the polygons moved to the left, moved to the right, and in place, all a little under the light.

    What sticks out of the third over the first two is the edge light. `rim` is in 1/16 pixel.
    """
    side, up = max(8, round(rim / divide)), -round(RIM_LIFT * rim / divide)
    return figure.polygons((-side, up), divide), figure.polygons((side, up), divide), figure.polygons(divide=divide)


def beat_pulse(pose: PoseFrame, context: DrawContext) -> float:
    """Return the beat's flash of light, 1 on the beat falling to 0, larger with energy and bass."""
    phase = pose.beat_position % 1.0
    drive = 0.35 + 0.35 * context.levels.energy + 0.30 * max(context.levels.bass, context.levels.onset)
    return float(np.exp(-4.5 * phase) * min(1.0, drive))


def floor_row(pose: PoseFrame, view: View) -> float:
    """Return the picture row of the floor under the dancers' middle."""
    if len(pose.root_position_m) == 0:
        return float(view.height_px)
    centre = pose.root_position_m.mean(axis=0) * np.array([1.0, 0.0, 1.0])
    return float(view.project(centre[None])[0][0, 1])
