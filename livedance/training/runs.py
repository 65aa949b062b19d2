"""What all training commands share: a configuration of dataclasses read from TOML, and where a run is."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from livedance.errors import ConfigError

Config = TypeVar("Config")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is, for whoever shows it."""

    epoch: int
    epochs: int
    step: int
    steps: int
    """Of one epoch."""
    loss: float
    scores: dict[str, float] | None = None
    """Measures on what the run does not learn from, at the end of an epoch."""


def read_config(path: Path, kind: type[Config], command: str) -> Config:
    """Return the configuration in a TOML file: one table for each field of `kind` that is a dataclass.

    Raises `ConfigError` naming the table or key that does not fit.
    """
    try:
        made: Config = _made(kind, tomllib.loads(path.read_text(encoding="utf-8")))
        return made
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{path} is no configuration of '{command}': {error}") from error


def with_epochs(config: Config, epochs: int | None) -> Config:
    """Return a configuration with another number of `train.epochs`, if one is given."""
    tree: Any = config
    out: Config = config if epochs is None else replace(tree, train=replace(tree.train, epochs=epochs))
    return out


def log(folder: Path, line: Mapping[str, float]) -> None:
    """Append a line to `log.csv` of a run's folder; the first brings the names of the columns."""
    path = folder / "log.csv"
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(line)
        writer.writerow([value if isinstance(value, int) else f"{value:.5g}" for value in line.values()])


def _made(kind: Any, table: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for key, value in table.items():
        if isinstance(value, dict) and is_dataclass(hints.get(key)):
            values[key] = _made(hints[key], value)
        else:
            values[key] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
