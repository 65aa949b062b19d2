"""Stretches of the tracks for training: cut anywhere, mirrored, at other tempi, with what a network is told of them.

A stretch is two beats of history and `n_steps` beats more beyond the first future: the windows that begin one beat
after another in it are what the dancer asks for on stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedance.dance import conditions, pose_features
from livedance.dance.conditions import FUTURE, HISTORY, TOKEN
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training.dance.tracks import Track

F32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class WindowConfig:
    """How stretches are cut and told of."""

    tempo_warp: float = 0.12
    """A clip is danced up to so much faster or slower than it was; its beats stay beats."""
    style_power: float = 0.5
    """How often a style is seen: its beats to this power."""
    off_grid: float = 0.25
    """Share of stretches that begin anywhere, not half-way between two beats."""
    style_dropout: float = 0.15
    path_share: float = 0.4
    """How often a network is told where to go."""
    confidence_dropout: float = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """A batch of stretches."""

    rows: F32
    """(B, HISTORY + 16 (n_steps - 1) + FUTURE, SIZE)"""
    per_token: F32
    """(B, n_steps, N_TOKENS, N_PER_TOKEN)"""
    whole: F32
    """(B, n_steps, N_WHOLE)"""
    style: NDArray[np.int64]
    """(B,)"""


class Cutter:
    """Cuts stretches from tracks."""

    def __init__(self, tracks: Sequence[Track], config: WindowConfig, n_steps: int) -> None:
        self._config, self._n_steps = config, n_steps
        self._length = HISTORY + SAMPLES_PER_BEAT * (n_steps - 1) + FUTURE
        self._tracks = [t for t in tracks if len(t.rows) >= self._length]
        beats = {s: sum(len(t.energy) for t in self._tracks if t.style == s) for s in conditions.STYLES}
        share = [len(t.energy) * beats[t.style] ** (config.style_power - 1.0) for t in self._tracks]
        self._share = np.array(share) / np.sum(share)
        self.n_beats = sum(len(t.energy) for t in self._tracks)

    def cut(self, n: int, rng: np.random.Generator) -> Stretches:
        """Return `n` stretches by chance."""
        made = [self._one(self._tracks[i], rng) for i in rng.choice(len(self._tracks), n, p=self._share)]
        rows, per_token, whole, style = (np.stack(column) for column in zip(*made, strict=True))
        return Stretches(rows=rows, per_token=per_token, whole=whole, style=style)

    def every(self, stride_beats: int) -> Stretches:
        """Return all stretches on the grid, every `stride_beats` of each track, told everything."""
        made = []
        for track in self._tracks:
            half = SAMPLES_PER_BEAT // 2
            for first in range(half, len(track.rows) - self._length + 1, stride_beats * SAMPLES_PER_BEAT):
                made.append(self._told(track, first, False, track.bpm, track.style, track.confidence, with_path=False))
        rows, per_token, whole, style = (np.stack(column) for column in zip(*made, strict=True))
        return Stretches(rows=rows, per_token=per_token, whole=whole, style=style)

    def _one(self, track: Track, rng: np.random.Generator) -> tuple[F32, F32, F32, NDArray[np.int64]]:
        config = self._config
        most = len(track.rows) - self._length
        first = int(rng.integers(most + 1))
        if rng.random() >= config.off_grid:
            half = SAMPLES_PER_BEAT // 2
            on_grid = (first - half) // SAMPLES_PER_BEAT * SAMPLES_PER_BEAT + half
            first = on_grid if 0 <= on_grid <= most else first
        bpm = track.bpm * float(rng.uniform(1.0 - config.tempo_warp, 1.0 + config.tempo_warp))
        style = "" if rng.random() < config.style_dropout else track.style
        confidence = 0.5 if rng.random() < config.confidence_dropout else track.confidence
        is_mirrored, with_path = rng.random() < 0.5, rng.random() < config.path_share
        return self._told(track, first, is_mirrored, bpm, style, confidence, with_path=with_path)

    def _told(
        self, track: Track, first: int, is_mirrored: bool, bpm: float, style: str, confidence: float, *, with_path: bool
    ) -> tuple[F32, F32, F32, NDArray[np.int64]]:
        rows = track.rows[first : first + self._length].astype(np.float64)
        if is_mirrored:
            rows = pose_features.mirrored(rows)
        per_token, whole = [], []
        for step in range(self._n_steps):
            start = HISTORY + step * SAMPLES_PER_BEAT
            beat = (first + start) / SAMPLES_PER_BEAT
            at = np.floor(beat + (np.arange(conditions.N_TOKENS) + 0.5) * TOKEN / SAMPLES_PER_BEAT).astype(int)
            per_token.append(conditions.per_token(beat, track.energy[np.minimum(at, len(track.energy) - 1)]))
            path = path_of(rows[start : start + FUTURE]) if with_path else None
            asked = conditions.Whole(style=style, bpm=bpm, confidence=confidence, damped=track.damped, path=path)
            whole.append(conditions.whole(asked))
        number = np.array(conditions.STYLES.index(track.style))
        return rows.astype(np.float32), np.stack(per_token), np.stack(whole), number


def path_of(rows: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return (turn, left, ahead) that rows go, seen from where they begin."""
    walked = pose_features.walk(rows, 0.0, np.zeros(2))
    return float(walked.heading_rad[-1]), float(walked.xz_m[-1, 0]), float(walked.xz_m[-1, 1])
