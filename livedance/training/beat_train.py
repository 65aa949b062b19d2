"""`livedance train beat`: teaches the beat network, from clips on disk to a checkpoint; may be stopped and resumed.

A run lives in one folder: `checkpoint.pt` (last epoch), `best.pt` (best on validation), `log.jsonl` (one line per
epoch). A checkpoint holds its configuration. Chance is drawn anew from (seed, epoch): a resumed run equals one that was
never stopped.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from livedance.errors import ConfigError
from livedance.messages import F32
from livedance.training import beat_augment, beat_retime, beat_score
from livedance.training.beat_augment import AugmentConfig
from livedance.training.beat_clips import Clip
from livedance.training.beat_music.clips import SEEDS_PER_RUN
from livedance.training.beat_net import BeatNet, NetConfig, loss, probabilities
from livedance.training.beat_retime import RetimeConfig
from livedance.training.beat_streams import Chunk, Streams
from livedance.training.runs import Progress


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the network is taught."""

    seed: int = 3
    epochs: int = 40
    n_streams: int = 48
    n_hops: int = 768
    learning_rate: float = 2e-3
    warm_up_steps: int = 150
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    threads: int = 1
    """CPU threads; a small network gains nothing from more than two."""
    bf16: bool = False
    """Products in bfloat16 while teaching (weights stay float32): twice as fast on CPUs and GPUs that have it."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """configs/train/beat.toml as a whole."""

    net: NetConfig = field(default_factory=NetConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    retime: RetimeConfig = field(default_factory=RetimeConfig)


def pick_device(name: str) -> torch.device:
    """Return the torch device called `name`; `auto` is CUDA where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError("--device cuda: torch sees no CUDA GPU here; use --device cpu")
    return torch.device(name)


