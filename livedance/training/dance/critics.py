"""The paper's three judges, made for a live dancer: what judges a dance beside its distance from the real one.

- *Pose perceptual loss*: features of a small ST-GCN (Yan et al. 2018) that first learns here to name the style, to tell
  the phase within the beat and to notice motion that runs backwards; differences of its layers, early ones weighing
  most, each in units of the layer's own mean.
- *Local temporal critic*: short pieces of motion, one verdict each; it knows nothing of the music.
- *Global content critic*: history and window with what was asked for; real dance beside the wrong phase or style counts
  as false, so that it must look at both (the released code of the paper mixed up the songs of a batch here).

Critics learn by hinge with spectral norm; the generator hears them on dance of codes that it drew itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, leaky_relu, mse_loss, relu
from torch.nn.utils.parametrizations import spectral_norm

from livedance import skeleton
from livedance.dance.conditions import FUTURE, HISTORY, N_PER_TOKEN, N_TOKENS, N_WHOLE, STYLES, TOKEN
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training.dance import kinematics, losses

LAYER_WEIGHTS: Final = (20.0, 5.0, 1.0, 1.0)
"""The paper's, for as many layers as there are here."""
N_JOINTS: Final = len(kinematics.BODY)
CENTRE: Final = skeleton.INDEX["chest"]


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """Which judges there are, and what their words weigh."""

    on: bool = False
    perceptual: float = 0.3
    local: float = 0.05
    content: float = 0.05
    matching: float = 0.3
    """Features of the critics on made dance against real."""
    liveliness: float = 0.15
    """Of dance with codes of its own: its speed and acceleration against those of the real dance of that energy."""
    learning_rate: float = 4e-4
    warm_up: int = 400
    """Steps in which only the critics learn."""
    sight_steps: int = 600
    """Steps in which the ST-GCN learns before all else."""


