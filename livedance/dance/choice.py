"""Which phrase comes next: one cost over all entries, lowest wins; randomness only among near equals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import style_mix
from livedance.dance import stage_space
from livedance.dance.arms import FITTING
from livedance.dance.direction import Role
from livedance.dance.memory import Memory
from livedance.dance.transitions import ANKLES, Entries, Moment

Array = NDArray[np.floating]

AUTO: Final = "auto"
SHORT_LIST: Final = 1800
"""Entries with the best transitions; only these are looked at further."""
LONGEST: Final = 8
"""Beats of the longest phrase."""

POSE_M: Final = 0.10
"""Mean joint distance that costs 1."""
SPEED_M: Final = 0.22
"""Mean difference of joint velocity, metres a beat, that costs 1."""
HIPS_M: Final = 0.15
FOOT_M: Final = 0.12
"""Distance of a planted foot that costs 1: it will have to step there."""
CONTACT_COST: Final = 0.6
ENERGY_COST: Final = 26.0
TEMPO_FREE: Final = 0.22
"""Tempo ratio (log) that costs nothing: within 25 % of the native tempo."""
TEMPO_COST: Final = 14.0
FACING_COST: Final = 1.8
LANDING_COST: Final = 1.2
"""For a phrase that ends turned away from the audience."""
BACK: Final = 1.0
"""1 - cos of a facing of 90 degrees: beyond it the back is turned..."""
BACK_BEATS: Final = 2
"""... which costs nothing for so many beats of a phrase."""
BACK_COST: Final = 4.0
STAGE_COST: Final = 4.0
AGAIN_S: Final = 300.0
"""A phrase does not return within this, but as the motif of its own form..."""
AGAIN_COST: Final = 40.0
"""... or where a style has nothing else: then the one that was danced longest ago."""
BORROWED_COST: Final = 1.0
"""For legs that need other arms: a whole dance comes first..."""
BORROWED_AGAIN: Final = 0.25
"""... and share of the cost of a repetition that is left when it comes with other arms."""
OTHER_SIDE_COST: Final = 4.0
"""For the mirror image of what was danced within that time."""
FAIR_COST: Final = 3.0
"""For each time that a phrase was danced more often than the others of its style."""
CLIP_COST: Final = 0.9
"""For other places of a clip that was danced lately..."""
CLIP_BEATS: Final = 48.0
"""... falling to 1/e after so many beats."""
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
DOWN_COST: Final = 60.0
"""For going to the floor by a seam: the clip's own way down and up is taken."""
LEAN_COST: Final = 60.0
"""For a dip or a lean that only a partner could hold..."""
LEAN_COS: Final = 0.85
"""... cosine of the trunk's lean from which it is one: 32 degrees."""
STILL_COST: Final = 6.0
"""For standing still over more than a beat."""
SLOW_M_PER_S: Final = 0.18
SLOW_COST: Final = 14.0
"""For a phrase with a beat that at half the tempo looks like standing: for no movement at all, nothing from
`SLOW_M_PER_S` on."""
ROLE_COST: Final = 6.0
"""For a phrase that is not what its role asks for: wide on a drop, low in a break, arms up in a build."""
THEME_MOST: Final = 14.0
"""A theme comes back from another place if the transition to its own costs more than the best by this."""
CHANCE: Final = 0.4
AUTO_COST: Final[Mapping[str, float]] = {"break": 0.5, "indian": 0.5, "modern": 0.8, "jazz": 0.3, "salsa": 0.2}
"""What `auto` charges for styles that are further from a club."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """What the next phrase should be."""

    number: int
    beat: float
    """Dance beat of its start."""
    beats: int
    """Clip beats."""
    style: str
    role: Role
    energy: float
    dance_bpm: float
    """Tempo at which the clip is shown."""
    rate: float
    """Clip beats per dance beat."""
    moment: Moment | None
    """Pose to go on from; None at the start and over a jump."""
    facing_rad: float
    hips_xz: Array
    room: float
    used: Memory
    theme: int | None
    """Row of the theme that is to return, if it was danced before."""
    is_answer: bool
    """Whether the theme returns mirrored."""


def choose(entries: Entries, wanted: Wanted, rng: np.random.Generator) -> tuple[int, float]:
    """Return the row of the best entry and what its transition costs; `ConfigError` for an unknown style."""
    rows = np.flatnonzero(_allowed(entries, wanted.style))
    joins = _transition(entries, rows, wanted.moment)
    joins = joins + LEAN_COST * (entries.needs_arms[rows] & (entries.upright[rows] < LEAN_COS))
    joins = joins + DOWN_COST * (entries.down[rows] & ~wanted.used.goes_on(entries, rows))
    if wanted.theme is not None:
        back = other_side(entries, wanted.theme) if wanted.is_answer else wanted.theme
        at = int(np.searchsorted(rows, back))
        if at < len(rows) and rows[at] == back:
            fits = joins + _stage(entries, rows, wanted)
            if fits[at] <= fits.min() + THEME_MOST:
                return back, float(joins[at])
    if wanted.moment is not None and len(rows) > SHORT_LIST:
        best = np.sort(np.argpartition(joins, SHORT_LIST)[:SHORT_LIST])
        rows, joins = rows[best], joins[best]
    cost = joins + _character(entries, rows, wanted) + _stage(entries, rows, wanted) + _memory(entries, rows, wanted)
    cost += _role(entries, rows, wanted.role) + CHANCE * rng.gumbel(size=len(rows))
    best_row = int(np.argmin(cost))
    return int(rows[best_row]), float(joins[best_row])


def other_side(entries: Entries, row: int) -> int:
    """Return the row of the mirror image of an entry."""
    same = (entries.flat == entries.flat[row]) & (entries.mirrored != entries.mirrored[row])
    return int(np.flatnonzero(same)[0])


def _role(entries: Entries, rows: NDArray[np.intp], role: Role) -> Array:
    """Return what keeps each entry from being what its role asks for."""
    out: Array = np.zeros(len(rows))
    if role == Role.DROP:
        out = 1.0 - entries.width[rows]
    elif role in (Role.LOW, Role.FLOAT, Role.REST):
        out = 0.5 * entries.width[rows] + 0.5 * np.minimum(entries.turn_rad[rows] / np.pi, 1.0)
    elif role == Role.RISE:
        out = 1.0 - entries.arms_up[rows]
    elif role == Role.FILL:
        out = 0.5 - 0.5 * np.minimum(entries.turn_rad[rows] / np.pi, 1.0)
    return ROLE_COST * out


def borrow(entries: Entries, row: int, wanted: Wanted, rng: np.random.Generator) -> int | None:
    """Return the row whose arms go with the legs of `row`; None where its own arms are to be seen.

    Others are taken over legs that hold a partner, and over a phrase that was danced not long ago.
    """
    here, _ = wanted.used.since(entries, np.array([row]), wanted.beat, wanted.beats)
    is_again = wanted.theme is None and here[0] < AGAIN_S * wanted.dance_bpm / 60.0
    if not (entries.needs_arms[row] or is_again):
        return None
    fitting = [entries.styles.index(s) for s in FITTING[entries.styles[entries.style[row]]] if s in entries.styles]
    rows = np.flatnonzero(np.isin(entries.style, fitting) & ~entries.needs_arms & ~entries.only_if_named)
    rows = rows[(entries.beats_left[rows] > wanted.beats) & (entries.clip[rows] != entries.clip[row])]
    if not len(rows):
        return None
    cost = ENERGY_COST * (entries.energy[rows] - wanted.energy) ** 2
    cost += CRISP_COST * (CRISP_ENOUGH - np.minimum(entries.crisp[rows], CRISP_ENOUGH))
    cost += STILL_COST * np.maximum(entries.still[rows] - 1, 0) + rng.gumbel(size=len(rows))
    return int(rows[np.argmin(cost)])


def _can_borrow(entries: Entries) -> NDArray[np.bool_]:
    """Return (N,) for which legs there are arms of another dance."""
    out: NDArray[np.bool_] = np.array([bool(FITTING.get(name)) for name in entries.styles])[entries.style]
    return out


def styles_of(entries: Entries) -> list[str]:
    """Return the styles that one dancer can dance alone."""
    return [s for i, s in enumerate(entries.styles) if np.any(entries.style == i)]


def _allowed(entries: Entries, style: str) -> NDArray[np.bool_]:
    if style in ("", AUTO):
        return np.logical_not(entries.only_if_named)
    known = styles_of(entries)
    # Weights of a mix are the choreographer's business; without one all of its styles may come.
    names = [name for name, _ in style_mix.parse(style, known)]
    return np.isin(entries.style, [entries.styles.index(name) for name in names])


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
    # At half the tempo a still beat takes two.
    cost += STILL_COST * np.maximum(entries.still[rows] / min(1.0, wanted.rate) - 1, 0)
    if wanted.rate < 1.0:
        slowest = entries.least_m[rows] * wanted.dance_bpm / 60.0
        cost += SLOW_COST * np.maximum(1.0 - slowest / SLOW_M_PER_S, 0.0)
    if wanted.style in ("", AUTO):
        by_style = np.array([AUTO_COST.get(name, 0.0) for name in entries.styles])
        cost += by_style[entries.style[rows]]
    return cost


def _stage(entries: Entries, rows: NDArray[np.intp], wanted: Wanted) -> Array:
    last = min(wanted.beats, entries.path_xz.shape[1] - 1)
    path = wanted.hips_xz + stage_space.turned(entries.path_xz[rows, 1 : last + 1], wanted.facing_rad)
    over = np.maximum(np.abs(path) - wanted.room * stage_space.HOME_M, 0.0).sum(axis=-1).max(axis=-1)
    facing = wanted.facing_rad + entries.path_rad[rows, 1 : last + 1]
    away = 1.0 - np.cos(facing)
    backs = np.maximum((away > BACK).sum(axis=-1) - BACK_BEATS, 0)
    ends_back = BACK_COST * (away[:, -1] > BACK)
    landing = LANDING_COST * away[:, -1] + ends_back
    out: Array = STAGE_COST * over + FACING_COST * away.mean(axis=-1) + landing + BACK_COST * backs
    return out


def _memory(entries: Entries, rows: NDArray[np.intp], wanted: Wanted) -> Array:
    used, again_beats = wanted.used, AGAIN_S * wanted.dance_bpm / 60.0
    here, other = used.since(entries, rows, wanted.beat, wanted.beats)
    cost: Array = AGAIN_COST * np.clip(1.5 - here / again_beats, 0.0, 1.0) * (here < again_beats)
    cost *= np.where(_can_borrow(entries)[rows], BORROWED_AGAIN, 1.0)
    cost += BORROWED_COST * entries.needs_arms[rows]
    cost += OTHER_SIDE_COST * np.clip(1.0 - other / again_beats, 0.0, 1.0)
    shown = used.shown(entries, rows, wanted.beats)
    cost += FAIR_COST * (shown - shown.mean())
    cost += CLIP_COST * np.exp(-np.maximum(used.clip_since(entries, rows, wanted.beat), 0.0) / CLIP_BEATS)
    on = used.goes_on(entries, rows) & (here >= again_beats)
    cost[on] += ON_GAIN if used.run < ON_MOST else ON_COST
    return cost
