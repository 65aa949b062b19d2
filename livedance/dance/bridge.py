"""Bridges: four beats of made steps between two phrases that do not meet; step touch, walk, turn.

The steps land on the beat, the hips go first, chest, arms and head follow a little later, and the arms swing against
the legs. A function of (kind, beat, facings, energy) alone. The body turns from one facing to the other on its way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import footfalls, stance
from livedance.dance.footfalls import OUTWARD, SIDES, Footfalls
from livedance.dance.window import Feet, Motion
from livedance.errors import ConfigError, near

Array = NDArray[np.floating]

BEATS: Final = 4
"""Length of a bridge; its steps land half a beat after its start, and on every beat after that."""
FIRST_STEP_BEATS: Final = 0.5
TURN_FROM_RAD: Final = math.radians(50.0)
"""Between facings further apart than this the bridge is a turn."""
TURN_BEATS: Final = (2.0, 3.5)
"""How long a turn takes: by a quarter, and by a half."""
SWING_BEATS: Final = 0.5
TOUCH_RAD: Final = 0.45
TOUCH_WIDTH: Final = 0.45
"""How wide a touching foot stands, as a share of standing."""
BALL_RAD: Final = 0.3
RISE_RAD: Final = 0.5
LIFT_M: Final = 0.045
SINK_M: Final = 0.045
"""How much lower than standing the hips are."""
BOUNCE_M: Final = 0.03
SWAY_M: Final = 0.045
HIPS_ROLL_RAD: Final = 0.10
HIPS_YAW_RAD: Final = 0.13
CHEST_YAW_RAD: Final = 0.30
CHEST_NOD_RAD: Final = 0.09
ARM_SWING_RAD: Final = 0.55
ARM_OPEN_RAD: Final = 0.22
ELBOW_RAD: Final = 1.15
ELBOW_SWING_RAD: Final = 0.45
WEIGHT_LATE: Final = 0.1
"""How long after a step has landed the weight begins to go over to it."""
CHEST_LATE, ARM_LATE, ELBOW_LATE, WRIST_LATE = 0.07, 0.13, 0.21, 0.29
"""Beats by which each part follows the hips."""
HEAD_EARLY: Final = 0.35
"""Beats by which the head goes first in a turn."""
_LEAVE_BEATS: Final = 0.45
"""How long before a step lands the hips leave for it, and how long they take."""
_MOVE_BEATS: Final = 0.95
_ROUNDS: Final = 3
"""How often the four steps are laid out, so that every row of a window around a bridge has its step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One footfall of a pattern; metres at energy 1/2, in the dancer's own frame."""

    foot: int
    """0 left, 1 right."""
    home: tuple[float, float]
    """Where the dancer is after it."""
    is_touch: bool = False
    """Only the ball comes down, beside the other foot; the weight stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    steps: tuple[_Step, _Step, _Step, _Step]
    sway_beats: float
    """Beats for which the weight stays on one side."""


_PATTERNS: Final[dict[str, _Pattern]] = {
    "step_touch": _Pattern(
        steps=(
            _Step(foot=0, home=(0.30, 0.0)),
            _Step(foot=1, home=(0.30, 0.0), is_touch=True),
            _Step(foot=1, home=(0.0, 0.0)),
            _Step(foot=0, home=(0.0, 0.0), is_touch=True),
        ),
        sway_beats=2.0,
    ),
    "walk": _Pattern(
        steps=(
            _Step(foot=0, home=(0.0, 0.22)),
            _Step(foot=1, home=(0.0, 0.40)),
            _Step(foot=0, home=(0.0, 0.20)),
            _Step(foot=1, home=(0.0, 0.0)),
        ),
        sway_beats=1.0,
    ),
    "turn": _Pattern(
        steps=(
            _Step(foot=0, home=(0.0, 0.05)),
            _Step(foot=1, home=(0.0, 0.0)),
            _Step(foot=0, home=(0.0, 0.05)),
            _Step(foot=1, home=(0.0, 0.0)),
        ),
        sway_beats=1.0,
    ),
}
KINDS: Final = tuple(_PATTERNS)


def kind_for(start_facing: float, end_facing: float, slot: int) -> str:
    """Return the kind of bridge between two facings (radians); step touch and walk take turns by slot."""
    if abs(_turn_rad(start_facing, end_facing)) > TURN_FROM_RAD:
        return "turn"
    return "walk" if slot % 2 else "step_touch"


def dance(
    kind: str, beats: Array, start: float, start_facing: float, end_facing: float, energy: float
) -> tuple[Motion, Feet, Array]:
    """Return the motion of a bridge about the dancer's place at its start, its feet, and where it faces (n,).

    Args:
        kind: one of `KINDS`; raises `ConfigError` for another.
        beats: (n,) dance beats, rising.
        start: dance beat at which the bridge starts, half-way between two beats.
        start_facing: radians, 0 to the audience.
        end_facing: reached by the last step, the short way round.
        energy: [0, 1], size of the steps and of the swing.
    """
    if kind not in _PATTERNS:
        raise ConfigError(f"there is no bridge '{kind}'{near(kind, KINDS)} There are: {', '.join(KINDS)}")
    pattern, size = _PATTERNS[kind], 0.7 + 0.6 * energy
    counted = beats - start - FIRST_STEP_BEATS
    facing = _facing(kind, counted, start_facing, end_facing)
    now = footfalls.phases(_falls(kind), counted)
    feet = footfalls.swung(
        _standing(kind, now.last, now.last_pitch_rad, size, start_facing, end_facing),
        _standing(kind, now.coming, _falls(kind).land_rad[SIDES, now.coming], size, start_facing, end_facing),
        now,
    )
    head_ahead = _facing(kind, counted + HEAD_EARLY, start_facing, end_facing) - facing
    turned = _upper_body(pattern, counted, size, head_ahead)
    turned[:, 0] = rotations.multiply(rotations.about_y(facing), turned[:, 0])
    root = _hips(pattern, counted, size, facing)
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=now.contact), feet, facing


def _facing(kind: str, counted: Array, start_facing: float, end_facing: float) -> Array:
    turn = _turn_rad(start_facing, end_facing)
    half = min(1.0, abs(turn) / math.pi)
    lasts = TURN_BEATS[0] + (TURN_BEATS[1] - TURN_BEATS[0]) * half if kind == "turn" else TURN_BEATS[1]
    out: Array = start_facing + turn * footfalls.smooth((counted + FIRST_STEP_BEATS) / lasts)
    return out


def _turn_rad(start_facing: float, end_facing: float) -> float:
    return math.remainder(end_facing - start_facing, 2.0 * math.pi)


@lru_cache(maxsize=len(KINDS))
def _falls(kind: str) -> Footfalls:
    """Return when and how the feet come down, in beats from the first step."""
    per_foot: tuple[list[tuple[float, bool]], list[tuple[float, bool]]] = ([(-np.inf, False)], [(-np.inf, False)])
    for i, step in _laid_out(kind):
        per_foot[step.foot].append((float(i), step.is_touch))
    beats = np.array([[beat for beat, _ in foot] for foot in per_foot])
    touch = np.array([[is_touch for _, is_touch in foot] for foot in per_foot])
    shape = beats.shape
    return Footfalls(
        land_beat=beats,
        swing_beats=np.full(shape, SWING_BEATS),
        rise_rad=np.where(touch, 0.0, RISE_RAD),
        land_rad=np.where(touch, TOUCH_RAD, BALL_RAD),
        rest_rad=np.where(touch, TOUCH_RAD, 0.0),
        lift_m=np.where(touch, 0.7, 1.0) * LIFT_M,
        interval_beats=1.0,
    )


def _laid_out(kind: str) -> list[tuple[int, _Step]]:
    steps = _PATTERNS[kind].steps
    return [(i, steps[i % len(steps)]) for i in range(_ROUNDS * len(steps))]


@lru_cache(maxsize=len(KINDS))
def _places(kind: str) -> tuple[Array, Array]:
    """Return the homes (2, K, 2) of the footfalls in the dancer's frame, and how wide each stands (2, K)."""
    homes: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([(0.0, 0.0)], [(0.0, 0.0)])
    widths: tuple[list[float], list[float]] = ([1.0], [1.0])
    for _, step in _laid_out(kind):
        homes[step.foot].append(step.home)
        widths[step.foot].append(TOUCH_WIDTH if step.is_touch else 1.0)
    return np.array(homes), stance.HALF_WIDTH_M * np.array(widths)


