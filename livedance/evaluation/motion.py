"""Does it move like a body? Jerk, sliding feet, sinking feet, stillness. Pure NumPy; positions (T, 23, 3) in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.evaluation.accents import BODY_JOINTS, joint_speed

Array = NDArray[np.floating]

FPS: Final = 30.0
"""All figures are taken at this rate: third differences grow with the frame rate."""
SKATE_HEIGHT_M: Final = 0.05
SKATE_M_PER_S: Final = 0.5
SOLE_M: Final = 0.035
"""Height of the toe joint over the sole."""
SUNK_M: Final = 0.01
FREEZE_SHARE: Final = 0.2
_TOES: Final = [skeleton.INDEX["l_toe"], skeleton.INDEX["r_toe"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """How a dance moves."""

    seconds: float
    speed_m_per_s: float
    """Mean joint speed."""
    jerk_m_per_s3: float
    """Mean over joints and time."""
    jerk_p99: float
    skate: float
    """Share of frames in which a toe under 5 cm moves sideways faster than 0.5 m/s (Lodge, after GMD)."""
    sunk: float
    """Share of frames in which a sole is more than 1 cm under the floor."""
    frozen: float
    """Share of seconds whose mean speed is under a fifth of the whole dance's."""


def body(positions_m: Array, fps: float) -> Body:
    """Return the figures of one dance."""
    positions_m = at_rate(positions_m, fps)
    jerk = np.linalg.norm(np.diff(positions_m[:, :BODY_JOINTS], n=3, axis=0), axis=-1) * FPS**3
    toes = positions_m[:, _TOES]
    sideways = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * FPS
    slides = (toes[1:, :, 1] < SKATE_HEIGHT_M) & (toes[:-1, :, 1] < SKATE_HEIGHT_M) & (sideways > SKATE_M_PER_S)
    speed = joint_speed(positions_m, FPS)
    whole = speed[: len(speed) // int(FPS) * int(FPS)].reshape(-1, int(FPS)).mean(axis=1)
    return Body(
        seconds=len(positions_m) / FPS,
        speed_m_per_s=float(speed.mean()),
        jerk_m_per_s3=float(jerk.mean()),
        jerk_p99=float(np.percentile(jerk.mean(axis=1), 99)),
        skate=float(slides.any(axis=1).mean()),
        sunk=float((toes[..., 1] - SOLE_M < -SUNK_M).any(axis=1).mean()),
        frozen=float((whole < FREEZE_SHARE * speed.mean()).mean()) if len(whole) else 0.0,
    )


def at_rate(positions_m: Array, fps: float) -> Array:
    """Return positions at `FPS`, read in straight lines between frames."""
    if fps == FPS:
        return positions_m
    source = np.arange(len(positions_m)) / fps
    wanted = np.arange(0.0, source[-1] + 1e-9, 1.0 / FPS)
    at = np.clip(np.searchsorted(source, wanted, side="right") - 1, 0, len(source) - 2)
    share = ((wanted - source[at]) * fps)[:, None, None]
    read: Array = (1 - share) * positions_m[at] + share * positions_m[at + 1]
    return read
