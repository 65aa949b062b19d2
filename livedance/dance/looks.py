"""What a head does by the clock: looks, each at somebody for a beat or two, and nods on some beats and not all.

Both are drawn by chance for the dance beat, the same for every window that covers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations
from livedance.dance import chance

Array = NDArray[np.floating]

EYES_M: Final = 0.66
"""Height of the eyes over the hips, for the direction to a goal metres away."""
LOOK_BEATS: Final = 2
"""A look lasts about so long."""
LOOK_TURN_BEATS: Final = 0.6
"""Time of the head's way from one look to the next."""
AUDIENCE_M: Final = np.array([0.0, 1.5, 4.0])
OTHER_HEIGHT_M: Final = 1.55
BEHIND: Final = 0.5
"""Who stands further behind than this share of the way aside is not looked for."""
ASIDE_M: Final = (1.6, 3.6)
"""How far from the middle of the audience a look to its side goes, least and most."""

NOD_DOWN_BEATS: Final = 0.38
"""The head starts down this long before the beat, is lowest on it..."""
NOD_UP_BEATS: Final = 0.5
"""... and is up again this long after it."""
NOD_BEATS: Final = 32
"""Nods follow a pattern over a phrase of eight bars."""
LOOK_KEY: Final = 2**30
"""Numbers from which chance draws looks, and nods; phrases of a dance count from 0."""
NOD_KEY: Final = 2**30 + 2**29


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What the head knows."""

    beats: Array
    """(n,) dance beats of the rows."""
    downbeat: int
    """Dance beat of a downbeat near the rows."""
    phrase_bar: int
    """Of that downbeat's bar."""
    calm: float
    """1 - energy."""
    facing_rad: Array
    """(n,)"""
    home_xz: tuple[float, float]
    others_xz: tuple[tuple[float, float], ...]
    seed: int
    dancer: int
    step_s: float


def goal(root: Array, shoulders: Array, scene: Scene) -> tuple[Array, Array]:
    """Return (yaw, pitch) from the shoulders to what is looked at."""
    eyes = root + np.array([0.0, EYES_M, 0.0])
    slots = range(
        int((scene.beats[0] - scene.downbeat) // LOOK_BEATS) - 1,
        int((scene.beats[-1] - scene.downbeat) // LOOK_BEATS) + 2,
    )
    way: Array = np.zeros(3)
    for i, slot in enumerate(slots):
        offset, place = _look(
            scene.seed,
            scene.dancer,
            slot * LOOK_BEATS + scene.downbeat,
            scene.calm > 0.6,
            scene.home_xz,
            scene.others_xz,
        )
        towards = np.array(place) - eyes
        towards /= np.sqrt((towards * towards).sum(axis=-1, keepdims=True))
        begins = scene.downbeat + slot * LOOK_BEATS + offset - LOOK_TURN_BEATS
        s = np.clip((scene.beats - begins) / LOOK_TURN_BEATS, 0.0, 1.0)
        share = (s * s * s * (10.0 + s * (6.0 * s - 15.0)))[:, None]
        way = towards if i == 0 else way + share * (towards - way)
    seen = rotations.rotate(rotations.conjugate(shoulders), way)
    x, y, z = seen[:, 0], seen[:, 1], seen[:, 2]
    return np.arctan2(x, z), -np.arctan2(y, np.sqrt(x * x + z * z))


@lru_cache(maxsize=1024)
def _look(
    seed: int,
    dancer: int,
    beat: int,
    calm: bool,
    home_xz: tuple[float, float],
    others_xz: tuple[tuple[float, float], ...],
) -> tuple[float, tuple[float, float, float]]:
    """Return (beats by which it comes late, goal in metres) of the look that begins at `beat`."""
    rng = chance.generator(seed, dancer, LOOK_KEY + beat % 2**28)
    offset = float(rng.choice([0.0, 0.0, 1.0, 0.5]))
    draw, side = rng.random(), 1.0 if rng.random() < 0.5 else -1.0
    aside, nth = rng.uniform(*ASIDE_M), int(rng.integers(2**16))
    middle_x, middle_y, middle_z = (float(v) for v in AUDIENCE_M)
    if draw < 0.14 and others_xz:
        x, z = others_xz[nth % len(others_xz)]
        if z - home_xz[1] > -BEHIND * abs(x - home_xz[0]):
            return offset, (x, OTHER_HEIGHT_M, z)
    if draw < (0.30 if calm else 0.20):
        return offset, (0.5 * side, 0.1, 2.2)
    if draw < 0.62:
        return offset, (side * aside, 1.4, middle_z - 0.6)
    if draw < 0.68:
        return offset, (0.6 * side, 2.9, middle_z)
    return offset, (middle_x, middle_y, middle_z)


def nods(scene: Scene) -> Array:
    """Return how deep the head is, [0, 1], at every row: 1 on the phrase's strongest beats, lowest on the beat."""
    start = scene.downbeat - 4 * scene.phrase_bar
    out = np.zeros(len(scene.beats))
    for beat in range(int(np.floor(scene.beats[0])), int(np.ceil(scene.beats[-1])) + 1):
        phrase, place = divmod(beat - start, NOD_BEATS)
        depth = _nod_pattern(scene.seed, scene.dancer, start + NOD_BEATS * phrase)[place]
        away = scene.beats - beat
        span = np.where(away < 0.0, NOD_DOWN_BEATS, NOD_UP_BEATS)
        out += depth * (0.5 + 0.5 * np.cos(np.pi * np.clip(away / span, -1.0, 1.0)))
    return out


@lru_cache(maxsize=256)
def _nod_pattern(seed: int, dancer: int, phrase_start: int) -> tuple[float, ...]:
    """Return the depth of the nod on each of 32 beats: 1 on the ones, something on some others, nothing on the rest."""
    rng = chance.generator(seed, dancer, NOD_KEY + phrase_start % 2**28)
    motif = rng.choice([0.0, 0.0, 0.4, 0.5, 0.7], size=8)
    motif[0], motif[4] = 1.0, 0.85
    pattern = np.tile(motif, NOD_BEATS // len(motif))
    left_out = rng.random(NOD_BEATS) < 0.2
    left_out[::8] = False
    return tuple(np.where(left_out, 0.0, pattern).tolist())
