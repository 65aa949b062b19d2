"""Footwork of an idle dancer, as a plan: weight shifts, real steps, a leg shaken out.

Footwork comes in groups of three events; one of each group is a step from the stance of this group to that of the next.
Stances are drawn about the dancer's home, so nothing drifts and nothing needs to be remembered. The first group of an
idle walks home from where the dance ended. A foot moves only while the other one carries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from livedance.dance import idle_tracks

GROUP_S: Final = 18.0
EVENT_S: Final = 6.0
"""Each event has this long; a step and its shift of the weight fit in."""
EVENT_LATEST_S: Final = 2.4
"""How late in its time an event may begin."""
SHAKE_SHARE: Final = 0.3
"""Share of groups in which a leg is shaken out."""
FOOT_S: Final = 0.66
"""Time of one foot in the air."""
STRIDE_M: Final = 0.36
TURN_RAD: Final = 0.7
"""Most that one pair of steps does on the way home, unless that takes more than `PAIRS_MOST`."""
PAIRS_MOST: Final = 6
SETTLED_S: Final = 6.4
"""When the way home begins: first the dancer comes to rest..."""
AT_ONCE_S: Final = 2.8
"""... unless it would rest in a way in which nobody stands: further than this from home, turned away, or with the feet
further apart or nearer together."""
AWAY_M: Final = 0.6
AWAY_RAD: Final = 0.8
APART_M: Final = (0.14, 0.5)
BEHIND_M: Final = 0.02
"""How far the ankles stand behind the hips."""
SHAKE_S: Final = 2.6
"""Time of a leg that is shaken out."""


@dataclass(frozen=True, slots=True)
class Stance:
    """Two feet on the floor, left then right, and the direction between them."""

    ankle_xz: tuple[tuple[float, float], tuple[float, float]]
    foot_rad: tuple[float, float]
    yaw_rad: float

    @property
    def middle(self) -> tuple[float, float]:
        """Return the place between the ankles."""
        (lx, lz), (rx, rz) = self.ankle_xz
        return (0.5 * (lx + rx), 0.5 * (lz + rz))


@dataclass(frozen=True, slots=True)
class FootMove:
    """One foot from one place to another, or lifted and put back."""

    side: int
    start_s: float
    span_s: float
    by_xz: tuple[float, float]
    by_rad: float
    is_shake: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A smooth change of one number."""

    start_s: float
    span_s: float
    to: float


@dataclass(frozen=True, slots=True)
class Group:
    """All that the feet do in `GROUP_S` seconds."""

    stance: Stance
    """At its beginning."""
    weight: float
    """At its beginning: 1 on the left foot, -1 on the right."""
    moves: tuple[FootMove, ...]
    weights: tuple[Change, ...]
    turns: tuple[Change, ...]


def stance_at(
    place_xz: tuple[float, float], yaw_rad: float, half_width_m: float, ahead_m: float, toes_rad: tuple[float, float]
) -> Stance:
    """Return a stance about `place_xz`; `ahead_m` is how far the left foot stands before the right one."""
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)

    def at(x: float, z: float) -> tuple[float, float]:
        return (place_xz[0] + x * cos + z * sin, place_xz[1] - x * sin + z * cos)

    return Stance(
        ankle_xz=(at(half_width_m, 0.5 * ahead_m - BEHIND_M), at(-half_width_m, -0.5 * ahead_m - BEHIND_M)),
        foot_rad=(yaw_rad + toes_rad[0], yaw_rad - toes_rad[1]),
        yaw_rad=yaw_rad,
    )


@lru_cache(maxsize=256)
def group(seed: int, dancer: int, number: int, start: Stance | None, first: int) -> Group:
    """Return group `number`; `start` is the stance with which the first one, group `first`, begins."""
    begin_s = number * GROUP_S
    after = _stance(seed, dancer, number + 1)
    if start is not None:
        return _homecoming(begin_s, start, after, 0.0, _weight(seed, dancer, number + 1))
    before = _stance(seed, dancer, number)
    plan = _Plan(before, _weight(seed, dancer, number))
    rng = idle_tracks.generator(seed, dancer, idle_tracks.FOOTWORK, number)
    starts = begin_s + EVENT_S * np.arange(3) + rng.uniform(0.0, EVENT_LATEST_S, 3)
    step_at = int(rng.integers(3))
    shake_at = (step_at + 1) % 3 if rng.random() < SHAKE_SHARE else -1
    rests = [*_alternating(plan.weight, rng), _weight(seed, dancer, number + 1)]
    for event, (start_s, rest) in enumerate(zip(starts.tolist(), rests, strict=True)):
        if event == step_at:
            plan.step(start_s, after, rest)
        elif event == shake_at:
            plan.shake(start_s, rest)
        else:
            plan.shift(start_s, float(rng.uniform(0.8, 1.7)), rest)
    return plan.done()


