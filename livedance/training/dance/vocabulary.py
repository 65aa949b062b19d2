"""The figures that go with a network: the codes that it gives to every two beats of its training clips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from livedance.dance import conditions, pose_features
from livedance.dance.conditions import FUTURE, HISTORY
from livedance.dance.figures import FILE, Figures
from livedance.dance.library import MotionLibrary
from livedance.dance.transitions import NEEDS_ARMS
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training.dance import losses
from livedance.training.dance.net import DanceNet
from livedance.training.dance.tracks import Track
from livedance.training.dance.windows import path_of

HALF = SAMPLES_PER_BEAT // 2


def make(net: DanceNet, tracks: Sequence[Track]) -> Figures:
    """Return the figures of all tracks that are not for validation, and of their mirror images."""
    columns: dict[str, list[NDArray[np.floating]]] = {name: [] for name in Figures.__slots__}
    number = 0
    for track in tracks:
        starts = range(HISTORY + HALF, len(track.rows) - FUTURE + 1, SAMPLES_PER_BEAT)
        if track.is_valid or not len(starts):
            continue
        for rows in (track.rows, pose_features.mirrored(track.rows)):
            for name, column in _of(net, track, rows, starts, number).items():
                columns[name].append(column)
            number += 1
    return Figures(**{name: np.concatenate(column) for name, column in columns.items()})  # type: ignore[arg-type]


def save(figures: Figures, folder: Path) -> int:
    """Write the figures beside the network, in half precision; returns the bytes."""
    halved = {name: getattr(figures, name) for name in Figures.__slots__}
    halved = {name: v.astype(np.float16) if v.dtype == np.float32 else v for name, v in halved.items()}
    np.savez_compressed(folder / FILE, **halved)
    return (folder / FILE).stat().st_size


def _of(
    net: DanceNet, track: Track, rows: NDArray[np.floating], starts: range, number: int
) -> dict[str, NDArray[np.floating]]:
    history = np.stack([rows[s - HISTORY : s] for s in starts])
    future = np.stack([rows[s : s + FUTURE] for s in starts])
    path = np.array([path_of(f.astype(np.float64)) for f in future])
    asked = conditions.Whole(style=track.style, bpm=track.bpm, confidence=track.confidence, damped=track.damped)
    whole = np.repeat(conditions.whole(asked)[None], len(history), 0)
    with torch.no_grad():
        past, coming = (torch.from_numpy(x.astype(np.float32)) for x in (history, future))
        memory = net.eval().listen(past, torch.from_numpy(whole))
        codes = net.guess(memory, coming)[0].numpy()
        crisp = _crisp(losses.seen(past, coming).numpy())
    beats = np.array([s // SAMPLES_PER_BEAT for s in starts])
    n = len(starts)
    goes_on = np.ones(n, bool)
    goes_on[-1] = False
    return {
        "codes": codes,
        "style": np.full(n, conditions.STYLES.index(track.style), np.uint8),
        "energy": 0.5 * (track.energy[beats] + track.energy[np.minimum(beats + 1, len(track.energy) - 1)]),
        "bpm": np.full(n, track.bpm, np.float32),
        "crisp": crisp.astype(np.float32),
        "path": path.astype(np.float32),
        "clip": np.full(n, number, np.int16),
        "goes_on": goes_on,
        "is_held": np.full(n, NEEDS_ARMS in MotionLibrary.shipped().clip(track.id).tags),
    }


def _crisp(joints: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return how much slower joints (n, 33, 18, 3) are on the two beats of a window than between them, [0, 1]."""
    speed = np.linalg.norm(np.diff(joints, axis=1), axis=-1).mean(axis=-1)
    phase = (np.arange(FUTURE) + HALF) % SAMPLES_PER_BEAT
    near = np.minimum(phase, SAMPLES_PER_BEAT - phase) <= 1
    out: NDArray[np.floating] = np.clip(1.0 - speed[:, near].mean(1) / (speed.mean(1) + 1e-6), 0.0, 1.0)
    return out
