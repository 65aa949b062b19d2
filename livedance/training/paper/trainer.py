"""One run of the paper's generator: a row and a seed. May be stopped and resumed.

Its folder holds `checkpoint.pt` and `log.csv`, one line for every checkpoint. Chance is drawn anew from (seed, place):
a resumed run equals one that was never stopped. Order of a step as released: generator, local critic, content critic.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam

from livedance.errors import ConfigError
from livedance.training import runs
from livedance.training.paper import losses, rows
from livedance.training.paper.clips import Clips
from livedance.training.paper.config import TrainConfig
from livedance.training.paper.content_critic import ContentCritic
from livedance.training.paper.generator import Generator, white_noise
from livedance.training.paper.local_critic import LocalCritic
from livedance.training.paper.st_gcn import StGcn, perceptual

CHECKPOINT: Final = "checkpoint.pt"
Tell = Callable[[int, float], None]
"""Hears how many steps are done, and the last step's loss."""


class Trainer:
    """Generator, critics where the row has them, optimisers, place."""

    def __init__(
        self, config: TrainConfig, name: str, seed: int, out: Path, device: torch.device, eyes: StGcn | None = None
    ) -> None:
        """`eyes`: the ST-GCN of the perceptual loss, in evaluation mode, for rows that have it."""
        self.config, self.row, self.name, self.seed, self.out, self.device = (
            config, rows.row(name), name, seed, out, device,
        )  # fmt: skip
        torch.manual_seed(seed)
        self.net = Generator(config.width).to(device)
        self.local = LocalCritic(config.width).to(device) if self.row.is_local else None
        is_mixed = self.row.content == "mixed"
        has_content = self.row.content != "none"
        self.content = ContentCritic(config.width, is_mixed=is_mixed).to(device) if has_content else None
        self.eyes = eyes
        nets = ((self.net, config.rate), (self.local, config.local_rate), (self.content, config.content_rate))
        self.parts = [net for net, _ in nets if net is not None]
        self.optimisers = [Adam(net.parameters(), lr=rate) for net, rate in nets if net is not None]
        self.done = 0

    def run(self, clips: Clips, tell: Tell = lambda done, loss: None) -> None:
        """Teach from the present step to the last."""
        self.out.mkdir(parents=True, exist_ok=True)
        while self.done < self.config.steps:
            started, sums, first = time.perf_counter(), dict[str, float](), self.done
            torch.manual_seed(self.seed * 1_000_003 + first)
            rng = np.random.default_rng((self.seed, first))
            self._train_mode()
            last = min(self.config.steps, (first // self.config.keep_every + 1) * self.config.keep_every)
            while self.done < last:
                pick = rng.choice(len(clips), self.config.batch, replace=False)
                poses, audio = tensors(clips, pick, self.device)
                for key, value in self._step(poses, audio).items():
                    sums[key] = sums.get(key, 0.0) + value
                self.done += 1
                tell(self.done, sums["all"] / (self.done - first))
            self._keep({key: value / (last - first) for key, value in sums.items()}, time.perf_counter() - started)

    def _step(self, real: Tensor, audio: Tensor) -> dict[str, float]:
        made = self.net(audio, white_noise(*real.shape[:2]).to(self.device))
        found = self._generator(made, real, audio)
        local, content = self.local, self.content
        if local is not None:
            loss = losses.critics(local(real), local(made.detach()))
            _descend(self.optimisers[1], loss)
            found["local_critic"] = float(loss.detach())
        if content is not None:
            heard = content.hear(audio)
            loss = losses.critics(content.judge(real, heard), content.judge(made.detach(), heard))
            if self.row.penalty:
                loss = loss + self.config.penalty * losses.penalty(content, real, made, heard)
            _descend(self.optimisers[-1], loss)
            found["content_critic"] = float(loss.detach())
        return found

    def _generator(self, made: Tensor, real: Tensor, audio: Tensor) -> dict[str, float]:
        """Take the generator's step, with critics that do not learn from it."""
        config, parts = self.config, {"l1": (made - real).abs().mean()}
        total = config.l1 * parts["l1"]
        for critic in self.parts[1:]:
            critic.requires_grad_(False)
        if self.local is not None:
            parts["local"] = losses.taken_for(self.local(made), True)
            total = total + parts["local"]
        if self.content is not None:
            with torch.no_grad():
                heard = self.content.hear(audio)
            parts["content"] = losses.taken_for(self.content.judge(made, heard), True)
            total = total + parts["content"]
            if self.row.matching:
                parts["matching"] = losses.matching(self.content, made, real)
                total = total + config.matching * parts["matching"]
        if self.row.perceptual != "none":
            if self.eyes is None:
                raise ConfigError(f"row {self.name} needs the network that the perceptual loss looks with")
            parts["perceptual"] = perceptual(self.eyes, made, real)
            total = total + config.perceptual * parts["perceptual"]
        _descend(self.optimisers[0], total)
        for critic in self.parts[1:]:
            critic.requires_grad_(True)
        return {"all": float(total.detach()), **{name: float(value.detach()) for name, value in parts.items()}}

    def _train_mode(self) -> None:
        for net in self.parts:
            net.train()

    def _keep(self, found: dict[str, float], seconds: float) -> None:
        saved = {
            "row": self.name,
            "seed": self.seed,
            "done": self.done,
            "config": asdict(self.config),
            "nets": [net.state_dict() for net in self.parts],
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        part = self.out / f"{CHECKPOINT}.part"
        torch.save(saved, part)
        part.replace(self.out / CHECKPOINT)
        line = {"done": self.done, "seconds": seconds, **found}
        runs.log(self.out, line)

    def resume(self) -> bool:
        """Go on from the checkpoint in the folder; returns False when there is none; raises `ConfigError`."""
        if not (self.out / CHECKPOINT).is_file():
            return False
        saved = load(self.out, self.device)
        if saved["config"]["width"] != self.config.width:
            raise ConfigError(f"{self.out} holds networks of width {saved['config']['width']}: give another --out")
        for net, state in zip(self.parts, saved["nets"], strict=True):
            net.load_state_dict(state)
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.done = saved["done"]
        return True


def load(folder: Path, device: torch.device | None = None) -> dict[str, Any]:
    """Return what `Trainer` keeps."""
    saved: dict[str, Any] = torch.load(folder / CHECKPOINT, map_location=device or "cpu", weights_only=True)
    return saved


def load_generator(saved: dict[str, Any]) -> Generator:
    """Return the generator of a checkpoint, ready to be measured."""
    net = Generator(saved["config"]["width"])
    net.load_state_dict(saved["nets"][0])
    return net.eval()


def tensors(clips: Clips, pick: Any, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return (poses, samples) of some clips; samples keep the range of 16-bit numbers."""
    poses, audio = torch.from_numpy(clips.poses[pick]), torch.from_numpy(clips.audio[pick].astype(np.float32))
    return poses.to(device), audio.to(device)


def _descend(optimiser: Adam, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def frozen(net: nn.Module) -> None:
    """Let a network learn no more."""
    net.eval()
    net.requires_grad_(False)
