"""Which phrase comes next: one cost over all entries, lowest wins; randomness only among near equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import stage_space
from livedance.dance.transitions import ANKLES, Entries, Moment
from livedance.errors import ConfigError, near

Array = NDArray[np.floating]

AUTO: Final = "auto"
SHORT_LIST: Final = 1800
"""Entries with the best transitions; only these are looked at further."""
RECENT: Final = 40
"""Phrases that are remembered."""

POSE_M: Final = 0.10
"""Mean joint distance that costs 1."""
SPEED_M: Final = 0.22
"""Mean difference of joint velocity, metres a beat, that costs 1."""
HIPS_M: Final = 0.15
FOOT_M: Final = 0.12
"""Distance of a planted foot that costs 1: it will have to step there."""
CONTACT_COST: Final = 0.6
ENERGY_COST: Final = 14.0
TEMPO_FREE: Final = 0.22
"""Tempo ratio (log) that costs nothing: within 25 % of the native tempo."""
TEMPO_COST: Final = 14.0
FACING_COST: Final = 0.9
STAGE_COST: Final = 4.0
RECENT_COST: Final = 3.0
RECENT_PHRASES: Final = 14.0
"""Phrases after which the cost of a repetition has fallen to 1/e."""
CLIP_COST: Final = 0.9
"""For other places of a clip that was danced lately, per phrase."""
CLIP_PHRASES: Final = 8.0
ON_GAIN: Final = -0.8
"""For going on in the same clip, the best transition there is..."""
ON_MOST: Final = 3
"""... for so many phrases in a row; then going on costs."""
ON_COST: Final = 3.0
CRISP_COST: Final = 8.0
"""For a phrase without accents on its beats, against one that stops dead on them..."""
CRISP_ENOUGH: Final = 0.4
"""... or nearly so: more earns nothing, or the crispest phrase would open every show."""
SHORT_COST: Final = 4.0
STYLE_STAY: Final = 4
"""Phrases for which a style is kept before another one is as good."""
STYLE_COST: Final = 1.2
CHANCE: Final = 0.4
AUTO_COST: Final[Mapping[str, float]] = {"break": 0.5, "indian": 0.5, "modern": 0.8, "jazz": 0.3, "salsa": 0.2}
"""What `auto` charges for styles that are further from a club."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A phrase that was danced."""

    number: int
    row: int
    clip: int
    beat: int
    beats: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """What the next phrase should be."""

    number: int
    beats: int
    style: str
    energy: float
    dance_bpm: float
    moment: Moment | None
    """Pose to go on from; None at the start and over a jump."""
    facing_rad: float
    hips_xz: Array
    room: float
    recent: Sequence[Use]
    style_since: int
    """Number of the phrase with which the current style began."""


def choose(entries: Entries, wanted: Wanted, rng: np.random.Generator) -> int:
    """Return the row of the best entry; `ConfigError` for a style that nobody can dance alone."""
    rows = np.flatnonzero(_allowed(entries, wanted.style))
    cost = _transition(entries, rows, wanted.moment)
    if wanted.moment is not None and len(rows) > SHORT_LIST:
        best = np.sort(np.argpartition(cost, SHORT_LIST)[:SHORT_LIST])
        rows, cost = rows[best], cost[best]
    cost = cost + _character(entries, rows, wanted) + _stage(entries, rows, wanted) + _memory(entries, rows, wanted)
    cost += CHANCE * rng.gumbel(size=len(rows))
    return int(rows[np.argmin(cost)])


def styles_of(entries: Entries) -> list[str]:
    """Return the styles that one dancer can dance alone."""
    return [s for i, s in enumerate(entries.styles) if np.any(entries.style == i)]


def _allowed(entries: Entries, style: str) -> NDArray[np.bool_]:
    if style in ("", AUTO):
        return np.logical_not(entries.only_if_named)
    known = styles_of(entries)
    if style not in known:
        raise ConfigError(f"there is no style '{style}'{near(style, known)} There are: auto, {', '.join(known)}")
    return np.equal(entries.style, entries.styles.index(style))


