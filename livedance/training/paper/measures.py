"""How near made clips come to real ones: numbers of the paper's table, each over many clips (N, 50, 36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation import accents
from livedance.training.paper.camera import N_POINTS
from livedance.training.paper.clips import FPS, SECONDS, Clips

Array = NDArray[np.floating]

RESAMPLINGS: Final = 10
SIGMA_S: Final = 0.1
"""Of the beat alignment: a frame."""
ROTATIONS: Final = 50
GALLERY: Final = 32
GALLERIES: Final = 20
"""Of each clip."""
RIDGE: Final = 1.0
NEWTON_STEPS: Final = 12


@dataclass(frozen=True, slots=True)
class OnBeat:
    """Speed minima against the beats of the music."""

    score: float
    chance: float
    """The same with the beats rotated within the clip."""
    lift: float
    """0 at chance, 1 when perfect."""


def frechet(a: Array, b: Array) -> float:
    """Return the Frechet distance of features (N, F) and (M, F), each taken for a normal distribution."""
    one, other = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other @ root), 0.0)).sum()
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(apart + np.trace(one) + np.trace(other) - 2.0 * shared)


def pose_distance(made: Array, real: Array, seed: int = 0) -> tuple[float, float]:
    """Return mean and spread of the Frechet distance over resamplings; made[i] answers the music of real[i].

    Each time half of the real clips stand against what was made for the other half: as many clips on both sides, and
    real dance gets a distance of its own to be compared with.
    """
    rng, half = np.random.default_rng(seed), len(real) // 2
    orders = [rng.permutation(len(real)) for _ in range(RESAMPLINGS)]
    found = [frechet(made[order[half : 2 * half]], real[order[:half]]) for order in orders]
    return float(np.mean(found)), float(np.std(found))


def jerk(poses: Array) -> float:
    """Return the mean absolute third difference."""
    return float(np.abs(np.diff(poses, n=3, axis=1)).mean())


def on_beat(poses: Array, beats_s: Sequence[Array]) -> OnBeat:
    """Return how near speed minima lie to beats, every minimum counting once."""
    score = chance = 0.0
    n = 0
    for clip, beats in zip(poses, beats_s, strict=True):
        stops = accents.kinematic_beats(clip.reshape(len(clip), N_POINTS, 2), FPS)
        if len(stops) and len(beats):
            score += len(stops) * accents.beat_alignment(stops, beats, SIGMA_S)
            rotated = accents.chance_by_rotation(stops, beats, SECONDS, SIGMA_S, n_rotations=ROTATIONS)
            chance += len(stops) * rotated[0]
            n += len(stops)
    if not n:
        return OnBeat(float("nan"), float("nan"), float("nan"))
    return OnBeat(score / n, chance / n, accents.lift(score / n, chance / n))


def apart(features: Array) -> float:
    """Return the mean distance between any two rows of features (N, F)."""
    square = (features**2).sum(1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2.0 * features @ features.T, 0.0))
    return float(distance.sum() / (len(features) * (len(features) - 1)))


def retrieved(seen: Array, heard: Array, best: int, seed: int = 0) -> float:
    """Return how often a dance's own music is among the `best` of 32 (chance: best / 32).

    seen, heard: (N, F) of unit length. The others are drawn from all clips, those of the same take as well.
    """
    rng, alike = np.random.default_rng(seed), seen @ heard.T
    hits = 0
    for i in range(len(alike)):
        others = np.delete(np.arange(len(alike)), i)
        for _ in range(GALLERIES):
            drawn = rng.choice(others, GALLERY - 1, replace=False)
            # a tie is not a hit: poses that are all the same find nothing
            hits += int((alike[i, drawn] >= alike[i, i]).sum() < best)
    return hits / (GALLERIES * len(alike))


def halves(clips: Clips) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the clips of each take's first half and of its second; what lies across the middle is left out."""
    middle = {}
    for name in set(clips.take):
        starts = clips.start_s[[t == name for t in clips.take]]
        middle[name] = (starts.min() + starts.max() + SECONDS) / 2.0
    at = np.array([middle[name] for name in clips.take])
    return np.flatnonzero(clips.start_s + SECONDS <= at), np.flatnonzero(clips.start_s >= at)


def told_apart(made: Array, real: Array, learn: NDArray[np.intp], test: NDArray[np.intp]) -> float:
    """Return the share of test clips that a classifier names rightly, made or real, after it learnt from the others.

    Ridge logistic regression over each number's mean, spread, and mean absolute first, second and third difference.
    """
    features = [_moments(poses) for poses in (made, real)]
    x = np.concatenate([f[learn] for f in features])
    y = np.repeat([0.0, 1.0], len(learn))
    mean, spread = x.mean(0), x.std(0) + 1e-6
    weights = _logistic(_with_one((x - mean) / spread), y)
    said = [_with_one(np.clip((f[test] - mean) / spread, -10.0, 10.0)) @ weights for f in features]
    return float(np.concatenate([said[0] <= 0.0, said[1] > 0.0]).mean())


def _moments(poses: Array) -> Array:
    differences = [np.abs(np.diff(poses, n=n, axis=1)).mean(1) for n in (1, 2, 3)]
    return np.concatenate([poses.mean(1), poses.std(1), *differences], 1).astype(np.float64)


def _with_one(x: Array) -> Array:
    return np.concatenate([x, np.ones((len(x), 1))], 1)


def _logistic(x: Array, y: Array) -> Array:
    """Return the weights of a logistic regression with a ridge, by Newton's steps."""
    weights = np.zeros(x.shape[1])
    for _ in range(NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
        slope = x.T @ (p - y) + RIDGE * weights
        curve = (x * (p * (1.0 - p))[:, None]).T @ x + RIDGE * np.eye(x.shape[1])
        weights = weights - np.linalg.solve(curve, slope)
    return weights
