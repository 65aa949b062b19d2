"""Where an idle dancer's feet are in a window, and the hips over them: the plan of `idle_footwork`, carried out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import idle_tracks, ik
from livedance.dance.idle_footwork import BEHIND_M, GROUP_S, SHAKE_S, Change, FootMove, Stance, group
from livedance.dance.window import Feet

Array = NDArray[np.floating]

STEP_HEIGHT_M: Final = 0.055
HEEL_UP_RAD: Final = 0.22
"""How far the heel rises over the toes in a step."""
CARRY: Final = 0.76
"""Share of the way from the middle to the carrying foot that the hips go at weight 1."""
EASY_M: Final = 0.012
"""How much lower the hips are than straight legs would let them be."""
SOFT_M: Final = 0.012
FLAT_MOST_M: Final = 0.7
"""A foot further than this to the side is stepped back anyway."""
SHAKE_HZ: Final = 2.7
SHAKE_LAG_RAD: Final = 0.9
"""How far the foot swings behind the leg."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stand:
    """What the feet and the weight do in a window."""

    feet: Feet
    contact: Array
    """(n, 4)"""
    middle_xz: Array
    """(n, 2) between the feet."""
    across_xz: Array
    """(n, 2) from the middle to the left foot."""
    weight: Array
    """(n,) 1 = on the left foot."""
    yaw_rad: Array
    """(n,) where the dancer faces."""


def stand(seed: int, dancer: int, t_s: Array, began_s: float, start: Stance) -> Stand:
    """Return the feet at idle times `t_s` (n,) of a dancer who began to idle at `began_s` in `start`."""
    first = int(began_s // GROUP_S)
    here, there = (max(first, int(t // GROUP_S)) for t in (t_s[0], t_s[-1]))
    groups = [group(seed, dancer, n, start if n == first else None, first) for n in range(here, there + 1)]
    weight = _led(t_s, groups[0].weight, [c for g in groups for c in g.weights])
    yaw = _led(t_s, groups[0].stance.yaw_rad, [c for g in groups for c in g.turns])
    return _placed(t_s, groups[0].stance, [m for g in groups for m in g.moves], weight, yaw)


def hips(turned: Array, stand: Stand, aside_m: Array, ahead_m: Array) -> Array:
    """Return where the hips (n, 3) are: over the feet that carry, as high as both legs let them easily.

    Args:
        turned: (n, 4) rotation of the hips in the world.
        stand: the feet and the weight.
        aside_m: (n,) further to the dancer's left.
        ahead_m: (n,) further to where it faces.
    """
    cos, sin = np.cos(stand.yaw_rad), np.sin(stand.yaw_rad)
    root = np.zeros((len(turned), 3))
    root[:, [0, 2]] = stand.middle_xz + (CARRY * stand.weight)[:, None] * stand.across_xz
    root[:, 0] += aside_m * cos + ahead_m * sin
    root[:, 2] += ahead_m * cos - aside_m * sin
    leg = root[:, None] + rotations.rotate(turned[:, None], ik.HIP_OFFSET_M[None]) - stand.feet.ankle_m
    flat = np.minimum(leg[..., 0] ** 2 + leg[..., 2] ** 2, FLAT_MOST_M**2)
    room = np.sqrt(ik.REACH_M**2 - flat) - leg[..., 1]
    # A soft minimum over both legs: a hard one would kick the body when the other leg becomes the shorter one.
    root[:, 1] = -EASY_M - SOFT_M * np.log(np.exp(-room / SOFT_M).sum(axis=1))
    return root


def _led(t_s: Array, first: float, changes: list[Change]) -> Array:
    starts, spans, to = (np.array([getattr(c, f) for c in changes]) for f in ("start_s", "span_s", "to"))
    return idle_tracks.chain(t_s, np.array(first), starts, spans, to)


def _placed(t_s: Array, begun: Stance, moves: list[FootMove], weight: Array, yaw: Array) -> Stand:
    n = len(t_s)
    ankle = np.empty((n, 2, 3))
    ankle[:, :, 1] = skeleton.SOLE_TO_ANKLE_M
    ankle[:, :, [0, 2]] = np.array(begun.ankle_xz)
    toes = np.tile(np.array(begun.foot_rad), (n, 1))
    pitch, contact = np.zeros((n, 2)), np.ones((n, 4))
    for move in moves:
        if move.start_s > t_s[-1]:
            continue
        side, u = move.side, (t_s - move.start_s) / move.span_s
        if move.is_shake:
            _shake(ankle[:, side], pitch[:, side], t_s - move.start_s, yaw)
        else:
            eased = idle_tracks.ease(t_s, move.start_s, move.span_s)
            ankle[:, side, 0] += eased * move.by_xz[0]
            ankle[:, side, 2] += eased * move.by_xz[1]
            toes[:, side] += eased * move.by_rad
            hill = idle_tracks.bump(u)
            ankle[:, side, 1] += STEP_HEIGHT_M * hill
            pitch[:, side] += HEEL_UP_RAD * hill
        contact[(u > 0.0) & (u < 1.0), 2 * side : 2 * side + 2] = 0.0
    tilt = rotations.from_rotvec(np.stack([pitch, 0.0 * pitch, 0.0 * pitch], axis=-1))
    turned = rotations.multiply(rotations.about_y(toes), tilt)
    flat = ankle[..., [0, 2]]
    middle = flat.mean(axis=1) + BEHIND_M * np.stack([np.sin(yaw), np.cos(yaw)], axis=-1)
    return Stand(
        feet=Feet(ankle_m=ankle, rotation_wxyz=turned),
        contact=contact,
        middle_xz=middle,
        across_xz=flat[:, 0] - flat.mean(axis=1),
        weight=weight,
        yaw_rad=yaw,
    )


def _shake(ankle: Array, pitch: Array, since_s: Array, yaw: Array) -> None:
    """Lift a foot to the front, shake it, put it back where it was."""
    up = idle_tracks.ease(since_s, 0.0, 0.75) - idle_tracks.ease(since_s, SHAKE_S - 0.8, 0.8)
    loose = idle_tracks.ease(since_s, 0.45, 0.4) - idle_tracks.ease(since_s, SHAKE_S - 1.0, 0.5)
    swing = loose * np.sin(2.0 * math.pi * SHAKE_HZ * since_s)
    reach = 0.15 * up + 0.022 * swing
    ankle[:, 0] += reach * np.sin(yaw)
    ankle[:, 2] += reach * np.cos(yaw)
    ankle[:, 1] += 0.13 * up
    pitch += 0.3 * up + 0.2 * loose * np.sin(2.0 * math.pi * SHAKE_HZ * since_s - SHAKE_LAG_RAD)
