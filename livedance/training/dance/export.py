"""`livedance export dance`: a training run -> `models/dance/` (model.onnx and manifest.toml), proven equal to torch."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from livedance.dance import conditions, pose_features
from livedance.dance.motion_net import FORMAT, MotionNet
from livedance.errors import FileError, ModelError
from livedance.networks import MANIFEST_FILE, MODEL_FILE
from livedance.training.dance import onnx_graph, tracks, vocabulary
from livedance.training.dance.net import DanceNet, shown_at_run_time
from livedance.training.dance.train import EPOCH_FILES, load_checkpoint, load_net

TOLERANCE: Final = 1e-4
"""Largest difference between torch and onnxruntime, both with the weights as the graph holds them."""
N_CHECK: Final = 64
MAX_BYTES: Final = 6_000_000
LICENCE: Final = "Apache-2.0"
TERMS: Final = (
    "Taught on the training clips of models/motion_library, which keep their licences and attributions: see NOTICE. "
    "Dance without music: beats were recovered from the motion; bars, phrases and sections were not known."
)


def export(run: Path, data_folder: Path, out: Path, commit: str) -> float:
    """Write the network of the training folder `run`, and the figures that it knows from the tracks in `data_folder`.

    Returns the network's largest difference from torch.

    Raises `FileError` without a checkpoint, `ModelError` when the network is too large or does not answer like torch.
    """
    path = run / EPOCH_FILES[0]
    if not path.is_file():
        raise FileError(f"{run} holds no {path.name}: run 'livedance train dance --out {run}' first")
    saved = load_checkpoint(path)
    net = load_net(saved)
    weights = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    data = onnx_graph.graph(net.config, weights)
    if len(data) > MAX_BYTES:
        raise ModelError(f"the dance network has {len(data)} bytes, allowed are {MAX_BYTES}: train a narrower one")
    out.mkdir(parents=True, exist_ok=True)
    (out / MODEL_FILE).write_bytes(data)
    vocabulary.save(vocabulary.make(net, tracks.load(data_folder)), out)
    (out / MANIFEST_FILE).write_text(manifest(saved, data, commit, shown_at_run_time(net)), encoding="utf-8")
    net.load_state_dict({k: torch.from_numpy(v) for k, v in onnx_graph.rounded(weights).items()})
    difference = parity(net, MotionNet(out))
    if difference > TOLERANCE:
        raise ModelError(f"{out / MODEL_FILE} differs from torch by {difference:.1e}, allowed is {TOLERANCE:.0e}")
    return difference


def parity(net: DanceNet, runtime: MotionNet, seed: int = 0) -> float:
    """Return the largest difference between torch and onnxruntime on random histories and conditions."""
    rng = np.random.default_rng(seed)
    shapes = (
        (conditions.HISTORY, pose_features.SIZE), (conditions.N_TOKENS, conditions.N_PER_TOKEN),
        (conditions.N_WHOLE,), (conditions.N_BEATS, net.config.codes),
    )  # fmt: skip
    history, per_token, whole, chance = (rng.normal(0.0, 0.5, (N_CHECK, *s)).astype(np.float32) for s in shapes)
    code = rng.normal(0.0, 0.5, chance.shape).astype(np.float32)
    led = (np.arange(N_CHECK) % 2).astype(np.float32)[:, None]
    history = history * net.scale.numpy() + net.mean.numpy()
    given = (history, per_token, whole, chance, code, led)
    with torch.no_grad():
        wanted = net.eval()(*(torch.from_numpy(x) for x in given)).numpy()
    return float(np.abs(runtime.run(*given).future - wanted).max())


def manifest(saved: dict[str, Any], data: bytes, commit: str, n_weights: int) -> str:
    """Return the text of the manifest: what the runtime checks first, then where the weights come from."""
    facts: dict[str, Any] = {
        "format": FORMAT,
        "rows_version": pose_features.VERSION,
        "conditions_version": conditions.VERSION,
        "styles": list(conditions.STYLES),
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "weights": n_weights,
        "commit": commit,
        "licence": LICENCE,
        "terms": TERMS,
        "data": saved["data"],
        "splits": "models/motion_library/splits.toml, configs/splits/dance.toml",
        "commands": ["livedance train data", "livedance train dance", "livedance export dance"],
        "seed": saved["config"]["train"]["seed"],
        "epochs": saved["epoch"],
    }
    if saved["before"]:
        facts["begun_with"] = saved["before"]
    lines = ["# Made by `livedance export dance`; do not edit.", *(_line(*fact) for fact in facts.items())]
    for name, table in saved["config"].items():
        lines += ["", f"[{name}]", *(_line(*fact) for fact in table.items())]
    lines += ["", "# Of the validation takes, see livedance/training/dance/roll_out.py: score.", "[scores]"]
    lines += [_line(name, round(value, 4)) for name, value in saved["scores"].items()]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    """Return a line of TOML; JSON's strings, numbers, booleans and lists are TOML's too."""
    return f"{key} = {json.dumps(value)}"
