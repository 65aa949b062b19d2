"""The paper's global content discriminator: one verdict on a whole clip and its music.

The released code mixes up the axes of batch and time before it pools the music, so that each verdict hears frames of
all songs of the batch and learns little of whether dance and music fit. `is_mixed` is that form, kept to be measured.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from livedance.training.paper.audio_encoder import MusicNet, scaled
from livedance.training.paper.hcn import DROPPED, Hcn, as_in_paper

ATTENTION: Final = 20
MAP: Final = 6
"""Places of HCN's last map: 3 in time, 2 across."""


class Attention(nn.Module):
    """Self-attentive pooling over time (Lin et al. 2017), one hop."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.ask = nn.Sequential(
            nn.Dropout(DROPPED), nn.Linear(size, ATTENTION, bias=False), nn.Tanh(), nn.Linear(ATTENTION, 1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, size) of (B, T, size)."""
        return (torch.softmax(self.ask(x), 1) * x).sum(1)


class ContentCritic(nn.Module):
    """HCN over the poses, an encoder of its own for the music, one verdict on both."""

    def __init__(self, width: float, *, is_mixed: bool = False) -> None:
        super().__init__()
        self.is_mixed = is_mixed
        self.body = Hcn(width, is_pooled=True)
        hidden, size = scaled(512, width), scaled(256, width)
        self.pose = nn.Sequential(
            nn.Linear(self.body.size * MAP, hidden), nn.ReLU(), nn.Dropout(DROPPED), nn.Linear(hidden, size)
        )
        self.both = nn.Conv1d(2, 1, 2)
        self.verdict = nn.Linear(size - 1, 1)
        as_in_paper(self)
        self.music = MusicNet(width)
        self.pool = Attention(self.music.size)

    def forward(self, poses: Tensor, audio: Tensor) -> Tensor:
        """Return verdicts (B,) on poses (B, 50, 36) to samples (B, 50, 1600), before the sigmoid."""
        return self.judge(poses, self.hear(audio))

    def hear(self, audio: Tensor) -> Tensor:
        """Return what is known of the music, (B, size)."""
        code = self.music(audio)
        if self.is_mixed:
            b, t, size = code.shape
            code = code.reshape(t, b, size).transpose(0, 1)
        return torch.as_tensor(self.pool(code))

    def judge(self, poses: Tensor, heard: Tensor) -> Tensor:
        """Return verdicts (B,) on poses to music that was heard."""
        pose = self.pose(self.body(poses)[0])
        return torch.as_tensor(self.verdict(self.both(torch.stack([pose, heard], 1))[:, 0])[:, 0])
