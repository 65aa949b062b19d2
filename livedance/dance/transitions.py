"""Every place at which a phrase of the library can be entered, with what a transition there costs.

Entries lie half-way between two beats. A table of all of them ships beside the library (entry_file.py); a choice is
one pass of array arithmetic over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import clip_sampler, marks
from livedance.dance.library import Clip, MotionLibrary
from livedance.messages import SAMPLES_PER_BEAT, SEAM_PHASE

Array = NDArray[np.floating]
Columns: TypeAlias = dict[str, NDArray[Any]]
"""Of `Entries`, by name."""

VERSION: Final = 3
"""Goes up whenever the same library gives another table: `livedance train entries` then makes the file again."""
LOOK_AHEAD: Final = 8
"""Beats over which a phrase's path is known to the choice."""
SHORTEST: Final = 4
"""Beats that a clip must still have at an entry."""
NEEDS_ARMS: Final = "partner"
"""Tag of takes for two: alone they are danced with the arms of another dance, not with arms that hold nobody."""
ONLY_IF_NAMED: Final = "floor"
_NAMES: Final = (
    "chest", "head", "l_elbow", "l_wrist", "r_elbow", "r_wrist", "l_knee", "l_ankle", "r_knee", "r_ankle",
)  # fmt: skip
JOINTS: Final = [skeleton.INDEX[name] for name in _NAMES]
_OTHER_SIDE: Final = [JOINTS.index(skeleton.MIRROR[joint]) for joint in JOINTS]
ANKLES: Final = (_NAMES.index("l_ankle"), _NAMES.index("r_ankle"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """One row per place at which a phrase can be entered."""

    clip: NDArray[np.int32]
    """(N,) index into `MotionLibrary.clips`."""
    beat: NDArray[np.int32]
    """(N,) first whole clip beat of the phrase; it is entered half a beat before."""
    mirrored: NDArray[np.bool_]
    beats_left: NDArray[np.int32]
    """(N,) whole beats of the clip from there on."""
    position_m: NDArray[np.float32]
    """(N, 10, 3) joints seen from the hips on the floor, facing ahead."""
    velocity: NDArray[np.float32]
    """(N, 10, 3) metres a beat."""
    hips_m: NDArray[np.float32]
    """(N,) height of the hips."""
    contact: NDArray[np.float32]
    """(N, 4)"""
    facing_rad: NDArray[np.float32]
    """(N,) in the clip's own space."""
    hips_xz: NDArray[np.float32]
    """(N, 2) in the clip's own space."""
    path_xz: NDArray[np.float32]
    """(N, 9, 2) hips after 0..8 beats, seen from the entry facing ahead."""
    path_rad: NDArray[np.float32]
    """(N, 9) turn since the entry."""
    energy: NDArray[np.float32]
    """(N,) mean of the first four beats, as a rank among all entries [0, 1]."""
    crisp: NDArray[np.float32]
    """(N,) how much slower the body is on its first four beats than half-way between: 1 stops dead, 0 no accent."""
    style: NDArray[np.int32]
    """(N,) index into `styles`."""
    only_if_named: NDArray[np.bool_]
    needs_arms: NDArray[np.bool_]
    """(N,) whether the clip's own arms hold a partner."""
    native_bpm: NDArray[np.float32]
    width: NDArray[np.float32]
    """(N,) how wide the first four beats are danced, as a rank [0, 1]."""
    arms_up: NDArray[np.float32]
    """(N,) [0, 1]"""
    turn_rad: NDArray[np.float32]
    """(N,) turned over the first four beats, either way."""
    still: NDArray[np.int32]
    """(N,) still beats in a row among the first eight that are no holds."""
    least_m: NDArray[np.float32]
    """(N,) how far a joint moves, in the mean, over the slowest of the first four beats."""
    upright: NDArray[np.float32]
    """(N,) least cosine of the trunk's lean at the next eight half-beats."""
    down: NDArray[np.bool_]
    """(N,) whether the dancer is on the floor at the entry."""
    flat: NDArray[np.intp]
    """(N,) number of the entry's first beat among all beats of the library."""
    clip_first: NDArray[np.intp]
    """(C,) number of each clip's first beat among all beats of the library."""
    n_beats: int
    """Of the whole library."""
    styles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """A pose and its velocity, as the table describes them."""

    position_m: Array
    """(10, 3)"""
    velocity: Array
    """(10, 3) metres a beat."""
    hips_m: float
    contact: Array
    """(4,)"""
    facing_rad: float
    hips_xz: Array
    """(2,)"""


def moment_of(joint_positions_m: Array, contact: Array) -> Moment:
    """Describe the later of two poses (2, 23, 3) that are one sample apart; `contact` (4,) belongs to it."""
    position, velocity, facing = _described(joint_positions_m[1][None], joint_positions_m[0][None])
    return Moment(
        position_m=position[0],
        velocity=velocity[0],
        hips_m=float(joint_positions_m[1, 0, 1]),
        contact=contact,
        facing_rad=float(facing[0]),
        hips_xz=joint_positions_m[1, 0, [0, 2]],
    )


def build(library: MotionLibrary) -> Entries:
    """Return the entries of all clips, each also mirrored."""
    return both_sides(library, one_side(library))


def one_side(library: MotionLibrary) -> Columns:
    """Return the columns of the entries of all clips as they are, none of them mirrored: what takes time."""
    styles = library.styles
    parts = [
        _entries_of(i, clip, styles.index(clip.style))
        for i, clip in enumerate(library.clips)
        if clip.n_beats > SHORTEST
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def both_sides(library: MotionLibrary, plain: Columns) -> Entries:
    """Return the table from the columns of `one_side`: the rows of each clip, then the same mirrored."""
    other = _mirrored(plain)
    order = np.argsort(np.concatenate([2 * plain["clip"], 2 * plain["clip"] + 1]), kind="stable")
    merged = {name: np.concatenate([plain[name], other[name]])[order] for name in plain}
    for name in ("energy", "width"):
        merged[name] = _ranked(merged[name])
    lengths = [clip.n_beats + 1 for clip in library.clips]
    first = np.concatenate([[0], np.cumsum(lengths)])
    return Entries(
        styles=library.styles,
        mirrored=order >= len(plain["clip"]),
        flat=first[merged["clip"]] + merged["beat"],
        clip_first=first[:-1],
        n_beats=int(first[-1]),
        **merged,
    )


def _mirrored(plain: Columns) -> Columns:
    """Return the same entries seen in a mirror: left and right change places, x and turns change their sign."""
    flip = np.array([-1.0, 1.0, 1.0], np.float32)
    return plain | {
        "position_m": plain["position_m"][:, _OTHER_SIDE] * flip,
        "velocity": plain["velocity"][:, _OTHER_SIDE] * flip,
        "contact": plain["contact"][:, clip_sampler.MIRRORED_CONTACT],
        "facing_rad": -plain["facing_rad"],
        "hips_xz": plain["hips_xz"] * flip[:2],
        "path_xz": plain["path_xz"] * flip[:2],
        "path_rad": -plain["path_rad"],
    }


def _ranked(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return each value's rank among all, [0, 1]."""
    order = np.argsort(values, kind="stable")
    rank = np.empty(len(order), dtype=np.float32)
    rank[order] = np.linspace(0.0, 1.0, len(order), dtype=np.float32)
    return rank


def _described(now: Array, before: Array) -> tuple[Array, Array, Array]:
    """Return (positions, velocities, facing) of poses (n, 23, 3) with the poses one sample earlier."""
    facing = clip_sampler.facing(now)
    cos, sin = np.cos(-facing)[:, None], np.sin(-facing)[:, None]
    floor = now[:, None, 0] * np.array([1.0, 0.0, 1.0])
    position = _turned(now[:, JOINTS] - floor, cos, sin)
    velocity = _turned(now[:, JOINTS] - before[:, JOINTS], cos, sin) * SAMPLES_PER_BEAT
    return position, velocity, facing


def _contrast(between_speed: Array, beat_speed: Array) -> Array:
    """Return, per entry, the mean over its first beats of (between - on) / (between + on) of the body's speed."""
    around = 0.5 * (between_speed[:-1] + between_speed[1:])
    contrast = (around - beat_speed) / np.maximum(around + beat_speed, 1e-6)
    width = min(SHORTEST, len(contrast))
    mean = np.convolve(contrast, np.full(width, 1.0 / width), mode="valid")
    return mean[np.minimum(np.arange(len(between_speed)), len(mean) - 1)]


def _turned(v: Array, cos: Array, sin: Array) -> Array:
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)


def _entries_of(index: int, clip: Clip, style: int) -> Columns:
    """Return the rows of a clip as it is."""
    at = np.arange(1, clip.n_beats + 1) - SEAM_PHASE
    step = 1.0 / SAMPLES_PER_BEAT
    on = at[:-1] + SEAM_PHASE
    times = np.concatenate([at, at - step, on + 0.5 * step, on - 0.5 * step])
    motion = clip_sampler.sample(clip, times)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)
    told = _told(index, clip, style, joints[: clip.n_beats])
    return told | _measured(clip.n_beats, joints, motion.foot_contact)


def _measured(n: int, joints: Array, contact: Array) -> Columns:
    """Return the columns of `Entries` that a mirror changes, and those read from the same joints.

    `joints` are at the entries of a clip of `n` beats, a sample before them, and around the beats.
    """
    between_speed = np.linalg.norm(joints[:n] - joints[n : 2 * n], axis=-1).mean(axis=-1)
    beat_speed = np.linalg.norm(joints[2 * n : 3 * n - 1] - joints[3 * n - 1 :], axis=-1).mean(axis=-1)
    crisp = _contrast(between_speed, beat_speed)
    position, velocity, facing = _described(joints[:n], joints[n : 2 * n])
    hips = joints[:n, 0]
    rows = np.arange(n - SHORTEST)
    later = np.minimum(rows[:, None] + np.arange(LOOK_AHEAD + 1), n - 1)
    path = hips[later][:, :, [0, 2]] - hips[rows][:, None, [0, 2]]
    cos, sin = np.cos(-facing[rows])[:, None], np.sin(-facing[rows])[:, None]
    path = np.stack([cos * path[..., 0] + sin * path[..., 1], cos * path[..., 1] - sin * path[..., 0]], axis=-1)
    unwrapped = np.unwrap(facing)
    return {
        "position_m": position[rows].astype(np.float32),
        "velocity": velocity[rows].astype(np.float32),
        "hips_m": hips[rows, 1].astype(np.float32),
        "contact": contact[rows].astype(np.float32),
        "facing_rad": facing[rows].astype(np.float32),
        "hips_xz": hips[rows][:, [0, 2]].astype(np.float32),
        "path_xz": path.astype(np.float32),
        "path_rad": (unwrapped[later] - unwrapped[rows][:, None]).astype(np.float32),
        "crisp": crisp[rows].astype(np.float32),
    }


def _told(index: int, clip: Clip, style: int, joints: Array) -> Columns:
    """Return the columns of `Entries` that are the same in a mirror; `joints` (n, 23, 3) are at the entries."""
    n, seen = clip.n_beats, marks.marks_of(clip)
    rows = np.arange(n - SHORTEST)
    first = np.minimum(rows + 1, n - SHORTEST)
    energy = _mean_of_four(clip.beat_energy)
    last = len(seen.down) - 1
    return {
        "clip": np.full(len(rows), index, np.int32),
        "beat": (rows + 1).astype(np.int32),
        "beats_left": (n - rows).astype(np.int32),
        "energy": energy[np.minimum(rows + 1, len(energy) - 1)].astype(np.float32),
        "style": np.full(len(rows), style, np.int32),
        "needs_arms": np.full(len(rows), NEEDS_ARMS in clip.tags),
        "only_if_named": np.full(len(rows), ONLY_IF_NAMED in clip.tags),
        "native_bpm": np.full(len(rows), clip.native_bpm, np.float32),
        "width": _mean_of_four(seen.width)[first].astype(np.float32),
        "arms_up": _mean_of_four(seen.arms_up)[first].astype(np.float32),
        "turn_rad": (SHORTEST * _mean_of_four(np.abs(seen.turn)))[first].astype(np.float32),
        "least_m": _least_ahead(seen.speed_m_s * 60.0 / clip.native_bpm, SHORTEST)[rows + 1].astype(np.float32),
        "upright": _least_ahead(_upright(joints), LOOK_AHEAD + 1)[rows].astype(np.float32),
        "down": seen.down[np.minimum(rows, last)] | seen.down[np.minimum(rows + 1, last)],
        "still": marks.longest_waits(seen, LOOK_AHEAD)[rows + 1].astype(np.int32),
    }


def _upright(joints: Array) -> Array:
    """Return the cosine (n,) of the trunk's lean in poses (n, 23, 3)."""
    trunk = joints[:, skeleton.INDEX["neck"]] - joints[:, 0]
    out: Array = trunk[:, 1] / np.linalg.norm(trunk, axis=-1)
    return out


def _least_ahead(track: Array, n: int) -> Array:
    """Return the least of the `n` values from each one on."""
    ends = np.pad(track, (0, n), mode="edge")
    out: Array = np.lib.stride_tricks.sliding_window_view(ends, n).min(axis=1)
    return out


def _mean_of_four(track: Array) -> Array:
    """Return the mean of four beats from each beat on."""
    out: Array = np.convolve(track, np.full(SHORTEST, 1.0 / SHORTEST), mode="valid")
    return out
