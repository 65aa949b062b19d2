"""Waking: a standing dancer hears the music. First the head, then chest and arms, then the hips, the feet last.

Each part of the body goes over from standing to the dance at a time of its own; meanwhile head, chest and knees already
keep the beat. The feet go over by a real step each, landing on a beat. Everything is a function of the dance beat, so
windows that overlap agree; after `BEATS` the dance is returned as it came in, bit for bit.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import idle_tracks
from livedance.dance.window import Feet, Motion, Wish

Array = NDArray[np.floating]

BEATS: Final = 4.0
"""1.7 s at the fastest dance tempo, 3.4 s at the slowest."""
PARTS: Final[tuple[tuple[tuple[str, ...], float, float], ...]] = (
    (("head",), 0.0, 1.0),
    (("neck",), 0.25, 1.25),
    (("chest",), 0.5, 1.5),
    (("l_shoulder", "r_shoulder"), 0.6, 1.6),
    (("l_elbow", "r_elbow", "l_wrist", "r_wrist"), 0.8, 1.6),
)
"""Joints, the beat after waking at which they begin to go over, and for how many beats."""
TILT: Final = (1.4, 1.6)
"""The same for how the hips tilt, and for how high they are carried."""
TRAVEL: Final = (-2.0, 1.75)
"""When legs and hips go over in place and direction, in beats after the last step has landed."""
LEGS: Final = [skeleton.INDEX[f"{side}_{name}"] for side in "lr" for name in ("hip", "knee", "ankle")]
CARRY: Final = 0.45
"""How far the hips go over the foot that stands while the other one steps."""
CARRY_EARLY: Final = 0.55
"""How long before a step, in beats, they begin to."""
STEP_BEATS: Final = 0.75
"""Time of a foot in the air."""
STEP_M: Final = 0.045
"""Height of the steps; more, by `STEP_SHARE` of their length."""
STEP_SHARE: Final = 0.12
LOOK_UP_RAD: Final = 0.34
NOD_RAD: Final = 0.46
CHEST_RAD: Final = 0.17
DROP_M: Final = 0.05
"""How far the knees give on the beat."""
SHARP: Final = 2.0
"""How much of the beat a nod fills: the higher, the less."""


def gesture(motion: Motion, feet: Feet, beats: Array, woke_at: float, standing: Wish) -> tuple[Motion, Feet]:
    """Return the motion of a dancer who woke at `woke_at`, and where its feet are.

    Args:
        motion: (n,) rows of the dance that it wakes into.
        feet: of the dance.
        beats: (n,) dance beats of the rows.
        woke_at: dance beat at which it hears the music.
        standing: the same rows, had it gone on standing.
    """
    since = beats - woke_at
    if since[0] >= BEATS:
        return motion, feet
    still, last = standing.motion, math.floor(woke_at + BEATS)
    travel = idle_tracks.ease(beats - last, *TRAVEL)
    turned: Array = _handed_over(still.joint_rotations_wxyz, motion.joint_rotations_wxyz, since, travel)
    root: Array = still.root_position_m + travel[:, None] * (motion.root_position_m - still.root_position_m)
    tilt = idle_tracks.ease(since, *TILT)
    root[:, 1] = still.root_position_m[:, 1] + tilt * (motion.root_position_m - still.root_position_m)[:, 1]
    turned, root = _on_the_beat(turned, root, beats, since)
    stepped, contact = _stepped(standing, feet, motion.foot_contact, beats, _steps(last))
    root = _carried(root, stepped, beats, _steps(last))
    awake = since >= BEATS
    turned[awake], root[awake] = motion.joint_rotations_wxyz[awake], motion.root_position_m[awake]
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=contact), stepped


def _steps(last: int) -> tuple[tuple[int, float], tuple[int, float]]:
    """Return (foot, dance beat on which it lands) of both steps; which foot is first, the beat tells."""
    return (last % 2, last - 1.0), (1 - last % 2, float(last))


def _handed_over(still: Array, dance: Array, since: Array, travel: Array) -> Array:
    """Return rotations (n, 23, 4) of which each part of the body has gone over as far as it has."""
    turned = still.copy()
    for names, start, span in PARTS:
        joints = [skeleton.INDEX[name] for name in names]
        share = idle_tracks.ease(since, start, span)
        turned[:, joints] = _between(still[:, joints], dance[:, joints], share)
    turned[:, LEGS] = _between(still[:, LEGS], dance[:, LEGS], travel)
    turned[:, 0] = _hips(still[:, 0], dance[:, 0], idle_tracks.ease(since, *TILT), travel)
    return turned


def _between(still: Array, dance: Array, share: Array) -> Array:
    """Return rotations (n, ..., 4) on the way from one to the other by `share` (n,), the short way round."""
    still, dance = rotations.continuous(still), rotations.continuous(dance)
    middle = _middle(share)
    dance = np.where((still[middle] * dance[middle]).sum(axis=-1, keepdims=True) < 0.0, -dance, dance)
    return idle_tracks.turned(still, dance, share.reshape(-1, *([1] * (still.ndim - 2))))


def _middle(share: Array) -> int:
    """Return the row at which the short way is decided for all rows: half-way over, or nearest to that."""
    return int(np.argmin(np.abs(share - 0.5)))


def _hips(still: Array, dance: Array, over: Array, travel: Array) -> Array:
    """Return the hips: their tilt goes over first, the direction they face with the feet."""
    yaw_still, yaw_dance = rotations.heading(still), rotations.heading(dance)
    tilt_still = rotations.multiply(rotations.about_y(-yaw_still), still)
    tilt_dance = rotations.multiply(rotations.about_y(-yaw_dance), dance)
    tilt = _between(tilt_still, tilt_dance, over)
    turn = np.unwrap(yaw_dance) - yaw_still
    turn = turn - 2.0 * math.pi * np.round(turn[_middle(travel)] / (2.0 * math.pi))
    return rotations.multiply(rotations.about_y(yaw_still + travel * turn), tilt)


def _on_the_beat(turned: Array, root: Array, beats: Array, since: Array) -> tuple[Array, Array]:
    """Return rotations and hips with the head looking up and nodding, the chest and then the knees keeping the beat."""
    ebb = 1.0 - idle_tracks.ease(since, 2.5, 1.5)
    on = (0.5 + 0.5 * np.cos(2.0 * math.pi * beats)) ** SHARP
    up = idle_tracks.ease(since, 0.0, 0.5) - idle_tracks.ease(since, 0.5, 1.5)
    nod = NOD_RAD * idle_tracks.ease(since, 0.0, 0.6) * ebb
    bow = CHEST_RAD * idle_tracks.ease(since, 0.0, 1.0) * ebb
    give = DROP_M * idle_tracks.ease(since, 0.3, 0.9) * ebb
    none = np.zeros_like(since)
    for name, pitch in (
        ("head", 0.7 * nod * on - 0.7 * LOOK_UP_RAD * up),
        ("neck", 0.3 * nod * on - 0.3 * LOOK_UP_RAD * up),
        ("chest", bow * on - 0.3 * LOOK_UP_RAD * up),
    ):
        joint = skeleton.INDEX[name]
        bent = rotations.from_rotvec(np.stack([pitch, none, none], axis=-1))
        turned[:, joint] = rotations.multiply(turned[:, joint], bent)
    root[:, 1] -= give * on
    return turned, root


def _stepped(
    standing: Wish, feet: Feet, contact: Array, beats: Array, steps: tuple[tuple[int, float], ...]
) -> tuple[Feet, Array]:
    """Return feet and contacts: each foot stands until its step, and dances after it."""
    ankle, turned = standing.feet.ankle_m.copy(), standing.feet.rotation_wxyz.copy()
    on = standing.motion.foot_contact.copy()
    for side, lands in steps:
        since = beats - (lands - STEP_BEATS)
        share = idle_tracks.ease(since, 0.0, STEP_BEATS)
        way = feet.ankle_m[:, side] - ankle[:, side]
        ankle[:, side] += share[:, None] * way
        height = STEP_M + STEP_SHARE * np.sqrt(way[:, 0] ** 2 + way[:, 2] ** 2)
        ankle[:, side, 1] += height * idle_tracks.bump(since / STEP_BEATS)
        turned[:, side] = _between(turned[:, side], feet.rotation_wxyz[:, side], share)
        landed, columns = since >= STEP_BEATS, slice(2 * side, 2 * side + 2)
        ankle[landed, side], turned[landed, side] = feet.ankle_m[landed, side], feet.rotation_wxyz[landed, side]
        on[(since > 0.0) & ~landed, columns] = 0.0
        on[landed, columns] = contact[landed, columns]
    return Feet(ankle_m=ankle, rotation_wxyz=turned), on


def _carried(root: Array, feet: Feet, beats: Array, steps: tuple[tuple[int, float], ...]) -> Array:
    """Return the hips gone over the foot that stands while the other one steps."""
    root = root.copy()
    for side, lands in steps:
        span = CARRY_EARLY + STEP_BEATS
        share = CARRY * idle_tracks.bump((beats - lands + span) / span)
        root[:, [0, 2]] += share[:, None] * (feet.ankle_m[:, 1 - side][:, [0, 2]] - root[:, [0, 2]])
    return root
