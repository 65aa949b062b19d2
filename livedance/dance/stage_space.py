"""The stage: how far a dancer may go, and how a phrase is bent to bring the dancer back without sliding feet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

EDGE_M: Final = np.array([1.5, 1.0])
"""The dancer's hips never leave |x|, |z| of this."""
SOFT_M: Final = 0.35
"""Width inside the edge over which the way out gets shorter."""
HOME_M: Final = np.array([0.9, 0.55])
"""Phrases should end inside this."""
SHIFT_PER_SWING_M: Final = 0.20
"""Most that a phrase is pulled sideways per beat in which a foot is in the air."""
TURN_PER_SWING_RAD: Final = 0.45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placement:
    """Where a phrase lies on the stage; the corrections grow only while a foot is in the air."""

    yaw_rad: float
    """Turn of the clip's space at the entry."""
    pivot_xz: Array
    """(2,) hips at the entry in the clip's space."""
    place_xz: Array
    """(2,) hips at the entry on the stage."""
    turn_rad: float
    shift_xz: Array
    """(2,)"""
    progress: Array
    """(n,) share [0, 1] of the corrections that is done, per sample from the entry on."""

    def at(self, beats: Array) -> tuple[Array, Array]:
        """Return (yaw (n,), place of the pivot (n, 2)) `beats` after the entry."""
        done = np.interp(beats * SAMPLES_PER_BEAT, np.arange(len(self.progress)), self.progress)
        return self.yaw_rad + self.turn_rad * done, self.place_xz + self.shift_xz * done[:, None]


def place(
    *,
    facing_rad: float,
    hips_xz: Array,
    entry_facing_rad: float,
    entry_xz: Array,
    path_xz: Array,
    path_rad: float,
    swing: Array,
    room: float = 1.0,
) -> Placement:
    """Put a phrase at the dancer, bent towards home and the audience.

    Args:
        facing_rad: where the dancer faces now.
        hips_xz: (2,) where the dancer is now.
        entry_facing_rad: where the clip faces at the entry.
        entry_xz: (2,) where its hips are there.
        path_xz: (2,) how far the phrase goes, seen from the entry facing ahead.
        path_rad: how far it turns.
        swing: (n,) per sample, how free the freer foot is.
        room: share of the stage that may be used.
    """
    free_beats = float(swing.sum()) / SAMPLES_PER_BEAT
    end = hips_xz + turned(path_xz, facing_rad)
    home = np.clip(end, -room * HOME_M, room * HOME_M)
    wanted = 0.75 * home - end
    limit = SHIFT_PER_SWING_M * free_beats
    shift = wanted * min(1.0, limit / max(float(np.linalg.norm(wanted)), 1e-9))
    final = wrapped(facing_rad + path_rad)
    turn = float(np.clip(-0.7 * final, -TURN_PER_SWING_RAD * free_beats, TURN_PER_SWING_RAD * free_beats))
    done = np.cumsum(swing)
    progress = done / done[-1] if done[-1] > 1e-6 else np.zeros_like(done)
    return Placement(
        yaw_rad=facing_rad - entry_facing_rad,
        pivot_xz=np.asarray(entry_xz, dtype=np.float64),
        place_xz=np.asarray(hips_xz, dtype=np.float64),
        turn_rad=turn,
        shift_xz=shift,
        progress=progress,
    )


def turned(xz: Array, yaw_rad: float) -> Array:
    """Turn floor vectors (..., 2) about the vertical axis."""
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.stack([cos * xz[..., 0] + sin * xz[..., 1], cos * xz[..., 1] - sin * xz[..., 0]], axis=-1)


def wrapped(angle_rad: float) -> float:
    """Return the same direction within [-pi, pi)."""
    return float((angle_rad + np.pi) % (2.0 * np.pi) - np.pi)


def soft_edge(xz: Array, room: float = 1.0) -> Array:
    """Return floor positions (n, 2) squeezed smoothly so that none is over the edge of the room there is."""
    soft = room * SOFT_M
    inner = room * EDGE_M - soft
    over = np.maximum(np.abs(xz) - inner, 0.0)
    out: Array = np.sign(xz) * (np.minimum(np.abs(xz), inner) + soft * np.tanh(over / soft))
    return out
