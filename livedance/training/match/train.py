"""`livedance train match`: teaches the two encoders of the cross-modal evaluation; may be stopped and resumed.

A run lives in one folder: the music it made, `checkpoint.pt` (last epoch), `best.pt` (best on validation takes),
`log.csv`. Chance is drawn anew from (seed, epoch): a resumed run equals one that was never stopped. A batch has several
windows of each of its takes, all at different phases of the beat: the others of the same take are wrong answers too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.evaluation import match_features, match_gallery
from livedance.evaluation.match_features import STEPS_PER_BEAT
from livedance.evaluation.match_gallery import Space
from livedance.evaluation.match_net import PARTS, SIDES, Encoders
from livedance.training import runs
from livedance.training.match.net import MatchNet, NetConfig
from livedance.training.match.pairs import Take
from livedance.training.runs import Progress

EPOCH_FILES = ("checkpoint.pt", "best.pt")
F32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the encoders are taught."""

    seed: int = 1
    epochs: int = 20
    steps: int = 150
    """Of one epoch."""
    takes: int = 24
    """In a batch..."""
    windows: int = 4
    """... and windows of each, a quarter of a beat or more apart in phase."""
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    noise: float = 0.2
    """On the inputs, in spreads of each."""
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class MusicConfig:
    """What music is made for the takes."""

    seed: int = 1
    pieces: int = 6
    """For each take; every other one is steady."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """configs/train/match.toml as a whole."""

    music: MusicConfig = field(default_factory=MusicConfig)
    net: NetConfig = field(default_factory=NetConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


class Trainer:
    """One run: network, optimiser, place."""

    def __init__(self, config: RunConfig, out: Path) -> None:
        self.config, self.out = config, out
        torch.set_num_threads(config.train.threads)
        torch.manual_seed(config.train.seed)
        self.net = MatchNet(config.net)
        train = config.train
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=train.learning_rate, weight_decay=train.weight_decay
        )
        self.epoch = 0
        self.best = -math.inf
        self.data = ""

    def run(self, takes: Sequence[Take], tell: Callable[[Progress], None]) -> None:
        """Train from the present epoch to the last; validation takes tell which epoch is kept as the best."""
        taught, valid = [t for t in takes if not t.is_valid], [t for t in takes if t.is_valid]
        beats = sum(len(t.motion) for t in taught) // STEPS_PER_BEAT
        self.data = f"{beats} beats of {len(taught)} clips, {len(taught[0].music)} pieces of music each"
        if self.epoch == 0:
            rng = np.random.default_rng(self.config.train.seed)
            motion, music = batch(taught, 64, 4, rng)
            self.net.motion.standardise(torch.from_numpy(motion))
            self.net.music.standardise(torch.from_numpy(music))
        self.out.mkdir(parents=True, exist_ok=True)
        while self.epoch < self.config.train.epochs:
            started = time.perf_counter()
            loss = self._teach_epoch(taught, tell)
            scores = score(self.net, valid)
            self.epoch += 1
            self._keep(loss, scores, time.perf_counter() - started)
            tell(Progress(epoch=self.epoch, epochs=self.config.train.epochs, step=0, steps=0, loss=loss, scores=scores))

    def _teach_epoch(self, takes: Sequence[Take], tell: Callable[[Progress], None]) -> float:
        train = self.config.train
        torch.manual_seed(train.seed * 10_007 + self.epoch)
        rng = np.random.default_rng((train.seed, self.epoch))
        self.net.train()
        total = 0.0
        for step in range(train.steps):
            done = (self.epoch * train.steps + step) / (train.epochs * train.steps)
            for group in self.optimiser.param_groups:
                group["lr"] = train.learning_rate * (0.51 + 0.49 * math.cos(math.pi * min(1.0, done)))
            motion, music = (torch.from_numpy(x) for x in batch(takes, train.takes, train.windows, rng))
            motion = motion + train.noise * self.net.motion.scale * torch.randn_like(motion)
            music = music + train.noise * self.net.music.scale * torch.randn_like(music)
            loss = self.net.loss(motion, music)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
            total += float(loss.detach())
            mean = total / (step + 1)
            tell(Progress(epoch=self.epoch, epochs=train.epochs, step=step + 1, steps=train.steps, loss=mean))
        return total / train.steps

    def _keep(self, loss: float, scores: dict[str, float], seconds: float) -> None:
        is_best = scores["r1"] > self.best
        self.best = max(self.best, scores["r1"])
        saved = {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "epoch": self.epoch,
            "best": self.best,
            "config": asdict(self.config),
            "scores": scores,
            "data": self.data,
        }
        for name in EPOCH_FILES if is_best else EPOCH_FILES[:1]:
            torch.save(saved, self.out / f"{name}.part")
            (self.out / f"{name}.part").replace(self.out / name)
        line = {"epoch": self.epoch, "seconds": seconds, "loss": loss, **scores}
        runs.log(self.out, line)

    def resume(self) -> bool:
        """Go on from the last epoch in the run's folder; returns False when there is none."""
        path = self.out / EPOCH_FILES[0]
        if not path.is_file():
            return False
        saved = load_checkpoint(path)
        if NetConfig(**saved["config"]["net"]) != self.config.net:
            raise ConfigError(f"{path} holds another network than [net] asks for: give another --out")
        self.net.load_state_dict(saved["net"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.epoch, self.best = saved["epoch"], saved["best"]
        return True


def batch(takes: Sequence[Take], n_takes: int, n_windows: int, rng: np.random.Generator) -> tuple[F32, F32]:
    """Return matched windows (N, WINDOW, N_MOTION) and (N, WINDOW, N_MUSIC): `n_windows` of each of `n_takes` takes.

    No take comes twice, nor do both partners of a couple; windows of one take differ in phase by a quarter beat.
    """
    groups = sorted({take.group for take in takes})
    weights = np.array([max(len(t.motion) for t in takes if t.group == g) ** 0.5 for g in groups])
    n = min(n_takes, len(groups))
    motion, music = [], []
    for number in rng.choice(len(groups), n, replace=False, p=weights / weights.sum()):
        some = [take for take in takes if take.group == groups[number]]
        take = some[int(rng.integers(len(some)))]
        piece = take.music[int(rng.integers(len(take.music)))]
        starts = starts_apart(len(take.motion), n_windows, rng)
        motion.append(match_features.windows(take.motion, starts, is_music=False))
        music.append(match_features.windows(piece, starts, is_music=True))
    return np.concatenate(motion), np.concatenate(music)


def starts_apart(n_steps: int, n_windows: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return where windows of one take begin: anywhere, at phases evenly apart."""
    possible = match_features.starts_of(n_steps)
    first = int(rng.integers(STEPS_PER_BEAT))
    phases = (first + np.arange(n_windows) * STEPS_PER_BEAT // n_windows) % STEPS_PER_BEAT
    return np.array([rng.choice(possible[possible % STEPS_PER_BEAT == phase]) for phase in phases], np.intp)


def encoders_of(net: MatchNet) -> Encoders:
    """Return the network as the evaluation runs it."""
    return Encoders(weights_of(net))


def weights_of(net: MatchNet) -> dict[str, F32]:
    """Return the numbers of both encoders by the names of the evaluation."""
    state = net.state_dict()
    return {f"{side}/{part}": state[f"{side}.{part}"].numpy().copy() for side in SIDES for part in PARTS}


def score(net: MatchNet, takes: Sequence[Take]) -> dict[str, float]:
    """Return retrieval on takes, each with its first two pieces of music."""
    found = match_gallery.retrieve(space_of(encoders_of(net), takes, pieces=2), seed=0)
    return {
        "r1": found.r1.value,
        "to_music_r1": found.to_music_r1.value,
        "to_dance_r1": found.to_dance_r1.value,
        "matched": found.matched,
        "mismatched": found.mismatched,
    }


def space_of(encoders: Encoders, takes: Sequence[Take], pieces: int) -> Space:
    """Return all windows of takes in the common space."""
    groups = sorted({take.group for take in takes})
    spaces = []
    for i, take in enumerate(takes):
        starts = match_features.starts_of(len(take.motion))
        motion = encoders.motion(match_features.windows(take.motion, starts, is_music=False))
        for j, piece in enumerate(take.music[:pieces]):
            music = encoders.music(match_features.windows(piece, starts, is_music=True))
            number = np.full(len(starts), i * pieces + j)
            group = np.full(len(starts), groups.index(take.group))
            spaces.append(Space(motion=motion, music=music, take=number, group=group, start=starts))
    return match_gallery.joined(spaces)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return what `Trainer` saved."""
    saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return saved
