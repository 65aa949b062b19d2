"""`livedance eval paper`: the ablation table over held-out takes, with anchors, as figures and as a picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import normalize

from livedance.training.paper import clips, eyes, measures, study
from livedance.training.paper.clips import Clips, DataConfig
from livedance.training.paper.generator import Generator, white_noise
from livedance.training.paper.judge import Judge
from livedance.training.paper.rows import ROWS
from livedance.training.paper.trainer import load, load_generator

Array = NDArray[np.floating]

DRAWS: Final = 5
"""Dances to the same music, for multimodality."""
BATCH: Final = 64
SETTLING: Final = 10
"""Batches of training clips that batch norms are settled with."""
ANCHORS: Final = {
    "A0": "real, held-out",
    "A1": "random training frames",
    "A2": "random training clip",
    "A3": "mean training pose",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One anchor, or one row with one seed. NaN: does not apply."""

    name: str
    says: str
    seed: int
    steps: int
    cross_modal: float
    fpd: float
    fpd_spread: float
    jerk: float
    align: float
    chance: float
    lift: float
    r1: float
    r5: float
    diversity: float
    multimodality: float
    c2st: float
    l1: float
    l1_running: float
    """The same with the batch norms' running means, as training left them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """All lines, what they were made with, and one clip of each to look at."""

    lines: list[Line]
    study: dict[str, object]
    eyes: dict[str, float]
    takes: dict[str, int]
    """Held-out clips of each take."""
    shown: dict[str, Array]
    """Name -> (50, 36): the same music for all."""


def run(folder: Path, tell: Callable[[str], None]) -> Outcome:
    """Measure all generators of a study; raises `ConfigError` when there is none."""
    there = study.found(folder)
    facts = json.loads((folder / study.FACTS).read_text(encoding="utf-8"))
    tell("cutting clips")
    held_out, training = clips.held_out(), clips.training(DataConfig(**facts["data"]))
    measure = _Measure(eyes.load_judge(folder / eyes.JUDGE), held_out, training)
    lines, shown = [], {}
    show = _to_show(held_out)
    for name, poses in _anchors(held_out, training).items():
        tell(f"measuring {name}")
        lines.append(measure.line(name, ANCHORS[name], 0, 0, poses[None]))
        shown[name] = poses[show]
    for name, seed in there:
        tell(f"measuring {name}, seed {seed}")
        saved = load(study.folder_of(folder, name, seed))
        net = load_generator(saved)
        running = float(np.abs(danced(net, held_out, 1)[0] - held_out.poses).mean())
        settle(net, training)
        poses = danced(net, held_out)
        lines.append(measure.line(name, ROWS[name].says, seed, saved["done"], poses, running))
        shown.setdefault(name, poses[0, show])
    looked = torch.load(folder / eyes.LOOK, weights_only=True)["scores"]
    takes = {name: held_out.take.count(name) for name in sorted(set(held_out.take))}
    return Outcome(lines=lines, study=facts, eyes=looked, takes=takes, shown=shown)


def danced(net: Generator, some: Clips, draws: int = DRAWS) -> Array:
    """Return (draws, N, 50, 36) that a generator dances to the music of clips, each time with other noise."""
    out = np.zeros((draws, *some.poses.shape), np.float32)
    with torch.no_grad():
        for draw in range(draws):
            chance = torch.Generator().manual_seed(draw)
            for first in range(0, len(some), BATCH):
                audio = torch.from_numpy(some.audio[first : first + BATCH].astype(np.float32))
                noise = white_noise(*audio.shape[:2], chance)
                out[draw, first : first + BATCH] = net(audio, noise).numpy()
    return out


def settle(net: Generator, some: Clips) -> None:
    """Give the batch norms the statistics of training clips under the last weights, in place of running means.

    Wu and Johnson 2021 (precise batch norm). Weights that still move fast leave running means behind, most of all where
    an adversary drives them.
    """
    norms = [part for part in net.modules() if isinstance(part, nn.BatchNorm1d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches, each weighing the same
        norm.train()
    chance, rng = torch.Generator().manual_seed(0), np.random.default_rng(0)
    with torch.no_grad():
        for _ in range(SETTLING):
            pick = rng.choice(len(some), min(BATCH, len(some)), replace=False)
            audio = torch.from_numpy(some.audio[pick].astype(np.float32))
            net(audio, white_noise(*audio.shape[:2], chance))
    net.eval()


class _Measure:
    """Held-out dance and training music as the judge knows them."""

    def __init__(self, judge: Judge, held_out: Clips, training: Clips) -> None:
        self._judge, self._real = judge, held_out
        self._seen = self._see(held_out.poses)
        self._heard = self._hear(held_out)
        self._jerk, self._diversity = measures.jerk(held_out.poses), measures.apart(self._seen)
        nearest = (self._heard @ self._hear(training).T).argmax(1)
        self._meant = _unit(self._see(training.poses[nearest]))
        self._halves = measures.halves(held_out)

    def line(self, name: str, says: str, seed: int, steps: int, poses: Array, running: float = float("nan")) -> Line:
        """Return all figures of poses (draws, N, 50, 36); only multimodality looks beyond the first draw."""
        first, real = poses[0], self._real
        seen = [self._see(draw) for draw in poses]
        unit, is_real = _unit(seen[0]), name == "A0"
        fpd, spread = measures.pose_distance(seen[0], self._seen)
        beat = measures.on_beat(first, real.beats_s)
        several = [measures.apart(np.stack([draw[i] for draw in seen])) for i in range(len(first))] if seed else []
        return Line(
            name=name,
            says=says,
            seed=seed,
            steps=steps,
            cross_modal=float((1.0 - (unit * self._meant).sum(1)).mean()),
            fpd=fpd,
            fpd_spread=spread,
            jerk=measures.jerk(first) / self._jerk,
            align=beat.score,
            chance=beat.chance,
            lift=beat.lift,
            r1=measures.retrieved(unit, self._heard, 1),
            r5=measures.retrieved(unit, self._heard, 5),
            diversity=measures.apart(seen[0]) / self._diversity,
            multimodality=float(np.mean(several)) / self._diversity if several else float("nan"),
            c2st=float("nan") if is_real else measures.told_apart(first, real.poses, *self._halves),
            l1=float(np.abs(first - real.poses).mean()),
            l1_running=running,
        )

    def _see(self, poses: Array) -> Array:
        with torch.no_grad():
            return np.asarray(self._judge.see(torch.from_numpy(np.ascontiguousarray(poses))).numpy(), np.float64)

    def _hear(self, some: Clips) -> Array:
        with torch.no_grad():
            parts = [
                normalize(self._judge.hear(torch.from_numpy(some.audio[i : i + BATCH].astype(np.float32))), dim=1)
                for i in range(0, len(some), BATCH)
            ]
        return np.asarray(torch.cat(parts).numpy(), np.float64)


def _anchors(held_out: Clips, training: Clips) -> dict[str, Array]:
    rng, n = np.random.default_rng(0), len(held_out)
    frames = training.poses.reshape(-1, training.poses.shape[-1])
    return {
        "A0": held_out.poses,
        "A1": frames[rng.integers(len(frames), size=held_out.poses.shape[:2])],
        "A2": training.poses[rng.choice(len(training), n, replace=False)],
        "A3": np.broadcast_to(frames.mean(0), held_out.poses.shape).astype(np.float32),
    }


def _to_show(held_out: Clips) -> int:
    """Return a clip from the middle of the longest take."""
    longest = max(sorted(set(held_out.take)), key=held_out.take.count)
    own = [i for i, take in enumerate(held_out.take) if take == longest]
    return own[len(own) // 2]


def _unit(features: Array) -> Array:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)


def means(lines: Sequence[Line], name: str, column: str) -> list[float]:
    """Return a column of a row, one number for each seed."""
    return [getattr(line, column) for line in lines if line.name == name]
