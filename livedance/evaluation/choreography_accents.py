"""Is it musical or mechanical? How strong a dance's accents are, where they fall, and how parts and hits come to rest.

An accent is a local minimum of the mean joint speed (`accents.kinematic_beats`); its strength is how much speed was
lost: the highest speed of the half-beat before less the speed at the minimum. Counted accents are read at every beat
of the grid, whether or not there is a minimum: so that a weak beat counts as weak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.evaluation.accents import align, joint_speed, kinematic_beats, smooth
from livedance.evaluation.choreography_track import FPS, BeatTrack, Shown, shown
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]

EIGHT: Final = 8
SMOOTH_S: Final = 0.035
"""Under this accents are read: less than the 83 ms that find them, which would flatten them."""
REACH_BEATS: Final = 0.125
"""A counted accent's stop lies within this of its beat."""
STRONG_QUANTILE: Final = 0.5
"""Strong accents: the upper half by strength."""
HALF_WITHIN: Final = 0.15
"""An accent this near to the half-beat (in beats) is on it; spread evenly, 30 % would be."""
HELD_BEATS: Final = 0.5
HELD_SHARE: Final = 0.25
"""Held: for half a beat the speed wins back less than this share of what was lost."""
PARTS: Final = ("head", "chest", "hips", "l_wrist", "r_wrist", "l_ankle", "r_ankle")
PARTS_WITHIN_S: Final = 0.15
"""Body parts whose own stop is further from the accent than this do not take part in it."""
FALL_FROM: Final = 0.9
FALL_TO: Final = 0.1
"""Settling: from 90 % to 10 % of what a stop loses."""
N_ROTATIONS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Musicality:
    """Figures of one stretch of a dance."""

    bas_lift: float
    phase_r: float
    offset_ms: float
    variation: float
    """Coefficient of variation of accent strength within an eight, median over eights."""
    off_or_held: float
    """Strong accents on half-beats or held, percent."""
    on_half: float
    held: float
    spread_ms: float
    """Standard deviation of the times at which body parts stop, median over strong accents."""
    settle_ms: float
    """Time in which a strong accent loses its speed, median."""


def musicality(track: BeatTrack, music_beats_s: Array) -> Musicality:
    """Return the figures of a stretch against the beats of its music."""
    seen = shown(track)
    found = _accents(seen)
    beats = music_beats_s[(music_beats_s >= seen.t_s[0]) & (music_beats_s <= seen.t_s[-1])] - seen.t_s[0]
    times = kinematic_beats(seen.positions_m, FPS)
    on_beat = align(times, beats, len(seen.t_s) / FPS, n_rotations=N_ROTATIONS)
    strong = found.strong()
    half = np.abs(found.phase[strong] - 0.5) <= HALF_WITHIN
    held = found.held[strong]
    return Musicality(
        bas_lift=on_beat.bas_lift,
        phase_r=on_beat.phase_r,
        offset_ms=1e3 * on_beat.offset_s,
        variation=variation(strengths(track)),
        off_or_held=100.0 * _mean(half | held),
        on_half=100.0 * _mean(half),
        held=100.0 * _mean(held),
        spread_ms=1e3 * _median([_part_spread_s(seen, frame) for frame in found.frame[strong]]),
        settle_ms=1e3 * _median([settling_s(found.speed, frame) for frame in found.frame[strong]]),
    )


