"""The motion library's compact form: smallest-three quaternions and roots as time differences.

A quaternion is stored by its three smallest components in steps of `QUATERNION_STEP` (under 0.01 degree) and the
index of the largest, which is positive. Every channel is then differenced along the WHOLE library and split into byte
planes, low one first, channel after channel: so zip finds the runs. Exact after quantising.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.skeleton import LEAVES, N_JOINTS, WRISTS

Array = NDArray[np.floating]
Bytes = NDArray[np.uint8]

QUATERNION_STEP: Final = 1.0 / 11_000.0
ROOT_STEP_M: Final = 0.0001
STORED_JOINTS: Final[tuple[int, ...]] = tuple(j for j in range(N_JOINTS) if j not in LEAVES or j in WRISTS)
"""The 16 joints that can turn; the others are identity."""


def encode_rotations(joint_rotations_wxyz: Array) -> tuple[Bytes, Bytes]:
    """Return (planes (2, 48, N), largest (16, N)) of rotations (N, 23, 4)."""
    q = np.asarray(joint_rotations_wxyz, dtype=np.float64)[:, STORED_JOINTS]
    largest = np.argmax(np.abs(q), axis=-1)
    lead = np.take_along_axis(q, largest[..., None], axis=-1)
    q = q * np.where(lead < 0, -1.0, 1.0)
    three = np.take_along_axis(q, _OTHERS[largest], axis=-1)
    steps = np.round(three / QUATERNION_STEP).astype(np.int32)
    return _pack(steps.reshape(len(q), -1).T, 2), largest.T.astype(np.uint8)


def decode_rotations(planes: Bytes, largest: Bytes) -> NDArray[np.float32]:
    """Return rotations (N, 23, 4) float32, unit, from `encode_rotations`."""
    out = np.zeros((largest.shape[1], N_JOINTS, 4), dtype=np.float32)
    out[..., 0] = 1.0
    # Joint by joint everything stays in the processor's cache: a third of the time.
    for k, (joint, lead_at) in enumerate(zip(STORED_JOINTS, largest, strict=True)):
        three = _unpack(planes[:, 3 * k : 3 * k + 3]).astype(np.float32) * np.float32(QUATERNION_STEP)
        first, second, third = three
        lead = np.sqrt(np.maximum(0.0, 1.0 - (first * first + second * second + third * third)))
        # Where component i is the largest, the others stand around it in order.
        out[:, joint, 0] = np.where(lead_at == 0, lead, first)
        out[:, joint, 1] = np.where(lead_at == 0, first, np.where(lead_at == 1, lead, second))
        out[:, joint, 2] = np.where(lead_at == 3, third, np.where(lead_at == 2, lead, second))
        out[:, joint, 3] = np.where(lead_at == 3, lead, third)
    return out


def encode_root(root_position_m: Array) -> Bytes:
    """Return planes (3, 3, N) of a path (N, 3), in steps of 0.1 mm."""
    return _pack(np.round(np.asarray(root_position_m, dtype=np.float64).T / ROOT_STEP_M).astype(np.int32), 3)


def decode_root(planes: Bytes) -> NDArray[np.float32]:
    """Return the path (N, 3) float32 from `encode_root`."""
    out: NDArray[np.float32] = (_unpack(planes).T * ROOT_STEP_M).astype(np.float32)
    return np.ascontiguousarray(out)


_OTHERS: Final = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
"""Row k: the components that are not component k."""


def _pack(channels: NDArray[np.int32], n_planes: int) -> Bytes:
    steps = np.diff(channels, axis=1, prepend=np.zeros((len(channels), 1), np.int32))
    # Zig-zag: small steps of either sign get a small number, so that the high planes are nearly all zeros.
    folded = (steps << 1) ^ (steps >> 31)
    if folded.max(initial=0) >= 256**n_planes:
        raise ValueError(f"a step of {folded.max() // 2} does not fit in {n_planes} bytes")
    return np.stack([(folded >> 8 * plane) & 255 for plane in range(n_planes)]).astype(np.uint8)


def _unpack(planes: Bytes) -> NDArray[np.int32]:
    folded = sum((plane.astype(np.int32) << 8 * i for i, plane in enumerate(planes)), np.int32(0))
    steps = (folded >> 1) ^ -(folded & 1)
    return np.cumsum(steps, axis=1, dtype=np.int32)
