"""Foot lock: a foot in contact stays where it is, and comes back to its motion after it is lifted.

A planted foot keeps its toe (or heel) in place; a flat one keeps its rotation too. When it is lifted, what is left
between it and its motion dies away by the polynomial of `seam`. A foot that was left too far from where its motion
has it makes a small step of its own, one foot at a time. Sequential over the samples, plain floats: 0.5 ms a window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import ik, seam, small
from livedance.dance.small import Quat, Vec
from livedance.dance.window import LEAD_IN, Feet, FootLocks, Trace

Array = NDArray[np.floating]

CONTACT_ON: Final = 0.6
CONTACT_OFF: Final = 0.4
RELEASE_S: Final = 0.12
"""A lifted foot is back in its motion after this..."""
RELEASE_M_S: Final = 2.0
"""... or, where it stood far from it, at this mean speed, but not later than a step would be."""
STEP_S: Final = 0.28
"""Time of a corrective step."""
STEP_FROM_M: Final = 0.13
"""A pinned foot this far from its motion steps after it..."""
STEP_FROM_RAD: Final = 0.6
STEP_URGENT_M: Final = 0.30
"""... and this far even while the other foot is in the air."""
STEP_HEIGHT: Final = 0.3
"""Height of a corrective step over its length; at most `STEP_HEIGHT_MAX_M`."""
STEP_HEIGHT_MAX_M: Final = 0.06
TURN_RATE_MOST: Final = 20.0
"""Radians a second that a release believes of a foot."""
SETTLE_HALF_LIFE_S: Final = 0.03
"""How fast a planted toe comes down to the floor."""
TOE_TURN_HALF_LIFE_S: Final = 0.15
"""How fast a foot that stands on its toe turns back to its motion: what it is away would else add up, lift by lift."""
TOE_REST_M: Final = 0.035
ANKLE_LEAST_M: Final = 0.06
"""The ankle is never lower than this, however the foot lies."""
_TOE: Final[Vec] = (float(ik.TOE_OFFSET_M[0]), float(ik.TOE_OFFSET_M[1]), float(ik.TOE_OFFSET_M[2]))


class Mode(IntEnum):
    """What holds a foot."""

    FREE = 0
    TOE = 1
    HEEL = 2
    FLAT = 3
    STEP = 4


_LOOSE: Final = (Mode.FREE, Mode.STEP)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a foot is."""

    ankle: Vec
    turn: Quat


@dataclass(slots=True)
class _Foot:
    """One foot while a window is computed: the only mutable thing here, gone when the window is done."""

    mode: Mode
    anchor: Vec
    held: Quat
    """Flat: the foot's rotation. Toe or heel: the turn that is added to its motion's rotation."""
    step_m: float
    now: _Place
    """As shown in the last row that was done."""
    shift: Vec = small.ZERO
    """Loose: what was left to the motion `age_s` ago, how fast it changed, and when it will be gone."""
    shift_rate: Vec = small.ZERO
    turn: Vec = small.ZERO
    turn_rate: Vec = small.ZERO
    age_s: float = 0.0
    duration_s: float = seam.DURATION_S


def lock(feet: Feet, contact: Array, before: Trace | None, row: int, step_s: float) -> tuple[Feet, FootLocks]:
    """Return the feet as they are shown, and the state of the lock at every row.

    Args:
        feet: (33 rows) where the motion has the feet, one lead-in row first.
        contact: (33, 4) left heel, left toe, right heel, right toe.
        before: the last window, or None at the start.
        row: the row of `before` that lies at the seam.
        step_s: clock time between rows.
    """
    moves = [_places(feet, side) for side in (0, 1)]
    contacts = contact.tolist()
    state = [_start(side, moves[side], contacts, before, row, step_s) for side in (0, 1)]
    rows: list[list[_Place]] = [[foot.now] * LEAD_IN for foot in state]
    locks: list[list[tuple[int, Vec, Quat, float]]] = [[_kept(foot)] * LEAD_IN for foot in state]
    for i in range(LEAD_IN, len(contacts)):
        for side, foot in enumerate(state):
            if i > LEAD_IN:
                heel, toe = contacts[i][2 * side : 2 * side + 2]
                _advance(foot, state[1 - side], moves[side][i - 1], moves[side][i], heel, toe, step_s)
            rows[side].append(foot.now)
            locks[side].append(_kept(foot))
    return _packed(rows, locks, before, row)


