"""The two networks that look: the ST-GCN of the perceptual loss, and the judge that measures. Each learns on training
takes before any generator does, is kept in the study's folder, and is never changed again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from livedance.dance.conditions import STYLES
from livedance.errors import ConfigError
from livedance.training.paper.clips import Clips
from livedance.training.paper.config import JudgeConfig, LookConfig
from livedance.training.paper.judge import Judge
from livedance.training.paper.st_gcn import StGcn
from livedance.training.paper.trainer import frozen, tensors

LOOK, RANDOM_LOOK, JUDGE = "look.pt", "look_random.pt", "judge.pt"
RANDOM_STEPS: Final = 20
"""Batches that tell a network which never learns the scale of its own features."""
Tell = Callable[[int], None]


def look(config: LookConfig, width: float, clips: Clips, valid: Clips, path: Path, tell: Tell) -> dict[str, float]:
    """Teach the ST-GCN to name styles and keep it; returns the shares that are right (chance: 1 / styles)."""
    torch.manual_seed(config.seed)
    rng, net = np.random.default_rng(config.seed), StGcn(width, len(STYLES))
    optimiser = torch.optim.Adam(net.parameters(), lr=config.learning_rate)
    right = 0.0
    for step in range(config.steps):
        pick = rng.choice(len(clips), config.batch, replace=False)
        said, style = net(torch.from_numpy(clips.poses[pick])), torch.from_numpy(clips.style[pick])
        loss = cross_entropy(said, style)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        right = 0.98 * right + 0.02 * float((said.argmax(1) == style).float().mean())
        tell(step + 1)
    frozen(net)
    with torch.no_grad():
        said = net(torch.from_numpy(valid.poses)).argmax(1)
    scores = {"training": right, "validation": float((said == torch.from_numpy(valid.style)).float().mean())}
    _save({"net": net.state_dict(), "width": width, "scores": scores}, path)
    return scores


def random_look(config: LookConfig, width: float, clips: Clips, path: Path) -> None:
    """Keep an ST-GCN that never learnt; its batch norms alone are told what dance looks like, so scales compare."""
    torch.manual_seed(config.seed + 1)
    rng, net = np.random.default_rng(config.seed + 1), StGcn(width, len(STYLES))
    with torch.no_grad():
        for _ in range(RANDOM_STEPS):
            net(torch.from_numpy(clips.poses[rng.choice(len(clips), config.batch, replace=False)]))
    _save({"net": net.state_dict(), "width": width, "scores": {}}, path)


def load_look(path: Path, width: float) -> StGcn:
    """Return an ST-GCN that was kept, frozen; raises `ConfigError`."""
    saved = torch.load(path, weights_only=True)
    if saved["width"] != width:
        raise ConfigError(f"{path} has width {saved['width']}, the configuration {width}: give another --out")
    net = StGcn(width, len(STYLES))
    net.load_state_dict(saved["net"])
    frozen(net)
    return net


def judge(config: JudgeConfig, clips: Clips, path: Path, tell: Tell) -> None:
    """Teach the judge to tell which music goes with which dance, and keep it."""
    torch.manual_seed(config.seed)
    rng, net = np.random.default_rng(config.seed), Judge(config.width, len(STYLES))
    optimiser = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=0.02)
    for step in range(config.steps):
        pick = rng.choice(len(clips), config.batch, replace=False)
        poses, audio = tensors(clips, pick, torch.device("cpu"))
        loss = net.loss(poses, audio, torch.from_numpy(clips.style[pick]))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        tell(step + 1)
    _save({"net": net.state_dict(), "width": config.width}, path)


def load_judge(path: Path) -> Judge:
    """Return the judge that was kept, frozen."""
    saved = torch.load(path, weights_only=True)
    net = Judge(saved["width"], len(STYLES))
    net.load_state_dict(saved["net"])
    frozen(net)
    return net


def _save(what: dict[str, object], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(what, path)
