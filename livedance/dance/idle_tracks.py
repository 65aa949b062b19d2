"""Slow changes of an idle body: values that are held for a while, then led over smoothly to the next.

Everything is a pure function of (seed, dancer, idle clock): slots of fixed length hold one change each, at a drawn time
of its own, so that windows that overlap agree and no history is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import chance, seam

Array = NDArray[np.floating]

CHAPTER_S: Final = 72.0
"""An idle starts at a multiple of this: every track begins anew there."""
ACTS, PAUSES, FOOTWORK, STANCES, WEIGHTS, LOOKS, POSTURES, BODY, FLOAT = range(9)
"""Streams of chance, one for each track."""
_STREAMS: Final = 16
_KEPT: Final = 256
"""Draws that are kept: those of a few dozen dancers."""


def generator(seed: int, dancer: int, stream: int, number: int) -> np.random.Generator:
    """Return the generator of draw `number` (>= -1) of one stream."""
    return chance.generator(seed, dancer, chance.IDLE + stream + _STREAMS * (number + 2))


def ease(t_s: Array, start_s: float | Array, span_s: float | Array) -> Array:
    """Return 0 before `start_s`, 1 after `start_s + span_s`, with value, rate and acceleration continuous."""
    value, _ = seam.weights(np.clip((t_s - start_s) / span_s, 0.0, 1.0))
    out: Array = 1.0 - value
    return out


def bump(u: Array) -> Array:
    """Return a smooth hill of height 1 over [0, 1], 0 outside it, with rate and acceleration 0 at both feet."""
    inside = np.clip(u, 0.0, 1.0)
    out: Array = (4.0 * inside * (1.0 - inside)) ** 3
    return out


def chain(t_s: Array, first: Array, starts_s: Array, spans_s: Array, values: Array) -> Array:
    """Return (n, ...): led from `first` to each of `values` (k, ...) in turn, at `starts_s`, within `spans_s`."""
    if not len(values):
        return np.broadcast_to(first, (len(t_s), *np.shape(first)))
    led = np.stack([first, *values])
    shares = ease(t_s[:, None], starts_s, spans_s)
    out: Array = first + np.tensordot(shares, np.diff(led, axis=0), axes=1)
    return out


def turned(a: Array, b: Array, share: Array) -> Array:
    """Return rotations led from `a` to `b`, (..., 4), by `share` (...), the way that the signs say.

    Near half a turn the short way flips from one row to the next where both move; who calls aligns the signs once.
    """
    angle = np.arccos(np.clip((a * b).sum(axis=-1), -1.0, 1.0))
    sin = np.sin(angle)
    is_safe = sin > 1e-6
    safe = np.where(is_safe, sin, 1.0)
    of_a = np.where(is_safe, np.sin((1.0 - share) * angle) / safe, 1.0 - share)
    of_b = np.where(is_safe, np.sin(share * angle) / safe, share)
    return rotations.normalise(of_a[..., None] * a + of_b[..., None] * b)


Draw: TypeAlias = Callable[[np.random.Generator], tuple[float, float, tuple[float, ...]]]
"""Draws (place of the change in its slot [0, 1], its span in seconds, the new values)."""


def held(seed: int, dancer: int, stream: int, slot_s: float, t_s: Array, draw: Draw) -> Array:
    """Return the values (n, m) of a track with one change a slot."""
    first, last = int(t_s[0] // slot_s), int(t_s[-1] // slot_s)
    drawn = [_drawn(seed, dancer, stream, n, draw) for n in range(first - 2, last + 1)]
    starts = np.array([(n + d[0]) * slot_s for n, d in zip(range(first - 1, last + 1), drawn[1:], strict=True)])
    spans = np.array([d[1] for d in drawn[1:]])
    return chain(t_s, np.array(drawn[0][2]), starts, spans, np.array([d[2] for d in drawn[1:]]))


@lru_cache(maxsize=_KEPT)
def _drawn(seed: int, dancer: int, stream: int, number: int, draw: Draw) -> tuple[float, float, tuple[float, ...]]:
    return draw(generator(seed, dancer, stream, max(number, -1)))


def wander(t_s: Array, rates_hz: tuple[float, ...], phases: Array) -> Array:
    """Return a slow movement within about [-1, 1]: sines whose periods have no common multiple within hours."""
    waves = [np.sin(2.0 * np.pi * hz * t_s + p) for hz, p in zip(rates_hz, phases, strict=True)]
    out: Array = np.sum(waves, axis=0) / 2.2
    return out