def _transition(entries: Entries, rows: NDArray[np.intp], moment: Moment | None) -> Array:
    if moment is None:
        return np.zeros(len(rows))
    pose = _distance(entries.position_m[rows], moment.position_m)
    speed = _distance(entries.velocity[rows], moment.velocity)
    hips = np.abs(entries.hips_m[rows] - moment.hips_m)
    contact = np.abs(entries.contact[rows] - moment.contact).mean(axis=-1)
    cost: Array = (pose / POSE_M) ** 2 + (speed / SPEED_M) ** 2 + (hips / HIPS_M) ** 2 + CONTACT_COST * contact
    for side, ankle in enumerate(ANKLES):
        planted = float(moment.contact[2 * side : 2 * side + 2].max())
        apart = np.linalg.norm((entries.position_m[rows, ankle] - moment.position_m[ankle])[:, [0, 2]], axis=-1)
        cost += planted * (apart / FOOT_M) ** 2
    return cost


def _distance(table: NDArray[np.float32], one: Array) -> Array:
    """Return the mean distance (N,) of the joints (N, J, 3) from `one` (J, 3)."""
    apart = table - one.astype(np.float32)
    out: Array = np.sqrt(np.einsum("nji,nji->nj", apart, apart)).mean(axis=-1)
    return out


def _character(entries: Entries, rows: NDArray[np.intp], wanted: Wanted) -> Array:
    ratio = np.abs(np.log(wanted.dance_bpm / entries.native_bpm[rows]))
    cost: Array = ENERGY_COST * (entries.energy[rows] - wanted.energy) ** 2
    cost = cost + TEMPO_COST * np.maximum(ratio - TEMPO_FREE, 0.0)
    cost += CRISP_COST * (CRISP_ENOUGH - np.minimum(entries.crisp[rows], CRISP_ENOUGH))
    cost += SHORT_COST * (entries.beats_left[rows] < wanted.beats + 1)
    if wanted.style in ("", AUTO):
        by_style = np.array([AUTO_COST.get(name, 0.0) for name in entries.styles])
        cost += by_style[entries.style[rows]]
        if wanted.recent:
            stays = entries.style[rows] == entries.style[wanted.recent[-1].row]
            age = wanted.number - wanted.style_since
            cost += STYLE_COST * np.where(stays, max(0.0, age / STYLE_STAY - 1.5), max(0.0, 1.0 - age / STYLE_STAY))
    return cost


def _stage(entries: Entries, rows: NDArray[np.intp], wanted: Wanted) -> Array:
    last = min(wanted.beats, entries.path_xz.shape[1] - 1)
    path = wanted.hips_xz + stage_space.turned(entries.path_xz[rows, 1 : last + 1], wanted.facing_rad)
    over = np.maximum(np.abs(path) - wanted.room * stage_space.HOME_M, 0.0).sum(axis=-1).max(axis=-1)
    facing = wanted.facing_rad + entries.path_rad[rows, 1 : last + 1]
    out: Array = STAGE_COST * over + FACING_COST * (1.0 - np.cos(facing)).mean(axis=-1)
    return out


def _memory(entries: Entries, rows: NDArray[np.intp], wanted: Wanted) -> Array:
    clip, beat = entries.clip[rows], entries.beat[rows]
    cost = np.zeros(len(rows))
    for use in wanted.recent:
        again = (clip == use.clip) & (beat < use.beat + use.beats) & (beat + wanted.beats > use.beat)
        age = wanted.number - use.number
        cost[again] += RECENT_COST * np.exp(-age / RECENT_PHRASES)
        cost[clip == use.clip] += CLIP_COST * np.exp(-age / CLIP_PHRASES)
    if wanted.recent:
        last = wanted.recent[-1]
        goes_on = (clip == last.clip) & (beat == last.beat + last.beats)
        goes_on &= entries.mirrored[rows] == entries.mirrored[last.row]
        cost[goes_on] = ON_GAIN if _run(wanted.recent) < ON_MOST else ON_COST
    return cost


def _run(recent: Sequence[Use]) -> int:
    """Return how many phrases in a row the last clip was danced without a gap."""
    run = 1
    for earlier, later in zip(reversed(recent[:-1]), reversed(recent), strict=False):
        if earlier.clip != later.clip or earlier.beat + earlier.beats != later.beat:
            break
        run += 1
    return run
