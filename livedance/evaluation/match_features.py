"""What the two encoders of the cross-modal evaluation see: dance and heard music, eight numbers a beat, in beat time.

What tells takes apart and is no match of dance and music is taken out: tempo (both are in beats), place, facing, side,
and how strong a whole window is. What is left is when something happens, and how it rises and falls.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.messages import SAMPLES_PER_BEAT

Array = NDArray[np.floating]
F32 = NDArray[np.float32]

VERSION: Final = 1
"""Raised when a number means something else: encoders taught on another version do not fit."""
STEPS_PER_BEAT: Final = 8
WINDOW_BEATS: Final = 8
WINDOW: Final = STEPS_PER_BEAT * WINDOW_BEATS
N_SPEEDS: Final = 8
N_MOTION: Final = N_SPEEDS + 5
N_MUSIC: Final = 12
_STILL: Final = 0.15
"""Metres a beat: slower motion is no motion."""
_BODY: Final = 18
_CIRCLE: Final = slice(9, 11)
"""The heard place in the beat: cosine and sine, which mean what they are, not what they are above their mean."""


def motion(joints_m: Array) -> F32:
    """Return (8 n, N_MOTION) of a dance (16 n, 23, 3): speeds in log metres a beat, and which way hips, head, hands go.

    The faster and the slower hand and foot, not the left and the right: a mirror changes nothing.
    """
    soft = joints_m.astype(np.float64)
    for _ in range(2):
        around = np.concatenate([soft[:1], soft, soft[-1:]])
        soft = 0.25 * around[:-2] + 0.5 * around[1:-1] + 0.25 * around[2:]
    velocity = np.gradient(soft, axis=0) * SAMPLES_PER_BEAT
    velocity = _paired(velocity)
    speed = np.linalg.norm(velocity, axis=-1)
    at = skeleton.INDEX
    hands, feet = (np.sort(speed[:, [at[f"l_{name}"], at[f"r_{name}"]]], axis=1) for name in ("wrist", "ankle"))
    alone = speed[:, [at["hips"], at["chest"], at["head"]]]
    speeds = np.log(np.concatenate([alone, hands, feet, speed[:, :_BODY].mean(axis=1)[:, None]], axis=1) + _STILL)
    up = velocity[..., 1]
    ways = [
        up[:, at["hips"]],
        up[:, at["head"]],
        up[:, [at["l_wrist"], at["r_wrist"]]].mean(axis=1),
        _paired(soft[:, at["hips"], 1]),
        np.gradient(speeds[:, -1]),
    ]
    return np.concatenate([speeds, np.stack(ways, axis=1)], axis=1).astype(np.float32)


def music_edges(n_beats: int) -> Array:
    """Return the beats (8 n + 1,) between which each step of music is heard."""
    return np.arange(n_beats * STEPS_PER_BEAT + 1) / STEPS_PER_BEAT


def windows(rows: Any, starts: NDArray[np.intp], *, is_music: bool) -> F32:
    """Return (N, WINDOW, C): eight beats of `rows` (T, C) from each of `starts`, about their own mean and strength."""
    cut = np.asarray(rows)[starts[:, None] + np.arange(WINDOW)]
    return (about_music if is_music else about_motion)(cut)


def about_motion(cut: F32) -> F32:
    """Return windows of dance (..., WINDOW, N_MOTION) about their means; ways in spreads of themselves."""
    out = cut - cut.mean(axis=-2, keepdims=True)
    ways = out[..., N_SPEEDS:]
    spread = np.sqrt(np.square(ways).mean(axis=-2, keepdims=True))
    out[..., N_SPEEDS:] = ways / (spread + 0.02)
    return np.asarray(out, np.float32)


def about_music(cut: F32) -> F32:
    """Return windows of music (..., WINDOW, N_MUSIC) about their means, but for the circle of the beat."""
    out = cut - cut.mean(axis=-2, keepdims=True)
    out[..., _CIRCLE] = cut[..., _CIRCLE]
    return np.asarray(out, np.float32)


def starts_of(n_steps: int, stride: int = 1) -> NDArray[np.intp]:
    """Return where windows may begin in `n_steps` steps."""
    return np.arange(0, max(n_steps - WINDOW + 1, 0), stride, dtype=np.intp)


def _paired(samples: Array) -> Array:
    """Return the means of every two samples."""
    n = len(samples) // 2 * 2
    out: Array = 0.5 * (samples[:n:2] + samples[1:n:2])
    return out
