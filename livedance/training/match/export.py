"""`livedance export match`: a training run -> `models/match/` (weights.npz, manifest.toml), proven equal to torch."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from livedance.errors import FileError, ModelError
from livedance.evaluation import match_features
from livedance.evaluation.match_features import N_MOTION, N_MUSIC, WINDOW
from livedance.evaluation.match_net import FORMAT, MANIFEST, WEIGHTS, Encoders
from livedance.training.match.net import MatchNet, NetConfig
from livedance.training.match.train import EPOCH_FILES, load_checkpoint, weights_of

TOLERANCE: Final = 1e-4
MAX_BYTES: Final = 400_000
N_CHECK: Final = 64
LICENCE: Final = "Apache-2.0"
TERMS: Final = (
    "Taught on the training clips of models/motion_library, which keep their licences and attributions: see NOTICE. "
    "Dance without music: beats were recovered from the motion, music was synthesised on them. For measuring only."
)


def export(run: Path, out: Path, commit: str) -> float:
    """Write the best encoders of the training folder `run` into `out`; returns the largest difference from torch.

    Raises `FileError` without a checkpoint, `ModelError` when they are too large or do not answer like torch.
    """
    path = run / EPOCH_FILES[1]
    if not path.is_file():
        raise FileError(f"{run} holds no {path.name}: run 'livedance train match --out {run}' first")
    saved = load_checkpoint(path)
    net = MatchNet(NetConfig(**saved["config"]["net"]))
    net.load_state_dict(saved["net"])
    rounded = {name: value.astype(np.float16) for name, value in weights_of(net).items()}
    file = io.BytesIO()
    np.savez_compressed(file, **rounded)
    data = file.getvalue()
    if len(data) > MAX_BYTES:
        raise ModelError(f"the encoders have {len(data)} bytes, allowed are {MAX_BYTES}: train narrower ones")
    out.mkdir(parents=True, exist_ok=True)
    (out / WEIGHTS).write_bytes(data)
    (out / MANIFEST).write_text(manifest(saved, data, commit), encoding="utf-8")
    difference = parity(net, Encoders.load(out))
    if difference > TOLERANCE:
        raise ModelError(f"{out / WEIGHTS} differs from torch by {difference:.1e}, allowed is {TOLERANCE:.0e}")
    return difference


def parity(net: MatchNet, encoders: Encoders, seed: int = 0) -> float:
    """Return the largest difference between torch, with weights as the file rounds them, and NumPy."""
    rounded = MatchNet(net.config).eval()
    rounded.load_state_dict({k: v.half().float() if v.dim() or "." in k else v for k, v in net.state_dict().items()})
    rng = np.random.default_rng(seed)
    apart = 0.0
    for side, inputs, encode in (("motion", N_MOTION, encoders.motion), ("music", N_MUSIC, encoders.music)):
        windows = rng.normal(size=(N_CHECK, WINDOW, inputs)).astype(np.float32)
        with torch.no_grad():
            wanted = getattr(rounded, side)(torch.from_numpy(windows)).numpy()
        apart = max(apart, float(np.abs(encode(windows) - wanted).max()))
    return apart


def manifest(saved: dict[str, Any], data: bytes, commit: str) -> str:
    """Return the text of the manifest: what the evaluation checks first, then where the weights come from."""
    facts: dict[str, Any] = {
        "format": FORMAT,
        "features_version": match_features.VERSION,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "commit": commit,
        "licence": LICENCE,
        "terms": TERMS,
        "data": saved["data"],
        "splits": "models/motion_library/splits.toml, configs/splits/dance.toml",
        "commands": ["livedance train match", "livedance export match"],
        "epochs": saved["epoch"],
    }
    lines = ["# Made by `livedance export match`; do not edit.", *(_line(*fact) for fact in facts.items())]
    for name, table in saved["config"].items():
        lines += ["", f"[{name}]", *(_line(*fact) for fact in table.items())]
    lines += ["", "# Of the validation takes, see livedance/training/match/train.py: score.", "[scores]"]
    lines += [_line(name, round(value, 4)) for name, value in saved["scores"].items()]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    """Return a line of TOML; JSON's strings, numbers, booleans and lists are TOML's too."""
    return f"{key} = {json.dumps(value)}"
