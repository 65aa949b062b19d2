"""Networks as they ship: a folder in `models/` with an ONNX graph and the manifest that it must fit.

onnxruntime runs them on one thread that does not spin: they are smaller than the cost of waking a second one. Same
input, same bits on one machine. Its reports to its makers are off: nothing leaves this machine, and nothing is written.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from livedance.errors import ModelError

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read once, with the import
import onnxruntime

MODEL_FILE: Final = "model.onnx"
MANIFEST_FILE: Final = "manifest.toml"
VERSION: Final[str] = onnxruntime.__version__

Shape = TypeVar("Shape")


def opened(
    folder: Path, what: str, wanted: Mapping[str, Any], shape_of: Callable[[Any], Shape], retrain: str
) -> tuple[Any, Shape]:
    """Return the session of the network in `folder` and what `shape_of` says of it.

    Args:
        folder: holds `MODEL_FILE` and `MANIFEST_FILE`.
        what: its name in messages, as "the beat network".
        wanted: what its manifest must say; the checksum is added.
        shape_of: raises ValueError for a graph that is no such network.
        retrain: the command that makes such a network.

    Raises `ModelError` when folder, network or manifest is missing, damaged or made for another livedance.
    """
    weights = _checked_weights(folder, what, wanted, retrain)
    try:
        session = onnxruntime.InferenceSession(weights, _options(), providers=["CPUExecutionProvider"])
        return session, shape_of(session)
    except Exception as error:  # onnxruntime raises its own undocumented types; all mean the same here
        raise ModelError(f"{what} in {folder} cannot be loaded ({_first_line(error)})") from error


def providers() -> list[str]:
    """Return what onnxruntime could run networks on here."""
    return list(onnxruntime.get_available_providers())


def _options() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _checked_weights(folder: Path, what: str, wanted: Mapping[str, Any], retrain: str) -> bytes:
    try:
        manifest = tomllib.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        weights = (folder / MODEL_FILE).read_bytes()
    except (OSError, ValueError) as error:
        raise ModelError(f"{what} in {folder} cannot be read ({_first_line(error)})") from error
    for key, value in (dict(wanted) | {"sha256": hashlib.sha256(weights).hexdigest()}).items():
        if manifest.get(key) != value:
            raise ModelError(
                f"{what} in {folder} does not fit this livedance: its manifest says {key} = {manifest.get(key)!r}, "
                f"needed is {value!r}; reinstall livedance or make it again with '{retrain}'"
            )
    return weights


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
