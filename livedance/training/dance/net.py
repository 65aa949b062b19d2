"""The dance network in torch: two beats of dance in, the next two out; a transformer over sixteenth notes.

A conditional variational autoencoder with a prior that is learnt (as HuMoR's, Rempe et al. 2021): the code z of each
coming beat is drawn from what the history makes likely, not from the same bell for all. Rows are `pose_features`'.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from livedance.dance import conditions, pose_features
from livedance.dance.conditions import FUTURE, HISTORY, N_BEATS, N_PER_TOKEN, N_TOKENS, N_WHOLE, TOKEN

SOFT = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""Every sample is the mean of five that the network wrote: bodies do not tremble from token to token."""
JOIN = 6
"""Samples over which what is left of a jump at the seam dies away: a window begins as the history ended."""
SPREAD_LEAST = 0.05
"""Smallest spread of a code's distribution: it is 1 where nothing is known."""


@dataclass(frozen=True, kw_only=True)
class NetConfig:
    """Shape of the network; travels in every checkpoint."""

    width: int = 160
    heads: int = 4
    listening: int = 2
    """Layers over the history."""
    making: int = 3
    """Layers over the coming tokens."""
    inner: int = 3
    """How many times wider a layer is inside."""
    codes: int = 16
    """Numbers in the code of one beat."""
    blur: float = 0.0
    """Dropout."""