def strengths(track: BeatTrack) -> Array:
    """Return the accent strength (B,), m/s, at every whole beat in the track, from the first on."""
    speed = _beat_speed(track)
    first = int(np.ceil(track.first_beat + 0.5))
    at = [track.index(beat) for beat in range(first, int(track.beats[-1] - REACH_BEATS))]
    reach = round(REACH_BEATS * SAMPLES_PER_BEAT)
    before = [speed[i - SAMPLES_PER_BEAT // 2 : i + 1].max() for i in at]
    stop = [speed[i - reach : i + reach + 1].min() for i in at]
    lost: Array = np.array(before) - np.array(stop)
    return lost


def variation(strength: Array) -> float:
    """Return the median over eights of the coefficient of variation of their accents."""
    eights = strength[: len(strength) // EIGHT * EIGHT].reshape(-1, EIGHT)
    eights = eights[eights.mean(axis=1) > 1e-6]
    return _median(eights.std(axis=1) / eights.mean(axis=1))


def profile(track: BeatTrack, beats: Array, counts: NDArray[np.int64]) -> Array:
    """Return the mean accent strength (8,) by place in the eight, over the mean of all; NaN where there is none.

    beats, counts: the log's whole beats and the place of each in the eight.
    """
    strength = strengths(track)
    first = int(np.ceil(track.first_beat + 0.5))
    place = (beats - first).astype(int)
    inside = (place >= 0) & (place < len(strength))
    found = [strength[place[inside & (counts == count)]] for count in range(EIGHT)]
    mean = strength.mean() or 1.0
    return np.array([values.mean() / mean if len(values) else np.nan for values in found])


def settling_s(speed: Array, stop: int) -> float:
    """Return the time in which the speed (T,) before frame `stop` falls from 90 % to 10 % of what it loses.

    The speed may rise on its way: the last time over 90 % counts, and the first under 10 % after it.
    """
    reach = round(0.6 * FPS)
    before = speed[max(0, stop - reach) : stop + 1]
    if len(before) < 3:
        return np.nan
    top = int(before.argmax())
    fall, low = before[top:], before[-1]
    lost = fall[0] - low
    if lost <= 0.0:
        return np.nan
    share = (fall - low) / lost
    high = int(np.flatnonzero(share >= FALL_FROM)[-1])
    after = share[high:]
    down = int(np.argmax(after <= FALL_TO))
    begin = high + (share[high] - FALL_FROM) / max(share[high] - share[high + 1], 1e-9)
    end = high + down - (FALL_TO - after[down]) / max(after[down - 1] - after[down], 1e-9)
    return float((end - begin) / FPS)


@dataclass(frozen=True, slots=True, eq=False)
class _Accents:
    """All accents of a stretch."""

    speed: Array
    frame: NDArray[np.int64]
    phase: Array
    strength: Array
    held: NDArray[np.bool_]

    def strong(self) -> NDArray[np.bool_]:
        """Which accents are strong."""
        if not len(self.strength):
            return np.zeros(0, np.bool_)
        return np.asarray(self.strength >= np.quantile(self.strength, STRONG_QUANTILE))


def _accents(seen: Shown) -> _Accents:
    speed = smooth(joint_speed(seen.positions_m, FPS), SMOOTH_S * FPS)
    frames = np.round(kinematic_beats(seen.positions_m, FPS) * FPS).astype(np.int64)
    beat_frames = FPS / np.gradient(seen.beats, seen.t_s)[frames] if len(frames) else np.zeros(0)
    strength, held = np.zeros(len(frames)), np.zeros(len(frames), np.bool_)
    for i, (frame, per_beat) in enumerate(zip(frames, beat_frames, strict=True)):
        before = speed[max(0, frame - round(0.5 * per_beat)) : frame + 1]
        after = speed[frame : frame + round(HELD_BEATS * per_beat) + 1]
        strength[i] = before.max() - speed[frame]
        held[i] = after.max() - speed[frame] < HELD_SHARE * strength[i]
    return _Accents(speed=speed, frame=frames, phase=seen.beats[frames] % 1.0, strength=strength, held=held)


def _part_spread_s(seen: Shown, frame: int) -> float:
    """Return the standard deviation of the times at which parts of the body stop around an accent."""
    reach = round(PARTS_WITHIN_S * FPS)
    first, stop = frame - reach - 3, frame + reach + 4
    if first < 0 or stop > len(seen.positions_m):
        return np.nan
    around = seen.positions_m[first:stop][:, [skeleton.INDEX[part] for part in PARTS]]
    speed = np.linalg.norm(np.gradient(around, axis=0), axis=-1)
    speed = np.stack([smooth(part, SMOOTH_S * FPS) for part in speed.T])[:, 3:-3]
    lowest = speed.argmin(axis=1)
    inner = (lowest > 0) & (lowest < speed.shape[1] - 1)
    return float(lowest[inner].std() / FPS) if inner.sum() >= 3 else np.nan


def _beat_speed(track: BeatTrack) -> Array:
    """Return the mean joint speed (S,), m/s, at every sample of a track."""
    moved = np.linalg.norm(np.gradient(track.joint_positions_m[:, :18], axis=0), axis=-1).mean(axis=1)
    step_s = np.maximum(np.gradient(track.t_s), 1e-3)
    return smooth(moved / step_s, SMOOTH_S / float(np.median(step_s)))


def _median(values: Sequence[float] | Array) -> float:
    found = np.asarray(values, np.float64)
    found = found[np.isfinite(found)]
    return float(np.median(found)) if len(found) else np.nan


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else np.nan
