"""Small draws from a random generator, so that the composing code reads as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def chance(rng: np.random.Generator, share: float) -> bool:
    """Return True in `share` (0-1) of all calls."""
    return bool(rng.random() < share)


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Return one of `options`, each as likely as the others."""
    return options[int(rng.integers(len(options)))]


def pick_by(rng: np.random.Generator, weights: Mapping[T, float]) -> T:
    """Return one key of `weights`, each as likely as its weight (they need not add up to one)."""
    names = list(weights)
    edges = np.cumsum([weights[name] for name in names])
    return names[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))]


def some(rng: np.random.Generator, options: Sequence[T], low: int, high: int) -> list[T]:
    """Return `low` to `high` different members of `options` (fewer if there are fewer), in their own order."""
    count = min(len(options), int(rng.integers(low, high + 1)))
    chosen = sorted(int(i) for i in rng.permutation(len(options))[:count])
    return [options[i] for i in chosen]


def between(rng: np.random.Generator, span: tuple[float, float]) -> float:
    """Return a number from `span`, evenly."""
    return float(rng.uniform(*span))