class _Plan:
    """Writes down the changes of one group; gone when the group is done."""

    def __init__(self, stance: Stance, weight: float) -> None:
        self.begun, self.stance, self.begun_weight, self.weight = stance, stance, weight, weight
        self.moves: list[FootMove] = []
        self.weights: list[Change] = []
        self.turns: list[Change] = []

    def done(self) -> Group:
        return Group(self.begun, self.begun_weight, tuple(self.moves), tuple(self.weights), tuple(self.turns))

    def shift(self, start_s: float, span_s: float, weight: float) -> None:
        self.weights.append(Change(start_s, span_s, weight))
        self.weight = weight

    def step(self, start_s: float, to: Stance, rest: float) -> float:
        """Step to another stance, the foot on the way first; returns when the second foot stands."""
        at = start_s
        self.turns.append(Change(at + 0.4, 1.8, to.yaw_rad))
        for side in _order(self.stance, to):
            onto = -0.96 if side == 0 else 0.96
            crosses = self.weight * onto < 0.0
            self.shift(at, 1.1 if crosses else 0.7, onto)
            at += 0.7 if crosses else 0.45
            (x0, z0), (x1, z1) = self.stance.ankle_xz[side], to.ankle_xz[side]
            turn = math.remainder(to.foot_rad[side] - self.stance.foot_rad[side], 2.0 * math.pi)
            self.moves.append(FootMove(side, at, FOOT_S, (x1 - x0, z1 - z0), turn))
            at += FOOT_S - 0.1
        self.shift(at + 0.05, 0.9, rest)
        self.stance = to
        return at + 0.1

    def shake(self, start_s: float, rest: float) -> None:
        side = 0 if self.weight < 0.0 else 1
        self.shift(start_s, 0.7, -0.98 if side == 0 else 0.98)
        self.moves.append(FootMove(side, start_s + 0.5, SHAKE_S, (0.0, 0.0), 0.0, is_shake=True))
        self.shift(start_s + 0.4 + SHAKE_S, 0.9, rest)


def _homecoming(begin_s: float, start: Stance, after: Stance, weight: float, rest: float) -> Group:
    """Walk from where the dance ended to the first stance at home, as many steps as it takes."""
    (x0, z0), (x1, z1) = start.middle, after.middle
    turn = math.remainder(after.yaw_rad - start.yaw_rad, 2.0 * math.pi)
    plan = _Plan(replace(start, yaw_rad=after.yaw_rad - turn), weight)
    n = math.ceil(max(math.hypot(x1 - x0, z1 - z0) / STRIDE_M, abs(turn) / TURN_RAD))
    n = min(max(n, 1), PAIRS_MOST)
    at = begin_s + (SETTLED_S if _can_rest(start) else AT_ONCE_S)
    for i in range(1, n + 1):
        share = i / n
        place = (x0 + share * (x1 - x0), z0 + share * (z1 - z0))
        over = stance_at(place, after.yaw_rad - (1.0 - share) * turn, 0.11, 0.0, (0.2, 0.2))
        at = plan.step(at, after if i == n else over, rest)
    return plan.done()


def _can_rest(stance: Stance) -> bool:
    """Return whether a dancer may stand so for a few seconds."""
    (lx, lz), (rx, rz) = stance.ankle_xz
    apart = math.hypot(lx - rx, lz - rz)
    turns = [abs(math.remainder(foot - stance.yaw_rad, 2.0 * math.pi)) for foot in stance.foot_rad]
    # How far the left foot is to the left of the right one: negative where the legs are crossed.
    beside = (lx - rx) * math.cos(stance.yaw_rad) - (lz - rz) * math.sin(stance.yaw_rad)
    return (
        math.hypot(*stance.middle) < AWAY_M
        and abs(math.remainder(stance.yaw_rad, 2.0 * math.pi)) < AWAY_RAD
        and APART_M[0] < apart < APART_M[1]
        and beside > 0.5 * apart
        and max(turns) < AWAY_RAD
    )


def _stance(seed: int, dancer: int, number: int) -> Stance:
    """Return the stance that group `number` begins in."""
    rng = idle_tracks.generator(seed, dancer, idle_tracks.STANCES, number)
    angle, far = rng.uniform(0.0, 2.0 * math.pi), 0.13 * math.sqrt(rng.random())
    yaw = rng.choice((-1.0, 1.0)) * (rng.uniform(0.3, 0.52) if rng.random() < 0.35 else rng.uniform(0.0, 0.22))
    toes = rng.uniform(0.12, 0.36, 2)
    return stance_at(
        (far * math.cos(angle), far * math.sin(angle)),
        float(yaw),
        float(rng.uniform(0.09, 0.15)),
        float(rng.uniform(-0.11, 0.11)),
        (float(toes[0]), float(toes[1])),
    )


def _weight(seed: int, dancer: int, number: int) -> float:
    """Return the weight that group `number` begins with."""
    rng = idle_tracks.generator(seed, dancer, idle_tracks.WEIGHTS, number)
    return float(rng.choice((-1.0, 1.0)) * rng.uniform(0.45, 0.8))


def _alternating(weight: float, rng: np.random.Generator) -> list[float]:
    """Return two resting weights, mostly on the other foot than before."""
    out = []
    for _ in range(2):
        side = -math.copysign(1.0, weight) if rng.random() < 0.8 else math.copysign(1.0, weight)
        weight = side * float(rng.uniform(0.2, 0.85))
        out.append(weight)
    return out


def _order(before: Stance, after: Stance) -> tuple[int, int]:
    """Return which foot goes first: the one after whose step the legs stand further apart, so that they never cross."""
    turn = math.remainder(after.yaw_rad - before.yaw_rad, 2.0 * math.pi)
    cos, sin = math.cos(before.yaw_rad + 0.5 * turn), math.sin(before.yaw_rad + 0.5 * turn)

    def apart(left: tuple[float, float], right: tuple[float, float]) -> float:
        return (left[0] - right[0]) * cos - (left[1] - right[1]) * sin

    left_first = apart(after.ankle_xz[0], before.ankle_xz[1])
    return (0, 1) if left_first > apart(before.ankle_xz[0], after.ankle_xz[1]) else (1, 0)
