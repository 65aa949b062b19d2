"""The network in `models/dance`: two beats of dance in, the next two out. Same input, same bits on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livedance import networks
from livedance.dance import conditions, pose_features
from livedance.paths import model_dir

F32 = NDArray[np.float32]

MODEL_NAME: Final = "dance"
FORMAT: Final = 1


class Answer(NamedTuple):
    """What a network says to what was danced."""

    future: F32
    """(n, FUTURE, SIZE) rows that follow."""
    mean: F32
    """(n, N_BEATS, codes) of the codes that may follow..."""
    spread: F32
    """... and how far they lie apart."""


class MotionNet:
    """The network in `models/dance`, or in the folder `path`. One thread at a time.

    Raises `ModelError` when the folder, the network or its manifest is missing, damaged or made for another livedance.
    """

    def __init__(self, path: Path | None = None) -> None:
        folder = model_dir(MODEL_NAME) if path is None else path
        wanted = {
            "format": FORMAT,
            "rows_version": pose_features.VERSION,
            "conditions_version": conditions.VERSION,
            "styles": list(conditions.STYLES),
        }
        self._session, self.codes = networks.opened(
            folder, "the dance network", wanted, _codes, "livedance train dance"
        )

    def run(self, history: F32, per_token: F32, whole: F32, chance: F32, code: F32, led: F32) -> Answer:
        """Return what follows.

        Args:
            history: (n, HISTORY, SIZE) rows of `pose_features`.
            per_token: (n, N_TOKENS, N_PER_TOKEN) of `conditions`.
            whole: (n, N_WHOLE) of `conditions`.
            chance: (n, N_BEATS, codes) in spreads: how far what is danced lies from what is expected...
            code: ... or from this (n, N_BEATS, codes)...
            led: ... where this (n, 1) is 1.
        """
        given = {
            "history": history, "per_token": per_token, "whole": whole, "chance": chance, "code": code, "led": led,
        }  # fmt: skip
        return Answer(*self._session.run(None, {k: np.asarray(v, np.float32) for k, v in given.items()}))


def _codes(session: Any) -> int:
    """Return how many numbers of chance a beat takes; raises ValueError when the graph is no dance network."""
    inputs = {i.name: tuple(i.shape)[1:] for i in session.get_inputs()}
    wanted = {
        "history": (conditions.HISTORY, pose_features.SIZE),
        "per_token": (conditions.N_TOKENS, conditions.N_PER_TOKEN),
        "whole": (conditions.N_WHOLE,),
    }
    if any(inputs.get(name) != shape for name, shape in wanted.items()) or len(inputs.get("chance", ())) != 2:
        raise ValueError(f"its inputs are {inputs}")
    return int(inputs["chance"][1])