def _kept(foot: _Foot) -> tuple[int, Vec, Quat, float]:
    return (int(foot.mode), foot.anchor, foot.held, foot.step_m)


def _packed(
    rows: list[list[_Place]], locks: list[list[tuple[int, Vec, Quat, float]]], before: Trace | None, row: int
) -> tuple[Feet, FootLocks]:
    """Return the lists of both feet as arrays; the lead-in row is the one before the seam."""

    def both(values: list[list[Any]]) -> NDArray[Any]:
        return np.stack([np.array(side) for side in values], axis=1)

    ankle = both([[p.ankle for p in side] for side in rows])
    turned = both([[p.turn for p in side] for side in rows])
    if before is not None:
        ankle[0], turned[0] = before.feet.ankle_m[row - 1], before.feet.rotation_wxyz[row - 1]
    kept = [both([[k[field] for k in side] for side in locks]) for field in range(4)]
    return Feet(ankle_m=ankle, rotation_wxyz=turned), FootLocks(
        mode=kept[0].astype(np.int8), anchor_m=kept[1], held_wxyz=kept[2], step_m=kept[3]
    )


def _places(feet: Feet, side: int) -> list[_Place]:
    ankles, turns = feet.ankle_m[:, side].tolist(), feet.rotation_wxyz[:, side].tolist()
    return [_Place(tuple(a), tuple(t)) for a, t in zip(ankles, turns, strict=True)]


def _start(
    side: int, moves: list[_Place], contacts: list[list[float]], before: Trace | None, row: int, step_s: float
) -> _Foot:
    """Return the foot at the seam: exactly where the last window has it, or where its motion has it at the start."""
    move = moves[LEAD_IN]
    if before is None:
        foot = _Foot(Mode.FREE, move.ankle, move.turn, 0.0, move)
        heel, toe = contacts[LEAD_IN][2 * side : 2 * side + 2]
        _pin(foot, _wanted(Mode.FREE, heel, toe), move)
        return foot
    was = _places(before.feet, side)[row - 1 : row + 1]
    locks = before.locks
    foot = _Foot(
        Mode(int(locks.mode[row, side])),
        tuple(locks.anchor_m[row, side].tolist()),
        tuple(locks.held_wxyz[row, side].tolist()),
        float(locks.step_m[row, side]),
        was[1],
    )
    _measure(foot, was[0], was[1], moves[LEAD_IN - 1], move, step_s, seam.DURATION_S)
    if foot.mode == Mode.STEP:
        foot.step_m = math.hypot(foot.shift[0], foot.shift[2])
    if foot.mode in (Mode.TOE, Mode.HEEL):
        foot.held = small.multiply(was[1].turn, small.conjugate(move.turn))
    return foot


def _measure(
    foot: _Foot, was: _Place, now: _Place, move_was: _Place, move: _Place, step_s: float, duration_s: float
) -> None:
    """Begin to let go: the foot's correction, and its rate, from what is shown and what its motion has in two rows."""
    foot.age_s, foot.duration_s = 0.0, duration_s
    gap_was, gap = small.subtract(was.ankle, move_was.ankle), small.subtract(now.ankle, move.ankle)
    foot.shift, foot.shift_rate = gap, small.scale(small.subtract(gap, gap_was), 1.0 / step_s)
    turn_was = small.to_rotvec(small.multiply(was.turn, small.conjugate(move_was.turn)))
    foot.turn = small.to_rotvec(small.multiply(now.turn, small.conjugate(move.turn)))
    rate = small.scale(small.subtract(foot.turn, turn_was), 1.0 / step_s)
    foot.turn_rate = small.scale(rate, min(1.0, TURN_RATE_MOST / max(small.length(rate), 1e-9)))


def _wanted(mode: Mode, heel: float, toe: float) -> Mode:
    """Return the mode that the contacts ask for, with hysteresis against `mode`."""
    heel_on = heel > (CONTACT_OFF if mode in (Mode.HEEL, Mode.FLAT) else CONTACT_ON)
    toe_on = toe > (CONTACT_OFF if mode in (Mode.TOE, Mode.FLAT) else CONTACT_ON)
    if toe_on:
        return Mode.FLAT if heel_on else Mode.TOE
    return Mode.HEEL if heel_on else Mode.FREE


