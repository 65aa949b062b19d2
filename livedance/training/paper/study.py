"""`livedance train paper`: the looking networks first, then every row with every seed. May be stopped and resumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from livedance.errors import ConfigError
from livedance.training.paper import clips, eyes
from livedance.training.paper.config import PaperConfig
from livedance.training.paper.rows import ROWS
from livedance.training.paper.trainer import CHECKPOINT, Trainer

FACTS = "study.json"
Tell = Callable[[str, int, int, float], None]
"""Hears what is being taught, steps done, all steps, and the loss."""


def run(config: PaperConfig, out: Path, device: torch.device, *, resume: bool, tell: Tell) -> None:
    """Teach all that `config` names; raises `ConfigError` when `out` holds a study and `resume` is not asked for."""
    if (out / FACTS).exists() and not resume:
        raise ConfigError(f"{out} holds a study already: add --resume to go on with it, or give another --out")
    torch.set_num_threads(config.train.threads)
    out.mkdir(parents=True, exist_ok=True)
    tell("cutting clips", 0, 1, 0.0)
    some = clips.training(config.data)
    _open_eyes(config, out, some, tell)
    (out / FACTS).write_text(json.dumps(asdict(config), indent=1) + "\n", encoding="utf-8")
    for seed in config.train.seeds:
        for name in config.train.rows:
            trainer = trainer_of(config, name, seed, out, device)
            trainer.resume()
            trainer.run(
                some, lambda done, loss, what=f"{name}, seed {seed}": tell(what, done, config.train.steps, loss)
            )


def trainer_of(config: PaperConfig, name: str, seed: int, out: Path, device: torch.device) -> Trainer:
    """Return the trainer of one row and seed, with the eyes it looks with."""
    file = {"learnt": eyes.LOOK, "random": eyes.RANDOM_LOOK}.get(ROWS[name].perceptual)
    net = None if file is None else eyes.load_look(out / file, config.train.width).to(device)
    return Trainer(config.train, name, seed, folder_of(out, name, seed), device, net)


def folder_of(out: Path, name: str, seed: int) -> Path:
    """Return where a row and seed are kept."""
    return out / f"{name}-{seed}"


def found(out: Path) -> list[tuple[str, int]]:
    """Return (row, seed) of all generators in a study, in the order of rows; raises `ConfigError` without any."""
    there = [(n, int(p.parent.name.split("-")[1])) for n in ROWS for p in sorted(out.glob(f"{n}-*/{CHECKPOINT}"))]
    if not there:
        raise ConfigError(f"{out} holds no study: run 'livedance train paper --out {out}' first")
    return there


def _open_eyes(config: PaperConfig, out: Path, some: clips.Clips, tell: Tell) -> None:
    """Teach the looking networks that are not there yet."""
    width, look, judge = config.train.width, config.look, config.judge
    if not (out / eyes.LOOK).exists():
        valid = clips.validation(config.data)
        eyes.look(look, width, some, valid, out / eyes.LOOK, lambda n: tell("ST-GCN, styles", n, look.steps, 0.0))
    if not (out / eyes.RANDOM_LOOK).exists():
        eyes.random_look(look, width, some, out / eyes.RANDOM_LOOK)
    if not (out / eyes.JUDGE).exists():
        eyes.judge(judge, some, out / eyes.JUDGE, lambda n: tell("judge", n, judge.steps, 0.0))
