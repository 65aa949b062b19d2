"""Floating: what a dancer does who hears music and no beat. An easy sway from foot to foot, without a single accent.

Real phrases have accents, and accents beside the beat look wrong; a sway is never wrong. The weight goes over once in
two dance beats; energy makes it wider, lifts the arms, and lets the free foot touch in beside the other one. Groove and
life come on top as for any dance. A pure function of (seed, dancer, dance beat, energy).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import idle_feet, idle_footwork, idle_tracks, ik, reach, stance
from livedance.dance.window import Feet, Motion, Wish, sample_beats
from livedance.messages import Origin

Array = NDArray[np.floating]

SIDE_BEATS: Final = 2.0
"""The weight goes from one foot to the other in this many dance beats."""
HALF_WIDTH_M: Final = 0.17
TOES_RAD: Final = 0.22
SINK_M: Final = 0.022
"""How much lower the hips are than in standing; `BOB_M` more on the way from foot to foot."""
BOB_M: Final = 0.035
HIPS_RAD: Final = 0.15
CHEST_RAD: Final = 0.15
TWIST_RAD: Final = 0.30
HEEL_RAD: Final = 0.55
"""How far the heel of the free foot rises."""
TOUCH_M: Final = 0.20
"""How far it touches in at full energy."""
TOUCH_HEIGHT_M: Final = 0.085
SWING_RAD: Final = 0.20
SLOT_BEATS: Final = 4.0
"""The arms drift to another place this often."""
ARM_LAG_BEATS: Final = 0.35
"""Chest and arms follow the hips."""


def wish(seed: int, dancer: int, beat_start: float, energy: float) -> Wish:
    """Return 33 rows of an easy sway about the dancer's own home.

    Args:
        seed: of the show.
        dancer: whoever sways; each in a way of its own.
        beat_start: dance beat of row 1.
        energy: [0, 1].
    """
    beats = sample_beats(beat_start)
    width, drift = _drawn(seed, dancer, beats)
    size = (0.5 + 0.5 * energy) * width
    first = 1.0 if (seed + dancer) % 2 == 0 else -1.0
    weight, late = (first * size * _sway(beats - lag) for lag in (0.0, ARM_LAG_BEATS))
    stand = _stand(beats, weight, first, size, energy)
    turned = _posed(weight, late, drift, energy)
    root = idle_feet.hips(turned[:, 0], stand, np.zeros_like(beats), np.zeros_like(beats))
    root[:, 1] -= SINK_M + BOB_M * size * (1.0 - _sway(beats) ** 2)
    return Wish(
        motion=Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=stand.contact),
        feet=stand.feet,
        facing_rad=stand.yaw_rad,
        style="float",
        origin=Origin.MOTION_GRAPH,
    )


def _sway(beats: Array) -> Array:
    """Return the side: from 1 to -1 and back, dwelling a little on each; 1 at beat 1, -1 at beat 3."""
    wave = np.sin(math.pi * beats / SIDE_BEATS)
    out: Array = wave * (1.25 - 0.25 * wave * wave)
    return out


def _drawn(seed: int, dancer: int, beats: Array) -> tuple[Array, Array]:
    """Return how wide the sway is (n,), and where the arms drift (n, 6)."""
    values = idle_tracks.held(seed, dancer, idle_tracks.FLOAT, SLOT_BEATS, beats, _draw)
    return values[:, 0], values[:, 1:]


def _draw(rng: np.random.Generator) -> tuple[float, float, tuple[float, ...]]:
    """Draw the width; then of the left and the right arm: forward, out, bend, as shares of the most."""
    values = (float(rng.uniform(0.8, 1.1)), *(float(v) for v in rng.uniform(0.0, 1.0, 6)))
    return float(rng.uniform(0.0, 0.5)), float(rng.uniform(1.8, 3.0)), values


def _posed(weight: Array, late: Array, drift: Array, energy: float) -> Array:
    """Return rotations (n, 23, 4), facing the front."""
    still = np.zeros_like(weight)
    turned = np.broadcast_to(stance.pose(), (len(weight), skeleton.N_JOINTS, 4)).copy()
    for name, axes in {
        "hips": (still, 0.5 * TWIST_RAD * late, HIPS_RAD * weight),
        "chest": (still + 0.05, -TWIST_RAD * late, -(HIPS_RAD + CHEST_RAD) * late),
        "neck": (still, 0.4 * TWIST_RAD * late, 0.5 * CHEST_RAD * late),
        "head": (still, still, 0.5 * CHEST_RAD * late),
    }.items():
        joint = skeleton.INDEX[name]
        turned[:, joint] = rotations.multiply(turned[:, joint], rotations.from_rotvec(np.stack(axes, axis=-1)))
    swing = (SWING_RAD + 0.45 * energy) * late
    for side, sign, (forward, out, bend) in (("l", 1.0, drift[:, :3].T), ("r", -1.0, drift[:, 3:].T)):
        reach.hang(
            turned,
            side,
            0.05 + (0.15 + 0.75 * energy) * forward - sign * swing,
            0.02 + (0.05 + 0.40 * energy) * out + (0.10 + 0.2 * energy) * sign * late,
            0.30 + (0.35 + 0.9 * energy) * bend - 0.35 * sign * late,
        )
    return turned


def _stand(beats: Array, weight: Array, first: float, size: Array, energy: float) -> idle_feet.Stand:
    """Return the feet: the heel of the free one rises, and with more energy it touches in beside the other."""
    n = len(beats)
    spot = idle_footwork.stance_at((0.0, 0.0), 0.0, HALF_WIDTH_M, 0.0, (TOES_RAD, TOES_RAD))
    touch = float(np.clip((energy - 0.2) / 0.4, 0.0, 1.0))
    ankle, pitch, contact = np.zeros((n, 2, 3)), np.zeros((n, 2)), np.ones((n, 4))
    ankle[..., [0, 2]] = np.array(spot.ankle_xz)
    for side, sign in ((0, 1.0), (1, -1.0)):
        # Beats since the middle of the time in which the other foot carries.
        since = (beats + first * sign + SIDE_BEATS) % (2.0 * SIDE_BEATS) - SIDE_BEATS
        free = idle_tracks.bump((since + 1.0) / 2.0)
        pitch[:, side] = HEEL_RAD * size * free
        ankle[:, side, 0] -= sign * TOUCH_M * touch * idle_tracks.bump((since + 0.75) / 1.5)
        hop = idle_tracks.bump((since + 0.75) / 0.7) + idle_tracks.bump((since - 0.05) / 0.7)
        ankle[:, side, 1] += TOUCH_HEIGHT_M * touch * hop
        contact[free > 0.02, 2 * side] = 0.0
        if touch > 0.0:
            contact[hop > 0.0, 2 * side + 1] = 0.0
    toes = np.tile(np.array(spot.foot_rad), (n, 1))
    tilt = rotations.from_rotvec(np.stack([pitch, 0.0 * pitch, 0.0 * pitch], axis=-1))
    turned = rotations.multiply(rotations.about_y(toes), tilt)
    # The foot turns about its toe.
    flat = rotations.rotate(rotations.about_y(toes), np.broadcast_to(ik.TOE_OFFSET_M, ankle.shape))
    ankle += flat - rotations.rotate(turned, np.broadcast_to(ik.TOE_OFFSET_M, ankle.shape))
    ankle[..., 1] += skeleton.SOLE_TO_ANKLE_M
    middle = np.tile([0.0, 0.0], (n, 1))
    return idle_feet.Stand(
        feet=Feet(ankle_m=ankle, rotation_wxyz=turned),
        contact=contact,
        middle_xz=middle,
        across_xz=np.tile([HALF_WIDTH_M, 0.0], (n, 1)),
        weight=weight,
        yaw_rad=np.zeros(n),
    )
