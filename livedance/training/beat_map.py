"""Finds the beat map of a clip: prominent stops pulled onto beats by a bounded, smooth warp.

Most clips have no music and no constant grid, yet dancers stop on beats. For a set of tempi a dynamic programme lays
knots at half-beats through the clip so that strong stops lie on whole beats (weight 1) or half-beats (0.6), the local
rate stays within `Limits.rate` of the tempo, neighbouring half-beats differ little, and spans in which the body flies
keep clock time. The tempo whose map puts the clip's kinematic beats best on its beats, for the least bending, wins.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import beat_samples
from livedance.evaluation import accents
from livedance.training import contacts

Array = NDArray[np.floating]

SMOOTH_S: Final = (accents.SMOOTH_S, 2 / 60)
"""Stops are read twice, as whole-body stops and as finer ones, so that the map does not hang on one smoothing."""
STEP_HZ: Final = 120.0
"""Knots lie on this grid."""
MIN_BPM: Final = 80.0
MAX_BPM: Final = 160.0
SLOWER: Final = 0.02
BALANCE_PRICE: Final = 1.0
"""Merit lost when time runs faster or slower than the clock in the mean."""
USUAL_BPM: Final = 115.0
TEMPO_PRICE: Final = 0.45
"""Merit lost per octave away from the usual tempo of music: a clip is then seldom played far from its own speed."""
BEND_PRICE: Final = 0.5
GRID_BONUS: Final = 0.1
"""Merit of a tempo in which the data's makers found a constant grid."""
TEMPI_BPM: Final = tuple(float(b) for b in np.geomspace(MIN_BPM, MAX_BPM, 29))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far and how fast the warp may bend."""

    rate: float = 0.2
    """The local rate stays within 1 +- this."""
    rate_step: float = 0.08
    """Largest change of the rate from one half-beat to the next."""
    bend_cost: float = 10.0
    """Cost of a squared rate change."""
    rate_cost: float = 0.7
    """Cost of a squared deviation of the rate from 1."""
    air_cost: float = 400.0
    """The same while the body flies."""
    half_weight: float = 0.6
    accent_s: float = 0.04
    """Half-width of a stop's pull."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatMap:
    """Where a clip's dance beats lie in its own time."""

    beat_times_s: Array
    """(B,) strictly increasing."""
    half_beat_times_s: Array
    """(B-1,)"""
    native_bpm: float
    """Played at this tempo, the clip's time runs within `Limits.rate` of the clock everywhere."""
    confidence: float
    """Mean of BAS lift and R of the clip's own kinematic beats on its map, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accents:
    """What pulls: stops with weights, and where the body flies, on the `STEP_HZ` grid."""

    times_s: Array
    """(K,) kinematic beats at every smoothing of `SMOOTH_S`."""
    pull: Array
    """(N,) in [0, 1]."""
    airborne: Array
    """(N,) 1 in flight."""


def find(positions: Array, fps: float, grid_s: Array, limits: Limits | None = None) -> BeatMap:
    """Return the best map of a clip; `grid_s` is the data's constant grid, empty where it has none."""
    return find_shared([positions], fps, grid_s, limits)


def find_shared(tracks: Sequence[Array], fps: float, grid_s: Array, limits: Limits | None = None) -> BeatMap:
    """Return the one map that serves all `tracks` (T, 23, 3) of a take best: a couple has to stay together."""
    limits = limits or Limits()
    found = _merged([read_accents(track, fps, limits) for track in tracks])
    duration = (len(tracks[0]) - 1) / fps
    family = _related(grid_s) if len(grid_s) > 2 else ()
    bonuses = {bpm: 0.0 for bpm in TEMPI_BPM} | {bpm: GRID_BONUS for bpm in family}
    best, highest = constant(USUAL_BPM, duration), -np.inf
    for bpm, bonus in bonuses.items():
        made = warp(found, bpm, duration, limits)
        if made is not None and made[0] + bonus > highest:
            highest, best = made[0] + bonus, made[1]
    return _balanced(best)


