"""The paper's local temporal discriminator: one verdict on each half second, without the music."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from livedance.training.paper.audio_encoder import scaled
from livedance.training.paper.camera import N_NUMBERS
from livedance.training.paper.hcn import DROPPED, Hcn, as_in_paper

WINDOW: Final = 5
STRIDE: Final = 3
"""Frames: 16 windows of a clip of 50, two frames shared by neighbours."""


class LocalCritic(nn.Module):
    """HCN without its pooling, over windows of five frames."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.body = Hcn(width, is_pooled=False)
        hidden = scaled(256, width)
        self.head = nn.Sequential(
            nn.Linear(self.body.size * 16, hidden), nn.ReLU(), nn.Dropout(DROPPED), nn.Linear(hidden, 1)
        )
        as_in_paper(self)

    def forward(self, poses: Tensor) -> Tensor:
        """Return verdicts (B, 16) on poses (B, 50, 36), before the sigmoid."""
        pieces = poses.unfold(1, WINDOW, STRIDE).transpose(2, 3)  # (B, K, 5, 36)
        b, k = pieces.shape[:2]
        features, _ = self.body(pieces.reshape(b * k, WINDOW, N_NUMBERS))
        return torch.as_tensor(self.head(features).view(b, k))