def _advance(foot: _Foot, other: _Foot, move_was: _Place, move: _Place, heel: float, toe: float, step_s: float) -> None:
    """Move one foot from the row of `move_was` to the row of `move`."""
    was = foot.now
    if foot.mode in _LOOSE:
        foot.age_s += step_s
        foot.now = _loose(foot, move)
    else:
        foot.now = _held(foot, move, step_s)
    if foot.mode == Mode.STEP and foot.age_s < foot.duration_s:
        return
    wanted = _wanted(foot.mode, heel, toe)
    if wanted == Mode.FREE and foot.mode not in _LOOSE:
        far = small.length(small.subtract(foot.now.ankle, move.ankle))
        _measure(foot, was, foot.now, move_was, move, step_s, min(STEP_S, max(RELEASE_S, far / RELEASE_M_S)))
        foot.mode = Mode.FREE
    elif wanted != Mode.FREE and _strayed(foot, other, move):
        _measure(foot, was, foot.now, move_was, move, step_s, STEP_S)
        foot.mode, foot.step_m = Mode.STEP, math.hypot(foot.shift[0], foot.shift[2])
    elif wanted != foot.mode:
        _pin(foot, wanted, move)


def _loose(foot: _Foot, move: _Place) -> _Place:
    """Return where a foot in the air is: its motion and what is left of the correction, over the floor."""
    u = min(1.0, foot.age_s / foot.duration_s)
    value, slope = seam.weights(u)
    slope *= foot.duration_s
    turn = small.add(small.scale(foot.turn, value), small.scale(foot.turn_rate, slope))
    turned = small.multiply(small.from_rotvec(turn), move.turn)
    shift = small.add(small.scale(foot.shift, value), small.scale(foot.shift_rate, slope))
    x, y, z = small.add(move.ankle, shift)
    if foot.mode == Mode.STEP:
        y += math.sin(math.pi * u) ** 2 * min(STEP_HEIGHT_MAX_M, STEP_HEIGHT * foot.step_m)
    toe_y = y + small.rotate(turned, _TOE)[1]
    return _Place((x, y + max(0.0, TOE_REST_M - toe_y, ANKLE_LEAST_M - y), z), turned)


def _held(foot: _Foot, move: _Place, step_s: float) -> _Place:
    """Return where a planted foot is; the toe comes down to the floor."""
    if foot.mode == Mode.HEEL:
        return _Place(foot.anchor, small.multiply(foot.held, move.turn))
    if foot.mode == Mode.TOE:
        left = small.to_rotvec(foot.held)
        foot.held = small.from_rotvec(small.scale(left, 0.5 ** (step_s / TOE_TURN_HALF_LIFE_S)))
    turned = foot.held if foot.mode == Mode.FLAT else small.multiply(foot.held, move.turn)
    x, y, z = foot.anchor
    foot.anchor = (x, TOE_REST_M + (y - TOE_REST_M) * 0.5 ** (step_s / SETTLE_HALF_LIFE_S), z)
    x, y, z = small.subtract(foot.anchor, small.rotate(turned, _TOE))
    return _Place((x, max(y, ANKLE_LEAST_M), z), turned)


def _strayed(foot: _Foot, other: _Foot, move: _Place) -> bool:
    """Return whether a planted foot is too far from its motion and may step now."""
    stray = math.hypot(foot.now.ankle[0] - move.ankle[0], foot.now.ankle[2] - move.ankle[2])
    if stray < STEP_FROM_M and small.angle_between(foot.now.turn, move.turn) < STEP_FROM_RAD:
        return False
    return other.mode not in _LOOSE or stray > STEP_URGENT_M


def _pin(foot: _Foot, mode: Mode, move: _Place) -> None:
    """Plant the foot where it is shown; it does not move by that."""
    foot.mode, foot.step_m = mode, 0.0
    if mode == Mode.FREE:
        return
    now = foot.now
    foot.anchor = now.ankle if mode == Mode.HEEL else small.add(now.ankle, small.rotate(now.turn, _TOE))
    foot.held = now.turn if mode == Mode.FLAT else small.multiply(now.turn, small.conjugate(move.turn))