class Trainer:
    """One run: network, optimiser, place."""

    def __init__(self, config: RunConfig, out: Path, device: torch.device) -> None:
        self.config, self.out, self.device = config, out, device
        torch.set_num_threads(config.train.threads)
        torch.manual_seed(config.train.seed)
        self.net = BeatNet(config.net).to(device)
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), lr=config.train.learning_rate, weight_decay=config.train.weight_decay
        )
        self.epoch = 0
        self.best = -math.inf
        self.data = ""
        self.before = ""
        """In words: what the weights had learnt from before this run."""

    def run(self, clips: Sequence[Clip], tell: Callable[[Progress], None]) -> None:
        """Train from the present epoch to the last on clips that are not for validation."""
        taught = [c for c in clips if not c.is_valid]
        valid = [c for c in clips if c.is_valid]
        if not taught or not valid:
            raise ConfigError(f"{len(clips)} clips are too few to train and to validate on: render more")
        self.data = _described(taught, valid)
        if self.epoch == 0 and not self.before:
            self.net.standardise(_sample(taught, self.config.train.seed).to(self.device))
        self.out.mkdir(parents=True, exist_ok=True)
        while self.epoch < self.config.train.epochs:
            started = time.perf_counter()
            mean_loss = self._teach_epoch(taught, tell)
            table = beat_score.score(valid, listen(self.net, valid, self.device))
            self.epoch += 1
            self._keep(mean_loss, table, time.perf_counter() - started)
            epochs, scores = self.config.train.epochs, table["all"]
            tell(Progress(epoch=self.epoch, epochs=epochs, step=0, steps=0, loss=mean_loss, scores=scores))

    def _teach_epoch(self, clips: Sequence[Clip], tell: Callable[[Progress], None]) -> float:
        train = self.config.train
        torch.manual_seed(train.seed * 10_007 + self.epoch)
        generator = torch.Generator().manual_seed(train.seed * 10_009 + self.epoch)
        rng = np.random.default_rng((train.seed, self.epoch))
        hear = beat_retime.varied(self.config.retime, rng)
        streams = Streams(clips, n_streams=train.n_streams, n_hops=train.n_hops, rng=rng, hear=hear)
        steps = streams.chunks_per_epoch
        state = self.net.initial_state(train.n_streams)
        total = 0.0
        self.net.train()
        for step in range(steps):
            self._set_rate(self.epoch * steps + step, train.epochs * steps)
            value, state = self._teach(streams.next(), state, generator)
            total += value
            tell(Progress(epoch=self.epoch, epochs=train.epochs, step=step + 1, steps=steps, loss=total / (step + 1)))
        return total / steps

    def _teach(self, chunk: Chunk, state: Tensor, generator: torch.Generator) -> tuple[float, Tensor]:
        """Take one step; returns the loss and the state to carry on with."""
        levels = beat_augment.augment(torch.from_numpy(chunk.levels), self.config.augment, generator)
        features = beat_augment.with_rises(levels).to(self.device)
        heard = torch.from_numpy(~chunk.is_fresh).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.train.bf16):
            logits, state = self.net(features, state * heard[:, None])
        target, weight = (torch.from_numpy(a).to(self.device) for a in (chunk.target, chunk.weight))
        value = loss(logits.float(), target, weight)
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.config.train.clip_norm)
        self.optimiser.step()
        return float(value.detach()), state.detach().float()

    def _set_rate(self, step: int, steps: int) -> None:
        """Warm up linearly, then fall along a cosine to a hundredth."""
        train = self.config.train
        warm = min(1.0, (step + 1) / train.warm_up_steps)
        fall = 0.505 + 0.495 * math.cos(math.pi * min(1.0, step / steps))
        for group in self.optimiser.param_groups:
            group["lr"] = train.learning_rate * warm * fall

    def _keep(self, mean_loss: float, table: dict[str, dict[str, float]], seconds: float) -> None:
        worth = table["all"]["beat"] + 0.5 * table["all"]["downbeat"]
        is_best = worth > self.best
        self.best = max(self.best, worth)
        saved = {
            "net": self.net.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "epoch": self.epoch,
            "best": self.best,
            "config": asdict(self.config),
            "scores": table,
            "data": self.data,
            "before": self.before,
        }
        for name in ("checkpoint.pt", "best.pt") if is_best else ("checkpoint.pt",):
            torch.save(saved, self.out / f"{name}.part")
            (self.out / f"{name}.part").replace(self.out / name)
        line = {"epoch": self.epoch, "loss": round(mean_loss, 5), "seconds": round(seconds, 1), "scores": table}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def resume(self) -> bool:
        """Go on from the last epoch in the run's folder; returns False when there is none."""
        path = self.out / "checkpoint.pt"
        if not path.is_file():
            return False
        saved = load_checkpoint(path, self.device)
        if NetConfig(**saved["config"]["net"]) != self.config.net:
            raise ConfigError(f"{path} holds another network than [net] asks for: give another --out")
        self.net.load_state_dict(saved["net"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.epoch, self.best = saved["epoch"], saved["best"]
        self.before = saved.get("before", "")
        return True

    def begin_with(self, run: Path) -> None:
        """Begin with the best weights of another run of the same network; raises `ConfigError` when there are none."""
        path = run / "best.pt"
        if not path.is_file():
            raise ConfigError(f"{run} holds no best.pt to begin with")
        saved = load_checkpoint(path, self.device)
        if NetConfig(**saved["config"]["net"]).shape != self.config.net.shape:
            raise ConfigError(f"{path} holds another network than [net] asks for")
        self.net.load_state_dict(saved["net"])
        before = [saved["before"]] if saved.get("before") else []
        self.before = "; then ".join([*before, f"{saved['epoch']} epochs over {saved['data']}"])


def load_checkpoint(path: Path, device: torch.device | None = None) -> dict[str, Any]:
    """Return what `Trainer` saved."""
    saved: dict[str, Any] = torch.load(path, map_location=device or "cpu", weights_only=True)
    return saved


def load_net(saved: dict[str, Any]) -> BeatNet:
    """Return the network of a checkpoint, ready to listen."""
    net = BeatNet(NetConfig(**saved["config"]["net"]))
    net.load_state_dict(saved["net"])
    return net.eval()


@torch.no_grad()
def listen(net: BeatNet, clips: Sequence[Clip], device: torch.device, *, n_together: int = 32) -> list[F32]:
    """Return the (T, N_OUTPUTS) answers of each clip, each from the state before any sound."""
    net.eval()
    answers: list[F32] = [np.zeros(0, np.float32)] * len(clips)
    order = sorted(range(len(clips)), key=lambda i: len(clips[i].levels))
    for first in range(0, len(order), n_together):
        some = order[first : first + n_together]
        levels = _padded([clips[i].levels for i in some])
        logits, _ = net(beat_augment.with_rises(levels).to(device), net.initial_state(len(some)))
        said = probabilities(logits).cpu().numpy()
        for column, i in enumerate(some):
            answers[i] = said[: len(clips[i].levels), column]
    return answers


def _padded(levels: Sequence[Any]) -> Tensor:
    """Return (LEAD_HOPS + longest, B, N_BANDS), each after silence."""
    lead = beat_augment.LEAD_HOPS
    padded = np.zeros((lead + max(len(x) for x in levels), len(levels), levels[0].shape[1]), np.float32)
    for column, of in enumerate(levels):
        padded[lead : lead + len(of), column] = of
    return torch.from_numpy(padded)


def _described(taught: Sequence[Clip], valid: Sequence[Clip]) -> str:
    """Return in words what is learnt from, for the manifest: seeds of 'train beat-data' and songs."""
    hours, valid_hours = (sum(c.truth.duration_s for c in some) / 3_600 for some in (taught, valid))
    seeds = Counter(int(c.name) // SEEDS_PER_RUN for c in (*taught, *valid) if c.name.isdecimal())
    made = [f"{count} clips of --seed {seed}" for seed, count in sorted(seeds.items())]
    songs = len({c.name.partition("@")[0] for c in (*taught, *valid) if not c.name.isdecimal()})
    return (
        f"'livedance train beat-data': {', '.join([*made, f'{songs} songs at several tempi'])}; "
        f"{hours:.1f} h taught, {valid_hours:.1f} h for validation"
    )


def _sample(clips: Sequence[Clip], seed: int) -> Tensor:
    """Return (N, N_FEATURES) features of a few clips, for mean and spread."""
    chosen = np.random.default_rng(seed).permutation(len(clips))[:64]
    features = [beat_augment.with_rises(_padded([clips[i].levels]))[:, 0] for i in chosen]
    return torch.cat(features)
