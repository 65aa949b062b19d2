"""A style or a mix of styles as people write it: "salsa", or "club:2+jazz:1" (weights; 1 where none stands)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import Final

from livedance.errors import ConfigError, near

Mix = tuple[tuple[str, float], ...]
"""Styles with their weights: sorted by name, weights above 0, sum 1."""

AUTO: Final = "auto"
JOIN: Final = "+"
WEIGH: Final = ":"
MAX_TEXT: Final = 160
MAX_WEIGHT: Final = 1000.0


def is_mix(text: str) -> bool:
    """Whether `text` is meant as a mix rather than as one name."""
    return JOIN in text or WEIGH in text


def parse(text: str, known: Collection[str] = ()) -> Mix:
    """Return the mix that `text` describes.

    Args:
        text: NAME, NAME+NAME or NAME:WEIGHT+NAME:WEIGHT; spaces count for nothing, a name that stands twice adds up.
        known: names that there are; empty takes any name.

    Raises `ConfigError` for a name that is not known, a weight that is no positive number, and an empty part.
    """
    if len(text) > MAX_TEXT:
        raise ConfigError(f"style '{text[:24]}...' is too long: write at most {MAX_TEXT} letters")
    parts = [_part(part, text, known) for part in text.split(JOIN)]
    return normalised(parts)


def normalised(weighted: Iterable[tuple[str, float]]) -> Mix:
    """Return the weights of equal names added up, divided by their sum and sorted; those of 0 are left out."""
    total: dict[str, float] = {}
    for name, weight in weighted:
        total[name] = total.get(name, 0.0) + weight
    whole = sum(total.values())
    return tuple((name, weight / whole) for name, weight in sorted(total.items()) if weight > 0.0)


def text_of(mix: Mix) -> str:
    """Return what `parse` reads back as `mix` (weights to three digits); a single style is its name."""
    if len(mix) == 1:
        return mix[0][0]
    return JOIN.join(f"{name}{WEIGH}{weight:.3g}" for name, weight in mix)


def blend(a: str, b: str, share: float, known: Collection[str] = ()) -> str:
    """Return the text of `a` and `b` with `share` [0, 1] of b. Raises `ConfigError`."""
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    mixed = [(name, (1.0 - share) * weight) for name, weight in parse(a, known)]
    mixed += [(name, share * weight) for name, weight in parse(b, known)]
    return text_of(normalised(mixed))


def _part(part: str, text: str, known: Collection[str]) -> tuple[str, float]:
    name, weigh, number = (piece.strip() for piece in part.partition(WEIGH))
    if not name:
        raise ConfigError(f"style '{text}' has an empty part: write NAME, or a mix such as club:2+jazz:1")
    if known and name not in known:
        there = ", ".join(style for style in known if style != AUTO)
        raise ConfigError(f"there is no style '{name}'{near(name, known)} There are: {AUTO}, {there}")
    if name == AUTO:
        raise ConfigError(f"style '{text}': auto follows the music by itself and cannot be part of a mix")
    if not weigh:
        return name, 1.0
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not 0.0 < weight <= MAX_WEIGHT:
        raise ConfigError(f"style '{text}': the weight of '{name}' is '{number}', no number above 0: write club:2")
    return name, weight
