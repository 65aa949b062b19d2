"""What a configuration decides about the dance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livedance.config import LiveConfig
from livedance.dance import style_table
from livedance.dance.choreographer import StylePicker
from livedance.dance.generator import WindowRequest
from livedance.dance.library import style_names
from livedance.dance.life import LifeParts
from livedance.dance.performer import ALIVE


def as_wished(request: WindowRequest, styles: Sequence[str], rng: np.random.Generator) -> str:
    """Return the style that a person wished, whatever is heard."""
    del styles, rng
    return request.style


@dataclass(frozen=True, slots=True, kw_only=True)
class DanceOptions:
    """What stays as it is while the show runs."""

    pick_style: StylePicker = as_wished
    life: LifeParts = ALIVE
    is_choreographed: bool = True
    """False: the bare generator, for comparison."""


def options_for(config: LiveConfig) -> DanceOptions:
    """Return the options of a configuration; raises `ConfigError` or `FileError` for a style table that is no good."""
    return DanceOptions(
        pick_style=_picker(),
        life=LifeParts(**config.life.model_dump()),
        is_choreographed=config.dance.choreographer,
    )


def _picker() -> StylePicker:
    known = style_names()
    table = style_table.load(None, known)

    def pick(request: WindowRequest, styles: Sequence[str], rng: np.random.Generator) -> str:
        by_hand = request.style not in ("", style_table.AUTO)
        mix = style_table.parse(request.style, known) if by_hand else table.mix(request.sounds)
        return style_table.pick(mix, styles, rng)

    return pick
