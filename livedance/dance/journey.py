"""A way over the stage: where the dancer's home is at any beat, and where the feet come down.

Everything is a function of (journey, dance beat), so windows that overlap agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import ik
from livedance.dance.footfalls import NEVER, Footfalls

Array = NDArray[np.floating]

EASE_SHARE: Final = 0.4
"""Share of a journey in which the home gathers speed, and again in which it loses it."""
EASE_MOST_BEATS: Final = 2.0
TURN_FROM_M: Final = 1.2
"""Longer ways are walked facing the way, shorter ones with side and back steps facing the audience."""
TURN_MOST_RAD: Final = math.radians(75.0)
BACK_FROM_RAD: Final = math.radians(120.0)
"""Ways that lead further from the audience than this are walked backwards."""
INTERVALS_BEATS: Final = (1.0, 0.5)
"""Between two footfalls: the first that keeps the strides short enough."""
STRIDE_MOST_M: Final = (1.05, 0.50)
"""Most that a foot travels in one swing, ahead and aside; where more is needed steps fall on half-beats."""
ASIDE_AFTER: Final = 0.3
"""How long after two footfalls aside, in intervals from the middle between them, the home passes their place."""
SWING_SHARE: Final = 0.75
"""Share of a step's interval that its foot is in the air: the rest both feet stand."""
STRIDE_LONG_M: Final = 0.7
"""From this stride on a foot rolls fully from heel to toe."""
HEEL_FROM_COS: Final = 0.4
"""A way no further off the facing than this is walked on the heels, any other on the balls."""
RISE_RAD: Final = 0.55
HEEL_RAD: Final = -0.22
BALL_RAD: Final = 0.28
LIFT_M: Final = (0.045, 0.07)
"""Height of a swing: least, and more per metre."""
HALF_WAY: Final = 0.5
"""How far the first and the last step under way have left the motion's own wandering and turning."""
LOWER_M: Final = (0.008, 0.07)
"""How much lower the hips are carried: least, and most for long steps, whose legs must reach ahead and behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A way of a dancer's home over the stage."""

    start_beat: int
    """Dance beats."""
    beats: int
    start_xz: tuple[float, float]
    end_xz: tuple[float, float]
    bend_m: float = 0.0
    """How far the way bows out to its own left in the middle."""

    @property
    def end_beat(self) -> int:
        """Dance beat of the arrival."""
        return self.start_beat + self.beats

    @property
    def distance_m(self) -> float:
        """Length of the straight way."""
        return math.dist(self.start_xz, self.end_xz)


def home_at(journey: Journey, beats: Array) -> Array:
    """Return the dancer's home (n, 2) at dance beats (n,): twice continuously differentiable."""
    share = _progress(journey, beats)[:, None]
    start, end = np.array(journey.start_xz), np.array(journey.end_xz)
    out: Array = (1.0 - share) * start + share * end
    if journey.bend_m:
        way = end - start
        left = np.array([way[1], -way[0]]) / max(journey.distance_m, 1e-9)
        out = out + journey.bend_m * (4.0 * share * (1.0 - share)) ** 2 * left
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """The footfalls of a journey and what a dancer does about them."""

    falls: Footfalls
    home_xz: Array
    """(2, K, 2) where the home is for each footfall."""
    stepping: Array
    """(2, K) from 0, the foot is where the motion itself has it (first and last), to 1, it is on the way."""
    turn_rad: float
    lower_m: float
    """How much lower the hips are carried under way."""