def _standing(
    kind: str, which: NDArray[np.intp], pitch_rad: Array, size: float, start_facing: float, end_facing: float
) -> Feet:
    """Return the feet on the footfalls `which` (n, 2)."""
    homes, widths = _places(kind)
    beats = _falls(kind).land_beat[SIDES, which]
    yaw = _facing(kind, beats + 0.5 * SWING_BEATS, start_facing, end_facing)
    local = size * homes[SIDES, which]
    local[..., 0] += OUTWARD * widths[SIDES, which]
    local[..., 1] -= footfalls.ANKLE_BEHIND_M
    return footfalls.stand(_turned(local, yaw), yaw + OUTWARD * stance.TOES_OUT_RAD, pitch_rad)


def _turned(xz: Array, yaw_rad: Array) -> Array:
    sin, cos = np.sin(yaw_rad), np.cos(yaw_rad)
    return np.stack([cos * xz[..., 0] + sin * xz[..., 1], cos * xz[..., 1] - sin * xz[..., 0]], axis=-1)


def _hips(pattern: _Pattern, counted: Array, size: float, facing: Array) -> Array:
    """Return the hips (n, 3): they leave before the step lands and arrive after it, and give on every beat."""
    homes = np.array([(0.0, 0.0), *(step.home for step in pattern.steps)])
    ways = np.diff(homes, axis=0)
    # The last home is the first again, so a round adds up to nothing.
    into = np.mod(counted + _LEAVE_BEATS, len(ways)) - np.arange(len(ways))[:, None]
    local = size * (footfalls.smooth(into / _MOVE_BEATS)[..., None] * ways[:, None]).sum(axis=0)
    local[:, 0] += SWAY_M * size * _weight(pattern, counted)
    root = np.empty((len(counted), 3))
    root[:, [0, 2]] = _turned(local, facing)
    root[:, 1] = stance.HIPS_HEIGHT_M - SINK_M - BOUNCE_M * size * (0.5 + 0.5 * np.cos(2.0 * np.pi * counted))
    return root


