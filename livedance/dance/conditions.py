"""What a dance network is told beside the dance so far: phase, energy, style, tempo, and where to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

VERSION: Final = 1
HISTORY: Final = 32
"""Samples of the dance so far: two beats."""
FUTURE: Final = 32
"""Samples that are made in one go: two beats."""
TOKEN: Final = 4
"""Samples in one token: a sixteenth note."""
N_TOKENS: Final = FUTURE // TOKEN
N_BEATS: Final = FUTURE // SAMPLES_PER_BEAT
STYLES: Final = ("club", "groove", "hype", "jazz", "modern", "salsa", "indian")
"""Styles that are learnt; "break" is all on the floor."""
TEMPO, CONFIDENCE, DAMPED, NOISE, PATH_KNOWN, TURN, LEFT, AHEAD = range(len(STYLES), len(STYLES) + 8)
"""Places of the numbers that hold for the whole window; the styles' shares stand before them."""
N_WHOLE: Final = len(STYLES) + 8
N_PER_TOKEN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What holds for a whole window."""

    style: str = ""
    """"" or one that no clip has: none is asked for."""
    bpm: float = 120.0
    confidence: float = 1.0
    """How sure the stops of the motion are to lie on the beats."""
    damped: float = 0.0
    """How stiff the dancer is, [0, 1]."""
    path: tuple[float, float, float] | None = None
    """Radians to turn, metres to go to the left and ahead within the two beats; None: as the dance has it."""


def whole(asked: Whole, noise: float = 0.0) -> NDArray[np.float32]:
    """Return the numbers (N_WHOLE,) of a window; `noise` says how much the history is blurred."""
    out = np.zeros(N_WHOLE, np.float32)
    if asked.style in STYLES:
        out[STYLES.index(asked.style)] = 1.0
    out[TEMPO] = np.log2(asked.bpm / 120.0)
    out[CONFIDENCE], out[DAMPED], out[NOISE] = asked.confidence, asked.damped, noise
    if asked.path is not None:
        out[PATH_KNOWN] = 1.0
        out[[TURN, LEFT, AHEAD]] = asked.path
    return out


def per_token(first_beat: float, energy: Array | float) -> NDArray[np.float32]:
    """Return the numbers (N_TOKENS, N_PER_TOKEN) of the tokens of a window that begins at `first_beat`.

    The phase is that of a token's first sample; `energy` is one number or (N_TOKENS,), in [0, 1].
    """
    angle = 2.0 * np.pi * (first_beat + np.arange(N_TOKENS) * TOKEN / SAMPLES_PER_BEAT)
    energy = np.broadcast_to(np.asarray(energy) - 0.5, N_TOKENS)
    stacked = [np.cos(angle), np.sin(angle), np.cos(2.0 * angle), np.sin(2.0 * angle), energy]
    return np.stack(stacked, axis=-1).astype(np.float32)
