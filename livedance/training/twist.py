"""Keeps the twist of limbs continuous: a flip of the source rig about a bone is taken out and let back in slowly."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.skeleton import INDEX, REST_OFFSETS_M

Array = NDArray[np.floating]

POP_RAD_S: Final = 21.0
"""A bone that turns faster about its own axis has flipped: the fastest hands in the data twist at 15 rad/s."""
RETURN_S: Final = 0.5
"""Time constant with which a removed flip comes back: a half turn then never spins faster than 6 rad/s."""
FASTEST_RAD_S: Final = {"wrist": 12.0, "ankle": 15.0}
OTHER_FASTEST_RAD_S: Final = 24.0
"""A joint that turns faster in its parent was misread by the capture; it is led over by this rate."""

_BONES: Final = tuple(
    (INDEX[f"{side}_{joint}"], INDEX[f"{side}_{child}"])
    for side in "lr"
    for joint, child in (
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
        ("hip", "knee"),
        ("knee", "ankle"),
        ("ankle", "toe"),
    )
)


def calm(local: Array, fps: float) -> Array:
    """Return rotations (T, 23, 4) whose limb bones neither flip about themselves nor turn faster than people do."""
    world = skeleton.world_rotations(local)
    calmed = world.copy()
    for joint, child in _BONES:
        axis = REST_OFFSETS_M[child] / np.linalg.norm(REST_OFFSETS_M[child])
        offset = flip_offset(world[:, joint], axis, fps)
        calmed[:, joint] = rotations.multiply(world[:, joint], rotations.from_rotvec(-offset[:, None] * axis))
    out = local.copy()
    for joint, parent in enumerate(skeleton.PARENTS):
        if parent >= 0 and joint not in skeleton.LEAVES:
            out[:, joint] = rotations.multiply(rotations.conjugate(calmed[:, parent]), calmed[:, joint])
    for joint in sorted({bone[0] for bone in _BONES} | set(skeleton.WRISTS)):
        fastest = FASTEST_RAD_S.get(skeleton.JOINT_NAMES[joint][2:], OTHER_FASTEST_RAD_S)
        out[:, joint] = limit_rate(out[:, joint], fastest / fps)
    return rotations.continuous(rotations.normalise(out))


def flip_offset(world: Array, axis: Array, fps: float) -> Array:
    """Return the twist (T,), rad, to take out of a bone's rotation (T, 4) about its local `axis`."""
    step = rotations.multiply(rotations.conjugate(world[:-1]), world[1:])
    twist = 2.0 * np.arctan2(step[:, 1:] @ axis, step[:, 0])
    twist = (twist + np.pi) % (2 * np.pi) - np.pi
    pops = np.where(np.abs(twist) * fps > POP_RAD_S, twist, 0.0)
    offset, keep = np.zeros(len(world)), np.exp(-1.0 / (RETURN_S * fps))
    for t, pop in enumerate(pops, start=1):
        offset[t] = (keep * offset[t - 1] + pop + np.pi) % (2 * np.pi) - np.pi if pop else keep * offset[t - 1]
    return offset


def limit_rate(q: Array, most_rad: float) -> Array:
    """Return a track (T, 4) that follows `q` by at most `most_rad` a frame."""
    out = q.copy()
    for t in range(1, len(q)):
        turn = rotations.to_rotvec(rotations.multiply(rotations.conjugate(out[t - 1]), q[t]))
        angle = float(np.linalg.norm(turn))
        if angle > most_rad:
            out[t] = rotations.multiply(out[t - 1], rotations.from_rotvec(turn * (most_rad / angle)))
    return out
