"""What happens at the edges of phrases: fills, crashes, snare rolls, risers, the silence before a drop."""

from __future__ import annotations

from typing import Final

import numpy as np

from livedance.training.beat_music.dice import chance, pick, pick_by
from livedance.training.beat_music.feel import Hit
from livedance.training.beat_music.piece import Drum

_RUNS: Final[dict[str, tuple[Drum, ...]]] = {
    "roll": ("snare",),
    "claps": ("clap",),
    "toms": ("tom_high", "tom_mid", "tom_low"),
}
_FILLS: Final = {"roll": 1.0, "toms": 1.0, "kick out": 1.5, "stop": 0.7, "stutter": 0.6, "claps": 0.6, "break": 0.5}
_ROLLS: Final[tuple[Drum, ...]] = ("snare", "snare", "snare", "clap", "tom_mid", "rim")


def mute(hits: list[Hit], start: float, end: float) -> list[Hit]:
    """Return `hits` without those that begin in [start, end); longer ones that sound into it end at `start`."""
    return [
        hit._replace(beats=start - hit.beat) if hit.beat < start < hit.beat + hit.beats else hit
        for hit in hits
        if not start - 1e-9 <= hit.beat < end - 1e-9
    ]


def fill(hits: list[Hit], end: float, meter: int, rng: np.random.Generator) -> list[Hit]:
    """Return the drum `hits` of a bar that ends at beat `end` with its last beats played as a fill."""
    kind = pick_by(rng, _FILLS)
    length = min(float(pick(rng, (0.5, 1.0, 1.0, 2.0, 2.0, 4.0))), float(meter))
    start = end - length
    if kind == "kick out":
        return [hit for hit in hits if hit.part != "kick" or hit.beat < start - 1e-9]
    if kind == "stutter":
        return mute(hits, start, end) + _stutter(hits, start, end, rng)
    kept = mute(hits, start, end)
    if kind == "stop":
        return kept
    if kind == "break":
        return kept + _scatter(start, end, rng)
    return kept + _run(start, end, _RUNS[kind], rng)


def _run(start: float, end: float, drums: tuple[Drum, ...], rng: np.random.Generator) -> list[Hit]:
    """Return an even run over `drums`, louder towards its end, with some hits left out."""
    step = pick(rng, (0.25, 0.25, 0.25, 0.5, 1 / 3, 1 / 6))
    count = max(1, round((end - start) / step))
    gaps = float(rng.uniform(0.0, 0.35))
    return [
        Hit(start + i * step, step, drums[i * len(drums) // count], 0, 0.5 + 0.45 * i / count)
        for i in range(count)
        if rng.random() >= gaps
    ]


def _stutter(hits: list[Hit], start: float, end: float, rng: np.random.Generator) -> list[Hit]:
    """Return what is played in the first half or quarter beat after `start`, again and again."""
    piece = pick(rng, (0.25, 0.5))
    caught = [hit for hit in hits if start - 1e-9 <= hit.beat < start + piece - 1e-9]
    repeats = int((end - start) / piece + 1e-6)
    return [hit._replace(beat=hit.beat + i * piece) for i in range(repeats) for hit in caught]


def _scatter(start: float, end: float, rng: np.random.Generator) -> list[Hit]:
    """Return a chopped break: kicks and snares anywhere on the sixteenths."""
    steps = np.arange(start, end - 1e-9, 0.25)
    drums: tuple[Drum, ...] = ("kick", "snare", "snare", "hat", "tom_low")
    return [
        Hit(float(beat), 0.25, pick(rng, drums), 0, float(rng.uniform(0.4, 0.95)))
        for beat in steps
        if rng.random() < 0.65
    ]


def build(start: float, end: float, meter: int, rng: np.random.Generator) -> list[Hit]:
    """Return a build-up in [start, end): a roll whose rate doubles towards the end, and often a riser.

    The rates are quarters, eighths, sixteenths, thirty-seconds; not every build has them all. Some have no roll.
    """
    hits: list[Hit] = []
    if chance(rng, 0.85):
        hits += _accelerating(start, end, rng)
    if chance(rng, 0.75) or not hits:
        hits.append(Hit(start, end - start, "riser", 0, float(rng.uniform(0.4, 0.95))))
    if chance(rng, 0.35):
        hits += [Hit(float(beat), 0.25, "kick", 0, 0.85) for beat in np.arange(start, end - meter - 1e-9, 1.0)]
    return hits


def _accelerating(start: float, end: float, rng: np.random.Generator) -> list[Hit]:
    """Return the roll of a build: each rate lasts half as long as the one before."""
    rates = pick(rng, ((1, 2, 4, 8), (1, 2, 4), (2, 4), (2, 4, 8), (1, 1, 2, 4), (4, 4), (4, 8), (1, 2, 3, 6)))
    drums = [pick(rng, _ROLLS)] + ([pick(rng, _ROLLS)] if chance(rng, 0.3) else [])
    quiet, curve = float(rng.uniform(0.15, 0.6)), float(rng.uniform(0.7, 2.0))
    edges = [start]
    for i in range(len(rates)):
        left = end - edges[-1]
        edges.append(end if i == len(rates) - 1 else edges[-1] + max(1.0, float(round(left / 2))))
    hits: list[Hit] = []
    for rate, first, last in zip(rates, edges[:-1], edges[1:], strict=True):
        for beat in np.arange(first, min(last, end) - 1e-9, 1.0 / rate).tolist():
            loud = quiet + (0.95 - quiet) * ((beat - start) / (end - start)) ** curve
            accent = 1.0 if abs(beat - round(beat)) < 1e-6 else 0.85
            hits += [Hit(beat, 1.0 / rate, drum, 0, loud * accent) for drum in drums]
    return hits


def last_gap(meter: int, rng: np.random.Generator) -> tuple[float, bool]:
    """Return how many beats before a drop fall away (0: none), and whether everything does or only the kick."""
    if chance(rng, 0.35):
        return 0.0, True
    return min(float(meter), pick(rng, (0.5, 1.0, 1.0, 1.0, 2.0, 4.0))), chance(rng, 0.6)


def arrival(start: float, rng: np.random.Generator, *, drop: bool) -> list[Hit]:
    """Return what marks the first beat of a phrase: a crash; on a drop an impact too."""
    hits = [Hit(start, 4.0, "crash", 0, float(rng.uniform(0.5, 1.0)))]
    if drop and chance(rng, 0.85):
        hits.append(Hit(start, 4.0, "impact", 0, float(rng.uniform(0.6, 1.0))))
    return hits
