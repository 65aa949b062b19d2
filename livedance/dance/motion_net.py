"""The network in `models/dance`: two beats of dance in, the next two out. Same input, same bits on one machine.

onnxruntime on one thread that does not spin: the network is smaller than the cost of waking a second one.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from livedance.dance import conditions, pose_features
from livedance.errors import ModelError
from livedance.paths import model_dir

F32 = NDArray[np.float32]

MODEL_NAME: Final = "dance"
MODEL_FILE: Final = "model.onnx"
MANIFEST_FILE: Final = "manifest.toml"
FORMAT: Final = 1


class Answer(NamedTuple):
    """What a network says to what was danced."""

    future: F32
    """(n, FUTURE, SIZE) rows that follow."""
    mean: F32
    """(n, N_BEATS, codes) of the codes that may follow..."""
    spread: F32
    """... and how far they lie apart."""


class MotionNet:
    """The network in `models/dance`, or in the folder `path`. One thread at a time.

    Raises `ModelError` when the folder, the network or its manifest is missing, damaged or made for another livedance.
    """

    def __init__(self, path: Path | None = None) -> None:
        folder = model_dir(MODEL_NAME) if path is None else path
        weights = _checked_weights(folder)
        try:
            self._session = onnxruntime.InferenceSession(weights, _options(), providers=["CPUExecutionProvider"])
            self.codes = _codes(self._session)
        except Exception as error:  # onnxruntime raises its own undocumented types; all mean the same here
            raise ModelError(f"the dance network in {folder} cannot be loaded ({_first_line(error)})") from error

    def run(self, history: F32, per_token: F32, whole: F32, chance: F32, code: F32, led: F32) -> Answer:
        """Return what follows.

        Args:
            history: (n, HISTORY, SIZE) rows of `pose_features`.
            per_token: (n, N_TOKENS, N_PER_TOKEN) of `conditions`.
            whole: (n, N_WHOLE) of `conditions`.
            chance: (n, N_BEATS, codes) in spreads: how far what is danced lies from what is expected...
            code: ... or from this (n, N_BEATS, codes)...
            led: ... where this (n, 1) is 1.
        """
        given = {
            "history": history, "per_token": per_token, "whole": whole, "chance": chance, "code": code, "led": led,
        }  # fmt: skip
        return Answer(*self._session.run(None, {k: np.asarray(v, np.float32) for k, v in given.items()}))


def _options() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _codes(session: Any) -> int:
    """Return how many numbers of chance a beat takes; raises ValueError when the graph is no dance network."""
    inputs = {i.name: tuple(i.shape)[1:] for i in session.get_inputs()}
    wanted = {
        "history": (conditions.HISTORY, pose_features.SIZE),
        "per_token": (conditions.N_TOKENS, conditions.N_PER_TOKEN),
        "whole": (conditions.N_WHOLE,),
    }
    if any(inputs.get(name) != shape for name, shape in wanted.items()) or len(inputs.get("chance", ())) != 2:
        raise ValueError(f"its inputs are {inputs}")
    return int(inputs["chance"][1])


def _checked_weights(folder: Path) -> bytes:
    """Return the bytes of the network after its manifest was found to fit them and this program."""
    try:
        manifest = tomllib.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        weights = (folder / MODEL_FILE).read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(f"the dance network in {folder} cannot be read ({_first_line(error)})") from error
    wanted = {
        "format": FORMAT,
        "rows_version": pose_features.VERSION,
        "conditions_version": conditions.VERSION,
        "styles": list(conditions.STYLES),
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    for key, value in wanted.items():
        if manifest.get(key) != value:
            raise ModelError(
                f"the dance network in {folder} does not fit this livedance: its manifest says {key} = "
                f"{manifest.get(key)!r}, needed is {value!r}; reinstall livedance or train it again"
            )
    return weights


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