def _merged(found: Sequence[Accents]) -> Accents:
    """Return the accents of all dancers: each pulls with an equal share, and time runs true while anyone flies."""
    return Accents(
        times_s=np.concatenate([f.times_s for f in found]),
        pull=np.mean([f.pull for f in found], axis=0),
        airborne=np.max([f.airborne for f in found], axis=0),
    )


def _balanced(made: BeatMap) -> BeatMap:
    """Return the map at a slightly slower tempo where its beats are longer than its tempo's: else jerk would grow."""
    mean = 60.0 * (len(made.beat_times_s) - 1) / float(made.beat_times_s[-1] - made.beat_times_s[0])
    return replace(made, native_bpm=float(np.clip(mean, (1 - SLOWER) * made.native_bpm, made.native_bpm)))


def constant(bpm: float, duration_s: float) -> BeatMap:
    """Return a map of even beats from 0."""
    beats = np.arange(0.0, duration_s, 60.0 / bpm)
    return BeatMap(beat_times_s=beats, half_beat_times_s=beats[:-1] + 30.0 / bpm, native_bpm=bpm, confidence=0.0)


def read_accents(positions: Array, fps: float, limits: Limits) -> Accents:
    """Return the pull of the stops, whole-body ones and finer ones in equal parts; deep minima weigh most."""
    at = np.arange(int((len(positions) - 1) / fps * STEP_HZ) + 1) / STEP_HZ
    pull, times = np.zeros(len(at)), []
    for smooth_s in SMOOTH_S:
        stops, weight = _stops(positions, fps, smooth_s)
        bumps = weight[:, None] * np.exp(-0.5 * ((at[None] - stops[:, None]) / limits.accent_s) ** 2)
        pull += bumps.max(axis=0, initial=0.0) / len(SMOOTH_S)
        times.append(stops)
    flying = contacts.airborne(positions, fps).astype(np.float64)
    return Accents(
        times_s=np.concatenate(times), pull=pull, airborne=np.interp(at, np.arange(len(flying)) / fps, flying)
    )


def _stops(positions: Array, fps: float, smooth_s: float) -> tuple[Array, Array]:
    """Return the kinematic beats (K,), s, and their weights (K,), 0.4 for a shallow minimum to 1 for a deep one."""
    speed = accents.smooth(accents.joint_speed(positions, fps), smooth_s * fps)
    times = accents.kinematic_beats(positions, fps, smooth_s=smooth_s)
    depth = _depth(speed, np.clip(np.round(times * fps).astype(int), 0, len(speed) - 1))
    return times, 0.4 + 0.6 * np.clip(depth / 0.6, 0.0, 1.0)


def warp(found: Accents, bpm: float, duration_s: float, limits: Limits) -> tuple[float, BeatMap] | None:
    """Return (merit, map) of the best warp at one tempo, or None where the clip is too short."""
    knots = _programme(found, 60.0 / bpm, limits)
    if knots is None:
        return None
    seconds = knots / STEP_HZ
    whole, half = seconds[::2], seconds[1::2]
    beats = beat_samples.hermite(seconds, 0.5 * np.arange(len(seconds)), found.times_s)
    inside = beats[(beats >= 0) & (beats <= len(whole) - 1)]
    if len(inside) < 3:
        return None
    # Chance of a score with sigma s on a grid of period T: sqrt(2 pi) s / T (uniform accents).
    sigma_beats = accents.SIGMA_S * bpm / 60.0
    chance = np.sqrt(2 * np.pi) * sigma_beats
    bas = float(np.exp(-0.5 * ((inside - np.round(inside)) / sigma_beats) ** 2).mean())
    r = float(np.abs(np.exp(2j * np.pi * inside).mean()))
    score = 0.5 * (accents.lift(bas, float(chance)) + r)
    rate = np.diff(seconds) * bpm / 30.0
    merit = score - BEND_PRICE * float(np.std(rate)) - BALANCE_PRICE * abs(float(np.mean(rate)) - 1.0)
    merit -= TEMPO_PRICE * abs(np.log2(bpm / USUAL_BPM))
    made = BeatMap(
        beat_times_s=whole, half_beat_times_s=half, native_bpm=bpm, confidence=float(np.clip(score, 0.0, 1.0))
    )
    return merit, made


