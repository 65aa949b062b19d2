"""What hears the music in the paper: a convolutional encoder of single frames, then a GRU over the clip.

Kernels, strides and units are those of the paper's released network (0.1 s of raw samples to 256 numbers, no context
between frames); `width` scales every number of channels, so 1.0 is the paper's size.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

LAYERS: Final = ((16, 80, 16, 32), (32, 4, 2, 1), (64, 4, 2, 1), (128, 10, 5, 3), (256, 5, 1, 0))
"""Channels out, kernel, stride, padding: 1600 samples become 100, 50, 25, 5 and 1."""
CODE: Final = 256
SMALLEST: Final = 4


def scaled(channels: int, width: float) -> int:
    """Return how many channels there are at this width."""
    return max(SMALLEST, round(channels * width))


class MusicNet(nn.Module):
    """Raw samples to a code of each frame. Not causal: the GRU runs both ways over the whole clip."""

    def __init__(self, width: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        incoming = 1
        for channels, kernel, stride, padding in LAYERS:
            outgoing = scaled(channels, width)
            layers.append(nn.Conv1d(incoming, outgoing, kernel, stride, padding))
            layers += [nn.BatchNorm1d(outgoing), nn.ReLU()] if channels < CODE else [nn.Tanh()]
            incoming = outgoing
        self.size = incoming
        self.frame = nn.Sequential(*layers)
        self.over_time = nn.GRU(incoming, incoming, num_layers=2, batch_first=True, bidirectional=True)
        self.write = nn.Linear(2 * incoming, incoming)

    def forward(self, audio: Tensor) -> Tensor:
        """Return codes (B, T, size) of samples (B, T, 1600) in the range of 16-bit numbers, as the paper feeds them."""
        b, t, n = audio.shape
        frames = self.frame(audio.reshape(b * t, 1, n)).view(b, t, -1)
        return torch.as_tensor(self.write(self.over_time(frames)[0]))
