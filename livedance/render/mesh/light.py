"""Everything but the dancers, by OpenGL: the stage, what glows in the air, trails, and the picture of it all."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.messages import PoseFrame
from livedance.render.camera import View, turn
from livedance.render.canvas import Box
from livedance.render.mesh.gl import Gl, Pass, Size
from livedance.render.mesh.gpu import camera_values, colour_values
from livedance.render.palettes import Palette

LAYER_LINES: Final = 144
"""Lines of the coarse layers, whatever the picture: light looks and costs the same at 720 and 1080 lines."""
WIDE: Final = 4
"""Pixels of the coarse layer per pixel of the widest blur."""
NEAR_GAIN: Final = 0.62
WIDE_GAIN: Final = 0.95
TRAIL_GAIN: Final = 0.50
TRAIL_BEATS: Final = 0.40
"""In how many beats a trail falls to a third."""
LIMBS: Final = (
    ("hips", "neck", 0.14), ("neck", "head", 0.09),
    *(
        (f"{side}_{a}", f"{side}_{b}", radius)
        for side in "lr"
        for a, b, radius in (
            ("shoulder", "elbow", 0.05), ("elbow", "wrist", 0.045),
            ("hip", "knee", 0.075), ("knee", "ankle", 0.05), ("ankle", "toe", 0.05),
        )
    ),
)  # fmt: skip
"""What throws shadows: joint, joint, radius in metres; as many as `stage.frag` counts."""
_FROM: Final = [skeleton.INDEX[a] for a, _, _ in LIMBS]
_TO: Final = [skeleton.INDEX[b] for _, b, _ in LIMBS]
_RADIUS: Final = np.array([radius for _, _, radius in LIMBS])


class Light:
    """Owns the coarse layers and the picture. One thread: the one that made the context."""

    def __init__(self, gl: Gl) -> None:
        self._gl = gl
        self._stage, self._shrink = gl.screen("stage.frag"), gl.screen("shrink.frag")
        self._blur, self._halo = gl.screen("blur.frag"), gl.screen("halo.frag")
        self._joins: dict[tuple[str, ...], Pass] = {}
        self._bodies: Any = None
        self._size: Size = (0, 0)
        self.cell = 4
        """Pixels of the picture per pixel of a coarse layer."""
        self._trailed: tuple[float, float] | None = None

    def reset(self) -> None:
        """Forget trails."""
        self._trailed = None

    def fit(self, size: Size) -> None:
        """Make the layers for pictures of `size`."""
        if size == self._size:
            return
        gl, (width, height) = self._gl, size
        self._size, self._trailed = size, None
        self.cell = max(1, round(height / LAYER_LINES))
        coarse = (-(-width // self.cell), -(-height // self.cell))
        tiny = (-(-coarse[0] // WIDE), -(-coarse[1] // WIDE))
        self._lit = gl.canvas(coarse)
        # What glows now and its trail; of two, one is written while the other is read.
        self._glows = [gl.canvas(coarse, layers=2) for _ in range(2)]
        self._soft = [gl.canvas(coarse) for _ in range(2)]
        self._small = [gl.canvas(tiny) for _ in range(2)]
        self._air = gl.canvas(coarse, layers=2)
        # The picture, and the one shown before it.
        self._pictures = [gl.canvas(size, kind="f1") for _ in range(2)]

    def light_stage(
        self, pose: PoseFrame, view: View, palette: Palette, pulse: float, energy: float
    ) -> None:  # fmt: skip
        """Draw the stage's own light, and the dancers' shadows in it."""
        seen: dict[str, Any] = camera_values(view) | colour_values(palette)
        self._stage.run(
            self._lit,
            {"bodies": self._placed(pose, view)},
            size=self._lit.size,
            beat=pose.beat_position,
            pulse=pulse,
            energy=energy,
            glow_only=0.0,
            dancers=len(pose.root_position_m),
            **seen,
        )

    def hang(self, glow: Any, pose: PoseFrame, strength: float) -> None:
        """Spread what glows through the air, and let what glowed before fade; `strength` is the bloom's gain."""
        fade = self._faded(pose)
        old, new = self._glows
        self._glows = [new, old]
        width, height = self._size
        self._shrink.run(
            new, {"glow": glow, "before": old.color_attachments[1]}, size=new.size,
            cell=(float(self.cell), float(self.cell)), texel=(1.0 / width, 1.0 / height), fade=fade,
        )  # fmt: skip
        now, trail = new.color_attachments
        near = self._blurred(now, self._soft)
        wide = self._blurred(near, self._small)
        stage = self._lit.color_attachments[0]
        self._halo.run(
            self._air, {"near": near, "wide": wide, "now": now, "trail": trail, "stage": stage}, size=self._air.size,
            gains=(NEAR_GAIN * strength, WIDE_GAIN * strength, TRAIL_GAIN if strength > 0.0 else 0.0),
        )  # fmt: skip

    def join(self, dancers: Any, box: Box, background: str, *, straight: bool) -> Any:
        """Return the framebuffer of the finished picture; dancers are inside `box`. It lasts for two pictures."""
        self._pictures.reverse()
        picture, (width, height) = self._pictures[0], self._size
        marks = (("STAGE",) if background == "stage" else ()) + (
            ("STRAIGHT",) if straight and background == "none" else ()
        )
        values: dict[str, Any] = {
            "texel": (1.0 / width, 1.0 / height),
            "coarse": (1.0 / (self.cell * self._air.size[0]), 1.0 / (self.cell * self._air.size[1])),
            "ground": 0.0 if background == "none" else 1.0,
        }
        halo, backdrop = self._air.color_attachments
        textures = {"halo": halo, "backdrop": backdrop, "stage": self._lit.color_attachments[0]}
        self._joined(*marks).run(picture, textures, *_around(box, self._size), **values)
        with_dancers = (*marks, "DANCERS", *(("SMOOTH",) if self._gl.is_software else ()))
        self._joined(*with_dancers).run(picture, {"dancers": dancers, **textures}, box, **values)
        return picture

    @property
    def before(self) -> Any:
        """The framebuffer of the picture before the last."""
        return self._pictures[1]

    def _joined(self, *marks: str) -> Pass:
        if marks not in self._joins:
            self._joins[marks] = self._gl.screen("join.frag", *marks)
        return self._joins[marks]

    def _blurred(self, texture: Any, pair: list[Any]) -> Any:
        """Return `texture` blurred both ways, at the size of `pair`."""
        size = pair[0].size
        for target, way in zip(pair, ((1.0 / size[0], 0.0), (0.0, 1.0 / size[1])), strict=True):
            self._blur.run(target, {"picture": texture}, size=size, way=way)
            texture = target.color_attachments[0]
        return texture

    def _faded(self, pose: PoseFrame) -> float:
        """Return what is left of trails since the last picture; after a cut, or a step back, nothing."""
        before, self._trailed = self._trailed, (pose.beat_position, pose.t_s)
        if before is None:
            return 0.0
        beats, seconds = pose.beat_position - before[0], pose.t_s - before[1]
        if not (0.0 <= beats < 1.0 and 0.0 <= seconds < 0.5):
            return 0.0
        return float(np.exp(-max(beats, seconds) / TRAIL_BEATS))

    def _placed(self, pose: PoseFrame, view: View) -> Any:
        """Return the texture of what throws shadows: a row a dancer, two texels a limb, in the camera's axes."""
        rows = bodies(pose, view.yaw_rad)
        size = (rows.shape[1], rows.shape[0])
        if self._bodies is None or self._bodies.size != size:
            self._bodies = self._gl.context.texture(size, 4, dtype="f4")
        self._bodies.write(rows.tobytes())
        return self._bodies


def bodies(pose: PoseFrame, yaw_rad: float) -> NDArray[np.float32]:
    """Return (max(N, 1), 24, 4): both ends of every limb in the camera's axes, and its radius."""
    joints = turn(pose.joint_positions_m, yaw_rad)
    out = np.zeros((max(1, len(joints)), 2 * len(LIMBS), 4), np.float32)
    out[: len(joints), 0::2, :3], out[: len(joints), 1::2, :3] = joints[:, _FROM], joints[:, _TO]
    out[:, 0::2, 3] = out[:, 1::2, 3] = _RADIUS
    return out


def _around(box: Box, size: Size) -> tuple[Box, ...]:
    """Return what of a picture lies round a box."""
    x0, y0, x1, y1 = box
    width, height = size
    if x1 <= x0 or y1 <= y0:
        return ((0, 0, width, height),)
    return (0, 0, width, y0), (0, y1, width, height), (0, y0, x0, y1), (x1, y0, width, y1)
