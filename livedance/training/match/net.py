"""The two encoders as torch learns them; `livedance/evaluation/match_net.py` is the same in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from livedance.evaluation.match_features import N_MOTION, N_MUSIC, STEPS_PER_BEAT, WINDOW_BEATS
from livedance.evaluation.match_net import KERNEL


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """How large the encoders are."""

    width: int = 32
    """Channels of the convolutions."""
    hidden: int = 96
    size: int = 48
    """Of the common space."""
    dropout: float = 0.3


class Encoder(nn.Module):
    """Eight beats of one side to a unit vector."""

    mean: Tensor
    scale: Tensor

    def __init__(self, n_inputs: int, config: NetConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_inputs))
        self.register_buffer("scale", torch.ones(n_inputs))
        self.first = nn.Conv1d(n_inputs, config.width, KERNEL, padding="same")
        self.second = nn.Conv1d(config.width, config.width, KERNEL, padding="same")
        self.hidden = nn.Linear((STEPS_PER_BEAT + WINDOW_BEATS) * config.width, config.hidden)
        self.out = nn.Linear(config.hidden, config.size)
        self.dropout = nn.Dropout(config.dropout)

    def standardise(self, windows: Tensor) -> None:
        """Take mean and spread of each input from windows (N, WINDOW, C)."""
        self.mean.copy_(windows.flatten(0, 1).mean(0))
        self.scale.copy_(windows.flatten(0, 1).std(0).clamp_min(1e-2))

    def forward(self, windows: Tensor) -> Tensor:
        """Return unit vectors (N, D) of windows (N, WINDOW, C)."""
        x = ((windows - self.mean) / self.scale).transpose(1, 2)
        x = torch.relu(self.second(torch.relu(self.first(x)))).transpose(1, 2)
        beats = x.reshape(len(x), WINDOW_BEATS, STEPS_PER_BEAT, -1)
        folded = torch.cat([beats.mean(1).flatten(1), beats.mean(2).flatten(1)], 1)
        hidden = torch.relu(self.hidden(self.dropout(folded)))
        return nn.functional.normalize(self.out(self.dropout(hidden)), dim=1)


class MatchNet(nn.Module):
    """Both encoders and how sharply they tell."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        self.motion = Encoder(N_MOTION, config)
        self.music = Encoder(N_MUSIC, config)
        self.sharpness = nn.Parameter(torch.tensor(2.3))
        """Log of the inverse temperature."""

    def loss(self, motion: Tensor, music: Tensor) -> Tensor:
        """Return InfoNCE, the mean of both directions, of matched windows (N, WINDOW, C): all others are wrong."""
        logits = self.motion(motion) @ self.music(music).T * self.sharpness.clamp(0.0, 4.6).exp()
        right = torch.arange(len(logits), device=logits.device)
        both = nn.functional.cross_entropy(logits, right) + nn.functional.cross_entropy(logits.T, right)
        return 0.5 * both
