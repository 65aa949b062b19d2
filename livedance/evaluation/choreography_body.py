"""Is it a body, and an awake one? Smoothness at the seams, head and feet, wrists, facing, stillness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import clearance
from livedance.evaluation.accents import BODY_JOINTS, joint_speed, smooth
from livedance.evaluation.choreography_track import FPS, BeatTrack, Shown, shown
from livedance.evaluation.motion import Body, body
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

JERK_FPS: Final = 30.0
SEAM_S: Final = 2.0 / JERK_FPS
"""Jerk within so much of a seam belongs to it."""
N_DRAWS: Final = 1_000
AROUND_BEATS: Final = 6.0
"""So far on either side of a seam its surroundings are looked at."""
DEEP_M: Final = 0.02
JOLT_M_PER_S: Final = 5.0
"""Mean joint speed that no dancer of the library reaches, even for a sample (4.7)."""
MIN_STEP_S: Final = 0.01
STILL_M_PER_S: Final = 0.10
"""Mean joint speed of a body that stands still; breathing alone is about half of it."""
STILL_BEATS: Final = 1.75
"""A beat that is held on purpose takes so long with its approach and its end."""
FRONT_RAD: Final = np.radians(60.0)
BACK_RAD: Final = np.radians(90.0)
TURN_RAD: Final = np.radians(150.0)
"""A change of facing within a bar that counts as a turn."""
LAND_BEATS: Final = 0.5
EIGHT_SAMPLES: Final = 8 * SAMPLES_PER_BEAT
_AT: Final = skeleton.INDEX


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one stretch of a dance moves as a body."""

    body: Body
    hips_m_per_s: float
    """How fast the hips travel over the floor."""
    window_seam: float
    """Jerk half-way between beats, where windows are joined, over jerk elsewhere."""


def shape(track: BeatTrack) -> Shape:
    """Return the figures of a stretch."""
    seen = shown(track)
    hips = np.linalg.norm(np.diff(seen.positions_m[:, 0][:, [0, 2]], axis=0), axis=-1)
    near = _near(seen, track.seam_beats, track)
    jerk = _jerk(seen)
    near = near[: len(jerk)]
    return Shape(
        body=body(seen.positions_m, FPS),
        hips_m_per_s=float(hips.mean() * FPS),
        window_seam=float(jerk[near].mean() / jerk[~near].mean()) if near.any() and not near.all() else np.nan,
    )


def seams(track: BeatTrack, beats: Array) -> tuple[Array, Array]:
    """Return (jerk at each seam (K,), jerk around it at the same phase of the beat (K,)), m/s^3.

    A dance is smoother on some phases of the beat than on others: a seam half-way between beats is held against the
    half-way points of the `AROUND_BEATS` before and after it, but for its neighbours. Sums of both over many seams
    give the seam ratio; that of a single one says little.

    beats: (K,) dance beats of the seams, increasing.
    """
    seen = shown(track)
    jerk = _jerk(seen)
    grid = np.arange(np.ceil(track.first_beat), track.beats[-1] - 1.0) + 0.5
    at_grid = _jerk_at(jerk, seen, track, grid)
    here = _jerk_at(jerk, seen, track, beats)
    is_seam = np.isin(np.round(2.0 * grid), np.round(2.0 * np.asarray(beats)))
    around = np.full(len(beats), np.nan)
    for i, beat in enumerate(beats):
        rows = slice(*np.searchsorted(grid, (beat - AROUND_BEATS, beat + AROUND_BEATS + 1e-6)))
        others = at_grid[rows][(np.abs(grid[rows] - beat) > 1.0) & ~is_seam[rows]]
        around[i] = np.nanmean(others) if len(others) else np.nan
    return here, around


def ratio(here: Array, around: Array) -> float:
    """Return the seam ratio of many seams; NaN where there are none."""
    known = np.isfinite(here) & np.isfinite(around)
    return float(here[known].sum() / around[known].sum()) if known.any() else np.nan