def _weight(pattern: _Pattern, counted: Array) -> Array:
    """Return where the weight is, from -1 (right foot) to 1 (left foot)."""
    return _wave((counted - WEIGHT_LATE) / pattern.sway_beats - 0.5)


def _wave(halves: Array) -> Array:
    """Return 1 on even, -1 on odd numbers: it dwells there and goes over quickly, as a dancer's limbs do."""
    wave = np.cos(np.pi * halves)
    out: Array = wave * (1.5 - 0.5 * wave * wave)
    return out


def _upper_body(pattern: _Pattern, counted: Array, size: float, head_ahead: Array) -> Array:
    """Return rotations (n, 23, 4) over the hips' facing; the legs are those of standing."""
    weight, late_weight = _weight(pattern, counted), _weight(pattern, counted - CHEST_LATE)
    stride, late_stride = _wave(counted), _wave(counted - CHEST_LATE)
    arm, elbow, hand = _wave(counted - ARM_LATE), _wave(counted - ELBOW_LATE), _wave(counted - WRIST_LATE)
    nod = _wave(2.0 * (counted - CHEST_LATE))
    opened = ARM_OPEN_RAD * (0.5 + 0.5 * arm) + 0.1
    still = np.zeros_like(counted)
    turned = np.broadcast_to(stance.pose(), (len(counted), skeleton.N_JOINTS, 4)).copy()
    for name, axes in {
        "hips": (still + 0.06, -HIPS_YAW_RAD * size * stride, HIPS_ROLL_RAD * size * weight),
        "chest": (
            CHEST_NOD_RAD * size * (0.5 + 0.5 * nod) - 0.02,
            CHEST_YAW_RAD * size * late_stride + 0.4 * head_ahead,
            -1.5 * HIPS_ROLL_RAD * size * late_weight,
        ),
        "neck": (
            -0.3 * CHEST_NOD_RAD * nod,
            -0.5 * CHEST_YAW_RAD * size * late_stride + 0.3 * head_ahead,
            0.3 * HIPS_ROLL_RAD * late_weight,
        ),
        "head": (0.5 * CHEST_NOD_RAD * nod, 0.3 * head_ahead, 0.5 * HIPS_ROLL_RAD * size * late_weight),
        "l_shoulder": (ARM_SWING_RAD * size * arm - 0.12, still, size * opened),
        "r_shoulder": (-ARM_SWING_RAD * size * arm - 0.12, still, -size * opened),
        "l_elbow": (still, -ELBOW_RAD + ELBOW_SWING_RAD * size * elbow, still),
        "r_elbow": (still, ELBOW_RAD + ELBOW_SWING_RAD * size * elbow, still),
        "l_wrist": (still, 0.2 * hand, -0.15 + 0.1 * hand),
        "r_wrist": (still, 0.2 * hand, 0.15 + 0.1 * hand),
    }.items():
        j = skeleton.INDEX[name]
        turned[:, j] = rotations.multiply(rotations.from_rotvec(np.stack(axes, axis=-1)), turned[:, j])
    return turned