def _programme(found: Accents, period_s: float, limits: Limits) -> NDArray[np.int64] | None:
    """Return the knots (2B-1,), steps, of the best path over half-beats; the first and last are whole beats."""
    even = 0.5 * period_s * STEP_HZ
    spans = np.arange(int(np.ceil(even * (1 - limits.rate))), int(np.floor(even * (1 + limits.rate))) + 1)
    rate = spans / even
    n, low, high = len(found.pull), int(spans[0]), int(spans[-1])
    if n < 8 * high:
        return None
    change = np.abs(rate[:, None] - rate[None, :])
    bend = np.where(change <= limits.rate_step, limits.bend_cost * change**2, np.inf)
    flown = np.concatenate([[0.0], np.cumsum(found.airborne)])
    stretch = (rate - 1.0) ** 2
    value = np.full((2, n, len(spans)), -np.inf)
    came = np.full((2, n, len(spans)), -1, dtype=np.int16)
    value[0, : 2 * high] = found.pull[: 2 * high, None]
    weights = (1.0, limits.half_weight)
    for start in range(low, n, low):
        at = np.arange(start, min(start + low, n))
        before = at[:, None] - spans[None, :]
        in_clip = before >= 0
        before = np.maximum(before, 0)
        share = (flown[at][:, None] - flown[before]) / spans
        cost = stretch * (limits.rate_cost + limits.air_cost * share)
        for parity in (0, 1):
            # options[t, span, span before]: the knot before lies one span earlier and has the other parity.
            options = value[1 - parity][before] - bend[None]
            best = options.argmax(axis=-1)
            total = np.take_along_axis(options, best[..., None], axis=-1)[..., 0] - cost
            total = np.where(in_clip, total + weights[parity] * found.pull[at][:, None], -np.inf)
            better = total > value[parity, at]
            value[parity, at] = np.where(better, total, value[parity, at])
            came[parity, at] = np.where(better, best, came[parity, at])
    return _walk_back(value, came, spans, 2 * high)


def _walk_back(value: Array, came: NDArray[np.int16], spans: NDArray[np.int64], tail: int) -> NDArray[np.int64] | None:
    n = value.shape[1]
    ends = value[0, n - tail :]
    t, span = np.unravel_index(int(np.argmax(ends)), ends.shape)
    if not np.isfinite(ends[t, span]):
        return None
    at, parity = int(t) + n - tail, 0
    knots = [at]
    while (previous := int(came[parity, at, span])) >= 0:
        at, parity, span = at - int(spans[span]), 1 - parity, previous
        knots.append(at)
    return np.array(knots[::-1]) if len(knots) >= 5 else None


def _depth(speed: Array, at: NDArray[np.int64]) -> Array:
    """Return how deep each minimum is: the fall from the lower of its two neighbouring maxima, as a share of it."""
    edges = np.concatenate([[0], at, [len(speed) - 1]])
    peaks = np.array([speed[a : b + 1].max() for a, b in itertools.pairwise(edges)])
    rim = np.minimum(peaks[:-1], peaks[1:])
    return (rim - speed[at]) / np.maximum(rim, 1e-9)


def _related(grid_s: Array) -> tuple[float, ...]:
    """Return the tempi in [80, 160) on the grid's own family: its metrical level (octave, 3:2) is not known."""
    base = 60.0 / float(np.median(np.diff(grid_s)))
    family = {round(b, 3) for k in (0.5, 2 / 3, 1.0, 1.5, 2.0) if MIN_BPM <= (b := base * k) < MAX_BPM}
    return tuple(sorted(family or {fold(base)}))


def fold(bpm: float) -> float:
    """Return the tempo an octave or more away that lies in [80, 160)."""
    while bpm < 80.0:
        bpm *= 2.0
    while bpm >= 160.0:
        bpm /= 2.0
    return bpm
