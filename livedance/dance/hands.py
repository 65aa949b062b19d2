"""One hand pose per beat and hand: relaxed, fist, flat, point or spread, by what the arm does, role and style."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import chance
from livedance.dance.direction import Role
from livedance.dance.life import LifeContext
from livedance.dance.window import LEAD_IN, Motion
from livedance.messages import SAMPLES_PER_BEAT, Hand

Array = NDArray[np.floating]


class Arm(IntEnum):
    """What an arm does on a beat."""

    LOW = 0
    UP = 1
    OUT = 2
    BENT = 3


Weights = tuple[float, float, float, float, float]

POSES: Final[Mapping[Arm, Weights]] = {
    Arm.LOW: (1.0, 0.0, 0.0, 0.0, 0.0),
    Arm.UP: (0.10, 0.15, 0.20, 0.25, 0.30),
    Arm.OUT: (0.25, 0.0, 0.40, 0.10, 0.25),
    Arm.BENT: (0.35, 0.42, 0.13, 0.0, 0.10),
}
"""How likely each pose is."""
LIKED: Final[Mapping[str, Weights]] = {
    "hype": (0.7, 2.0, 0.5, 1.5, 0.7),
    "break": (1.0, 1.5, 1.5, 0.5, 1.0),
    "club": (1.0, 1.0, 0.7, 1.3, 1.3),
    "jazz": (0.8, 0.3, 1.6, 0.5, 1.6),
    "modern": (1.2, 0.2, 1.8, 0.1, 0.8),
    "salsa": (1.3, 0.3, 1.6, 0.3, 0.7),
    "indian": (0.6, 0.3, 2.0, 1.0, 0.8),
}
"""Factors by style; styles that are not named like everything alike."""
DIRECTED: Final[Mapping[Role, Weights]] = {
    Role.DROP: (0.2, 2.0, 0.6, 0.8, 2.5),
    Role.RISE: (0.6, 1.0, 1.0, 1.2, 1.5),
    Role.LOW: (4.0, 0.1, 0.7, 0.0, 0.2),
    Role.REST: (4.0, 0.3, 0.5, 0.0, 0.2),
    Role.FLOAT: (2.0, 0.3, 1.0, 0.1, 0.5),
}
"""Factors by what the slot is for."""
UP_M: Final = 0.10
"""A wrist so far over its shoulder is up."""
LOW_M: Final = -0.22
"""A wrist so far under its shoulder is low, unless its elbow is bent and it moves."""
STRAIGHT_M: Final = 0.44
"""From shoulder to wrist; 0.535 is all there is."""
FAST_M: Final = 0.4
"""Metres a beat of a bent arm that strikes."""
PROBE_SAMPLES: Final = 3
"""Samples before the beat from which an arm's speed is taken."""
KEPT_BEATS: Final = 4
"""A hand likes the same pose for so long."""
KEY: Final = 2**30 + 2**28
"""Number from which chance draws hands."""
_SHOULDERS: Final = [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]


def poses(motion: Motion, context: LifeContext, amount: float, style: str) -> NDArray[np.uint8]:
    """Return the hand poses (33, 2), left and right; they change only half-way between two beats.

    Args:
        motion: 33 rows, one lead-in row first.
        context: of this window.
        amount: share of beats on which a hand may be anything but relaxed.
        style: what is danced.
    """
    n = len(motion.root_position_m)
    out = np.zeros((n, 2), dtype=np.uint8)
    if amount <= 0.0:
        return out
    rows_beats = context.beat_start + (np.arange(n) - LEAD_IN) / SAMPLES_PER_BEAT
    beat_of = np.floor(rows_beats + 0.5 + 1e-6).astype(int)
    beat_of[:LEAD_IN] = beat_of[LEAD_IN]
    beats = np.unique(beat_of)
    on = np.clip(np.round((beats - context.beat_start) * SAMPLES_PER_BEAT).astype(int) + LEAD_IN, PROBE_SAMPLES, n - 1)
    rows = np.stack([on - PROBE_SAMPLES, on], axis=1)
    places = skeleton.forward_kinematics(motion.root_position_m[rows], motion.joint_rotations_wxyz[rows])
    for i, beat in enumerate(beats):
        for side in (0, 1):
            arm = _arm(places[i], side)
            out[beat_of == beat, side] = _pose(context, int(beat), side, arm, amount, style)
    return out


def _arm(places: Array, side: int) -> Arm:
    """Return what an arm does, from the body (2, 23, 3) just before a beat and on it."""
    wrist = places[:, skeleton.WRISTS[side]]
    reach = wrist[1] - places[1, _SHOULDERS[side]]
    stretched = float(np.linalg.norm(reach)) > STRAIGHT_M
    moved = (wrist[1] - places[1, 0]) - (wrist[0] - places[0, 0])
    fast = float(np.linalg.norm(moved)) * SAMPLES_PER_BEAT / PROBE_SAMPLES > FAST_M
    if reach[1] > UP_M:
        return Arm.UP
    if reach[1] > LOW_M and stretched:
        return Arm.OUT
    if not stretched and (fast or reach[1] > LOW_M):
        return Arm.BENT
    return Arm.LOW


def _pose(context: LifeContext, beat: int, side: int, arm: Arm, amount: float, style: str) -> Hand:
    """Return the pose of one hand on one beat: within four beats the same arm likes the same pose."""
    bar = beat // KEPT_BEATS
    taste, both, careless = _draws(context.seed, context.dancer, bar)
    draw = taste[0] if both < 0.6 else taste[side]
    weights = np.array(POSES[arm])
    weights *= LIKED.get(style, (1.0,) * 5)
    weights *= DIRECTED.get(context.direction.role, (1.0,) * 5)
    weights[Hand.RELAXED] *= 1.6 - 1.2 * context.energy
    if careless[side] > amount or weights.sum() <= 0.0:
        return Hand.RELAXED
    edges = np.cumsum(weights)
    return Hand(int(np.searchsorted(edges, draw * edges[-1], side="right")))


@lru_cache(maxsize=512)
def _draws(seed: int, dancer: int, bar: int) -> tuple[tuple[float, float], float, tuple[float, float]]:
    """Return (taste of each hand, whether both like the same, how little each cares) in [0, 1)."""
    a, b, both, c, d = chance.generator(seed, dancer, KEY + bar % 2**27).random(5).tolist()
    return (a, b), both, (c, d)
