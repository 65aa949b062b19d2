"""The figures that a network knows: codes of two beats each that were danced, and which of them comes next.

Codes drawn at random lie mostly between those that were ever danced, and are danced without conviction. So a dance is
led through codes of real dance: those that the network expects after what it sees, of the style and energy that are
asked for, and, for some beats, as they followed each other. What comes out is the network's, from its own history.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.conditions import N_BEATS, STYLES
from livedance.errors import ModelError
from livedance.paths import model_dir

Array = NDArray[np.floating]

FILE: Final = "figures.npz"
EXPECTED_COST: Final = 0.8
"""For each nat by which a figure is less likely than what the network expects..."""
EXPECTED_MOST: Final = 60.0
"""... up to so many."""
ENERGY_COST: Final = 16.0
TEMPO_COST: Final = 8.0
"""For each octave between a figure's own tempo and the dance's, beyond `TEMPO_FREE`."""
TEMPO_FREE: Final = 0.3
CRISP_COST: Final = 3.0
"""For a figure without stops on its beats, against one that stops dead on them."""
TURN_COST: Final = 2.0
"""For each radian squared by which a figure turns otherwise than is needed..."""
WAY_COST: Final = 6.0
"""... and for each metre squared by which it goes elsewhere."""
AGAIN_COST: Final = 8.0
"""For a figure that was begun just now..."""
AGAIN_BEATS: Final = 48.0
"""... falling to 1/e after so many beats."""
CLIP_COST: Final = 1.5
HELD_COST: Final = 4.0
"""For a figure whose arms hold a partner, who is not there."""
CHANCE: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """A table of figures; row i + 1 follows row i where `goes_on`."""

    codes: NDArray[np.float32]
    """(N, N_BEATS, codes)"""
    style: NDArray[np.uint8]
    energy: NDArray[np.float32]
    bpm: NDArray[np.float32]
    crisp: NDArray[np.float32]
    """[0, 1]"""
    path: NDArray[np.float32]
    """(N, 3) turn, left, ahead."""
    clip: NDArray[np.int16]
    goes_on: NDArray[np.bool_]
    is_held: NDArray[np.bool_]
    """Whether it was danced in the arms of a partner."""

    @classmethod
    @cache
    def shipped(cls, folder: Path | None = None) -> Figures:
        """Return the figures beside the network; read once. Raises `ModelError`."""
        path = (model_dir("dance") if folder is None else folder) / FILE
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays: dict[str, Any] = {name: archive[name] for name in archive.files}
            kinds = {"style": np.uint8, "clip": np.int16, "goes_on": np.bool_, "is_held": np.bool_}
            found = cls(**{name: value.astype(kinds.get(name, np.float32)) for name, value in arrays.items()})
        except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"the figures in {path} cannot be read ({error}): reinstall livedance") from error
        if found.codes.ndim != 3 or found.codes.shape[1] != N_BEATS:
            raise ModelError(f"the figures in {path} are none of this livedance: reinstall it")
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sought:
    """What the next figure should be."""

    mean: Array
    """(N_BEATS, codes) that the network expects..."""
    spread: Array
    shares: Mapping[str, float]
    """Style -> share; {"": 1.0} takes any."""
    energy: float
    bpm: float
    path: tuple[float, float, float] | None
    beat: float
    begun: tuple[tuple[int, float], ...] = ()
    """Rows that were begun, and on which dance beats."""


def choose(table: Figures, sought: Sought, rng: np.random.Generator) -> int:
    """Return the row of the best figure; chance decides among near equals."""
    rows = np.arange(len(table.style))
    if "" not in sought.shares:
        names = [STYLES.index(name) for name in sought.shares]
        rows = np.flatnonzero(np.isin(table.style, names))
    apart = (table.codes[rows] - sought.mean) / sought.spread
    nats = 0.5 * np.einsum("nbc,nbc->n", apart, apart)
    cost = EXPECTED_COST * np.minimum(nats - nats.min(), EXPECTED_MOST)
    cost = cost + ENERGY_COST * (table.energy[rows] - sought.energy) ** 2
    cost += TEMPO_COST * np.maximum(np.abs(np.log2(sought.bpm / table.bpm[rows])) - TEMPO_FREE, 0.0)
    cost += CRISP_COST * (1.0 - table.crisp[rows]) + HELD_COST * table.is_held[rows]
    if sought.path is not None:
        off = table.path[rows] - np.array(sought.path)
        cost += TURN_COST * off[:, 0] ** 2 + WAY_COST * (off[:, 1:] ** 2).sum(axis=1)
    for row, beat in sought.begun:
        again = np.exp(-max(sought.beat - beat, 0.0) / AGAIN_BEATS)
        same_clip = table.clip[rows] == table.clip[row]
        cost += again * same_clip * (CLIP_COST + AGAIN_COST * (np.abs(rows - row) <= N_BEATS))
    if "" not in sought.shares:
        wanted = np.array([sought.shares[STYLES[s]] for s in table.style[rows]])
        cost -= np.log(wanted)
    cost += CHANCE * rng.gumbel(size=len(rows))
    return int(rows[np.argmin(cost)])
