"""The beat network in torch, and its loss. Small and causal: two LSTM layers over the features of one hop at a time.

Time runs along the first axis (T hops, B streams): that is what torch's LSTM is fastest with on a CPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from livedance.beat.activation import BEAT, BUILD, DOWNBEAT, DROP, FIRST_SECTION, N_OUTPUTS, PHRASE, RHYTHM
from livedance.beat.bands import N_BANDS, N_FEATURES
from livedance.training.beat_frames import FIRST_PHASE, N_TAUGHT

COLUMN_WEIGHTS: Final = {BEAT: 1.0, DOWNBEAT: 1.0, RHYTHM: 0.3, BUILD: 0.2, DROP: 0.3, PHRASE: 0.3}
"""What each answer is worth in the loss."""
SECTION_WEIGHT: Final = 0.1
PHASE_WEIGHT: Final = 0.25
RARE_WEIGHTS: Final = {BEAT: 3.0, DOWNBEAT: 4.0, RHYTHM: 1.0, BUILD: 1.0, DROP: 8.0, PHRASE: 6.0}
"""A yes counts so many times a no: beats fill one hop in twenty, drops one in a thousand."""
MEMORY_HOPS: Final = 350.0
"""Four seconds: two bars at 120 BPM."""


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Shape of the network; travels in every checkpoint."""

    dense: int = 64
    """Units of the layer in front of the recurrent ones."""
    units: int = 128
    layers: int = 2
    conv: int = 0
    """Channels of a convolution over frequency in front; 0 = none."""
    dropout: float = 0.15


class BeatNet(nn.Module):
    """Features (T, B, N_FEATURES) and state (2 * layers, B, units) -> logits (T, B, N_TAUGHT) and the next state.

    The state stacks hidden and cell of the first layer, then of the second: the order that `beat_export` writes.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(N_FEATURES))
        self.register_buffer("scale", torch.ones(N_FEATURES))
        n_inputs = N_FEATURES
        if config.conv:
            self.conv = nn.Conv1d(2, config.conv, kernel_size=5, stride=2, padding=2)
            n_inputs += config.conv * ((N_BANDS + 1) // 2)
        self.dense = nn.Linear(n_inputs, config.dense)
        sizes = [config.dense, *[config.units] * (config.layers - 1)]
        self.recurrent = nn.ModuleList(_patient(nn.LSTM(size, config.units)) for size in sizes)
        self.dropout = nn.Dropout(config.dropout)
        self.answer = nn.Linear(config.units, N_TAUGHT)

    def standardise(self, features: Tensor) -> None:
        """Take mean and spread of inputs from (N, N_FEATURES) samples."""
        self.mean.copy_(features.mean(0))
        self.scale.copy_(1.0 / (features.std(0) + 1e-3))

    def initial_state(self, n_streams: int) -> Tensor:
        """Return the state before any sound."""
        return torch.zeros(2 * self.config.layers, n_streams, self.config.units, device=self.mean.device)

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Run T hops."""
        hidden = (features - self.mean) * self.scale
        if self.config.conv:
            bands = hidden.reshape(-1, 2, N_BANDS)
            seen = torch.relu(self.conv(bands)).reshape(*hidden.shape[:2], -1)
            hidden = torch.cat((hidden, seen), dim=-1)
        hidden = self.dropout(torch.relu(self.dense(hidden)))
        after = []
        for i, layer in enumerate(self.recurrent):
            hidden, last = layer(
                hidden, (state[2 * i : 2 * i + 1].contiguous(), state[2 * i + 1 : 2 * i + 2].contiguous())
            )
            hidden = self.dropout(hidden)
            after += last
        return self.answer(hidden), torch.cat(after)


def _patient(layer: nn.LSTM) -> nn.LSTM:
    """Return `layer` with units that remember from one hop to `MEMORY_HOPS`, evenly on a log scale.

    By torch's own start every unit forgets within two hops, and periods are found late. A forget bias of log T keeps
    T hops (Tallec and Ollivier 2018, section 3); inputs stay open, so that an attack is answered at once.
    """
    n = layer.hidden_size
    with torch.no_grad():
        for bias in (layer.bias_ih_l0, layer.bias_hh_l0):
            bias[n : 2 * n] = 0.0
        layer.bias_ih_l0[n : 2 * n] = torch.empty(n).uniform_(0.0, math.log(MEMORY_HOPS))
    return layer


def probabilities(logits: Tensor) -> Tensor:
    """Return what the runtime gives: each column by itself, sections together, no phases."""
    moments, sections = logits[..., :FIRST_SECTION], logits[..., FIRST_SECTION:N_OUTPUTS]
    return torch.cat((moments.sigmoid(), sections.softmax(-1)), dim=-1)


def loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the mean loss per hop: cross-entropy of answers, squared error of phases; weight 0 leaves a hop out.

    Targets between 0 and 1 (the flanks of a beat, a build half way up) ask for just that probability, shifted by the
    weight of rare answers.
    """
    device = logits.device
    columns = torch.tensor([COLUMN_WEIGHTS[c] for c in range(FIRST_SECTION)], device=device)
    rare = torch.tensor([RARE_WEIGHTS[c] for c in range(FIRST_SECTION)], device=device)
    moments = slice(0, FIRST_SECTION)
    each = binary_cross_entropy_with_logits(
        logits[..., moments], target[..., moments], weight[..., moments] * columns, reduction="none", pos_weight=rare
    )
    sections = slice(FIRST_SECTION, N_OUTPUTS)
    entropy = -(target[..., sections] * log_softmax(logits[..., sections], -1)) * weight[..., sections]
    phases = slice(FIRST_PHASE, N_TAUGHT)
    off = (logits[..., phases] - target[..., phases]).square() * weight[..., phases]
    n_hops = logits.shape[0] * logits.shape[1]
    return (each.sum() + SECTION_WEIGHT * entropy.sum() + PHASE_WEIGHT * off.sum()) / n_hops
