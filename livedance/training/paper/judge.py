"""The network that measures: one encoder for dance, one for music, taught by which go together (InfoNCE) and by style.

Plain convolutions over time on all numbers at once, and bands of energy for the music: nothing of it is shared with the
ST-GCN of the perceptual loss or with the critics. It is frozen before any generator is scored and never part of a loss.
"""

from __future__ import annotations

import itertools
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from livedance.training.paper.camera import N_NUMBERS

FEATURES: Final = 32
PIECES: Final = 4
"""Of a frame's samples: 25 ms each."""
EDGES_HZ: Final = (20, 120, 250, 500, 1000, 1500, 2500, 4000, 8000)
RATE_HZ: Final = 16_000
DROPPED: Final = 0.2
FASTER: Final = 10.0
"""Speed a frame is a tenth of what positions are."""


class Tower(nn.Module):
    """Convolutions over time, then all of it at once, so that when something happens is not lost."""

    def __init__(self, incoming: int, width: int) -> None:
        super().__init__()
        self.parts = nn.Sequential(
            nn.BatchNorm1d(incoming),
            nn.Conv1d(incoming, width, 5, padding=2), nn.GELU(),
            nn.Conv1d(width, width, 5, stride=2, padding=2), nn.GELU(), nn.BatchNorm1d(width),
            nn.Conv1d(width, width, 5, stride=2, padding=2), nn.GELU(), nn.BatchNorm1d(width),
            nn.Flatten(), nn.Dropout(DROPPED),
            nn.Linear(13 * width, 2 * width), nn.GELU(), nn.Linear(2 * width, FEATURES),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, 32) of (B, 50, n)."""
        return torch.as_tensor(self.parts(x.transpose(1, 2)))


class Judge(nn.Module):
    """Both encoders."""

    def __init__(self, width: int, n_styles: int) -> None:
        super().__init__()
        self.dance = Tower(2 * N_NUMBERS, width)
        self.music = Tower(2 * PIECES * (len(EDGES_HZ) - 1), width)
        self.style = nn.Linear(FEATURES, n_styles)
        self.sharpness = nn.Parameter(torch.tensor(2.0))

    def see(self, poses: Tensor) -> Tensor:
        """Return features (B, 32) of poses (B, 50, 36)."""
        speed = torch.nn.functional.pad(poses.diff(dim=1), (0, 0, 1, 0)) * FASTER
        return torch.as_tensor(self.dance(torch.cat([poses, speed], 2)))

    def hear(self, audio: Tensor) -> Tensor:
        """Return features (B, 32) of samples (B, 50, 1600)."""
        return torch.as_tensor(self.music(bands(audio)))

    def loss(self, poses: Tensor, audio: Tensor, style: Tensor) -> Tensor:
        """Return what is not yet known of which dance goes with which music, both ways, and of the styles."""
        seen = self.see(poses)
        alike = normalize(seen, dim=1) @ normalize(self.hear(audio), dim=1).T * self.sharpness.exp()
        own = torch.arange(len(poses))
        both = 0.5 * (cross_entropy(alike, own) + cross_entropy(alike.T, own))
        return torch.as_tensor(both + cross_entropy(self.style(seen), style))


def bands(audio: Tensor) -> Tensor:
    """Return (B, 50, 64): logarithms of the energy in 8 bands, four times a frame, and how they rise."""
    b, t, n = audio.shape
    size = n // PIECES
    pieces = audio.reshape(b, t * PIECES, size) / 32_768.0 * torch.hann_window(size)
    power = torch.fft.rfft(pieces).abs() ** 2
    edges = [round(hz * size / RATE_HZ) for hz in EDGES_HZ]
    level = torch.stack([power[..., i : max(j, i + 1)].sum(-1) for i, j in itertools.pairwise(edges)], -1)
    level = (level + 1e-4).log()
    rise = torch.nn.functional.pad(level.diff(dim=1), (0, 0, 1, 0)).clamp_min(0.0)
    return torch.cat([level, rise], -1).reshape(b, t, -1)
