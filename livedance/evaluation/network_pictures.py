"""Contact strips: sixteen poses over two beats, of the network above and of the motion graph below it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance.conditions import STYLES
from livedance.evaluation import generator_dances as dances
from livedance.evaluation.network import BODY, GENERATORS
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]
Image = NDArray[np.uint8]

N_POSES: Final = 16
SIZE: Final = (118, 230)
METRES: Final = 2.05
"""Height of a picture."""
FROM_BEAT: Final = 20
LEFT, RIGHT, MIDDLE = (80, 200, 255), (255, 160, 80), (230, 230, 230)


def draw(folder: Path, bpm: float, tell: Callable[[str], None]) -> None:
    """Write STYLE.png for each style into `folder`: the network, and under it the motion graph."""
    folder.mkdir(parents=True, exist_ok=True)
    for style in STYLES:
        tell(f"drawing {style}")
        strips = []
        for name in ("network", "motion-graph"):
            danced = dances.dance(name, GENERATORS[name], style, bpm=bpm, n_beats=FROM_BEAT + 2, seed=5)
            strips.append(strip(danced.joints_m[FROM_BEAT * SAMPLES_PER_BEAT :][:: 2 * SAMPLES_PER_BEAT // N_POSES]))
        cv2.imwrite(str(folder / f"{style}.png"), np.vstack(strips))


def strip(joints_m: Array) -> Image:
    """Return poses (n, 23, 3) side by side, seen from the front, each about its hips; the floor is a line."""
    width, height = SIZE
    scale = (height - 24) / METRES
    out = np.full((height, width * len(joints_m), 3), 24, np.uint8)
    cv2.line(out, (0, height - 12), (out.shape[1], height - 12), (90, 90, 90), 1)
    for k, pose in enumerate(joints_m):
        at = [
            (int(width * (k + 0.5) + scale * (p[0] - pose[0, 0])), int(height - 12 - scale * p[1])) for p in pose[:BODY]
        ]
        for parent, joint in skeleton.BONES:
            if joint < BODY:
                side = skeleton.JOINT_NAMES[joint][:2]
                colour = LEFT if side == "l_" else RIGHT if side == "r_" else MIDDLE
                cv2.line(out, at[parent], at[joint], colour, 2, cv2.LINE_AA)
        head = at[skeleton.INDEX["head"]]
        cv2.circle(out, (head[0], head[1] - 9), 9, MIDDLE, 1, cv2.LINE_AA)
    return out