@lru_cache(maxsize=64)
def plan_of(journey: Journey) -> Plan:
    """Return the footfalls of `journey`; kept, as every window under way asks for them."""
    turn = _turn(journey)
    off = _way_rad(journey) - turn
    aside = math.sin(off) ** 2
    stride_most = STRIDE_MOST_M[0] + aside * (STRIDE_MOST_M[1] - STRIDE_MOST_M[0])
    for interval in INTERVALS_BEATS:
        fall_beats = journey.start_beat + interval * np.arange(1, round(journey.beats / interval) + 1)
        middle = fall_beats + (1.0 - 0.5 * SWING_SHARE) * interval
        homes = _homes(journey, middle, fall_beats + ASIDE_AFTER * interval, aside)
        strides = np.linalg.norm(homes[2:] - homes[:-2], axis=1)
        if strides.max() <= stride_most:
            break
    # The foot on the side of the way leads: the other one would have to cross it.
    lead = 1 if math.sin(off) < -0.3 else 0
    count, shape = len(fall_beats), (2, len(fall_beats) // 2 + 2)
    land, home = np.full(shape, NEVER), np.empty((*shape, 2))
    land_rad, rise, lift = np.zeros(shape), np.zeros(shape), np.full(shape, LIFT_M[0])
    stepping = np.zeros(shape)
    land[:, 0], home[:], home[:, 0] = -NEVER, journey.end_xz, journey.start_xz
    for k in range(count):
        foot, i = (lead + k) % 2, k // 2 + 1
        land[foot, i] = fall_beats[k]
        lift[foot, i] = LIFT_M[0] + LIFT_M[1] * strides[k]
        if k < count - 2:
            home[foot, i] = homes[k + 2]
            stepping[foot, i] = HALF_WAY if k in (0, count - 3) else 1.0
            long = min(1.0, strides[k] / STRIDE_LONG_M)
            land_rad[foot, i] = long * (HEEL_RAD if math.cos(off) > HEEL_FROM_COS else BALL_RAD)
            rise[foot, i] = long * RISE_RAD * (0.6 + 0.4 * math.cos(off))
    falls = Footfalls(
        land_beat=land,
        swing_beats=np.full(shape, SWING_SHARE * interval),
        rise_rad=rise,
        land_rad=land_rad,
        rest_rad=np.zeros(shape),
        lift_m=lift,
        interval_beats=interval,
    )
    return Plan(
        falls=falls, home_xz=home, stepping=stepping, turn_rad=turn, lower_m=_lower_m(float(strides.max()), aside)
    )


def _lower_m(stride_m: float, aside: float) -> float:
    """Return how much lower the hips must be so that both legs reach the ends of a step, two of which are a stride."""
    apart = (1.0 - aside) * 0.25 * stride_m + aside * 0.5 * stride_m
    return min(LOWER_M[1], LOWER_M[0] + ik.REACH_M - math.sqrt(max(ik.REACH_M**2 - apart**2, 0.0)))


def _homes(journey: Journey, middle: Array, pairs: Array, aside: float) -> Array:
    """Return the home (K + 2, 2) for every footfall, two that were there at the start first.

    A foot that goes ahead stands where the home will pass in the `middle` of its stand (beats, (K,)). Feet that go
    aside come in pairs, side and together, about the home at the mean of `pairs`: else the second would step through
    the first.
    """
    n = len(pairs) // 2 * 2
    pairs = np.concatenate([np.repeat(pairs[:n].reshape(-1, 2).mean(axis=1), 2), pairs[n:]])
    homes = (1.0 - aside) * home_at(journey, middle) + aside * home_at(journey, pairs)
    homes[-2:] = journey.end_xz
    start = np.array([journey.start_xz, journey.start_xz])
    return np.concatenate([start, homes])


def _progress(journey: Journey, beats: Array) -> Array:
    """Return the share of the way that is done: speed is gained, kept and lost smoothly."""
    ease = min(EASE_MOST_BEATS, EASE_SHARE * journey.beats)
    into = np.clip(beats - journey.start_beat, 0.0, journey.beats)
    out: Array = (ease * (_eased(into / ease) - _eased((into - journey.beats) / ease + 1.0))) / (journey.beats - ease)
    return out


def _eased(u: Array) -> Array:
    """Return the integral of a smooth rise of speed from 0 to 1 over [0, 1], which then stays 1."""
    x = np.clip(u, 0.0, 1.0)
    out: Array = x**4 * (2.5 + x * (x - 3.0)) + np.maximum(u - 1.0, 0.0)
    return out


def _way_rad(journey: Journey) -> float:
    return math.atan2(journey.end_xz[0] - journey.start_xz[0], journey.end_xz[1] - journey.start_xz[1])


def _turn(journey: Journey) -> float:
    """Return where the dancer faces on the way, radians from the audience."""
    if journey.distance_m <= TURN_FROM_M:
        return 0.0
    way = _way_rad(journey)
    if abs(way) > BACK_FROM_RAD:
        return way - math.copysign(math.pi, way)
    return max(-TURN_MOST_RAD, min(TURN_MOST_RAD, way))