def ratio_bounds(here: Array, around: Array) -> tuple[float, float]:
    """Return the 5th and 95th percentile of the seam ratio when the seams are drawn again (bootstrap)."""
    known = np.isfinite(here) & np.isfinite(around)
    here, around = here[known], around[known]
    if len(here) < 2:
        return np.nan, np.nan
    drawn = np.random.default_rng(0).integers(0, len(here), (N_DRAWS, len(here)))
    low, high = np.percentile(here[drawn].sum(axis=1) / around[drawn].sum(axis=1), (5, 95))
    return float(low), float(high)


def head_range_deg(joint_positions_m: Array) -> float:
    """Return how far the head turns against the shoulders: from the 5th to the 95th percentile, in degrees."""
    shoulders, ears = (
        joint_positions_m[:, _AT[f"l_{part}"]] - joint_positions_m[:, _AT[f"r_{part}"]] for part in ("shoulder", "ear")
    )
    yaw = np.arctan2(-ears[:, 2], ears[:, 0]) - np.arctan2(-shoulders[:, 2], shoulders[:, 0])
    return float(np.degrees(np.ptp(np.percentile(np.unwrap(yaw), (5, 95)))))


def foot_pitch_deg(joint_positions_m: Array) -> float:
    """Return how far the feet are pitched up and down: from the 5th to the 95th percentile, both feet, degrees."""
    feet = joint_positions_m[:, [_AT["l_toe"], _AT["r_toe"]]] - joint_positions_m[:, [_AT["l_ankle"], _AT["r_ankle"]]]
    pitch = np.degrees(np.arctan2(feet[..., 1], np.hypot(feet[..., 0], feet[..., 2])))
    return float(np.ptp(np.percentile(pitch, (5, 95), axis=0), axis=0).mean())


def wrists_deep(track: BeatTrack) -> float:
    """Return the share of samples in which a wrist or hand is deeper than `DEEP_M` in hips, thighs or torso."""
    depth = clearance.depth_m(
        np.asarray(track.root_position_m, np.float64), np.asarray(track.joint_rotations_wxyz, np.float64)
    )
    return float((depth > DEEP_M).any(axis=1).mean())


def eights(track: BeatTrack) -> list[BeatTrack]:
    """Return the whole eights of a track."""
    n = len(track.t_s) // EIGHT_SAMPLES
    return [track.between(track.first_beat + 8 * i, track.first_beat + 8 * (i + 1)) for i in range(n)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facing:
    """Where a dancer shows the chest."""

    front: float
    """Share of beats with the chest within 60 degrees of the audience."""
    longest_back_beats: int
    """Longest run of beats with the back turned."""
    turns: int
    landed_front: float
    """Share of turns that end within 60 degrees of the audience."""
    landed_on_one: float
    """Share of turns that end within half a beat of a downbeat; by chance about a quarter."""


def facing(track: BeatTrack, downbeats: Array) -> Facing:
    """Return where a dancer faces; `downbeats`: (D,) dance beats."""
    yaw = np.unwrap(_chest_yaw(track))
    on_beats = np.arange(np.ceil(track.first_beat), track.beats[-1])
    at = np.array([track.index(beat) for beat in on_beats], dtype=int)
    dancing = track.is_dancing[at]
    wrapped = np.abs((yaw[at] + np.pi) % (2 * np.pi) - np.pi)[dancing]
    ends = _turn_ends(yaw)
    landed = np.abs((yaw[ends] + np.pi) % (2 * np.pi) - np.pi) <= FRONT_RAD
    end_beats = track.beats[ends]
    near = [len(downbeats) > 0 and np.abs(downbeats - beat).min() <= LAND_BEATS for beat in end_beats]
    return Facing(
        front=float((wrapped <= FRONT_RAD).mean()) if len(wrapped) else np.nan,
        longest_back_beats=longest_run(wrapped > BACK_RAD),
        turns=len(ends),
        landed_front=float(landed.mean()) if len(ends) else np.nan,
        landed_on_one=float(np.mean(near)) if len(ends) else np.nan,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stillness:
    """Freezes: dancing bodies that stand for longer than a held beat."""

    freezes: int
    longest_beats: float
    still: float
    """Share of the dance's time."""


def stillness(track: BeatTrack, holds: Sequence[tuple[float, float]] = ()) -> Stillness:
    """Return how often and how long a dancer stands still; `holds` are spans of beats in which that is meant."""
    seen = shown(track)
    slow = smooth(joint_speed(seen.positions_m, FPS), 3.0) < STILL_M_PER_S
    slow &= np.interp(seen.t_s, track.t_s, track.is_dancing) > 0.5
    for start, end in holds:
        slow &= (seen.beats < start) | (seen.beats > end)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], slow, [False]])))
    starts, stops = edges[::2], edges[1::2] - 1
    beats = seen.beats[stops] - seen.beats[starts]
    return Stillness(
        freezes=int((beats > STILL_BEATS).sum()),
        longest_beats=float(beats.max(initial=0.0)),
        still=float(slow.mean()),
    )