class Attention(nn.Module):
    """Attention of `x` to `memory`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value, self.out = (
            nn.Linear(width, width),
            nn.Linear(width, 2 * width),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """Return what `x` (B, T, D) takes from `memory` (B, S, D)."""
        b, t, d = x.shape
        q = self.query(x).view(b, t, self.heads, d // self.heads).transpose(1, 2)
        k, v = self.key_value(memory).view(b, memory.shape[1], 2, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.out(scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class Layer(nn.Module):
    """One layer: tokens look at each other, then at a memory if there is one."""

    def __init__(self, config: NetConfig, *, looks_back: bool) -> None:
        super().__init__()
        d = config.width
        self.first, self.among = nn.LayerNorm(d), Attention(d, config.heads)
        self.second, self.back = (nn.LayerNorm(d), Attention(d, config.heads)) if looks_back else (None, None)
        self.third, self.widen, self.narrow = (
            nn.LayerNorm(d),
            nn.Linear(d, config.inner * d),
            nn.Linear(config.inner * d, d),
        )
        self.blur = nn.Dropout(config.blur)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        """Return `x` (B, T, D) a layer further."""
        y = self.first(x)
        x = x + self.blur(self.among(y, y))
        if self.back is not None and self.second is not None and memory is not None:
            x = x + self.blur(self.back(self.second(x), memory))
        return x + self.blur(self.narrow(gelu(self.widen(self.third(x)))))


class DanceNet(nn.Module):
    """History and conditions in, motion out. Works in clear rows; `mean` and `scale` are its own business."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        d, size = config.width, pose_features.SIZE
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.read_past = nn.Linear(TOKEN * size, d)
        self.read_whole = nn.Linear(N_WHOLE, d)
        self.past_place = nn.Parameter(0.02 * torch.randn(HISTORY // TOKEN + 1, d))
        self.listening = nn.ModuleList(Layer(config, looks_back=False) for _ in range(config.listening))
        self.heard = nn.LayerNorm(d)
        self.prior = nn.Sequential(
            nn.Linear(2 * d + N_BEATS * 4 * N_PER_TOKEN, d), nn.GELU(), nn.Linear(d, N_BEATS * 2 * config.codes)
        )
        self.read_future = nn.Linear(TOKEN * size, d)
        self.guessing = nn.ModuleList(Layer(config, looks_back=True) for _ in range(2))
        self.guessed = nn.Linear(d, 2 * config.codes)
        self.read_token, self.read_code = nn.Linear(N_PER_TOKEN, d), nn.Linear(config.codes, d)
        self.place = nn.Parameter(0.02 * torch.randn(N_TOKENS, d))
        self.making = nn.ModuleList(Layer(config, looks_back=True) for _ in range(config.making))
        self.made, self.write = nn.LayerNorm(d), nn.Linear(d, TOKEN * size)
        with torch.no_grad():
            self.write.weight.mul_(0.1)
        jumps, changes = joins()
        self.register_buffer("jumps", jumps, persistent=False)
        self.register_buffer("changes", changes, persistent=False)
        fade = torch.exp(-torch.arange(1, FUTURE + 1) / 4.0)
        self.carry = nn.Parameter(fade[:, None].repeat(1, size))

    def standardise(self, rows: Tensor) -> None:
        """Take mean and spread from rows (N, SIZE)."""
        self.mean.copy_(rows.mean(0))
        self.scale.copy_(rows.std(0).clamp_min(0.05))

    def listen(self, history: Tensor, whole: Tensor) -> Tensor:
        """Return the memory (B, 9, D) of history (B, 32, SIZE) and of what holds for the window (B, N_WHOLE)."""
        rows = (history - self.mean) / self.scale
        tokens = self.read_past(rows.reshape(len(rows), HISTORY // TOKEN, -1))
        x = torch.cat([self.read_whole(whole)[:, None], tokens], 1) + self.past_place
        for layer in self.listening:
            x = layer(x)
        heard: Tensor = self.heard(x)
        return heard

    def expect(self, memory: Tensor, per_token: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and spread (B, N_BEATS, codes) of the codes that may follow."""
        told = torch.cat([memory.mean(1), memory[:, -1], per_token.flatten(1)], 1)
        return self._bell(self.prior(told).view(len(told), N_BEATS, -1))

    def guess(self, memory: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and spread (B, N_BEATS, codes) of the codes of a future (B, 32, SIZE) that is known."""
        rows = (future - self.mean) / self.scale
        x = self.read_future(rows.reshape(len(rows), N_TOKENS, -1)) + self.place
        for layer in self.guessing:
            x = layer(x, memory)
        return self._bell(self.guessed(x.view(len(x), N_BEATS, N_TOKENS // N_BEATS, -1).mean(2)))

    def make(self, memory: Tensor, history: Tensor, per_token: Tensor, codes: Tensor) -> Tensor:
        """Return the rows (B, 32, SIZE) that follow `history` with `codes` (B, N_BEATS, codes)."""
        each = self.read_code(codes)[:, :, None].expand(-1, -1, N_TOKENS // N_BEATS, -1).flatten(1, 2)
        x = each + self.read_token(per_token) + self.place
        for layer in self.making:
            x = layer(x, memory)
        before = (history[:, -(len(SOFT) // 2) :] - self.mean) / self.scale
        rows = self.write(self.made(x)).view(len(x), FUTURE, -1) + self.carry * before[:, -1:]
        around = torch.cat([before, rows, rows[:, -1:].expand(-1, len(SOFT) // 2, -1)], 1)
        soft = sum(share * around[:, i : i + FUTURE] for i, share in enumerate(SOFT))
        pace = before[:, -1:] - before[:, -2:-1]
        jump, change = before[:, -1:] + pace - soft[:, :1], pace - (soft[:, 1:2] - soft[:, :1])
        joined = soft + self.jumps * jump + self.changes * change
        return joined * self.scale + self.mean

    def forward(
        self,
        history: Tensor,
        per_token: Tensor,
        whole: Tensor,
        chance: Tensor,
        code: Tensor | None = None,
        led: Tensor | None = None,
    ) -> Tensor:
        """Return what follows with codes spread * `chance` (B, N_BEATS, codes) away from the expected ones.

        Where `led` (B, 1) is 1 they lie about `code` (B, N_BEATS, codes) instead.
        """
        memory = self.listen(history, whole)
        mean, spread = self.expect(memory, per_token)
        about = mean if code is None or led is None else mean + led[:, :, None] * (code - mean)
        return self.make(memory, history, per_token, about + spread * chance)

    @staticmethod
    def _bell(x: Tensor) -> tuple[Tensor, Tensor]:
        mean, raw = x.chunk(2, -1)
        return mean, SPREAD_LEAST + nn.functional.softplus(raw + 0.5)


def joins() -> tuple[Tensor, Tensor]:
    """Return what is left, sample by sample (32, 1), of a jump and of a change of pace at the seam (see `inertia`)."""
    u = (torch.arange(FUTURE) / JOIN).clamp(0.0, 1.0)[:, None]
    return 1.0 - u**3 * (10.0 - u * (15.0 - 6.0 * u)), JOIN * u * (1.0 - u**2 * (6.0 - u * (8.0 - 3.0 * u)))


def count(net: nn.Module) -> int:
    """Return how many numbers a network learns."""
    return sum(p.numel() for p in net.parameters())


def shown_at_run_time(net: DanceNet) -> int:
    """Return how many of them are used on stage: what knows the future is not."""
    only_training = (net.read_future, net.guessing, net.guessed)
    return count(net) - sum(count(part) for part in only_training)


assert conditions.N_TOKENS * TOKEN == FUTURE
