"""Drawing helpers shared by the looks: anti-aliased polygons and lines, backgrounds, straight alpha.

While a look draws, colour is premultiplied by alpha; `straighten` turns it into straight alpha at
the end, only where something was drawn.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError, near
from livedance.messages import PoseFrame
from livedance.render.body import SHIFT, Polygon
from livedance.render.look import DrawContext, Image
from livedance.render.palettes import Bgr

BACKGROUNDS: Final = ("none", "black", "stage")
ONE: Final = 1 << SHIFT
Box = tuple[int, int, int, int]
"""x0, y0, x1, y1; half-open, inside the picture."""


def check(context: DrawContext) -> None:
    """Raise `ConfigError` for a context that no look can draw."""
    if context.background not in BACKGROUNDS:
        hint = near(context.background, BACKGROUNDS)
        raise ConfigError(f"there is no background '{context.background}'{hint} There are: {', '.join(BACKGROUNDS)}")
    if not (16 <= context.width_px <= 8192 and 16 <= context.height_px <= 8192):
        raise ConfigError(f"a picture of {context.width_px}x{context.height_px} is not possible: use 16 to 8192 a side")


def sane(pose: PoseFrame) -> PoseFrame:
    """Return `pose` itself, or a copy whose numbers that are not finite are 0: any pose can be drawn."""
    numbers = (pose.root_position_m, pose.joint_rotations_wxyz, pose.joint_positions_m)
    scalars = (pose.t_s, pose.beat_position)
    if all(np.isfinite(a).all() for a in numbers) and all(math.isfinite(v) for v in scalars):
        return pose
    root, turns, positions = (np.nan_to_num(a, nan=0.0, posinf=0.0, neginf=0.0) for a in numbers)
    t_s, beat = (v if math.isfinite(v) else 0.0 for v in scalars)
    return dataclasses.replace(
        pose, t_s=t_s, beat_position=beat, root_position_m=root, joint_rotations_wxyz=turns, joint_positions_m=positions
    )  # fmt: skip


def blank(context: DrawContext) -> Image:
    """Return a new picture: transparent for `none`, else opaque black."""
    image = np.zeros((context.height_px, context.width_px, 4), np.uint8)
    if context.background != "none":
        image[..., 3] = 255
    return image


def fill(
    image: Image, polygons: Sequence[Polygon], members: Iterable[int], colour: Bgr, alpha: float = 255.0,
    *, smooth: bool = True,
) -> None:  # fmt: skip
    """Fill the convex polygons numbered `members` (1/16 pixel) with a premultiplied colour."""
    line = cv2.LINE_AA if smooth else cv2.LINE_8
    ink = (*colour, alpha)
    for i in members:
        cv2.fillConvexPoly(image, polygons[i], ink, line, SHIFT)


def fill_mask(mask: Image, polygons: Iterable[Polygon], *, smooth: bool = True) -> None:
    """Fill convex polygons with 255 in a one-channel mask."""
    line = cv2.LINE_AA if smooth else cv2.LINE_8
    for polygon in polygons:
        cv2.fillConvexPoly(mask, polygon, 255, line, SHIFT)


def trail(
    image: Image, points: NDArray[np.floating], colour: Bgr, width_px: float, alpha: float = 255.0
) -> None:  # fmt: skip
    """Draw an anti-aliased line through pixels (P, 2), premultiplied; thin lines fade instead of vanishing."""
    gain = min(1.0, max(0.25, width_px))
    faded = (colour[0] * gain, colour[1] * gain, colour[2] * gain, alpha)
    path = np.rint(points * ONE).astype(np.int32)
    cv2.polylines(image, [path], False, faded, max(1, round(width_px)), cv2.LINE_AA, SHIFT)


def stroke(image: Image, a: NDArray[np.floating], b: NDArray[np.floating], colour: Bgr, width_px: float) -> None:
    """Draw an anti-aliased line from pixel a to pixel b with round ends; thin lines fade instead of vanishing."""
    gain = min(1.0, max(0.25, width_px))
    thickness = max(1, round(width_px))
    p = (round(float(a[0]) * ONE), round(float(a[1]) * ONE))
    q = (round(float(b[0]) * ONE), round(float(b[1]) * ONE))
    faded = (colour[0] * gain, colour[1] * gain, colour[2] * gain, 255.0)
    cv2.line(image, p, q, faded, thickness, cv2.LINE_AA, SHIFT)


def clip_box(box: Box, width_px: int, height_px: int) -> Box:
    """Return `box` cut to the picture; empty boxes have no area."""
    x0, y0 = min(max(box[0], 0), width_px), min(max(box[1], 0), height_px)
    x1, y1 = min(max(box[2], x0), width_px), min(max(box[3], y0), height_px)
    return x0, y0, x1, y1


def join(a: Box, b: Box) -> Box:
    """Return the smallest box around both."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def straighten(image: Image, box: Box) -> None:
    """Turn premultiplied colour into straight alpha inside `box`, in place."""
    x0, y0, x1, y1 = box
    if x1 <= x0 or y1 <= y0:
        return
    region = image[y0:y1, x0:x1]
    *colours, alpha = cv2.split(region)
    cv2.merge([*(cv2.divide(colour, alpha, scale=255.0) for colour in colours), alpha], dst=region)
