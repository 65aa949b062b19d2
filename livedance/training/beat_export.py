"""`livedance export beat`: a training run -> `models/beat/` (model.onnx and manifest.toml), proven equal to torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from livedance.beat import bands
from livedance.beat.activation import (
    FORMAT,
    KERNEL,
    LATENCY_HOPS,
    N_OUTPUTS,
    ActivationNet,
)
from livedance.errors import FileError, ModelError
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Section
from livedance.networks import MANIFEST_FILE, MODEL_FILE
from livedance.training import beat_onnx
from livedance.training.beat_net import BeatNet, probabilities
from livedance.training.beat_train import load_checkpoint, load_net

TOLERANCE: Final = 1e-4
"""Largest difference between torch and onnxruntime over `N_CHECK_HOPS` hops with carried state."""
N_CHECK_HOPS: Final = 2_000
MAX_BYTES: Final = 1_048_576
LICENCE: Final = "Apache-2.0"
ANSWERS: Final = (
    *("beat", "downbeat", "rhythm", "build", "drop", "phrase"),
    *(f"section_{section.name.lower()}" for section in Section),
)


def export(run: Path, out: Path, commit: str) -> float:
    """Write the best network of the training folder `run` into `out`; returns its largest difference from torch.

    Raises `FileError` without a checkpoint, `ModelError` when the network is too large or does not answer like torch.
    """
    path = run / "best.pt"
    if not path.is_file():
        raise FileError(f"{run} holds no best.pt: run 'livedance train beat --out {run}' first")
    saved = load_checkpoint(path)
    net = load_net(saved)
    data = beat_onnx.graph(net.config, {name: value.numpy() for name, value in net.state_dict().items()})
    if len(data) > MAX_BYTES:
        raise ModelError(f"the beat network has {len(data)} bytes, allowed are {MAX_BYTES}: train with fewer units")
    out.mkdir(parents=True, exist_ok=True)
    (out / MODEL_FILE).write_bytes(data)
    (out / MANIFEST_FILE).write_text(manifest(saved, data, commit), encoding="utf-8")
    difference = parity(net, ActivationNet(out))
    if difference > TOLERANCE:
        raise ModelError(f"{out / MODEL_FILE} differs from torch by {difference:.1e}, allowed is {TOLERANCE:.0e}")
    return difference


def parity(net: BeatNet, runtime: ActivationNet, seed: int = 0) -> float:
    """Return the largest difference between torch and onnxruntime on random features, state carried along."""
    rng = np.random.default_rng(seed)
    levels = rng.random((N_CHECK_HOPS, bands.N_BANDS), np.float32) ** 2
    features = bands.with_rises(levels)
    with torch.no_grad():
        logits, _ = net.eval()(torch.from_numpy(features)[:, None], net.initial_state(1))
    wanted: F32 = probabilities(logits)[:, 0].numpy()
    state = runtime.initial_state()
    worst = 0.0
    for heard, want in zip(features, wanted, strict=True):
        answer = runtime.step(state, heard)
        found = (answer.beat, answer.downbeat, answer.rhythm, answer.build, answer.drop, answer.phrase, *answer.section)
        worst = max(worst, float(np.abs(np.array(found) - want).max()))
    return worst


def manifest(saved: dict[str, Any], data: bytes, commit: str) -> str:
    """Return the text of the manifest: what the runtime checks first, then where the weights come from."""
    net, train = saved["config"]["net"], saved["config"]["train"]
    facts: dict[str, Any] = {
        "format": FORMAT,
        "features_version": bands.VERSION,
        "n_features": bands.N_FEATURES,
        "latency_hops": LATENCY_HOPS,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "sample_rate_hz": HOP_RATE_HZ,
        "hop_samples": HOP_SAMPLES,
        "inputs": [
            f"features 1 {bands.N_FEATURES}",
            f"taps {net['layers']} 1 {(KERNEL - 1) * net['channels']}",
            f"short and long 1 1 {net['units']}",
        ],
        "outputs": [
            f"answer 1 {N_OUTPUTS}",
            f"kept {net['layers']} {net['channels']}",
            "next_short and next_long, as short and long",
        ],
        "answers": list(ANSWERS),
        "commit": commit,
        "licence": LICENCE,
        "data": saved["data"],
        "commands": ["livedance train beat-data", "livedance train beat", "livedance export beat"],
        "seed": train["seed"],
        "epochs": saved["epoch"],
    }
    if saved.get("before"):
        facts["begun_with"] = saved["before"]
    lines = ["# Made by `livedance export beat`; do not edit.", *(_line(*fact) for fact in facts.items())]
    for table in ("net", "train", "augment", "retime"):
        lines += ["", f"[{table}]", *(_line(*fact) for fact in saved["config"].get(table, {}).items())]
    for category, row in saved["scores"].items():
        lines += ["", f"[scores.{category}]"]
        lines += [_line(name, round(value, 4)) for name, value in row.items() if value == value]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    """Return a line of TOML; JSON's strings, numbers, booleans and lists are TOML's too."""
    return f"{key} = {json.dumps(value)}"
