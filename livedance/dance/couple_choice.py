"""What each entry of the couples' table would cost now: pose and velocity of both, energy, tempo, and memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.couple_table import LOOK_AHEAD, Entries, Moments

Array = NDArray[np.floating]

POSITION_M: Final = 0.12
"""A seam this far apart, joint by joint, costs 1."""
VELOCITY: Final = 1.2
"""The same for metres a beat."""
ENERGY_PRICE: Final = 1.2
WAIT_PRICE: Final = 6.0
TEMPO_PRICE: Final = 1.5
"""Per octave between the take's tempo and the music's."""
AGAIN_PRICE: Final = 4.0
AGAIN_BEATS: Final = 128.0
"""A phrase that overlaps one danced within so many beats costs more, the more the fresher it is."""
TOO_SHORT_PRICE: Final = 50.0
LUCK: Final = 0.6


def costs(
    table: Entries,
    *,
    energy: float,
    dance_bpm: float,
    beats: int,
    now: Moments | None,
    used: Sequence[tuple[int, int, float]],
    rng: np.random.Generator,
) -> Array:
    """Return what each entry would cost (N,).

    Args:
        table: of all takes.
        energy: of the music, [0, 1].
        dance_bpm: at which clip beats will pass.
        beats: clip beats that are needed.
        now: how both stand; None at the start.
        used: (take, clip beat, dance beats ago) of the phrases danced lately.
        rng: of this choice.
    """
    cost: Array = LUCK * rng.random(len(table.take))
    cost += ENERGY_PRICE * np.abs(table.energy - energy) + WAIT_PRICE * table.waits
    cost += TEMPO_PRICE * np.abs(np.log2(dance_bpm / table.native_bpm))
    cost += TOO_SHORT_PRICE * (table.beats_left < beats)
    for take, beat, ago in used:
        near = (table.take == take) & (np.abs(table.beat - beat) < LOOK_AHEAD)
        cost[near] += AGAIN_PRICE * max(0.0, 1.0 - ago / AGAIN_BEATS)
    if now is not None:
        apart = ((table.moments.position_m - now.position_m) ** 2).sum(axis=-1).mean(axis=1)
        rush = ((table.moments.velocity - now.velocity) ** 2).sum(axis=-1).mean(axis=1)
        cost += apart / POSITION_M**2 + rush / VELOCITY**2
    return cost
