"""The skeleton: OpenPose-18 limbs in the usual colours, as dance papers draw them."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from livedance.errors import ConfigError
from livedance.messages import PoseFrame
from livedance.render import canvas
from livedance.render.camera import Camera
from livedance.render.look import DrawContext, Image
from livedance.render.palettes import Bgr, scaled
from livedance.render.stage_floor import StageFloor
from livedance.skeleton import OPENPOSE_18, layout_indices

LIMBS: Final[tuple[tuple[int, int], ...]] = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10),
    (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
"""Limbs as pairs of OpenPose-18 keypoints, in the order that gives them their colours."""

COLOURS_RGB: Final[tuple[tuple[int, int, int], ...]] = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip
"""One colour per keypoint; limb i takes colour i, a little darker."""

_INDICES: Final = layout_indices(OPENPOSE_18)
_LIMB_GAIN: Final = 0.72


class SkeletonLook:
    """Coloured limbs and joints, anti-aliased.

    Args:
        limb_m: Width of a limb in metres on the stage.
    """

    def __init__(self, *, limb_m: float = 0.034) -> None:
        if limb_m <= 0:
            raise ConfigError(f"skeleton: limb_m must be positive, not {limb_m}")
        self.limb_m = limb_m
        self._camera = Camera()
        self._floor = StageFloor()

    def reset(self) -> None:
        """Seat the camera anew."""
        self._camera.reset()

    def draw(self, pose: PoseFrame, context: DrawContext) -> Image:
        """Return (H, W, 4) BGRA, straight alpha."""
        canvas.check(context)
        pose = canvas.sane(pose)
        view = self._camera.view(pose, context.width_px, context.height_px, context.camera, context.moved)
        image = self._floor.background(context)
        pixels, depth = view.project(np.asarray(pose.joint_positions_m)[:, _INDICES])
        box: canvas.Box = (context.width_px, context.height_px, 0, 0)
        for n in np.argsort(-depth.mean(axis=1), kind="stable"):
            width = self.limb_m * float(view.focal_px / depth[n].mean())
            self._dancer(image, pixels[n], depth[n], width)
            low, high = pixels[n].min(axis=0) - width, pixels[n].max(axis=0) + width
            box = canvas.join(box, (int(low[0]) - 2, int(low[1]) - 2, int(high[0]) + 3, int(high[1]) + 3))
        if context.background == "none":
            canvas.straighten(image, canvas.clip_box(box, context.width_px, context.height_px))
        return image

    def _dancer(self, image: Image, points: np.ndarray, depth: np.ndarray, width_px: float) -> None:
        order = sorted(range(len(LIMBS)), key=lambda i: -float(depth[LIMBS[i][0]] + depth[LIMBS[i][1]]))
        for i in order:
            a, b = LIMBS[i]
            face = a in (0, 14, 15)
            canvas.fill(
                image, [_spindle(points[a], points[b], width_px * (0.5 if face else 1.0))], (0,), _limb_colour(i)
            )
        for k, rgb in enumerate(COLOURS_RGB):
            centre = tuple(round(float(v) * canvas.ONE) for v in points[k])
            radius = round(width_px * (0.35 if k in (0, 14, 15, 16, 17) else 0.52) * canvas.ONE)
            cv2.circle(image, centre, max(radius, canvas.ONE), (*rgb[::-1], 255), -1, cv2.LINE_AA, 4)


def _limb_colour(limb: int) -> Bgr:
    red, green, blue = COLOURS_RGB[limb]
    return scaled((float(blue), float(green), float(red)), _LIMB_GAIN)


def _spindle(a: np.ndarray, b: np.ndarray, width_px: float) -> np.ndarray:
    """Return the thin ellipse from a to b that OpenPose draws as a limb, (K, 1, 2) in 1/16 pixel."""
    turn = np.linspace(0.0, 2.0 * np.pi, 28, endpoint=False)
    along = 0.5 * (b - a)
    length = float(np.hypot(along[0], along[1]))
    across = np.array([-along[1], along[0]]) / max(length, 1e-6) * 0.5 * width_px
    ring = 0.5 * (a + b) + np.cos(turn)[:, None] * along + np.sin(turn)[:, None] * across
    out: np.ndarray = np.rint(ring * canvas.ONE).astype(np.int32).reshape(-1, 1, 2)
    return out