def jolts(track: BeatTrack) -> int:
    """Return how often the body moved faster than `JOLT_M_PER_S` for a sample."""
    step_s = np.diff(track.t_s)
    moved = np.linalg.norm(np.diff(track.joint_positions_m[:, :BODY_JOINTS], axis=0), axis=-1).mean(axis=1)
    fast = moved > JOLT_M_PER_S * np.maximum(step_s, MIN_STEP_S)
    return int((np.diff(np.concatenate([[0], fast.astype(np.int8)])) > 0).sum())


def longest_run(flags: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _chest_yaw(track: BeatTrack) -> Array:
    """Return the yaw (S,) of the chest: of the line between the shoulders, 0 = to the audience."""
    across = track.joint_positions_m[:, _AT["l_shoulder"]] - track.joint_positions_m[:, _AT["r_shoulder"]]
    return np.arctan2(-across[:, 2], across[:, 0])


def _turn_ends(yaw: Array) -> NDArray[np.int64]:
    """Return the samples at which a turn of `TURN_RAD` within a bar comes to its end."""
    bar = 4 * SAMPLES_PER_BEAT
    steady = smooth(yaw, SAMPLES_PER_BEAT / 4)
    ends: list[int] = []
    i = bar
    while i < len(steady):
        turned = steady[i] - steady[i - bar]
        if abs(turned) >= TURN_RAD:
            way = np.sign(turned)
            while i + 1 < len(steady) and way * (steady[i + 1] - steady[i]) > np.radians(1.0):
                i += 1
            ends.append(i)
            i += bar
        i += 1
    return np.array(ends, dtype=np.int64)


def _jerk(seen: Shown) -> Array:
    """Return the mean joint jerk (T,) around every frame but the last few, m/s^3, taken at 30 frames a second."""
    step = round(FPS / JERK_FPS)
    p = seen.positions_m[:, :BODY_JOINTS]
    third = p[3 * step :] - 3 * p[2 * step : -step] + 3 * p[step : -2 * step] - p[: -3 * step]
    jerk = np.linalg.norm(third, axis=-1).mean(axis=1) * JERK_FPS**3
    return np.pad(jerk, (3 * step // 2, 0), mode="edge")


def _jerk_at(jerk: Array, seen: Shown, track: BeatTrack, beats: Array) -> Array:
    """Return the mean jerk (K,) within `SEAM_S` of dance beats; NaN outside the dance."""
    at_s = np.interp(beats, track.beats, track.t_s, left=np.nan, right=np.nan)
    total = np.concatenate([[0.0], np.cumsum(jerk)])
    first = np.searchsorted(seen.t_s[: len(jerk)], at_s - SEAM_S)
    stop = np.searchsorted(seen.t_s[: len(jerk)], at_s + SEAM_S, side="right")
    n = np.where(np.isfinite(at_s), stop - first, 0)
    return np.where(n > 0, (total[stop] - total[first]) / np.maximum(n, 1), np.nan)


def _near(seen: Shown, beats: Array, track: BeatTrack) -> NDArray[np.bool_]:
    """Return which frames (T,) lie within `SEAM_S` of one of the dance beats."""
    at_s = np.interp(beats, track.beats, track.t_s)
    edges = np.concatenate([[-np.inf], at_s, [np.inf]])
    after = np.searchsorted(at_s, seen.t_s) + 1
    nearest = np.minimum(edges[after] - seen.t_s, seen.t_s - edges[after - 1])
    return np.asarray(nearest <= SEAM_S)