class Critics(nn.Module):
    """All three, with their optimiser."""

    def __init__(self, config: CriticConfig) -> None:
        super().__init__()
        self.config = config
        self.sight = Sight()
        self.local = Local()
        self.content = Content()
        both = [*self.local.parameters(), *self.content.parameters()]
        self.optimiser = torch.optim.Adam(both, lr=config.learning_rate, betas=(0.5, 0.9))
        self.steps = 0

    def judge(
        self,
        history: Tensor,
        whole: Tensor,
        per_token: Tensor,
        real: Tensor,
        made: Tensor,
        free: Tensor,
        style: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Teach the critics; return what the generator should make small, and its parts.

        `made` has the codes of the real future, `free` codes that the generator drew.
        """
        told = told_of(per_token, whole, style)
        there, here, alone = (losses.seen(history, rows) for rows in (real, made, free))
        before = kinematics.joints_of(history.detach())
        taught = self._teach(before, told, there, alone.detach())
        self.steps += 1
        parts = {"sight": self.sight.apart(here, there)}
        for p in (*self.local.parameters(), *self.content.parameters()):
            p.requires_grad_(False)
        parts["local"], parts["content"] = -self.local(alone)[0].mean(), -self.content(before, alone, told)[0].mean()
        parts["liveliness"] = less_lively(alone, there)
        parts["matching"] = matched(self.local(here)[1], self.local(there)[1]) + matched(
            self.content(before, here, told)[1], self.content(before, there, told)[1]
        )
        for p in (*self.local.parameters(), *self.content.parameters()):
            p.requires_grad_(True)
        c = self.config
        heard = min(1.0, max(0.0, (self.steps - c.warm_up) / max(c.warm_up, 1)))
        total = c.perceptual * parts["sight"] + c.liveliness * parts["liveliness"]
        total = total + heard * (
            c.local * parts["local"] + c.content * parts["content"] + c.matching * parts["matching"]
        )
        return total, {**parts, **taught}

    def _teach(self, before: Tensor, told: Tensor, real: Tensor, free: Tensor) -> dict[str, Tensor]:
        """Take one step of both critics."""
        local = relu(1.0 - self.local(real)[0]).mean() + relu(1.0 + self.local(free)[0]).mean()
        content = relu(1.0 - self.content(before, real, told)[0]).mean()
        content = content + 0.5 * relu(1.0 + self.content(before, free, told)[0]).mean()
        content = content + 0.5 * relu(1.0 + self.content(before, real, wrong(told))[0]).mean()
        self.optimiser.zero_grad(set_to_none=True)
        (local + content).backward()
        self.optimiser.step()
        return {"local_critic": local.detach(), "content_critic": content.detach()}

    def saved(self) -> dict[str, Any]:
        """Return what a run needs to go on."""
        return {"weights": self.state_dict(), "optimiser": self.optimiser.state_dict(), "steps": self.steps}

    def load(self, saved: dict[str, Any]) -> None:
        """Take what `saved` returned."""
        self.load_state_dict(saved["weights"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.steps = saved["steps"]


def told_of(per_token: Tensor, whole: Tensor, style: Tensor) -> Tensor:
    """Return (B, N_TOKENS, ...) of what was asked for; the true style stands there even where it was not told."""
    named = torch.nn.functional.one_hot(style, len(STYLES)).float()
    rest = torch.cat([named, whole[:, len(STYLES) :]], 1)
    return torch.cat([per_token, rest[:, None].expand(-1, N_TOKENS, -1)], 2)


def wrong(told: Tensor) -> Tensor:
    """Return what was asked of somebody else: the phase a quarter or half a beat off, or another's style."""
    out = told.clone()
    shift = torch.randint(1, 4, (len(told), 1), device=told.device) * (np.pi / 2.0)
    cos, sin = told[..., 0], told[..., 1]
    out[..., 0], out[..., 1] = cos * shift.cos() - sin * shift.sin(), sin * shift.cos() + cos * shift.sin()
    cos, sin = told[..., 2], told[..., 3]
    double = 2.0 * shift
    out[..., 2], out[..., 3] = cos * double.cos() - sin * double.sin(), sin * double.cos() + cos * double.sin()
    others = torch.rand(len(told), device=told.device) < 0.3
    at = slice(N_PER_TOKEN, N_PER_TOKEN + len(STYLES))
    swapped = torch.roll(told[..., at], 1, 0)
    out[others, :, at] = swapped[others]
    out[others, :, :4] = told[others, :, :4]
    return out


def matched(made: list[Tensor], real: list[Tensor]) -> Tensor:
    """Return the mean difference of a critic's features, each layer in units of its own mean."""
    apart = [(a - b.detach()).abs().mean() / (b.detach().abs().mean() + 1e-3) for a, b in zip(made, real, strict=True)]
    return torch.stack(apart).mean()


def moving(joints: Tensor) -> Tensor:
    """Return (B, T - 1, 18, 6): joints about the hips' place on the floor, and their speed in metres a beat."""
    speed = joints.diff(dim=1) * SAMPLES_PER_BEAT
    ground = joints[:, 1:, :1] * torch.tensor([1.0, 0.0, 1.0], device=joints.device)
    return torch.cat([joints[:, 1:] - ground, 0.3 * speed], -1)


def less_lively(free: Tensor, real: Tensor) -> Tensor:
    """Return how far speed and acceleration of each window lie from those of the real one, in logarithms."""
    apart = []
    for order in (1, 2):
        made, wanted = (x.diff(n=order, dim=1).norm(dim=-1).mean((1, 2)) for x in (free, real))
        apart.append(((made + 1e-5).log() - (wanted + 1e-5).log()).abs().mean())
    return torch.stack(apart).mean()


class Local(nn.Module):
    """Verdicts on pieces of half a beat."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        sizes = [(6 * N_JOINTS, width, 3, 1), (width, width, 4, 2), (width, width, 3, 1)]
        self.layers = nn.ModuleList(spectral_norm(nn.Conv1d(i, o, k, s)) for i, o, k, s in sizes)
        self.verdict = spectral_norm(nn.Conv1d(width, 1, 1))

    def forward(self, joints: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return verdicts (B, 1, pieces) on joints (B, T, 18, 3), and features."""
        x = moving(joints).flatten(2).transpose(1, 2)
        features = []
        for layer in self.layers:
            x = leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.verdict(x), features


class Content(nn.Module):
    """One verdict on history, window and what was asked for."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        told = N_PER_TOKEN + N_WHOLE
        self.enter = spectral_norm(nn.Conv1d(6 * N_JOINTS, width, 4, 4))
        self.ask = spectral_norm(nn.Conv1d(told, width, 1))
        self.layers = nn.ModuleList(spectral_norm(nn.Conv1d(width, width, 3, 1, 1)) for _ in range(3))
        self.verdict = spectral_norm(nn.Linear(width, 1))

    def forward(self, before: Tensor, joints: Tensor, told: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return verdicts (B, 1) on joints `before` (B, 32, 18, 3) and after (B, 33, 18, 3), and features."""
        past, coming = (moving(x).flatten(2).transpose(1, 2) for x in (before, joints))
        past = self.enter(torch.cat([past[:, :, :1], past], 2))
        coming = self.enter(coming) + self.ask(told.transpose(1, 2))
        x = torch.cat([past, coming], 2)
        features = []
        for layer in self.layers:
            x = x + leaky_relu(layer(x), 0.2)
            features.append(x[:, :, HISTORY // TOKEN :])
        return self.verdict(leaky_relu(x, 0.2).mean(2)), features


class GraphLayer(nn.Module):
    """One ST-GCN unit: over the skeleton (itself, nearer to the centre, further away), then over time."""

    def __init__(self, incoming: int, outgoing: int, stride: int) -> None:
        super().__init__()
        self.register_buffer("near", _adjacency())
        self.mask = nn.Parameter(torch.ones(3, N_JOINTS, N_JOINTS))
        self.over_graph = nn.Conv2d(incoming, 3 * outgoing, 1)
        self.first = nn.BatchNorm2d(outgoing)
        self.over_time = nn.Conv2d(outgoing, outgoing, (5, 1), (stride, 1), (2, 0))
        self.second = nn.BatchNorm2d(outgoing)
        is_same = incoming == outgoing and stride == 1
        self.around = nn.Identity() if is_same else nn.Conv2d(incoming, outgoing, 1, (stride, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, T / stride, 18) of (B, in, T, 18)."""
        b, _, t, v = x.shape
        spread = self.over_graph(x).view(b, 3, -1, t, v)
        y = torch.einsum("bkctv,kvw->bctw", spread, self.near * self.mask)
        y = self.second(self.over_time(relu(self.first(y))))
        return relu(y + self.around(x))


class Sight(nn.Module):
    """The ST-GCN whose features the perceptual loss compares."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [(6, 24, 1), (24, 24, 1), (24, 48, 2), (48, 48, 1)]
        self.layers = nn.ModuleList(GraphLayer(*size) for size in sizes)
        self.enter = nn.BatchNorm1d(6 * N_JOINTS)
        self.answer = nn.Linear(48, len(STYLES) + 2 + 1)

    def features(self, joints: Tensor) -> list[Tensor]:
        """Return what each layer sees in joints (B, T, 18, 3)."""
        x = moving(joints)
        b, t = x.shape[:2]
        x = self.enter(x.flatten(2).transpose(1, 2)).view(b, N_JOINTS, 6, t).permute(0, 2, 3, 1)
        found = []
        for layer in self.layers:
            x = layer(x)
            found.append(x)
        return found

    def apart(self, made: Tensor, real: Tensor) -> Tensor:
        """Return the perceptual loss of made joints against real ones."""
        self.eval()
        with torch.no_grad():
            wanted = self.features(real)
        total = torch.zeros((), device=made.device)
        for weight, a, b in zip(LAYER_WEIGHTS, self.features(made), wanted, strict=True):
            total = total + weight * (a - b).abs().mean() / (b.abs().mean() + 1e-3)
        return total / sum(LAYER_WEIGHTS)

    def learn(self, cut: Any, steps: int, rate: float = 2e-3) -> dict[str, float]:
        """Learn to see from `cut`, which returns (rows, cos and sin of the phase (B, 2), style) of real dance.

        Returns the shares that are right at the end: chance is 1/7 for the style, 0 for the phase, 1/2 for backwards.
        """
        optimiser = torch.optim.Adam(self.parameters(), lr=rate)
        self.train()
        seen: dict[str, float] = {"style": 0.0, "phase": 0.0, "backwards": 0.0}
        for step in range(steps):
            rows, phase, style = cut()
            joints = losses.seen(rows[:, :HISTORY], rows[:, HISTORY : HISTORY + FUTURE])
            back = torch.rand(len(rows), device=rows.device) < 0.5
            joints = torch.where(back[:, None, None, None], joints.flip(1), joints)
            said = self.answer(self.features(joints)[-1].mean((2, 3)))
            named, told, turned = said.split((len(STYLES), 2, 1), 1)
            ahead = ~back
            loss = cross_entropy(named, style) + mse_loss(told[ahead], phase[ahead])
            loss = loss + torch.nn.functional.binary_cross_entropy_with_logits(turned[:, 0], back.float())
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            if step >= steps - 100:
                n = min(100, steps)
                seen["style"] += float((named.argmax(1) == style).float().mean()) / n
                seen["phase"] += float(1.0 - mse_loss(told[ahead], phase[ahead]).detach() / 0.5) / n
                seen["backwards"] += float(((turned[:, 0] > 0) == back).float().mean()) / n
        self.eval()
        for p in self.parameters():
            p.requires_grad_(False)
        return seen


def _adjacency() -> Tensor:
    """Return (3, 18, 18): to itself, to the neighbour nearer to the centre, to those further away; columns sum to 1."""
    distance = [_steps(joint) for joint in range(N_JOINTS)]
    near = np.zeros((3, N_JOINTS, N_JOINTS))
    near[0] = np.eye(N_JOINTS)
    for a, b in skeleton.BONES:
        if a < N_JOINTS and b < N_JOINTS:
            inner, outer = (a, b) if distance[a] < distance[b] else (b, a)
            near[1, inner, outer] = near[2, outer, inner] = 1.0
    near /= np.maximum(near.sum(1, keepdims=True), 1.0)
    return torch.tensor(near, dtype=torch.float32)


def _steps(joint: int) -> int:
    """Return how many bones lie between a joint and the centre."""
    above = {j: p for j, p in enumerate(skeleton.PARENTS)}

    def chain(j: int) -> list[int]:
        return [j] if above[j] < 0 else [j, *chain(above[j])]

    one, other = chain(joint), chain(CENTRE)
    common = next(j for j in one if j in other)
    return one.index(common) + other.index(common)
