"""Foot lock: a foot in contact stays where it is, and comes back to its motion after it is lifted.

The lock moves each foot by a correction, a translation and a turn, that is constant in the world frame of the pinned
point while a contact is on, and dies away by the spring of `seam` while the foot is in the air. A foot that was left
too far from where its motion has it makes a small step of its own. Sequential over the samples, plain floats: 0.5 ms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import ik
from livedance.dance.seam import decay_rate
from livedance.dance.window import LEAD_IN, Feet, FootLocks, Trace

Array = NDArray[np.floating]

CONTACT_ON: Final = 0.6
CONTACT_OFF: Final = 0.4
RELEASE_HALF_LIFE_S: Final = 0.045
"""Nine tenths of a released correction are gone after 100 ms."""
STEP_HALF_LIFE_S: Final = 0.07
STEP_FROM_M: Final = 0.13
"""A pinned foot this far from its motion steps after it..."""
STEP_FROM_RAD: Final = 0.6
STEP_URGENT_M: Final = 0.30
"""... and this far even while the other foot is in the air."""
STEP_UNTIL_M: Final = 0.02
STEP_HEIGHT: Final = 0.3
"""Height of a corrective step over its length; at most `STEP_HEIGHT_MAX_M`."""
STEP_HEIGHT_MAX_M: Final = 0.06
SETTLE_HALF_LIFE_S: Final = 0.03
"""How fast a planted toe comes down to the floor."""
TOE_REST_M: Final = 0.035
ANKLE_LEAST_M: Final = 0.06
"""The ankle is never lower than this, however the foot lies."""


class Mode(IntEnum):
    """What holds a foot."""

    FREE = 0
    TOE = 1
    HEEL = 2
    FLAT = 3
    STEP = 4


@dataclass(slots=True)
class _Foot:
    """One foot while a window is computed: the only mutable thing here, gone when the window is done."""

    mode: Mode
    anchor: Array
    held: Array
    step_m: float
    shift: Array = field(default_factory=lambda: np.zeros(3))
    shift_rate: Array = field(default_factory=lambda: np.zeros(3))
    turn: Array = field(default_factory=lambda: np.zeros(3))
    turn_rate: Array = field(default_factory=lambda: np.zeros(3))


def lock(feet: Feet, contact: Array, before: Trace | None, row: int, step_s: float) -> tuple[Feet, FootLocks]:
    """Return the feet as they are shown, and the state of the lock at every row.

    Args:
        feet: (33 rows) where the motion has the feet, one lead-in row first.
        contact: (33, 4) left heel, left toe, right heel, right toe.
        before: the last window, or None at the start.
        row: the row of `before` that lies at the seam.
        step_s: clock time between rows.
    """
    n = len(contact)
    toes = ik.toes_of(feet)
    ankle, turned = feet.ankle_m.copy(), feet.rotation_wxyz.copy()
    mode = np.zeros((n, 2), dtype=np.int8)
    anchor, held, step_m = np.zeros((n, 2, 3)), np.zeros((n, 2, 4)), np.zeros((n, 2))
    held[..., 0] = 1.0
    state = [_start(side, feet, toes, contact, before, row, step_s) for side in (0, 1)]
    for i in range(LEAD_IN, n):
        for side in (0, 1):
            foot, other = state[side], state[1 - side]
            if i > LEAD_IN:
                _advance(foot, other, i, side, feet, toes, contact, step_s)
            _output(foot, i, side, feet, ankle, turned)
            mode[i, side], step_m[i, side] = foot.mode, foot.step_m
            anchor[i, side], held[i, side] = foot.anchor, foot.held
    if before is not None:
        _copy_lead_in(before, row, ankle, turned, mode, anchor, held, step_m)
    return Feet(ankle_m=ankle, rotation_wxyz=turned), FootLocks(
        mode=mode, anchor_m=anchor, held_wxyz=held, step_m=step_m
    )


def _copy_lead_in(
    before: Trace,
    row: int,
    ankle: Array,
    turned: Array,
    mode: NDArray[np.int8],
    anchor: Array,
    held: Array,
    step_m: Array,
) -> None:
    ankle[0], turned[0] = before.feet.ankle_m[row - 1], before.feet.rotation_wxyz[row - 1]
    mode[0], anchor[0] = before.locks.mode[row - 1], before.locks.anchor_m[row - 1]
    held[0], step_m[0] = before.locks.held_wxyz[row - 1], before.locks.step_m[row - 1]


def _start(side: int, feet: Feet, toes: Array, contact: Array, before: Trace | None, row: int, step_s: float) -> _Foot:
    if before is None:
        foot = _Foot(Mode.FREE, toes[LEAD_IN, side].copy(), feet.rotation_wxyz[LEAD_IN, side], 0.0)
        wanted = _wanted(Mode.FREE, contact[LEAD_IN, 2 * side], contact[LEAD_IN, 2 * side + 1])
        _pin(foot, wanted, LEAD_IN, side, feet, toes)
        return foot
    was, locks = before.feet, before.locks
    foot = _Foot(
        Mode(int(locks.mode[row, side])), locks.anchor_m[row, side], locks.held_wxyz[row, side], locks.step_m[row, side]
    )
    gap = was.ankle_m[row - 1 : row + 1, side] - feet.ankle_m[LEAD_IN - 1 : LEAD_IN + 1, side]
    foot.shift, foot.shift_rate = gap[1], (gap[1] - gap[0]) / step_s
    difference = rotations.multiply(
        was.rotation_wxyz[row - 1 : row + 1, side],
        rotations.conjugate(feet.rotation_wxyz[LEAD_IN - 1 : LEAD_IN + 1, side]),
    )
    turn = rotations.to_rotvec(difference)
    foot.turn, foot.turn_rate = turn[1], np.clip((turn[1] - turn[0]) / step_s, -20.0, 20.0)
    return foot


def _wanted(mode: Mode, heel: float, toe: float) -> Mode:
    """Return the mode that the contacts ask for, with hysteresis against `mode`."""
    heel_was, toe_was = mode in (Mode.HEEL, Mode.FLAT), mode in (Mode.TOE, Mode.FLAT)
    heel_on = heel > (CONTACT_OFF if heel_was else CONTACT_ON)
    toe_on = toe > (CONTACT_OFF if toe_was else CONTACT_ON)
    if toe_on:
        return Mode.FLAT if heel_on else Mode.TOE
    return Mode.HEEL if heel_on else Mode.FREE


def _advance(
    foot: _Foot, other: _Foot, i: int, side: int, feet: Feet, toes: Array, contact: Array, step_s: float
) -> None:
    """Move the correction of one foot from row i - 1 to row i."""
    if foot.mode in (Mode.FREE, Mode.STEP):
        half_life = RELEASE_HALF_LIFE_S if foot.mode == Mode.FREE else STEP_HALF_LIFE_S
        _relax(foot, step_s, half_life)
    else:
        _hold(foot, i, side, feet, toes, step_s)
    if foot.mode == Mode.STEP and float(np.linalg.norm(foot.shift)) > STEP_UNTIL_M:
        return
    wanted = _wanted(foot.mode, contact[i, 2 * side], contact[i, 2 * side + 1])
    if wanted != Mode.FREE and _strayed(foot, other):
        foot.mode, foot.step_m = Mode.STEP, math.hypot(foot.shift[0], foot.shift[2])
    elif wanted != foot.mode:
        _pin(foot, wanted, i, side, feet, toes)


def _relax(foot: _Foot, step_s: float, half_life_s: float) -> None:
    y = decay_rate(half_life_s)
    fade = math.exp(-y * step_s)
    for name in ("shift", "turn"):
        offset, rate = getattr(foot, name), getattr(foot, f"{name}_rate")
        push = rate + y * offset
        setattr(foot, name, fade * (offset + push * step_s))
        setattr(foot, f"{name}_rate", fade * (rate - y * push * step_s))


def _hold(foot: _Foot, i: int, side: int, feet: Feet, toes: Array, step_s: float) -> None:
    """Keep the pinned point at its anchor; a flat foot also keeps its rotation."""
    last_shift, last_turn = foot.shift, foot.turn
    if foot.mode == Mode.FLAT:
        foot.turn = rotations.to_rotvec(rotations.multiply(foot.held, rotations.conjugate(feet.rotation_wxyz[i, side])))
    if foot.mode != Mode.HEEL:
        sink = 1.0 - 0.5 ** (step_s / SETTLE_HALF_LIFE_S)
        foot.anchor = foot.anchor + np.array([0.0, (TOE_REST_M - foot.anchor[1]) * sink, 0.0])
    foot.shift = foot.anchor - _point(foot, i, side, feet, toes)
    foot.shift_rate = (foot.shift - last_shift) / step_s
    foot.turn_rate = (foot.turn - last_turn) / step_s


def _point(foot: _Foot, i: int, side: int, feet: Feet, toes: Array) -> Array:
    """Return the pinned point before translation: the toe after the turn about the ankle, or the heel."""
    ankle: Array = feet.ankle_m[i, side]
    if foot.mode == Mode.HEEL:
        return ankle
    out: Array = ankle + rotations.rotate(rotations.from_rotvec(foot.turn), toes[i, side] - ankle)
    return out


def _strayed(foot: _Foot, other: _Foot) -> bool:
    stray = math.hypot(foot.shift[0], foot.shift[2])
    far = stray > STEP_FROM_M or float(np.linalg.norm(foot.turn)) > STEP_FROM_RAD
    return far and (other.mode not in (Mode.FREE, Mode.STEP) or stray > STEP_URGENT_M)


def _pin(foot: _Foot, mode: Mode, i: int, side: int, feet: Feet, toes: Array) -> None:
    """Change what holds the foot at row i; it does not move by that."""
    foot.mode, foot.step_m = mode, 0.0
    if mode == Mode.FREE:
        return
    foot.anchor = _point(foot, i, side, feet, toes) + foot.shift
    foot.held = rotations.multiply(rotations.from_rotvec(foot.turn), feet.rotation_wxyz[i, side])


def _output(foot: _Foot, i: int, side: int, feet: Feet, ankle: Array, turned: Array) -> None:
    turned[i, side] = rotations.multiply(rotations.from_rotvec(foot.turn), feet.rotation_wxyz[i, side])
    place = feet.ankle_m[i, side] + foot.shift
    if foot.mode == Mode.STEP and foot.step_m > 0:
        left = min(1.0, math.hypot(foot.shift[0], foot.shift[2]) / foot.step_m)
        place[1] += 4.0 * left * (1.0 - left) * min(STEP_HEIGHT_MAX_M, STEP_HEIGHT * foot.step_m)
    toe_y = place[1] + rotations.rotate(turned[i, side], ik.TOE_OFFSET_M)[1]
    place[1] += max(0.0, TOE_REST_M - toe_y, ANKLE_LEAST_M - place[1])
    ankle[i, side] = place
