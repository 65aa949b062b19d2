"""`livedance train dance`: teaches the dance network from tracks; may be stopped and resumed.

A run lives in one folder: `checkpoint.pt` (last epoch), `best.pt` (best on validation), `log.csv` (one line per epoch).
A checkpoint holds its configuration. Chance is drawn anew from (seed, epoch): a resumed run equals one that was never
stopped.
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
from torch import Tensor

from livedance.dance import conditions
from livedance.dance.conditions import FUTURE, HISTORY
from livedance.errors import ConfigError
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training import runs
from livedance.training.dance import losses, roll_out
from livedance.training.dance.critics import CriticConfig, Critics
from livedance.training.dance.losses import LossConfig
from livedance.training.dance.net import DanceNet, NetConfig
from livedance.training.dance.tracks import Track
from livedance.training.dance.windows import Cutter, Stretches, WindowConfig
from livedance.training.runs import Progress

BLUR_KNOTS = 4
"""The history drifts from what was danced, it does not tremble."""
EPOCH_FILES = ("checkpoint.pt", "best.pt")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the network is taught."""

    seed: int = 3
    epochs: int = 40
    steps: int = 200
    """Of one epoch."""
    batch: int = 64
    learning_rate: float = 1e-3
    warm_up_steps: int = 200
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    windows: int = 4
    """Longest roll-out: the last window is learnt after so many less one of the network's own."""
    own_share: float = 0.6
    """Share of steps that are learnt after the network's own windows..."""
    own_from: int = 1000
    """... from this step on."""
    noise: float = 0.15
    """Most blur of the history, in spreads of each number; the older beat has twice as much."""
    held_share: float = 0.1
    """Share of histories whose older part stands still: as after a start."""
    averaging: float = 0.998
    """How much of the mean of the weights, which is what is kept, survives a step."""
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """configs/train/live.toml as a whole."""

    net: NetConfig = field(default_factory=NetConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    windows: WindowConfig = field(default_factory=WindowConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    critics: CriticConfig = field(default_factory=CriticConfig)


class Trainer:
    """One run: network, the mean of its weights, critics, optimisers, place."""

    def __init__(self, config: RunConfig, out: Path, device: torch.device) -> None:
        self.config, self.out, self.device = config, out, device
        torch.set_num_threads(config.train.threads)
        torch.manual_seed(config.train.seed)
        self.net = DanceNet(config.net).to(device)
        self.kept = DanceNet(config.net).to(device)
        self.kept.load_state_dict(self.net.state_dict())
        train = config.train
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=train.learning_rate, weight_decay=train.weight_decay, betas=(0.9, 0.98)
        )
        self.critics = Critics(config.critics).to(device) if config.critics.on else None
        self.epoch = 0
        self.best = math.inf
        self.data = ""
        self.before = ""
        """In words: what the weights had learnt before this run."""
        self.eyes: dict[str, float] = {}
        """How well the network of the perceptual loss sees."""

    def run(self, tracks: Sequence[Track], tell: Callable[[Progress], None]) -> None:
        """Train from the present epoch to the last on tracks that are not for validation."""
        train = self.config.train
        taught = Cutter([t for t in tracks if not t.is_valid], self.config.windows, train.windows)
        valid = Cutter([t for t in tracks if t.is_valid], self.config.windows, 4).every(2)
        self.data = f"{taught.n_beats} beats of {sum(not t.is_valid for t in tracks)} clips, mirrored too"
        if self.epoch == 0 and not self.before:
            some = taught.cut(512, np.random.default_rng(train.seed)).rows
            for net in (self.net, self.kept):
                net.standardise(torch.from_numpy(some).flatten(0, 1).to(self.device))
        self.out.mkdir(parents=True, exist_ok=True)
        if self.critics is not None and not self.critics.steps:
            self._open_eyes(self.critics, taught)
        while self.epoch < train.epochs:
            started = time.perf_counter()
            found = self._teach_epoch(taught, tell)
            scores = roll_out.score(self.kept, _tensors(valid, self.device), self.config.loss)
            self.epoch += 1
            self._keep(found, scores, time.perf_counter() - started)
            tell(Progress(epoch=self.epoch, epochs=train.epochs, step=0, steps=0, loss=found["all"], scores=scores))

    def _open_eyes(self, critics: Critics, cutter: Cutter) -> None:
        """Teach the network that the perceptual loss looks with."""
        rng = np.random.default_rng((self.config.train.seed, 2**20))

        def cut() -> tuple[Tensor, Tensor, Tensor]:
            some = _tensors(cutter.cut(self.config.train.batch, rng), self.device)
            return some.rows, some.per_token[:, 0, 0, :2], some.style

        self.eyes = critics.sight.learn(cut, self.config.critics.sight_steps)

    def _teach_epoch(self, cutter: Cutter, tell: Callable[[Progress], None]) -> dict[str, float]:
        train = self.config.train
        torch.manual_seed(train.seed * 10_007 + self.epoch)
        rng = np.random.default_rng((train.seed, self.epoch))
        sums: dict[str, float] = {}
        self.net.train()
        for step in range(train.steps):
            done = self.epoch * train.steps + step
            self._set_rate(done)
            found = self._teach(_tensors(cutter.cut(train.batch, rng), self.device), done, rng)
            for name, value in found.items():
                sums[name] = sums.get(name, 0.0) + value
            mean = sums["all"] / (step + 1)
            tell(Progress(epoch=self.epoch, epochs=train.epochs, step=step + 1, steps=train.steps, loss=mean))
        return {name: value / train.steps for name, value in sums.items()}

    def _teach(self, batch: roll_out.Batch, done: int, rng: np.random.Generator) -> dict[str, float]:
        """Take one step; returns its losses."""
        train, weights = self.config.train, self.config.loss
        own = rng.random() < train.own_share and done >= train.own_from
        k = int(rng.integers(1, train.windows)) if own else int(rng.integers(0, train.windows)) if done else 0
        history = roll_out.own_history(self.net, batch, k) if own else batch.history(k)
        history, told = self._blurred(history, batch.whole[:, k], rng)
        real, per_token = batch.future(k), batch.per_token[:, k]
        memory = self.net.listen(history, told)
        expected, guess = self.net.expect(memory, per_token), self.net.guess(memory, real)
        codes = guess[0] + guess[1] * torch.randn_like(guess[1])
        made = self.net.make(memory, history, per_token, codes)
        found = losses.parts(made, real, history, self.net.scale)
        total = sum(getattr(weights, name) * value for name, value in found.items())
        nats = losses.price(guess, expected, weights.code_free)
        total = total + weights.code * min(1.0, (done + 1) / weights.code_warm_up) * nats
        found["nats"] = nats
        if self.critics is not None:
            drawn = roll_out.codes_on_stage(expected, guess)
            free = self.net.make(memory, history, per_token, drawn)
            pleased, more = self.critics.judge(history, told, per_token, real, made, free, batch.style)
            total, found = total + pleased, {**found, **more}
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), train.clip_norm)
        self.optimiser.step()
        self._average(done)
        return {"all": float(total.detach()), **{name: float(value.detach()) for name, value in found.items()}}

    def _blurred(self, history: Tensor, whole: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return the history with blur, and what is told of the window with how much."""
        train, n = self.config.train, len(history)
        level = torch.from_numpy((train.noise * rng.random(n) * (rng.random(n) < 0.5)).astype(np.float32))
        level = level.to(history.device)[:, None, None]
        older = torch.where(torch.arange(HISTORY, device=history.device) < HISTORY // 2, 2.0, 1.0)[:, None]
        knots = torch.randn(n, history.shape[-1], BLUR_KNOTS, device=history.device)
        drift = torch.nn.functional.interpolate(knots, size=HISTORY, mode="linear", align_corners=True).transpose(1, 2)
        blurred = history + level * older * self.net.scale * drift
        for i in np.flatnonzero(rng.random(n) < train.held_share):
            blurred[i] = roll_out.held(blurred[i], int(rng.integers(8, HISTORY)))
        told = whole.clone()
        told[:, conditions.NOISE] = level[:, 0, 0]
        return blurred, told

    def _set_rate(self, step: int) -> None:
        """Warm up linearly, then fall along a cosine to a fiftieth."""
        train = self.config.train
        warm = min(1.0, (step + 1) / train.warm_up_steps)
        fall = 0.51 + 0.49 * math.cos(math.pi * min(1.0, step / (train.epochs * train.steps)))
        for group in self.optimiser.param_groups:
            group["lr"] = train.learning_rate * warm * fall

    @torch.no_grad()
    def _average(self, done: int) -> None:
        share = min(self.config.train.averaging, (done + 1) / (done + 10))
        for kept, now in zip(self.kept.parameters(), self.net.parameters(), strict=True):
            kept.lerp_(now, 1.0 - share)

    def _keep(self, found: dict[str, float], scores: dict[str, float], seconds: float) -> None:
        is_best = scores["worth"] < self.best
        self.best = min(self.best, scores["worth"])
        saved = {
            "net": self.net.state_dict(),
            "kept": self.kept.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "critics": None if self.critics is None else self.critics.saved(),
            "epoch": self.epoch,
            "best": self.best,
            "config": asdict(self.config),
            "scores": scores,
            "data": self.data,
            "before": self.before,
            "eyes": self.eyes,
        }
        for name in EPOCH_FILES if is_best else EPOCH_FILES[:1]:
            torch.save(saved, self.out / f"{name}.part")
            (self.out / f"{name}.part").replace(self.out / name)
        line = {"epoch": self.epoch, "seconds": seconds, **found, **{f"valid_{k}": v for k, v in scores.items()}}
        runs.log(self.out, line)

    def resume(self) -> bool:
        """Go on from the last epoch in the run's folder; returns False when there is none."""
        path = self.out / EPOCH_FILES[0]
        if not path.is_file():
            return False
        saved = load_checkpoint(path, self.device)
        if NetConfig(**saved["config"]["net"]) != self.config.net:
            raise ConfigError(f"{path} holds another network than [net] asks for: give another --out")
        self.net.load_state_dict(saved["net"])
        self.kept.load_state_dict(saved["kept"])
        self.optimiser.load_state_dict(saved["optimiser"])
        if self.critics is not None and saved["critics"] is not None:
            self.critics.load(saved["critics"])
        self.epoch, self.best = saved["epoch"], saved["best"]
        self.before, self.eyes = saved["before"], saved["eyes"]
        return True

    def begin_with(self, run: Path) -> None:
        """Begin with the weights of another run of the same network; raises `ConfigError` when there are none."""
        path = run / EPOCH_FILES[0]
        if not path.is_file():
            raise ConfigError(f"{run} holds no {path.name} to begin with")
        saved = load_checkpoint(path, self.device)
        if NetConfig(**saved["config"]["net"]) != self.config.net:
            raise ConfigError(f"{path} holds another network than [net] asks for")
        for net in (self.net, self.kept):
            net.load_state_dict(saved["kept"])
        before = [saved["before"]] if saved["before"] else []
        self.before = "; then ".join([*before, f"{saved['epoch']} epochs over {saved['data']}"])


def load_checkpoint(path: Path, device: torch.device | None = None) -> dict[str, Any]:
    """Return what `Trainer` saved."""
    saved: dict[str, Any] = torch.load(path, map_location=device or "cpu", weights_only=True)
    return saved


def load_net(saved: dict[str, Any]) -> DanceNet:
    """Return the network of a checkpoint (the mean of its weights), ready to dance."""
    net = DanceNet(NetConfig(**saved["config"]["net"]))
    net.load_state_dict(saved["kept"])
    return net.eval()


def _tensors(stretches: Stretches, device: torch.device) -> roll_out.Batch:
    return roll_out.Batch(
        rows=torch.from_numpy(stretches.rows).to(device),
        per_token=torch.from_numpy(stretches.per_token).to(device),
        whole=torch.from_numpy(stretches.whole).to(device),
        style=torch.from_numpy(stretches.style).to(device),
    )


assert FUTURE == 2 * SAMPLES_PER_BEAT
