"""The same clip played faster or slower: levels and truth together, so that a tempo is not learnt with its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from livedance.training.beat_clips import Clip
from livedance.training.beat_frames import frames
from livedance.training.beat_music.piece import Truth


@dataclass(frozen=True, kw_only=True)
class RetimeConfig:
    """How often and how far."""

    share: float = 0.0
    """Of clips, each time they are heard."""
    most: float = 0.15
    """Greatest change of speed: 1 / (1 + most) to 1 + most, evenly on a log scale."""


def varied(config: RetimeConfig, rng: np.random.Generator) -> Callable[[Clip], Clip]:
    """Return what lets a clip be heard at its own speed or another, by chance."""

    def hear(clip: Clip) -> Clip:
        if rng.random() >= config.share:
            return clip
        return retimed(clip, (1.0 + config.most) ** rng.uniform(-1.0, 1.0))

    return hear


def retimed(clip: Clip, speed: float) -> Clip:
    """Return `clip` at `speed` (2 = twice as fast), pitch unchanged: levels between hops are interpolated."""
    n_before = len(clip.levels)
    n_hops = max(1, int(n_before / speed))
    at = ((np.arange(n_hops) + 0.5) * speed - 0.5).clip(0.0, n_before - 1.0)
    first = np.minimum(at.astype(np.intp), max(n_before - 2, 0))
    share = (at - first).astype(np.float32)[:, None]
    levels = clip.levels.astype(np.float32)
    after = levels[np.minimum(first + 1, n_before - 1)]
    truth = retimed_truth(clip.truth, speed)
    answer = frames(truth, n_hops)
    return Clip(
        name=clip.name,
        truth=truth,
        levels=((1.0 - share) * levels[first] + share * after).astype(np.float16),
        target=answer.target.astype(np.float16),
        weight=answer.weight > 0.0,
    )


def retimed_truth(truth: Truth, speed: float) -> Truth:
    """Return `truth` with all its times divided by `speed`."""
    return replace(
        truth,
        beat_s=truth.beat_s / speed,
        downbeat_s=truth.downbeat_s / speed,
        phrase_s=truth.phrase_s / speed,
        rhythm=tuple((start / speed, end / speed) for start, end in truth.rhythm),
        sections=tuple((start / speed, section) for start, section in truth.sections),
        drop_s=truth.drop_s / speed,
        duration_s=truth.duration_s / speed,
    )
