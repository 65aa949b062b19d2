"""Hierarchical co-occurrence features of a pose sequence (Li et al. 2018): positions and their motion, point by point,
then across all points at once.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d, relu

from livedance.training.paper.audio_encoder import scaled
from livedance.training.paper.camera import N_POINTS

SPREAD: Final = 32
"""Channels of the second layer at any width: after it they are an axis that is pooled four times."""
DROPPED: Final = 0.5


class Stream(nn.Module):
    """The first four layers, over positions or over motion."""

    def __init__(self, width: float, *, is_pooled: bool) -> None:
        super().__init__()
        self.is_pooled = is_pooled
        near, third, fourth = scaled(64, width), scaled(32, width), scaled(64, width)
        self.point = nn.Conv2d(2, near, 1)
        self.time = nn.Conv2d(near, SPREAD, (3, 1), padding=(1 if is_pooled else 0, 0))
        self.across = nn.Conv2d(N_POINTS, third, 3, padding=1)
        self.further = nn.Conv2d(third, fourth, 3, padding=1)
        self.drop = nn.Dropout2d(DROPPED)
        self.size = fourth

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return all four layers of (B, 2, T, 18); the last is (B, size, T', 32') with points as channels."""
        first = relu(self.point(x))
        second = self.time(first)
        third = self._pooled(self.across(second.transpose(1, 3).contiguous()))
        return [first, second, third, self._pooled(self.drop(self.further(third)))]

    def _pooled(self, x: Tensor) -> Tensor:
        return max_pool2d(x, 2) if self.is_pooled else x


class Hcn(nn.Module):
    """Both streams and the two layers over them."""

    def __init__(self, width: float, *, is_pooled: bool) -> None:
        """`is_pooled`: as published; else only the last layer is, for windows of five frames."""
        super().__init__()
        self.is_pooled = is_pooled
        self.place, self.motion = Stream(width, is_pooled=is_pooled), Stream(width, is_pooled=is_pooled)
        fifth, sixth = scaled(128, width), scaled(256, width)
        self.fifth = nn.Conv2d(2 * self.place.size, fifth, 3, padding=1)
        self.sixth = nn.Conv2d(fifth, sixth, 3, padding=1)
        self.drop = nn.Dropout2d(DROPPED)
        self.size = sixth

    def forward(self, poses: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return features (B, n) of poses (B, T, 36), and the taps of feature matching: six layers, motion's left out.

        The released code takes its third layer twice and never its fourth; here each is taken once.
        """
        b, t, _ = poses.shape
        x = poses.view(b, t, N_POINTS, 2).permute(0, 3, 1, 2)
        moved = interpolate(x[:, :, 1:] - x[:, :, :-1], size=(t, N_POINTS), mode="bilinear", align_corners=False)
        place, motion = self.place(x), self.motion(moved)
        fifth = self.drop(relu(self.fifth(torch.cat([place[-1], motion[-1]], 1))))
        fifth = max_pool2d(fifth, 2) if self.is_pooled else fifth
        sixth = max_pool2d(self.drop(relu(self.sixth(fifth))), 2)
        return sixth.flatten(1), [*place, fifth, sixth]


def as_in_paper(net: nn.Module) -> None:
    """Draw the first weights of a critic's convolutions and linear layers as the paper does (Xavier, uniform)."""
    for part in net.modules():
        if isinstance(part, (nn.Conv1d, nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
