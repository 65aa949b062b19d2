"""The paper's generator: music and recurrent noise in, 18 points of the picture out, frame by frame."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from livedance.training.paper.audio_encoder import MusicNet, scaled
from livedance.training.paper.camera import N_NUMBERS

NOISE: Final = 10
NOISE_SPREAD: Final = 0.33
HIDDEN: Final = 1024
BLOCKS: Final = 3
DROPPED: Final = 0.5


class Block(nn.Module):
    """A residual block; its batch norms pool clips and frames alike."""

    def __init__(self, size: int) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for _ in range(2):
            parts += [nn.Linear(size, size), nn.BatchNorm1d(size), nn.ReLU()]
        self.parts = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, size)."""
        return torch.as_tensor(x + self.parts(x))


class Generator(nn.Module):
    """Conv encoder and bi-GRU, noise through a GRU of its own, residual decoder."""

    def __init__(self, width: float) -> None:
        super().__init__()
        hidden = scaled(HIDDEN, width)
        self.music = MusicNet(width)
        self.noise = nn.GRU(NOISE, NOISE, batch_first=True)
        self.decoder = nn.Sequential(
            nn.Linear(self.music.size + NOISE, hidden),
            *(Block(hidden) for _ in range(BLOCKS)),
            nn.Dropout(DROPPED),
            nn.Linear(hidden, N_NUMBERS),
            nn.Tanh(),
        )

    def forward(self, audio: Tensor, white: Tensor) -> Tensor:
        """Return poses (B, T, 36) of samples (B, T, 1600) and white noise (B, T, 10)."""
        b, t, _ = audio.shape
        smooth = torch.tanh(self.noise(white)[0])
        code = torch.cat([self.music(audio), smooth], 2)
        return torch.as_tensor(self.decoder(code.reshape(b * t, -1)).view(b, t, N_NUMBERS))


def white_noise(n: int, frames: int, by: torch.Generator | None = None) -> Tensor:
    """Return what drives the variety, (n, frames, 10); drawn from `by` or from torch's own chance."""
    return NOISE_SPREAD * torch.randn(n, frames, NOISE, generator=by)
