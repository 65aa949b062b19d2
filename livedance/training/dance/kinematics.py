"""Forward kinematics in torch, from rows of `pose_features`: for losses that see joints."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from livedance import skeleton
from livedance.dance import pose_features
from livedance.messages import SAMPLES_PER_BEAT

BODY: Final = tuple(range(18))
"""Joints that are looked at: the face goes with the head."""
FEET: Final = tuple(skeleton.CONTACT_JOINTS)
_PLACE: Final = {joint: i for i, joint in enumerate(pose_features.JOINTS)}


def _levels() -> list[tuple[list[int], list[int]]]:
    """Return (joints, their parents) of each level of the tree below the hips, body only."""
    depth = {0: 0}
    for joint in BODY[1:]:
        depth[joint] = depth[skeleton.PARENTS[joint]] + 1
    levels = [[j for j in BODY if depth[j] == level] for level in range(1, max(depth.values()) + 1)]
    return [(joints, [skeleton.PARENTS[j] for j in joints]) for joints in levels]


_LEVELS: Final = _levels()
_OFFSETS: Final = torch.tensor(np.asarray(skeleton.REST_OFFSETS_M), dtype=torch.float32)


def matrices(six: Tensor) -> Tensor:
    """Return rotation matrices (..., 3, 3) of 6-D rotations (..., 6)."""
    x = torch.nn.functional.normalize(six[..., :3], dim=-1)
    y = torch.nn.functional.normalize(six[..., 3:] - (x * six[..., 3:]).sum(-1, keepdim=True) * x, dim=-1)
    return torch.stack([x, y, torch.linalg.cross(x, y)], -1)


def joints_of(rows: Tensor) -> Tensor:
    """Return joints (B, T, 18, 3) of rows (B, T, SIZE), seen from the place and heading before the first of them."""
    yaw = rows[..., pose_features.YAW].cumsum(1) / SAMPLES_PER_BEAT
    before = torch.nn.functional.pad(yaw[:, :-1], (1, 0))
    left, ahead = rows[..., pose_features.WAY].unbind(-1)
    steps = torch.stack([before.cos() * left + before.sin() * ahead, before.cos() * ahead - before.sin() * left], -1)
    xz = steps.cumsum(1) / SAMPLES_PER_BEAT
    root = torch.stack([xz[..., 0], rows[..., pose_features.HEIGHT], xz[..., 1]], -1)
    local = matrices(rows[..., pose_features.TURNS].unflatten(-1, (-1, 6)))
    none, one = torch.zeros_like(yaw), torch.ones_like(yaw)
    turn = torch.stack([yaw.cos(), none, yaw.sin(), none, one, none, -yaw.sin(), none, yaw.cos()], -1)
    world = {0: turn.unflatten(-1, (3, 3)) @ local[:, :, -1]}
    place = {0: root}
    offsets = _OFFSETS.to(rows.device)
    for joints, parents in _LEVELS:
        above = torch.stack([world[p] for p in parents], 2)
        at = torch.stack([place[p] for p in parents], 2) + (above @ offsets[joints][:, :, None])[..., 0]
        place.update(zip(joints, at.unbind(2), strict=True))
        turning = [i for i, j in enumerate(joints) if j in _PLACE]
        if turning:
            turned = above[:, :, turning] @ local[:, :, [_PLACE[joints[i]] for i in turning]]
            world.update(zip([joints[i] for i in turning], turned.unbind(2), strict=True))
    return torch.stack([place[j] for j in BODY], 2)
