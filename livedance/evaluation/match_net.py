"""The two frozen encoders of the cross-modal evaluation, in NumPy: eight beats of dance or of music to a unit vector.

Taught by `livedance train match` on training takes, before any generator was looked at, and never a loss of anything.
"""

from __future__ import annotations

import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ModelError
from livedance.evaluation import match_features
from livedance.evaluation.match_features import STEPS_PER_BEAT, WINDOW_BEATS
from livedance.paths import model_dir

F32 = NDArray[np.float32]

NAME: Final = "match"
WEIGHTS: Final = "weights.npz"
MANIFEST: Final = "manifest.toml"
FORMAT: Final = 1
SIDES: Final = ("motion", "music")
KERNEL: Final = 5
PARTS: Final = ("mean", "scale", "first.weight", "first.bias", "second.weight", "second.bias", "hidden.weight",
                "hidden.bias", "out.weight", "out.bias")  # fmt: skip
_AT_ONCE: Final = 512


class Encoders:
    """Both encoders. Immutable; any thread."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self._weights = {
            side: {part: np.asarray(weights[f"{side}/{part}"], np.float32) for part in PARTS} for side in SIDES
        }

    @classmethod
    def load(cls, folder: Path | None = None) -> Encoders:
        """Read the encoders in `folder` (default: those that ship); raises `ModelError` when they do not fit."""
        place = model_dir(NAME) if folder is None else folder
        try:
            manifest = tomllib.loads((place / MANIFEST).read_text(encoding="utf-8"))
            data = (place / WEIGHTS).read_bytes()
            wanted = {
                "format": FORMAT,
                "features_version": match_features.VERSION,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            for key, value in wanted.items():
                if manifest.get(key) != value:
                    raise ValueError(f"its manifest says {key} = {manifest.get(key)!r}, needed is {value!r}")
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                return cls({name: archive[name] for name in archive.files})
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"the encoders in {place} cannot be used ({error}): make them again with 'livedance train match' "
                "and 'livedance export match'"
            ) from error

    def motion(self, windows: F32) -> F32:
        """Return unit vectors (N, D) of windows of dance (N, WINDOW, N_MOTION)."""
        return self._embedded("motion", windows)

    def music(self, windows: F32) -> F32:
        """Return unit vectors (N, D) of windows of heard music (N, WINDOW, N_MUSIC)."""
        return self._embedded("music", windows)

    def _embedded(self, side: str, windows: F32) -> F32:
        weights = self._weights[side]
        parts = [forward(weights, windows[i : i + _AT_ONCE]) for i in range(0, len(windows), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(weights["out.bias"])), np.float32)


def forward(weights: Mapping[str, F32], windows: F32) -> F32:
    """Return unit vectors (N, D): two convolutions, then what recurs every beat beside what changes between beats."""
    x = (windows - weights["mean"]) / weights["scale"]
    for layer in ("first", "second"):
        x = np.maximum(_convolved(x, weights[f"{layer}.weight"]) + weights[f"{layer}.bias"], 0.0)
    beats = x.reshape(len(x), WINDOW_BEATS, STEPS_PER_BEAT, -1)
    folded = np.concatenate([beats.mean(axis=1).reshape(len(x), -1), beats.mean(axis=2).reshape(len(x), -1)], axis=1)
    hidden = np.maximum(folded @ weights["hidden.weight"].T + weights["hidden.bias"], 0.0)
    out = hidden @ weights["out.weight"].T + weights["out.bias"]
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), np.float32)


def _convolved(x: F32, weight: F32) -> F32:
    """Return `x` (N, T, C) convolved with `weight` (D, C, KERNEL), as long as before, zeros around it."""
    half = KERNEL // 2
    wide = np.pad(x, ((0, 0), (half, half), (0, 0)))
    out = np.zeros((*x.shape[:2], len(weight)), np.float32)
    for k in range(KERNEL):
        out += wide[:, k : k + x.shape[1]] @ weight[:, :, k].T
    return out
