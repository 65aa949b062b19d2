"""`configs/train/paper.toml` as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from livedance.training import runs
from livedance.training.paper import rows
from livedance.training.paper.clips import DataConfig


@dataclass(frozen=True, kw_only=True)
class LookConfig:
    """How the ST-GCN of the perceptual loss learns to name styles; its width is that of all networks."""

    seed: int = 21
    steps: int = 400
    batch: int = 32
    learning_rate: float = 2e-3


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """The network that measures: another architecture, another seed, never part of a loss."""

    seed: int = 31
    width: int = 48
    steps: int = 800
    batch: int = 64
    learning_rate: float = 1e-3


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How each generator is taught; weights and rates are the released code's unless a file says otherwise."""

    rows: tuple[str, ...] = tuple(rows.ROWS)
    seeds: tuple[int, ...] = (1, 2, 3)
    width: float = 1.0
    """Of every layer; 1.0 is the paper's network."""
    steps: int = 40_000
    keep_every: int = 200
    """Steps between two checkpoints."""
    batch: int = 16
    rate: float = 3e-4
    local_rate: float = 3e-4
    content_rate: float = 5e-4
    l1: float = 200.0
    perceptual: float = 1.0
    matching: float = 1.0
    penalty: float = 1.0
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class PaperConfig:
    """The whole file."""

    data: DataConfig = field(default_factory=DataConfig)
    look: LookConfig = field(default_factory=LookConfig)
    judge: JudgeConfig = field(default_factory=JudgeConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


def read_config(path: Path) -> PaperConfig:
    """Return the configuration in a TOML file; raises `ConfigError` naming the key that does not fit."""
    return chosen(runs.read_config(path, PaperConfig, "train paper"))


def chosen(
    config: PaperConfig, names: tuple[str, ...] = (), seeds: tuple[int, ...] = (), steps: int | None = None
) -> PaperConfig:
    """Return `config` with other rows, seeds and steps where they are given; raises `ConfigError`."""
    train = config.train
    train = replace(train, rows=names or train.rows, seeds=seeds or train.seeds, steps=steps or train.steps)
    for name in train.rows:
        rows.row(name)
    return replace(config, train=train)
