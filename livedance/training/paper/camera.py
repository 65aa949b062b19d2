"""A fixed camera in front of the dancer: our joints as the 18 points that OpenPose would see, in the paper's numbers.

The paper takes pixels of a 640 x 360 picture as x / 320 - 1 and y / 180 - 1, with no centring and no scaling by the
body. So do we, with a pinhole camera that stands still for a whole take. No point is ever hidden, unlike OpenPose's.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton

Array = NDArray[np.floating]

DISTANCE_M: Final = 6.0
HEIGHT_M: Final = 0.95
HALF_PICTURE_M: Final = (1.3 * 16.0 / 9.0, 1.3)
"""Half of the picture's width and height, where the dancer stands."""
N_POINTS: Final = len(skeleton.OPENPOSE_18)
N_NUMBERS: Final = 2 * N_POINTS
BONES: Final = (
    (4, 3), (3, 2), (7, 6), (6, 5), (13, 12), (12, 11), (10, 9), (9, 8), (11, 5), (8, 2), (5, 1), (2, 1), (0, 1),
    (15, 0), (14, 0), (17, 15), (16, 14),
)  # fmt: skip
"""The 17 of the paper's graph: hips hang on shoulders."""
NECK: Final = 1
_JOINTS: Final = skeleton.layout_indices(skeleton.OPENPOSE_18)
MIRROR: Final = [
    skeleton.OPENPOSE_18.index(("r" if name[0] == "l" else "l") + name[1:] if name[:2] in ("l_", "r_") else name)
    for name in skeleton.OPENPOSE_18
]


def project(joints_m: Array) -> Array:
    """Return (..., 36) numbers, x and y of each point, of joints (..., 23, 3) about the camera's middle."""
    points = joints_m[..., _JOINTS, :]
    scale = DISTANCE_M / (DISTANCE_M - points[..., 2])
    x = points[..., 0] * scale / HALF_PICTURE_M[0]
    y = (HEIGHT_M - points[..., 1]) * scale / HALF_PICTURE_M[1]
    return np.stack([x, y], -1).reshape(*joints_m.shape[:-2], N_NUMBERS)


def mirrored(numbers: Array) -> Array:
    """Return (..., 36) numbers of the dancer's mirror image."""
    points = numbers.reshape(*numbers.shape[:-1], N_POINTS, 2)[..., MIRROR, :] * np.array([-1.0, 1.0])
    out: Array = points.reshape(numbers.shape).astype(numbers.dtype)
    return out
