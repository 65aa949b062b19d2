"""The beat network in torch, and its loss. Small and causal: dilated convolutions over time, then one recurrent layer.

Convolutions whose reach doubles from layer to layer look back 12 s (the TCN of Davies and Boeck, EUSIPCO 2019, made
causal): they find periods far sooner than recurrence alone. The recurrent layer keeps what is older: form and phrase.
Time runs along the first axis of inputs and outputs (T hops, B streams).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, elu, log_softmax

from livedance.beat.activation import BEAT, BUILD, DOWNBEAT, DROP, FIRST_SECTION, KERNEL, N_OUTPUTS, PHRASE, RHYTHM
from livedance.beat.bands import N_FEATURES
from livedance.training.beat_frames import FIRST_PHASE, N_TAUGHT

COLUMN_WEIGHTS: Final = {BEAT: 1.0, DOWNBEAT: 1.0, RHYTHM: 0.3, BUILD: 0.2, DROP: 0.3, PHRASE: 0.3}
"""What each answer is worth in the loss."""
SECTION_WEIGHT: Final = 0.1
PHASE_WEIGHT: Final = 0.25
RARE_WEIGHTS: Final = {BEAT: 3.0, DOWNBEAT: 4.0, RHYTHM: 1.0, BUILD: 1.0, DROP: 8.0, PHRASE: 6.0}
"""A yes counts so many times a no: beats fill one hop in twenty, drops one in a thousand."""
MEMORY_HOPS: Final = 2_600.0
"""Half a minute: longest memory that a recurrent unit starts with."""


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Shape of the network; travels in every checkpoint."""

    dense: int = 48
    """Units of the layer in front."""
    channels: int = 32
    layers: int = 8
    """Convolutions; they reach 4 * (2**layers - 1) hops back."""
    units: int = 48
    """Recurrent units."""
    dropout: float = 0.1

    @property
    def shape(self) -> tuple[int, ...]:
        """What weights must fit."""
        return self.dense, self.channels, self.layers, self.units

    @property
    def pasts(self) -> tuple[int, ...]:
        """Hops of its input that each convolution needs from before."""
        return tuple((KERNEL - 1) * 2**i for i in range(self.layers))

    @property
    def state_size(self) -> int:
        """Numbers in the state of one stream: (channels, past) of each convolution, then hidden and cell."""
        return self.channels * sum(self.pasts) + 2 * self.units


class _Reach(nn.Module):
    """One dilated convolution on a residual path."""

    def __init__(self, channels: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.reach = nn.Conv1d(channels, channels, KERNEL, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, hidden: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """Take (B, C, T) and the (B, C, past) before it; returns the same shapes."""
        known = torch.cat((past, hidden), dim=2)
        added = self.mix(self.dropout(elu(self.reach(known))))
        return hidden + added, known[:, :, -past.shape[2] :]


class BeatNet(nn.Module):
    """Features (T, B, N_FEATURES), state (B, state_size) -> logits (T, B, N_TAUGHT), next state."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(N_FEATURES))
        self.register_buffer("scale", torch.ones(N_FEATURES))
        self.dense = nn.Linear(N_FEATURES, config.dense)
        self.enter = nn.Linear(config.dense, config.channels)
        self.reaches = nn.ModuleList(_Reach(config.channels, 2**i, config.dropout) for i in range(config.layers))
        self.recurrent = _patient(nn.LSTM(config.channels, config.units))
        self.dropout = nn.Dropout(config.dropout)
        self.answer = nn.Linear(config.channels + config.units, N_TAUGHT)

    def standardise(self, features: Tensor) -> None:
        """Take mean and spread of inputs from (N, N_FEATURES) samples."""
        self.mean.copy_(features.mean(0))
        self.scale.copy_(1.0 / (features.std(0) + 1e-3))

    def initial_state(self, n_streams: int) -> Tensor:
        """Return the state before any sound."""
        return torch.zeros(n_streams, self.config.state_size, device=self.mean.device)

    def forward(self, features: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Run T hops."""
        config, n_streams = self.config, features.shape[1]
        *pasts, short, long = state.split([*(config.channels * n for n in config.pasts), config.units, config.units], 1)
        hidden = elu(self.dense((features - self.mean) * self.scale))
        hidden = self.enter(self.dropout(hidden)).permute(1, 2, 0)
        after = []
        for layer, past in zip(self.reaches, pasts, strict=True):
            hidden, past = layer(hidden, past.reshape(n_streams, config.channels, -1))
            after.append(past.reshape(n_streams, -1))
        hidden = elu(hidden).permute(2, 0, 1)
        kept, (short, long) = self.recurrent(hidden, (short[None].contiguous(), long[None].contiguous()))
        logits = self.answer(self.dropout(torch.cat((hidden, kept), dim=2)))
        return logits, torch.cat((*after, short[0], long[0]), dim=1)


def _patient(layer: nn.LSTM) -> nn.LSTM:
    """Return `layer` with units that remember from one hop to `MEMORY_HOPS`, evenly on a log scale.

    By torch's own start every unit forgets within two hops. A forget bias of log T keeps T hops (Tallec and Ollivier
    2018, section 3); inputs stay open, so that an attack is answered at once.
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
