"""How well the accents of a dance lie on the beats of its music. Pure NumPy; seconds everywhere.

Kinematic beats: local minima of the mean joint speed. As in AIST++ a minimum must be the lowest within 10 frames of
1/60 s on either side; as in Bailando the speed is first smoothed by a Gaussian of 5 frames of 1/60 s. Both are stated
in seconds here, so that 30 and 60 frames a second give the same beats.

Beat alignment is read in two directions: `beat_alignment(motion, music)` asks whether accents fall on beats (AIST++),
`beat_alignment(music, motion)` whether beats have an accent (Bailando). Either is worth nothing without its chance
level (`chance_by_rotation`), which depends on tempo and sigma; `lift` puts chance at 0 and perfect at 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

SMOOTH_S: Final = 5 / 60
MIN_GAP_S: Final = 10 / 60
FLAT_SHARE: Final = 1e-3
"""A dip shallower than this share of the clip's top speed is rounding, not a stop."""
SIGMA_S: Final = 0.05
"""Width of the alignment score: AIST++'s 3 frames of 1/60 s."""
BODY_JOINTS: Final = 18
"""The face moves with the head and would count it six times: only the first 18 joints are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Scores of one dance against one list of beats."""

    motion_beats: int
    bas: float
    """Motion to music."""
    bas_chance: float
    bas_lift: float
    recall: float
    """Music to motion."""
    recall_chance: float
    recall_lift: float
    phase_r: float
    offset_s: float
    """Circular mean of the accents' distance from the beat; positive = late."""


def joint_speed(positions_m: Array, fps: float) -> Array:
    """Return the mean joint speed (T,), m/s, of positions (T, J, 3)."""
    body = positions_m[:, :BODY_JOINTS]
    out: Array = np.linalg.norm(np.gradient(body, axis=0), axis=-1).mean(axis=1) * fps
    return out


def kinematic_beats(positions_m: Array, fps: float, smooth_s: float = SMOOTH_S, min_gap_s: float = MIN_GAP_S) -> Array:
    """Return the times (K,), s, of the local minima of the mean joint speed; 0 is the first frame.

    positions_m: (T, J, 3) world positions. A minimum is refined between frames by a parabola.
    """
    speed = smooth(joint_speed(positions_m, fps), smooth_s * fps)
    reach = max(round(min_gap_s * fps), 1)
    if len(speed) < 2 * reach + 1:
        return np.zeros(0)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(speed, reach, mode="edge"), 2 * reach + 1)
    lowest = (speed <= around.min(axis=1)) & (around.max(axis=1) - speed > FLAT_SHARE * speed.max())
    lowest[:1] = lowest[-1:] = False
    at = np.flatnonzero(lowest)
    at = at[np.concatenate([[True], np.diff(at) > reach])[: len(at)]]
    before, here, after = speed[at - 1], speed[at], speed[at + 1]
    curve = before - 2 * here + after
    shift = np.where(curve > 1e-12, 0.5 * (before - after) / np.where(curve > 1e-12, curve, 1.0), 0.0)
    out: Array = (at + np.clip(shift, -0.5, 0.5)) / fps
    return out


def smooth(values: Array, sigma_frames: float) -> Array:
    """Return `values` (T,) under a Gaussian of `sigma_frames`; the ends are held."""
    reach = int(np.ceil(3 * sigma_frames))
    if reach < 1:
        return values
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_frames) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def beat_alignment(motion_beats: Array, music_beats: Array, sigma_s: float = SIGMA_S) -> float:
    """Return the mean over the first list of exp(-d^2 / 2 sigma^2), d = distance to the nearest of the second."""
    if not len(motion_beats) or not len(music_beats):
        return 0.0
    return float(np.exp(-0.5 * (_nearest(motion_beats, np.sort(music_beats)) / sigma_s) ** 2).mean())


def chance_by_rotation(
    motion_beats: Array,
    music_beats: Array,
    duration_s: float,
    sigma_s: float = SIGMA_S,
    n_rotations: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return (motion to music, music to motion) alignment with the music rotated within `duration_s`, in the mean."""
    rng = np.random.default_rng(seed)
    shifts = rng.uniform(0.0, duration_s, n_rotations)
    forth = back = 0.0
    for shift in shifts:
        rotated = np.sort((music_beats + shift) % duration_s)
        forth += beat_alignment(motion_beats, rotated, sigma_s)
        back += beat_alignment(rotated, motion_beats, sigma_s)
    return forth / n_rotations, back / n_rotations


def lift(score: float, chance: float) -> float:
    """Return (score - chance) / (1 - chance): 0 at chance, 1 when perfect."""
    return (score - chance) / (1.0 - chance) if chance < 1.0 else 0.0


def phases(motion_beats: Array, music_beats: Array) -> Array:
    """Return the position (K,) of each accent within the music's beats, in beats; only accents inside the music."""
    inside = motion_beats[(motion_beats >= music_beats[0]) & (motion_beats <= music_beats[-1])]
    out: Array = np.interp(inside, music_beats, np.arange(len(music_beats)))
    return out


def phase_R(motion_beats: Array, music_beats: Array) -> float:  # noqa: N802 - the field writes R
    """Return R = |mean exp(i 2 pi phase)| of the accents: 1 locked to one phase of the beat, about 0 at chance."""
    if len(music_beats) < 2 or not len(motion_beats):
        return 0.0
    phase = phases(motion_beats, music_beats)
    return float(np.abs(np.exp(2j * np.pi * phase).mean())) if len(phase) else 0.0


def mean_offset_s(motion_beats: Array, music_beats: Array) -> float:
    """Return the circular mean of the accents' offset from the nearest beat, s; positive = after the beat."""
    if len(music_beats) < 2 or not len(motion_beats):
        return 0.0
    mean = np.exp(2j * np.pi * phases(motion_beats, music_beats)).mean()
    return float(np.angle(mean) / (2 * np.pi) * np.median(np.diff(music_beats)))


def align(motion_beats: Array, music_beats: Array, duration_s: float, n_rotations: int = 1000) -> Alignment:
    """Return all scores of one dance, with their chance by rotation."""
    bas, recall = beat_alignment(motion_beats, music_beats), beat_alignment(music_beats, motion_beats)
    bas_chance, recall_chance = chance_by_rotation(motion_beats, music_beats, duration_s, n_rotations=n_rotations)
    return Alignment(
        motion_beats=len(motion_beats),
        bas=bas,
        bas_chance=bas_chance,
        bas_lift=lift(bas, bas_chance),
        recall=recall,
        recall_chance=recall_chance,
        recall_lift=lift(recall, recall_chance),
        phase_r=phase_R(motion_beats, music_beats),
        offset_s=mean_offset_s(motion_beats, music_beats),
    )


def _nearest(values: Array, sorted_targets: Array) -> Array:
    """Return the distance of each value to the nearest target."""
    padded = np.concatenate([[-np.inf], sorted_targets, [np.inf]])
    right = np.searchsorted(padded[1:-1], values) + 1
    out: Array = np.minimum(padded[right] - values, values - padded[right - 1])
    return out
