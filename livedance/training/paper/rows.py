"""The rows of the ablation: which parts of the paper's objective a generator learns under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from livedance.errors import ConfigError, near


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; distance from the real pose (L1) is in all of them."""

    says: str
    content: Literal["none", "mixed", "right"] = "none"
    """The global content critic: with the axes of batch and time mixed up as released, or right."""
    is_local: bool = False
    perceptual: Literal["none", "learnt", "random"] = "none"
    """The pose perceptual loss: of an ST-GCN that learnt to name styles, or of one that never learnt."""
    matching: bool = False
    penalty: bool = False


ROWS: Final = {
    "R1": Row(says="L1 only"),
    "R2": Row(says="R1 + content critic, as released", content="mixed"),
    "R2f": Row(says="R1 + content critic, fixed", content="right"),
    "R3": Row(says="R2f + local critic", content="right", is_local=True),
    "R4": Row(says="R3 + pose perceptual loss", content="right", is_local=True, perceptual="learnt"),
    "R5": Row(
        says="R4 + feature matching, gradient penalty",
        content="right", is_local=True, perceptual="learnt", matching=True, penalty=True,
    ),
    "R4r": Row(
        says="R5, ST-GCN never trained",
        content="right", is_local=True, perceptual="random", matching=True, penalty=True,
    ),
}  # fmt: skip


def row(name: str) -> Row:
    """Return the row called `name`; raises `ConfigError`."""
    if name not in ROWS:
        raise ConfigError(f"there is no row '{name}'{near(name, ROWS)}")
    return ROWS[name]
