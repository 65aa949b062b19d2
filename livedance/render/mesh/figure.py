"""A dressed dancer as it ships: triangles in the rest pose, what carries them, and what they are made of."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import paths
from livedance.errors import ModelError
from livedance.skeleton import REST_HIPS_HEIGHT_M as HIPS_M

NAME: Final = "dancers"
FORMAT: Final = 2
MATERIALS: Final = ("jacket", "trousers", "shoe", "glove", "face", "helmet", "hood", "shell", "light")
"""A vertex holds the number of its own."""
FINGERS: Final = ("thumb", "index", "middle", "ring", "little")
BONES: Final = (
    "hips", "spine", "chest", "neck", "head",
    *(f"{side}_{name}" for side in "lr" for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "toe")),
    *(f"{side}_{finger}_{part}" for side in "lr" for finger in FINGERS for part in ("root", "tip")),
)  # fmt: skip
"""What carries vertices: joints of the skeleton, one bone half-way up the back, two bones a finger."""
TWISTS: Final = ("l_shoulder_straight", "l_shoulder_half", "r_shoulder_straight", "r_shoulder_half")
"""More bones that carry upper arms: the shoulder without its twist, and with half of it. Files do not have them."""
ROW: Final = {name: i for i, name in enumerate(BONES)}
SHOULDER_Y_M: Final = HIPS_M + 0.491
TWIST_M: Final = (0.21, 0.40)
"""From where to where, out from the middle, an upper arm takes up its twist."""
FINGER_M: Final = np.array(
    [
        [[0.742, SHOULDER_Y_M - 0.004, 0.030], [0.800, SHOULDER_Y_M - 0.010, 0.066]],
        [[0.800, SHOULDER_Y_M + 0.002, 0.030], [0.878, SHOULDER_Y_M, 0.036]],
        [[0.803, SHOULDER_Y_M + 0.004, 0.009], [0.890, SHOULDER_Y_M + 0.002, 0.010]],
        [[0.800, SHOULDER_Y_M + 0.002, -0.011], [0.880, SHOULDER_Y_M, -0.014]],
        [[0.794, SHOULDER_Y_M - 0.002, -0.029], [0.858, SHOULDER_Y_M - 0.004, -0.037]],
    ]
)
"""(5, 2, 3) root and tip of the left hand's fingers at rest; each bends in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """One dancer in the rest pose, metres."""

    position_m: NDArray[np.float32]
    """(V, 3)"""
    normal: NDArray[np.float32]
    """(V, 3)"""
    weights: NDArray[np.float32]
    """(V, B), rows sum to 1."""
    carry: NDArray[np.float32]
    """(V, B + 4), the same with `TWISTS` behind `BONES` (`twisted`)."""
    material: NDArray[np.uint8]
    """(V,) rows of `MATERIALS`."""
    open: NDArray[np.float32]
    """(V,) how much light reaches each vertex past the rest of the body, 0-1."""
    triangles: NDArray[np.int32]
    """(F, 3), material by material in the order of `MATERIALS`."""

    def span(self, materials: Sequence[str]) -> tuple[int, int]:
        """Return first index and number of indices of the triangles made of `materials`, neighbours in order."""
        wanted = [MATERIALS.index(name) for name in materials]
        there = np.flatnonzero(np.isin(self.material[self.triangles[:, 0]], wanted))
        return (3 * int(there[0]), 3 * int(there[-1] - there[0] + 1)) if len(there) else (0, 0)


def load(name: str) -> Figure:
    """Read one dancer; raises `ModelError` when it is missing or damaged."""
    return read(paths.model_dir(NAME) / f"{name}.npz")


def read(path: Path) -> Figure:
    """Read a dancer from `path`; raises `ModelError`."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if int(arrays["format"]) != FORMAT or tuple(arrays["bones"].tolist()) != BONES:
                raise ValueError("it was made for another version of livedance")
            weights = np.zeros((len(arrays["position"]), len(BONES)), np.float32)
            np.put_along_axis(weights, arrays["bone"].astype(np.intp), arrays["weight"].astype(np.float32) / 255.0, 1)
            triangles = arrays["triangles"].astype(np.int32)
            if triangles.max(initial=0) >= len(weights):
                raise ValueError("a triangle names a vertex that is not there")
            position_m = arrays["position"].astype(np.float32) * np.float32(STEP_M)
            weights /= weights.sum(axis=1, keepdims=True)
            return Figure(
                position_m=position_m,
                normal=arrays["normal"].astype(np.float32) / np.float32(127.0),
                weights=weights,
                carry=twisted(weights, position_m),
                material=arrays["material"],
                open=arrays["open"].astype(np.float32) / np.float32(255.0),
                triangles=triangles,
            )
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"the dancer '{path}' cannot be read ({error}): reinstall livedance, or make it again with "
            "'livedance train dancers'"
        ) from error


def twisted(weights: NDArray[np.float32], position_m: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return weights (V, B + 4) with which an upper arm takes its twist up little by little on the way to the elbow.

    Mixed over a hand's breadth at the shoulder, a twist of a right angle would wring the sleeve.
    """
    way = np.clip((np.abs(position_m[:, 0]) - TWIST_M[0]) / (TWIST_M[1] - TWIST_M[0]), 0.0, 1.0)
    shares = np.stack([np.maximum(0.0, 1.0 - 2.0 * way), 1.0 - np.abs(2.0 * way - 1.0)], axis=1)
    out = np.concatenate([weights, np.zeros((len(weights), len(TWISTS)), np.float32)], axis=1)
    for side, first in (("l", len(BONES)), ("r", len(BONES) + 2)):
        whole = ROW[f"{side}_shoulder"]
        out[:, first : first + 2] = weights[:, whole, None] * shares
        out[:, whole] *= 1.0 - shares.sum(axis=1)
    return out


STEP_M: Final = 0.0001


def write(path: Path, figure: Figure) -> None:
    """Write a dancer in its small form: 0.1 mm, the four strongest bones of each vertex."""
    bone = np.argsort(-figure.weights, axis=1)[:, :4]
    weight = np.take_along_axis(figure.weights, bone, axis=1)
    np.savez_compressed(
        path,
        format=np.int32(FORMAT),
        bones=np.array(BONES),
        position=np.round(figure.position_m / STEP_M).astype(np.int16),
        normal=np.round(figure.normal * 127.0).astype(np.int8),
        bone=bone.astype(np.uint8),
        weight=np.round(255.0 * weight / weight.sum(axis=1, keepdims=True)).astype(np.uint8),
        material=figure.material,
        open=np.round(255.0 * figure.open).astype(np.uint8),
        triangles=figure.triangles.astype(np.uint16),
    )
