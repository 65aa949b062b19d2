"""Motion as a NumPy archive: what other programs read a dance from."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.broadcast.atomic import writing
from livedance.messages import PoseFrame
from livedance.skeleton import JOINT_NAMES, N_JOINTS, PARENTS

COMPRESSION: Final = 1
"""Of zlib: coordinates of motion hardly get smaller by more."""
NOBODY: Final = 255
"""`origin` of a dancer that is not shown at a time; everything else of it is NaN."""


def write_npz(path: Path, frames: Iterable[tuple[PoseFrame, float]], *, fps: float, seed: int) -> None:
    """Write poses with the music tempo (BPM) at each; the file appears whole or not at all.

    Keys: t_s, beat_position, dance_position, tempo_bpm [T] f64; joint_positions_m [T,N,23,3], joint_rotations_wxyz
    [T,N,23,4], root_position_m [T,N,3] f32; origin [T,N] u8; joint_names, parents [23]; fps, seed. N is the largest
    number of dancers shown. Raises `FileError` before the first frame is asked for when nothing can be written there.
    """
    with writing(path) as part:
        poses: list[PoseFrame] = []
        tempo_bpm: list[float] = []
        for pose, bpm in frames:
            poses.append(pose)
            tempo_bpm.append(bpm)
        n = max((len(p.origin) for p in poses), default=0)
        _save(
            part,
            {
                "t_s": np.array([p.t_s for p in poses], np.float64),
                "beat_position": np.array([p.beat_position for p in poses], np.float64),
                "dance_position": np.array([p.dance_position for p in poses], np.float64),
                "tempo_bpm": np.array(tempo_bpm, np.float64),
                "joint_positions_m": _stacked([p.joint_positions_m for p in poses], n, (N_JOINTS, 3)),
                "joint_rotations_wxyz": _stacked([p.joint_rotations_wxyz for p in poses], n, (N_JOINTS, 4)),
                "root_position_m": _stacked([p.root_position_m for p in poses], n, (3,)),
                "origin": _origins([p.origin for p in poses], n),
                "joint_names": np.array(JOINT_NAMES),
                "parents": np.array(PARENTS, np.int32),
                "fps": np.float64(fps),
                "seed": np.int64(seed),
            },
        )


def _save(path: Path, arrays: Mapping[str, NDArray[Any] | np.generic]) -> None:
    """Write a compressed archive: what `np.savez_compressed` writes, but at the level that costs half the time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


def _stacked(parts: list[NDArray[np.floating]], n: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if parts and all(len(part) == n for part in parts):
        return np.concatenate(parts, dtype=np.float32, casting="same_kind").reshape(len(parts), n, *shape)
    out = np.full((len(parts), n, *shape), np.nan, np.float32)
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = part
    return out


def _origins(parts: list[NDArray[np.uint8]], n: int) -> NDArray[np.uint8]:
    out = np.full((len(parts), n), NOBODY, np.uint8)
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = part
    return out
