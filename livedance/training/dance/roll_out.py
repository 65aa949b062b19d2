"""Windows after windows of the network's own, and how good they are on takes that it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livedance.dance import pose_features
from livedance.dance.conditions import FUTURE, HISTORY
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training.dance import losses
from livedance.training.dance.losses import LossConfig
from livedance.training.dance.net import DanceNet

BEATS = SAMPLES_PER_BEAT


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Stretches as tensors, see `windows.Stretches`."""

    rows: Tensor
    per_token: Tensor
    whole: Tensor
    style: Tensor

    def history(self, k: int) -> Tensor:
        """Return the real two beats (B, 32, SIZE) before window `k`."""
        return self.rows[:, BEATS * k : BEATS * k + HISTORY]

    def future(self, k: int) -> Tensor:
        """Return the real rows (B, 32, SIZE) of window `k`."""
        return self.rows[:, BEATS * k + HISTORY : BEATS * k + HISTORY + FUTURE]


@torch.no_grad()
def own_history(net: DanceNet, batch: Batch, k: int) -> Tensor:
    """Return the history of window `k` as the network danced it, beat by beat, with codes of the real future."""
    history = batch.history(0)
    for step in range(k):
        memory = net.listen(history, batch.whole[:, step])
        mean, spread = net.guess(memory, batch.future(step))
        codes = mean + spread * torch.randn_like(spread)
        made = net.make(memory, history, batch.per_token[:, step], codes)
        history = torch.cat([history[:, BEATS:], made[:, :BEATS]], 1)
    return history


def held(rows: Tensor, n: int) -> Tensor:
    """Return rows (T, SIZE) whose first `n` stand still in the pose of row `n`."""
    out = rows.clone()
    out[:n] = rows[n]
    out[:n, pose_features.WAY], out[:n, pose_features.YAW] = 0.0, 0.0
    return out


def codes_on_stage(expected: tuple[Tensor, Tensor], guess: tuple[Tensor, Tensor]) -> Tensor:
    """Return codes (B, N_BEATS, codes) as a dancer on stage has them, who does not know the future.

    One half is drawn from what is expected, the other takes the likeliest of the others' codes: figures danced
    elsewhere.
    """
    mean, spread = expected
    with torch.no_grad():
        codes = guess[0]
        apart = (codes[None] - mean[:, None]) / spread[:, None]
        nats = (apart**2).sum((2, 3)) + torch.diag(torch.full((len(codes),), torch.inf, device=codes.device))
        others = codes[nats.argmin(1)]
    drawn = mean + spread * torch.randn_like(spread)
    is_drawn = (torch.arange(len(codes), device=codes.device) % 2 == 0)[:, None, None]
    return torch.where(is_drawn, drawn, others)


@torch.no_grad()
def score(net: DanceNet, batch: Batch, weights: LossConfig, seed: int = 0) -> dict[str, float]:
    """Return measures on validation stretches.

    `worth` is what training makes small, without blur; `cm` how far joints are off with codes of the real future, and
    `mean_cm` with the likeliest ones; `speed`, `jerk`, `slide` are those of free roll-outs over those of real dance.
    """
    net.eval()
    history, real = batch.history(0), batch.future(0)
    memory = net.listen(history, batch.whole[:, 0])
    expected, guess = net.expect(memory, batch.per_token[:, 0]), net.guess(memory, real)
    made = net.make(memory, history, batch.per_token[:, 0], guess[0])
    found = losses.parts(made, real, history, net.scale)
    nats = losses.price(guess, expected, 0.0)
    worth = sum(getattr(weights, name) * value for name, value in found.items()) + weights.code * nats
    likely = net.make(memory, history, batch.per_token[:, 0], expected[0])
    there = losses.seen(history, real)
    far = {name: (losses.seen(history, x) - there).norm(dim=-1).mean() for name, x in (("", made), ("mean_", likely))}
    free, free_joints = free_dance(net, batch, seed)
    whole = batch.rows[:, HISTORY:]
    real_joints = losses.seen(history, whole)
    compared = {
        "speed": free_joints.diff(dim=1).norm(dim=-1).mean() / real_joints.diff(dim=1).norm(dim=-1).mean(),
        "jerk": losses.jerk(free_joints) / losses.jerk(real_joints),
        "slide": losses.slides(free_joints, free[..., pose_features.CONTACT])
        / losses.slides(real_joints, whole[..., pose_features.CONTACT]),
    }
    figures = {"worth": worth, "nats": nats, **{f"{k}cm": 100.0 * v for k, v in far.items()}, **compared}
    return {name: float(value) for name, value in figures.items()}


@torch.no_grad()
def free_dance(net: DanceNet, batch: Batch, seed: int) -> tuple[Tensor, Tensor]:
    """Return rows and joints that the network dances after the history of each stretch, with codes of its own."""
    generator = torch.Generator().manual_seed(seed)
    history, danced = batch.history(0), []
    n_steps = batch.whole.shape[1]
    for step in range(n_steps):
        chance = torch.randn(len(history), 2, net.config.codes, generator=generator).to(history.device)
        made = net(history, batch.per_token[:, step], batch.whole[:, step], chance)
        danced.append(made if step == n_steps - 1 else made[:, :BEATS])
        history = torch.cat([history[:, BEATS:], made[:, :BEATS]], 1)
    rows = torch.cat(danced, 1)
    return rows, losses.seen(batch.history(0), rows)
