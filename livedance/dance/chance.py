"""Randomness without hidden state: one counter-based generator per (seed, dancer, phrase)."""

from __future__ import annotations

from typing import Final

import numpy as np

IDLE: Final = 2**31
"""Phrase number that stands for the idle."""
FORM: Final = 2**32
"""Added to the number of a form of the choreographer."""
DANCER: Final = 2**33
"""Phrase number of what a dancer keeps all night: its small differences from the others."""


def generator(seed: int, dancer: int, phrase: int) -> np.random.Generator:
    """Return the generator of one phrase of one dancer; the same three numbers always give the same one."""
    key = np.random.SeedSequence([seed & 0xFFFF_FFFF_FFFF_FFFF, dancer, phrase]).generate_state(2, np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
