"""From the exact grid to played notes: swing, a drummer's habits, small random spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from livedance.training.beat_music.dice import between, chance
from livedance.training.beat_music.piece import DRUMS, F64, Note, Part

_LOOSE: Final[dict[Part, float]] = {"vocal": 18.0, "lead": 5.0, "guitar": 5.0}
"""Extra spread in ms of those who do not play on the grid."""
_MOST_MS: Final = 40.0
"""No note is played further than this from where it is written."""
_LEAST_BEATS: Final = 0.02


class Hit(NamedTuple):
    """A note on the exact grid, before anybody plays it (fields as in `Note`)."""

    beat: float
    beats: float
    part: Part
    pitch: int
    velocity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Feel:
    """How a piece is played."""

    swing: float = 0.5
    """Share of an eighth that its first sixteenth takes: 0.5 straight, 0.67 triplets."""
    shuffle: float = 0.5
    """The same for the eighths of a beat."""
    spread_ms: float = 0.0
    """Standard deviation of every note."""
    habit_ms: dict[Part, float] = field(default_factory=dict)
    """Constant lateness (early: negative) of a part."""
    accents: float = 0.0
    """Random spread of velocities, 0-0.3."""


def draw(
    rng: np.random.Generator,
    *,
    swing: tuple[float, float],
    shuffle: tuple[float, float],
    spread_ms: tuple[float, float],
) -> Feel:
    """Return a feel with numbers from these spans; snares, hats and bass get habits in proportion to the spread."""
    spread = between(rng, spread_ms)
    habits: dict[Part, float] = {}
    if chance(rng, 0.5):
        laid_back = float(rng.normal(1.5, 3.0)) * min(spread, 5.0)
        habits["snare"] = habits["rim"] = laid_back
        habits["clap"] = laid_back + float(rng.normal(0.0, 2.0))
    if chance(rng, 0.3):
        habits["hat"] = float(rng.normal(0.0, 1.2)) * spread
        habits["shaker"] = float(rng.normal(0.0, 2.0)) * spread
    if chance(rng, 0.3):
        habits["bass"] = float(rng.normal(1.0, 1.5)) * spread
    return Feel(
        swing=between(rng, swing),
        shuffle=between(rng, shuffle),
        spread_ms=spread,
        habit_ms={part: float(np.clip(ms, -25.0, 30.0)) for part, ms in habits.items()},
        accents=float(rng.uniform(0.01, 0.12)) + (0.06 if spread > 3.0 else 0.0),
    )


def swung(beats: F64, *, share: float, unit: float) -> F64:
    """Return `beats` with the middle of every `unit` beats moved to `share` of it; straight lines in between.

    `unit` 0.5 swings sixteenths, 1.0 swings eighths. Beats themselves never move.
    """
    whole = np.floor(beats / unit + 1e-9)
    part = np.clip(beats / unit - whole, 0.0, 1.0)
    moved = np.where(part < 0.5, part * 2.0 * share, share + (part - 0.5) * 2.0 * (1.0 - share))
    return (whole + moved) * unit


def perform(hits: Sequence[Hit], feel: Feel, *, bpm: float, beats: int, rng: np.random.Generator) -> tuple[Note, ...]:
    """Return the notes of `hits` as played at `bpm`, in order of time, all within [0, `beats`)."""
    if not hits:
        return ()
    written = np.array([hit.beat for hit in hits])
    ends = written + np.array([hit.beats for hit in hits])
    for unit, share in ((0.5, feel.swing), (1.0, feel.shuffle)):
        if abs(share - 0.5) > 1e-6:
            written, ends = swung(written, share=share, unit=unit), swung(ends, share=share, unit=unit)
    spread = np.array([feel.spread_ms + (_LOOSE.get(hit.part, 0.0) if feel.spread_ms > 0 else 0.0) for hit in hits])
    habit = np.array([feel.habit_ms.get(hit.part, 0.0) for hit in hits])
    late_ms = np.clip(habit + spread * rng.standard_normal(len(hits)), -_MOST_MS, _MOST_MS)
    starts = np.clip(written + late_ms * (bpm / 60_000.0), 0.0, beats - _LEAST_BEATS)
    lengths = np.maximum(np.minimum(ends, beats) - np.maximum(written, starts), _LEAST_BEATS)
    loud = np.array([hit.velocity for hit in hits]) * (1.0 + feel.accents * rng.standard_normal(len(hits)))
    loud = np.clip(loud, 0.05, 1.0)
    order = np.argsort(starts, kind="stable")
    return tuple(
        Note(
            beat=float(starts[i]),
            beats=float(min(lengths[i], beats - starts[i])),
            part=hits[i].part,
            pitch=0 if hits[i].part in DRUMS else hits[i].pitch,
            velocity=float(loud[i]),
        )
        for i in order.tolist()
    )
