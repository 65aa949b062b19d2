"""Shapes of formations: places of n >= 2 dancers, neighbours about 1 apart, the middle near the origin.

x is the dancers' left, z towards the audience.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

DANCERS_MOST: Final = 8


def line(n: int) -> Array:
    """A line along the front; of many every other one steps back."""
    x = np.arange(n) - 0.5 * (n - 1)
    return np.stack([x, np.where(np.arange(n) % 2 == 1, -0.6, 0.0) * (n > 5)], axis=1)


def rows(n: int) -> Array:
    """Two rows, the back one in the gaps of the front one."""
    if n == 2:
        return line(n)
    front = n // 2 if n > 3 else (n + 1) // 2
    back = n - front
    x = np.concatenate([np.arange(front) - 0.5 * (front - 1), np.arange(back) - 0.5 * (back - 1)])
    if front == back:
        x += np.repeat([-0.25, 0.25], front)
    return np.stack([1.1 * x, np.repeat([0.5, -0.5], [front, back])], axis=1)


def wedge(n: int) -> Array:
    """An arrow towards the audience."""
    if n % 2:
        rank, side = (np.arange(n) + 1) // 2, np.where(np.arange(n) % 2 == 1, 1.0, -1.0)
        shape = np.stack([side * 0.75 * rank, -0.7 * rank], axis=1)
    else:
        rank, side = np.arange(n) // 2, np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
        shape = np.stack([side * (0.5 + 0.75 * rank), -0.7 * rank], axis=1)
    return _centred(shape)


def arc(n: int) -> Array:
    """A half circle that is open to the audience, from the dancers' right to their left."""
    angle = np.linspace(-1.0, 1.0, n) * math.radians(min(80.0, 25.0 * (n - 1)))
    radius = 0.5 / math.sin(0.5 * (angle[1] - angle[0]))
    return _centred(np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=1))


def circle(n: int) -> Array:
    """All round, turned so that those behind are seen between those in front."""
    if n == 2:
        return line(n)
    angle = 2.0 * math.pi * (np.arange(n) + 0.25) / n
    radius = 0.5 / math.sin(math.pi / n)
    return radius * np.stack([1.4 * np.cos(angle), np.sin(angle)], axis=1)


def diagonal(n: int) -> Array:
    """From the back on the dancers' right to the front on their left; of eight two such lines."""
    i = np.arange(n) - 0.5 * (n - 1)
    if n < DANCERS_MOST:
        return np.stack([0.87 * i, 0.5 * i], axis=1)
    along, second = np.arange(n) // 2 - 1.5, np.arange(n) % 2 - 0.5
    return np.stack([1.2 * along + 0.6 * second, 0.4 * along - 1.0 * second], axis=1)


def solo(n: int) -> Array:
    """The first alone in front, the rest behind."""
    rest = line(n - 1) if n > 2 else np.array([[-0.5, 0.0]])
    return np.concatenate([[[0.5 if n == 2 else 0.0, 1.5]], rest])


def call(n: int) -> Array:
    """Two groups that face each other's way: the even ones on the dancers' right, the odd ones on their left."""
    block = np.array([[0.8, 0.6], [1.75, 0.3], [1.3, -0.7], [2.25, -0.9]])
    i = np.arange(n)
    out: Array = block[i // 2] * np.stack([np.where(i % 2 == 0, -1.0, 1.0), np.ones(n)], axis=1)
    return out


def _centred(shape: Array) -> Array:
    out: Array = shape - 0.5 * (shape.max(axis=0) + shape.min(axis=0))
    return out


SHAPES: Final[dict[str, Callable[[int], Array]]] = {
    "unison": rows,
    "mirror": arc,
    "canon": line,
    "individuals": circle,
    "call": call,
    "solo": solo,
    "couple": rows,
    "line": line,
    "wedge": wedge,
    "circle": circle,
    "arc": arc,
    "rows": rows,
    "diagonal": diagonal,
}
"""By the names that `Controls.formation` takes; of couples the middles."""
