"""Motion as BVH, the format that animation programs import: our rig, centimetres, degrees.

Rotations are `Zrotation Xrotation Yrotation`: R = Z · X · Y, angles without jumps from frame to frame. One file per
dancer: `dance.bvh`, `dance-1.bvh`, ...; a dancer that is not there from the first frame to the last holds its pose.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.broadcast.atomic import PartFile
from livedance.errors import FileError
from livedance.messages import PoseFrame
from livedance.skeleton import JOINT_NAMES, LEAVES, N_JOINTS, PARENTS, REST_OFFSETS_M

Array = NDArray[np.floating]

CM: Final = 100.0
_CHANNELS: Final = "Zrotation Xrotation Yrotation"
_END_CM: Final = 5.0
"""Length of the bones drawn beyond the last joints; they have no meaning."""


class BvhWriter:
    """Collects frames and writes the files on `close`. One thread. Raises `FileError` at once when it cannot write."""

    def __init__(self, path: Path, *, fps: float) -> None:
        self._path = path
        self._fps = fps
        self._probe = PartFile(path)
        self._frames: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    def write(self, pose: PoseFrame) -> None:
        """Add one frame."""
        root = pose.root_position_m.astype(np.float32)
        self._frames.append((root, pose.joint_rotations_wxyz.astype(np.float32)))

    def close(self) -> list[Path]:
        """Write one file per dancer; returns them. Raises `FileError`."""
        self._probe.discard()
        written = []
        for dancer in range(max((len(root) for root, _ in self._frames), default=0)):
            path = self._path if dancer == 0 else self._path.with_stem(f"{self._path.stem}-{dancer}")
            part = PartFile(path)
            try:
                part.part.write_text(bvh_text(*self._track(dancer), fps=self._fps), "utf-8")
            except OSError as error:
                part.discard()
                raise FileError(f"cannot write {path}: {error.strerror or error}") from error
            part.keep()
            written.append(path)
        return written

    def discard(self) -> None:
        """Leave nothing behind (the work was interrupted)."""
        self._probe.discard()
        self._frames.clear()

    def _track(self, dancer: int) -> tuple[Array, Array]:
        """Return root (T, 3) and rotations (T, 23, 4) of one dancer, held where it is absent."""
        there = [i for i, (root, _) in enumerate(self._frames) if dancer < len(root)]
        rows = np.searchsorted(there, np.arange(len(self._frames)), side="right") - 1
        picked = [self._frames[there[max(row, 0)]] for row in rows]
        return np.array([root[dancer] for root, _ in picked]), np.array([turned[dancer] for _, turned in picked])


def write_bvh(path: Path, frames: Iterable[PoseFrame], *, fps: float) -> list[Path]:
    """Write all frames; returns the files, one per dancer."""
    writer = BvhWriter(path, fps=fps)
    try:
        for pose in frames:
            writer.write(pose)
        return writer.close()
    except BaseException:
        writer.discard()
        raise


def bvh_text(root_position_m: Array, joint_rotations_wxyz: Array, *, fps: float) -> str:
    """Return the file of one dancer: root (T, 3), rotations (T, 23, 4)."""
    lines = ["HIERARCHY"]
    order = _hierarchy(lines, 0, 0)
    angles = euler_zxy(joint_rotations_wxyz.astype(np.float64))[:, order].reshape(len(root_position_m), -1)
    rows = np.concatenate([root_position_m * CM, angles], axis=1)
    lines += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {1.0 / fps:.8f}"]
    lines += [" ".join(f"{value:.5f}" for value in row) for row in rows.tolist()]
    return "\n".join(lines) + "\n"


def euler_zxy(q: Array) -> Array:
    """Return angles (T, J, 3) in degrees, order z x y, with R = Rz · Rx · Ry; whole turns follow the frame before."""
    m = rotations.to_matrix(q)
    x = np.arcsin(np.clip(m[..., 2, 1], -1.0, 1.0))
    z = np.arctan2(-m[..., 0, 1], m[..., 1, 1])
    y = np.arctan2(-m[..., 2, 0], m[..., 2, 2])
    out: Array = np.degrees(np.unwrap(np.stack([z, x, y], axis=-1), axis=0))
    return out


def _hierarchy(lines: list[str], joint: int, depth: int) -> list[int]:
    """Write `joint` and what hangs on it; returns the joints in the order of their channels."""
    pad = "\t" * depth
    x, y, z = REST_OFFSETS_M[joint] * CM
    lines += [f"{pad}{'ROOT' if joint == 0 else 'JOINT'} {JOINT_NAMES[joint]}", f"{pad}{{"]
    lines.append(f"{pad}\tOFFSET {x:.5f} {y:.5f} {z:.5f}")
    lines.append(
        f"{pad}\tCHANNELS " + (f"6 Xposition Yposition Zposition {_CHANNELS}" if joint == 0 else f"3 {_CHANNELS}")
    )
    order = [joint]
    for child in range(N_JOINTS):
        if PARENTS[child] == joint:
            order += _hierarchy(lines, child, depth + 1)
    if joint in LEAVES:
        along = REST_OFFSETS_M[joint] / np.linalg.norm(REST_OFFSETS_M[joint]) * _END_CM
        end = " ".join(f"{value:.5f}" for value in along)
        lines += [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET {end}", f"{pad}\t}}"]
    lines.append(f"{pad}}}")
    return order
