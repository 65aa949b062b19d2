"""Formations: where several dancers stand, who goes where when that changes, and when.

Places are in stage space, x the dancers' left, z towards the audience. Nobody hides another from the front.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import walk
from livedance.dance.formation_shapes import SHAPES
from livedance.dance.walk import Journey
from livedance.errors import ConfigError, near

Array = NDArray[np.floating]

STAGE_M: Final = np.array([2.6, 1.4])
"""Homes of several dancers lie within |x|, |z| of this; the camera draws back for them."""
APART_M: Final = 0.9
"""Least distance between two homes; partners of a couple are nearer."""
PARTNER_M: Final = 0.8
SPACING_M: Final = 1.2
"""Between neighbours who move alike; with less room each they stand wider, up to `SPACING_WIDE_M`."""
SPACING_WIDE_M: Final = 1.6
EYE_M: Final = 6.5
"""How far in front of the stage's middle the audience looks from."""
SEEN_APART_M: Final = 0.42
"""Least distance between two dancers as seen from there, at the depth of the stage's middle."""
BESIDE_M: Final = 0.9
"""Least distance between two homes on their ways."""
FASTEST_M: Final = 0.8
"""Metres a beat that a home should travel at most: ways that must be faster take longer, where that helps."""
HURRY_BEATS: Final = 0.5
"""What a metre a beat over it weighs, in metres that dancers lack in distance."""
LATER_BEATS: Final = 8
"""Most that a change waits for somebody who leaves."""
ENTRY_M: Final = 1.3
"""Who comes in begins this far from everybody..."""
PASSING_BEATS: Final = 8.0
"""... for so long."""
ENTRIES: Final = 9
"""Places to come in by, along each side of the stage."""
BAR_BEATS: Final = 4
WAY_BEATS: Final = ((0.9, 4), (1.8, 6), (math.inf, 8))
"""Beats that a change takes by the longest way, metres."""
COUPLE: Final = "couple"
NAMES: Final = tuple(SHAPES)
_BENDS_M: Final = (0.25, -0.25, 0.45, -0.45, 0.7, -0.7, 1.0, -1.0)
_REPAIRS: Final = 24
_RELAXATIONS: Final = 400
_MARGIN_M: Final = 0.02
_FORBIDDEN_M2: Final = 1e6
_FAR_M: Final = 1e3
_ENOUGH_M: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who stays at a place, until they have left the stage."""

    xz: tuple[float, float]
    until_beat: float


def slots(name: str, n: int, room: float = 1.0) -> Array:
    """Return the places (n, 2) of formation `name` for up to 8 dancers; pure.

    `room` is the share of the stage that each dancer's own steps may take: under 1 dancers do not move alike and stand
    wider. The soloist of "solo" has the first place. Raises `ConfigError` for an unknown formation.
    """
    if name not in SHAPES:
        raise ConfigError(f"there is no formation '{name}'{near(name, NAMES)} There are: {', '.join(NAMES)}")
    return _slots(name, n, round(room, 3)).copy()


@lru_cache(maxsize=128)
def _slots(name: str, n: int, room: float) -> Array:
    """Return the places: a shape, each of whose points is a dancer or a couple, drawn out to the room there is."""
    aside = np.array([0.0]) if name != COUPLE or n < 2 else np.array([-0.5, 0.5])
    dancer = np.arange(n)
    point, offset = dancer // len(aside), PARTNER_M * aside[dancer % len(aside)]
    if len(aside) > n - len(aside) * (n // len(aside)) > 0:
        offset[-1] = 0.0
    count = int(point.max(initial=-1)) + 1
    shape = SHAPES[name](count) if count > 1 else np.zeros((count, 2))
    edge = STAGE_M - [float(aside.max()) * PARTNER_M, 0.0]
    spacing = min(SPACING_WIDE_M, SPACING_M + (1.0 - room) + float(np.ptp(aside)) * PARTNER_M)
    middles = shape * np.minimum(spacing, edge / np.maximum(np.abs(shape).max(axis=0, initial=0.0), 1e-9))
    return _relaxed(middles, edge, point, np.stack([offset, np.zeros(n)], axis=1))


def _relaxed(middles: Array, edge: Array, point: NDArray[np.intp], offset: Array) -> Array:
    """Return the places (n, 2) of dancers at their points' `middles` (p, 2) and `offset` (n, 2) from them.

    The points are pushed apart a little at a time until all are `APART_M` apart, seen apart, and within `edge`.
    """
    first, second = np.triu_indices(len(point), 1)
    apart = point[first] != point[second]
    first, second = first[apart], second[apart]
    middles = np.clip(middles, -edge, edge)
    for _ in range(_RELAXATIONS if len(first) else 0):
        at = middles[point] + offset
        way = at[first] - at[second]
        distance = np.linalg.norm(way, axis=1)
        seen = at[:, 0] * EYE_M / (EYE_M - at[:, 1])
        beside = seen[first] - seen[second]
        lack, hidden = APART_M + _MARGIN_M - distance, SEEN_APART_M + _MARGIN_M - np.abs(beside)
        if max(lack.max(), hidden.max()) <= 0.5 * _MARGIN_M:
            break
        push = 0.25 * np.maximum(lack, 0.0)[:, None] * way / np.maximum(distance, 1e-6)[:, None]
        push[:, 0] += 0.25 * np.maximum(hidden, 0.0) * np.where(beside >= 0.0, 1.0, -1.0)
        moved = np.zeros_like(middles)
        np.add.at(moved, point[first], push)
        np.add.at(moved, point[second], -push)
        middles = np.clip(middles + moved, -edge, edge)
    out: Array = middles[point] + offset
    return out


def assign(from_xz: Array, to_xz: Array, wanted: Mapping[int, int] | None = None) -> NDArray[np.intp]:
    """Return for each dancer (n, 2) the index of its place among (m, 2), m >= n: least total squared distance.

    Ways to such places do not cross when they are walked at the same time. `wanted` gives some dancers a place of their
    own, such as the soloist's. Exact, by shortest augmenting paths: under 1 ms for sixteen.
    Source: R. Jonker, A. Volgenant, "A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment
    Problems" (1987).
    """
    costs = ((from_xz[:, None] - to_xz[None]) ** 2).sum(axis=-1)
    for dancer, place in (wanted or {}).items():
        costs[dancer] += np.where(np.arange(len(to_xz)) == place, 0.0, _FORBIDDEN_M2)
    free = -1
    holder = np.full(len(to_xz), free)
    """Who has each place so far."""
    price, paid = np.zeros(len(to_xz)), np.zeros(len(from_xz))
    for newcomer in range(len(from_xz)):
        total = np.full(len(to_xz), np.inf)
        before = np.full(len(to_xz), free)
        """The place that the holder of each place would come from, along the cheapest chain of moves."""
        done = np.zeros(len(to_xz), dtype=bool)
        dancer, place, spent = newcomer, free, 0.0
        while dancer != free:
            offered = np.where(done, np.inf, spent + costs[dancer] - paid[dancer] - price)
            better = offered < total
            total[better], before[better] = offered[better], place
            place = int(np.where(done, np.inf, total).argmin())
            done[place], spent, dancer = True, float(total[place]), int(holder[place])
        settled = done & (holder != free)
        paid[holder[settled]] += spent - total[settled]
        paid[newcomer] += spent
        price[done] -= spent - total[done]
        while place != free:
            came_from = int(before[place])
            holder[place] = newcomer if came_from == free else holder[came_from]
            place = came_from
    places = np.empty(len(from_xz), dtype=np.intp)
    taken = np.flatnonzero(holder != free)
    places[holder[taken]] = taken
    return places


def journeys(
    from_xz: Array, to_xz: Array, beat_start: float, bar_line: float, standing: Sequence[Standing] = ()
) -> tuple[Journey, ...]:
    """Return the way of each dancer from (n, 2) to (n, 2).

    All set out together and arrive together on a downbeat, after 4 to 8 beats by the longest way: then ways from
    `assign` keep apart by themselves. Where two would still come nearer than `BESIDE_M`, one makes a bow or waits;
    where somebody who leaves is in the way, all set out a bar or two later.

    Args:
        from_xz: homes now.
        to_xz: homes then.
        beat_start: first dance beat that may still be changed.
        bar_line: dance beat of any downbeat, an integer.
        standing: others, who stay where they are.
    """
    longest = float(np.linalg.norm(to_xz - from_xz, axis=1).max(initial=0.0))
    line = round(bar_line)
    tried = []
    for beats in [beats for most, beats in WAY_BEATS if longest <= most]:
        arrival = line + math.ceil((math.ceil(beat_start) + beats - line) / BAR_BEATS) * BAR_BEATS
        for later in range(0, LATER_BEATS + 1 if standing else 1, BAR_BEATS):
            start = arrival + later - beats
            straight = [
                Journey(start_beat=start, beats=beats, start_xz=(x0, z0), end_xz=(x1, z1))
                for (x0, z0), (x1, z1) in zip(from_xz.tolist(), to_xz.tolist(), strict=True)
            ]
            lacking, ways = _kept_apart(straight, standing)
            tried.append((lacking + HURRY_BEATS * max(0.0, _fastest_m(ways) - FASTEST_M), ways))
            if tried[-1][0] <= _ENOUGH_M:
                return ways
    return min(tried, key=lambda found: found[0])[1]


def way_in(
    xz: Array, others: Sequence[Journey], standing: Sequence[Standing], beat_start: float
) -> tuple[float, float]:
    """Return where somebody who is wanted at `xz` (2,) comes in: there, or as near to it as nobody is or will pass."""
    beats = beat_start + np.arange(0.0, PASSING_BEATS, 0.25)
    paths = [walk.home_at(way, beats) for way in others]
    paths += [np.where(beats[:, None] < who.until_beat, np.array(who.xz), _FAR_M) for who in standing]
    grid = np.stack(np.meshgrid(*(np.linspace(-edge, edge, ENTRIES) for edge in STAGE_M)), axis=-1).reshape(-1, 2)
    spots = np.concatenate([xz[None], grid[np.argsort(np.linalg.norm(grid - xz, axis=1), kind="stable")]])
    room = np.full(len(spots), np.inf)
    for path in paths:
        room = np.minimum(room, np.linalg.norm(spots[:, None] - path[None], axis=-1).min(axis=1))
    free = np.flatnonzero(room >= ENTRY_M)
    x, z = spots[free[0] if len(free) else int(room.argmax())].tolist()
    return x, z


def least_distance_m(ways: Sequence[Journey]) -> Array:
    """Return how near each two dancers come on their ways, (n, n) metres; infinite with oneself."""
    beats = _moments(ways)
    homes = np.stack([walk.home_at(way, beats) for way in ways])
    out: Array = np.linalg.norm(homes[:, None] - homes[None], axis=-1).min(axis=-1)
    np.fill_diagonal(out, np.inf)
    return out


def _fastest_m(ways: Sequence[Journey]) -> float:
    """Return the greatest speed on any way, metres a beat."""
    homes = np.stack([walk.home_at(way, _moments(ways)) for way in ways])
    return 8.0 * float(np.linalg.norm(np.diff(homes, axis=1), axis=-1).max(initial=0.0))


def _moments(ways: Sequence[Journey]) -> Array:
    """Return beats over all the ways, eight to a beat."""
    first, last = min(way.start_beat for way in ways), max(way.end_beat for way in ways)
    return np.linspace(first, last, 8 * (last - first) + 1)


def _others(standing: Sequence[Standing], beats: Array) -> Array:
    """Return where (m, t, 2) those are who stay; far away when they have gone."""
    found = [np.where(beats[:, None] < who.until_beat, np.array(who.xz), _FAR_M) for who in standing]
    return np.stack(found) if found else np.zeros((0, len(beats), 2))


def _kept_apart(ways: list[Journey], standing: Sequence[Standing]) -> tuple[float, tuple[Journey, ...]]:
    """Return what the nearest two lack in distance, and the ways.

    One of the nearest two is changed again and again, until all keep apart or no change helps.
    """
    beats = _moments(ways)
    others = _others(standing, beats)
    lacking = 0.0
    for turn in range(_REPAIRS + 1 if len(ways) + len(standing) > 1 else 0):
        homes = np.stack([walk.home_at(way, beats) for way in ways])
        everybody = np.concatenate([homes, others])
        lack = _lacking_m(homes, everybody)
        lacking = float(lack.max())
        if lacking <= _ENOUGH_M or turn == _REPAIRS:
            break
        pair = np.unravel_index(int(lack.argmax()), lack.shape)
        options = [(int(i), way) for i in pair if i < len(ways) for way in (ways[int(i)], *_changes(ways[int(i)]))]
        lacks = {i: _lack_m(everybody, i, homes[i]) for i, _ in options}
        saved = [lacks[i] - _lack_m(everybody, i, walk.home_at(way, beats)) for i, way in options]
        i, way = options[int(np.argmax(saved))]
        if max(saved) <= 0.0:
            break
        ways = [way if j == i else other for j, other in enumerate(ways)]
    return lacking, tuple(ways)


def _lacking_m(homes: Array, everybody: Array) -> Array:
    """Return what dancers (n, t, 2) lack in distance to all (m, t, 2), of whom they are the first: (n, m) metres.

    Partners of a couple, who begin or end nearer than others, need not be further apart between.
    """
    near_by = np.linalg.norm(homes[:, None] - everybody[None], axis=-1)
    n = len(homes)
    wanted = np.minimum(BESIDE_M, near_by[..., 0])
    wanted[:, :n] = np.minimum(wanted[:, :n], near_by[:, :n, -1])
    out: Array = wanted - near_by.min(axis=-1)
    out[np.diag_indices(n)] = 0.0
    return out


def _changes(way: Journey) -> list[Journey]:
    """Return the same way with a bow, or with a wait before it; it still arrives on the same beat."""
    waits = [wait for wait in (0, 2, 4) if way.beats - wait >= BAR_BEATS]
    later = [replace(way, start_beat=way.start_beat + wait, beats=way.beats - wait) for wait in waits]
    return [replace(w, bend_m=bend) for w in later for bend in (0.0, *_BENDS_M)]


def _lack_m(homes: Array, i: int, mine: Array) -> float:
    """Return what dancer `i` on a way `mine` (t, 2) lacks in distance to the others and to the stage's edge."""
    others = np.delete(homes, i, axis=0)
    near_by = np.linalg.norm(others - mine[None], axis=-1).min(axis=1)
    over = np.maximum(np.abs(mine) - STAGE_M, 0.0).max()
    return float(np.maximum(BESIDE_M - near_by, 0.0).sum() + over)
