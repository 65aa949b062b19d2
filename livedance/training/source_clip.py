"""Reads one clip of the raw dance data: joint positions, the source rig's world rotations, and what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.errors import FileError

Array = NDArray[np.floating]

SOURCE_JOINTS: Final[dict[str, tuple[str, ...]]] = {
    "shoulder": ("{side}_shoulder_yaw", "{s}Shldr", "Neo_{Side}Arm", "CC_Base_{S}_Upperarm", "{Side}Shoulder",
                 "{side}_upper_arm", "upperarm_{s}"),
    "elbow": ("{side}_wrist_roll", "{s}ForeArm", "Neo_{Side}ForeArm", "CC_Base_{S}_Forearm", "{Side}Elbow",
              "{side}_lower_arm", "lowerarm_{s}"),
    "wrist": ("{side}_wrist_yaw", "{s}Hand", "Neo_{Side}Hand", "CC_Base_{S}_Hand", "{Side}Wrist",
              "{side}_hand", "hand_{s}"),
    "hip": ("{side}_hip_yaw", "{s}Thigh", "Neo_{Side}UpLeg", "CC_Base_{S}_Thigh", "{Side}Hip",
            "{side}_thigh", "thigh_{s}"),
    "knee": ("{side}_knee", "{s}Shin", "Neo_{Side}Leg", "CC_Base_{S}_Calf", "{Side}Knee",
             "{side}_shin", "calf_{s}"),
    "ankle": ("{side}_ankle_roll", "{s}Foot", "Neo_{Side}Foot", "CC_Base_{S}_Foot", "{Side}Ankle",
              "{side}_foot", "foot_{s}"),
}  # fmt: skip
"""Limb joint -> names under which the seven source rigs carry the bone that starts there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClip:
    """One raw take."""

    meta: dict[str, Any]
    fps: float
    positions_m: Array
    """(T, 23, 3) world."""
    source_world_wxyz: dict[int, Array]
    """Canonical limb joint -> (T, 4) world rotation of the source rig's bone, in the source's own rest frame."""
    capture_xz_m: Array
    """(2,) where x = z = 0 of `positions_m` lies in the capture volume, which the partners of a take share."""
    beat_grid_s: Array
    """Constant-tempo grid found by the data's makers; empty where there is none."""

    @property
    def id(self) -> str:
        """Name of the clip."""
        return str(self.meta["id"])


def read(path: Path) -> SourceClip:
    """Read `path` (npz); raises `FileError` when it is not such a clip."""
    try:
        with np.load(path, allow_pickle=False) as data:
            meta = json.loads(str(data["meta"]))
            names = [str(n) for n in data["src_names"]]
            world = _world(np.asarray(data["src_quat_wxyz"], dtype=np.float64), data["src_parents"])
            if tuple(str(n) for n in data["names"]) != skeleton.JOINT_NAMES:
                raise ValueError("its joints are not the 23 canonical ones")
            return SourceClip(
                meta=meta,
                fps=float(data["fps"]),
                positions_m=data["pos"].astype(np.float64) + data["root"].astype(np.float64)[:, None],
                source_world_wxyz=_limbs(names, world),
                capture_xz_m=_capture_xz(data, names, world),
                beat_grid_s=data["beat_grid"].astype(np.float64),
            )
    except (OSError, ValueError, KeyError) as error:
        raise FileError(f"'{path}' is not a clip of the dance data ({error})") from error


def _world(local: Array, parents: Array) -> Array:
    world = rotations.normalise(local)
    for joint, parent in enumerate(parents):
        if parent >= 0:
            world[:, joint] = rotations.multiply(world[:, parent], world[:, joint])
    return world


def _capture_xz(data: Mapping[str, Array], names: list[str], world: Array) -> Array:
    """Return the constant distance (2,) from the path of the hips to where the source rig has the middle of its hips.

    The data's makers let every path begin at x = z = 0; only the source's own root still tells where dancers stood.
    """
    at = np.empty((*world.shape[:2], 3))
    for joint, parent in enumerate(data["src_parents"]):
        offset = np.broadcast_to(data["src_offsets"][joint].astype(np.float64), at[:, joint].shape)
        at[:, joint] = data["src_root"] if parent < 0 else at[:, parent] + rotations.rotate(world[:, parent], offset)
    thighs = [_index(names, side, "hip") for side in ("left", "right")]
    middle = at[:, [t for t in thighs if t is not None] or [0]].mean(axis=1)
    out: Array = np.median(middle - data["root"], axis=0)[[0, 2]]
    return out


def _limbs(names: list[str], world: Array) -> dict[int, Array]:
    found = {}
    for side in ("left", "right"):
        for joint in SOURCE_JOINTS:
            hit = _index(names, side, joint)
            if hit is not None:
                found[skeleton.INDEX[f"{side[0]}_{joint}"]] = world[:, hit]
    return found


def _index(names: list[str], side: str, joint: str) -> int | None:
    """Return where the source rig lists the bone that starts at a limb joint, or None."""
    words = {"side": side, "Side": side.capitalize(), "s": side[0], "S": side[0].upper()}
    return next((names.index(name) for p in SOURCE_JOINTS[joint] if (name := p.format(**words)) in names), None)
