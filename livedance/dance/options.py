"""What a configuration decides about the dance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livedance.config import LiveConfig
from livedance.dance import style_table
from livedance.dance.choreographer import StylePicker
from livedance.dance.generator import WindowRequest
from livedance.dance.library import style_names
from livedance.dance.life import LifeParts
from livedance.dance.performer import ALIVE
from livedance.dance.style_table import StyleTable


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
        pick_style=_picker(table_for(config)),
        life=LifeParts(**config.life.model_dump()),
        is_choreographed=config.dance.choreographer,
    )


def table_for(config: LiveConfig) -> StyleTable:
    """Return the style table of a configuration, or the one that ships; raises `ConfigError` or `FileError`."""
    path = config.dance.style_table
    return style_table.load(None if path is None else Path(path), style_names())


def _picker(table: StyleTable) -> StylePicker:
    def pick(request: WindowRequest, styles: Sequence[str], rng: np.random.Generator) -> str:
        follows = request.style in ("", style_table.AUTO)
        if follows and not request.auto_style:
            return style_table.pick(table.mix(request.sounds), styles, rng)
        wished = request.auto_style if follows else request.style
        return style_table.pick(style_table.parse(wished), styles, rng)

    return pick
