"""Foot contacts by height and speed with hysteresis, heel and toe apart, and the floor they define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton

Array = NDArray[np.floating]

REST_HEIGHT_M: Final = np.array([skeleton.SOLE_TO_ANKLE_M, 0.035] * 2)
"""Height of heel (ankle joint) and toe joint over the floor with a flat foot, in the order of `CONTACT_JOINTS`."""

GRAVITY_M_S2: Final = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A contact begins when low and slow, and ends when high or fast."""

    on_height_m: float = 0.035
    off_height_m: float = 0.06
    on_speed_m_s: float = 0.35
    off_speed_m_s: float = 0.75
    shortest_s: float = 0.1


def floor_height(positions_m: Array) -> float:
    """Return the height (m) that the floor has in a clip: where slow, low feet stand, in the median."""
    feet = positions_m[:, skeleton.CONTACT_JOINTS, 1] - REST_HEIGHT_M
    low = np.minimum(np.minimum(feet[:, 0], feet[:, 1]), np.minimum(feet[:, 2], feet[:, 3]))
    base = np.percentile(low, 25)
    standing = low[np.abs(low - base) < 0.03]
    return float(np.median(standing))


def contacts(positions_m: Array, fps: float, thresholds: Thresholds | None = None) -> Array:
    """Return contacts (T, 4) of 0 or 1 for positions (T, 23, 3) over a floor at y = 0."""
    limits = thresholds or Thresholds()
    feet = positions_m[:, skeleton.CONTACT_JOINTS]
    height = feet[..., 1] - REST_HEIGHT_M
    # Rigs differ in how a flat foot points: each joint's own low level counts, within reason.
    height = height - np.clip(np.percentile(height, 5, axis=0), -0.02, 0.05)
    velocity = np.gradient(feet, axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1)
    begins = (height < limits.on_height_m) & (speed < limits.on_speed_m_s)
    ends = (height > limits.off_height_m) | (speed > limits.off_speed_m_s)
    state = np.zeros_like(begins)
    now = begins[0]
    for t in range(len(state)):
        now = np.where(now, ~ends[t], begins[t])
        state[t] = now
    shortest = max(round(limits.shortest_s * fps), 1)
    return np.stack([_drop_short(state[:, k], shortest) for k in range(4)], axis=1).astype(np.float64)


def airborne(positions_m: Array, fps: float) -> NDArray[np.bool_]:
    """Return (T,) True while the whole body flies: nothing touches and the trunk falls freely.

    Height alone would call a slow rise onto the toes, or a lift by a partner, a flight; so the height of the hips over
    the span must bend down by at least half of gravity.
    """
    feet = positions_m[:, skeleton.CONTACT_JOINTS, 1] - REST_HEIGHT_M
    up = (feet.min(axis=1) > 0.03) & (positions_m[..., 1].min(axis=1) > 0.05)
    flying = np.zeros(len(up), dtype=bool)
    for start, stop in runs(up):
        if stop - start >= 4 and _fall(positions_m[start:stop, 0, 1], fps) > 0.5 * GRAVITY_M_S2:
            flying[start:stop] = True
    return flying


def _fall(height: Array, fps: float) -> float:
    """Return the downward acceleration (m/s2) of the parabola that fits heights (T,)."""
    t = np.arange(len(height)) / fps
    return float(-2.0 * np.polyfit(t, height, 2)[0])


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open spans in which `flags` (T,) is True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _drop_short(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    out = flags.copy()
    for value in (False, True):  # close short gaps first, then drop short touches
        for start, stop in runs(out == value):
            if stop - start < shortest and start > 0 and stop < len(out):
                out[start:stop] = not value
    return out
