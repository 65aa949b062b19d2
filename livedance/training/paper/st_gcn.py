"""The network that the pose perceptual loss looks with: ST-GCN (Yan, Xiong, Lin 2018), ten units over the skeleton's
graph and over time, which first learns here to name the style of a dance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from livedance.training.paper.audio_encoder import scaled
from livedance.training.paper.camera import BONES, N_NUMBERS, N_POINTS, NECK

UNITS: Final = ((64, 1), (64, 1), (64, 1), (64, 1), (128, 2), (128, 1), (128, 1), (256, 2), (256, 1), (256, 1))
"""Channels and stride in time."""
KERNEL: Final = 9
WEIGHTS: Final = (20.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Of each unit's features in the loss."""


class Unit(nn.Module):
    """Over the graph (itself, nearer to the neck, further away), then over time, with a way around both."""

    def __init__(self, incoming: int, outgoing: int, stride: int, dropped: float, *, is_first: bool) -> None:
        super().__init__()
        self.register_buffer("near", adjacency())
        self.mask = nn.Parameter(torch.ones(3, N_POINTS, N_POINTS))
        self.over_graph = nn.Conv2d(incoming, 3 * outgoing, 1)
        self.over_time = nn.Sequential(
            nn.BatchNorm2d(outgoing),
            nn.ReLU(),
            nn.Conv2d(outgoing, outgoing, (KERNEL, 1), (stride, 1), (KERNEL // 2, 0)),
            nn.BatchNorm2d(outgoing),
            nn.Dropout(dropped),
        )
        self.around: nn.Module | None = None if is_first else nn.Identity()
        if not is_first and (incoming != outgoing or stride != 1):
            self.around = nn.Sequential(nn.Conv2d(incoming, outgoing, 1, (stride, 1)), nn.BatchNorm2d(outgoing))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, T / stride, 18) of (B, in, T, 18)."""
        b, _, t, v = x.shape
        spread = self.over_graph(x).view(b, 3, -1, t, v)
        y = self.over_time(torch.einsum("bkctv,kvw->bctw", spread, self.near * self.mask))
        return relu(y if self.around is None else y + self.around(x))


class StGcn(nn.Module):
    """Ten units, and a word for the style."""

    def __init__(self, width: float, n_styles: int, dropped: float = 0.3) -> None:
        super().__init__()
        self.enter = nn.BatchNorm1d(N_NUMBERS)
        units, incoming = [], 2
        for i, (channels, stride) in enumerate(UNITS):
            outgoing = scaled(channels, width)
            units.append(Unit(incoming, outgoing, stride, dropped if i else 0.0, is_first=i == 0))
            incoming = outgoing
        self.units = nn.ModuleList(units)
        self.answer = nn.Linear(incoming, n_styles)

    def features(self, poses: Tensor) -> list[Tensor]:
        """Return what each unit sees in poses (B, T, 36)."""
        b, t, _ = poses.shape
        x = self.enter(poses.transpose(1, 2)).view(b, N_POINTS, 2, t).permute(0, 2, 3, 1)
        found = []
        for unit in self.units:
            x = unit(x)
            found.append(x)
        return found

    def forward(self, poses: Tensor) -> Tensor:
        """Return scores (B, n_styles) of each style."""
        return torch.as_tensor(self.answer(self.features(poses)[-1].mean((2, 3))))


def perceptual(net: StGcn, made: Tensor, real: Tensor) -> Tensor:
    """Return the pose perceptual loss of made poses (B, T, 36) against the real ones of the same music.

    Differences of the ten units' features, each a mean of absolute values, weighed 20, 5 and 1 for all others, not
    normalised, as released. `net` must be in evaluation mode; the real features carry no gradient.
    """
    with torch.no_grad():
        wanted = net.features(real)
    seen = net.features(made)
    return torch.stack([w * (a - b).abs().mean() for w, a, b in zip(WEIGHTS, seen, wanted, strict=True)]).sum()


def adjacency() -> Tensor:
    """Return (3, 18, 18): to itself, to the neighbour nearer to the neck, to those further away; columns sum to 1."""
    distance = np.full(N_POINTS, N_POINTS)
    distance[NECK] = 0
    for _ in range(N_POINTS):
        for a, b in BONES:
            distance[a] = min(distance[a], distance[b] + 1)
            distance[b] = min(distance[b], distance[a] + 1)
    near = np.zeros((3, N_POINTS, N_POINTS))
    near[0] = np.eye(N_POINTS)
    for a, b in BONES:
        inner, outer = (a, b) if distance[a] < distance[b] else (b, a)
        near[1, inner, outer] = near[2, outer, inner] = 1.0
    near /= np.maximum(near.sum((0, 1), keepdims=True), 1.0)
    return torch.tensor(near, dtype=torch.float32)
