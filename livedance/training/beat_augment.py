"""Other ears for the same music: equaliser, noise floor, missing bands, loudness. On band levels, so it costs little.

Levels are log(1 + DEPTH * amplitude) / FULL_LEVEL (`livedance.beat.bands`): amplitudes are taken back, changed as a
microphone or a mixer would, and compressed again; rises are made afterwards by the runtime's definition.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livedance.beat.bands import DEPTH, FULL_LEVEL, LONG_RISE_HOPS, N_BANDS, N_LONG, SHORT_RISE_HOPS
from livedance.training.beat_streams import LEAD_HOPS


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How strong; shares are of streams per chunk."""

    share: float = 0.8
    gain_db: float = 4.0
    """Spread of the level against the running loudness."""
    tilt_db: float = 6.0
    """Spread of a straight equaliser between the lowest and the highest band."""
    bumps_db: float = 4.0
    """Spread of a smooth random equaliser."""
    noise_share: float = 0.35
    noise_db: tuple[float, float] = (-45.0, -12.0)
    """Noise against the running loudness."""
    mask_share: float = 0.3
    mask_bands: int = 8


def augment(levels: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return (T, B, N_BANDS) levels as heard elsewhere; every stream gets its own place."""
    _, n_streams, _ = levels.shape
    amplitude = torch.expm1(levels * FULL_LEVEL) / DEPTH
    amplitude = amplitude * _equaliser(n_streams, config, generator).to(levels)
    noise = _noise(levels.shape, config, generator).to(levels)
    amplitude = torch.sqrt(amplitude.square() + noise)
    amplitude = amplitude * _mask(n_streams, config, generator).to(levels)
    return torch.log1p(amplitude * DEPTH) / FULL_LEVEL


def with_rises(levels: Tensor) -> Tensor:
    """Return (T, B, N_FEATURES) features of (LEAD_HOPS + T, B, N_BANDS) levels."""
    n_hops = len(levels) - LEAD_HOPS
    now = levels[LEAD_HOPS:]
    low = now[..., :N_LONG] - levels[LEAD_HOPS - LONG_RISE_HOPS :][:n_hops, :, :N_LONG]
    high = now[..., N_LONG:] - levels[LEAD_HOPS - SHORT_RISE_HOPS :][:n_hops, :, N_LONG:]
    return torch.cat((now, low.clamp_min(0.0), high.clamp_min(0.0)), dim=-1)


def _chosen(n_streams: int, share: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(n_streams, generator=generator) < share).float()[:, None]


def _equaliser(n_streams: int, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return (B, N_BANDS) gains."""
    slope = torch.linspace(-0.5, 0.5, N_BANDS)
    knots = torch.randn(n_streams, 1, 7, generator=generator)
    bumps = torch.nn.functional.interpolate(knots, N_BANDS, mode="linear", align_corners=True)[:, 0]
    gain_db = (
        config.gain_db * torch.randn(n_streams, 1, generator=generator)
        + config.tilt_db * torch.randn(n_streams, 1, generator=generator) * slope
        + config.bumps_db * bumps
    )
    return 10.0 ** (_chosen(n_streams, config.share, generator) * gain_db / 20.0)


def _noise(shape: torch.Size, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return (T, B, N_BANDS) powers of steady coloured noise that flickers as short spectra do."""
    n_hops, n_streams, _ = shape
    low, high = config.noise_db
    level_db = low + (high - low) * torch.rand(n_streams, 1, generator=generator)
    colour_db = 6.0 * torch.randn(n_streams, 1, generator=generator) * torch.linspace(-1.0, 1.0, N_BANDS)
    power = 10.0 ** ((level_db + colour_db) / 10.0) / N_BANDS
    power = power * _chosen(n_streams, config.noise_share, generator)
    flicker = torch.rand(n_hops, n_streams, N_BANDS, generator=generator).clamp_min(1e-3).log().neg()
    return power * flicker


def _mask(n_streams: int, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return (B, N_BANDS) of 1, and 0 in a few neighbouring bands of some streams."""
    width = torch.rand(n_streams, 1, generator=generator) * config.mask_bands
    start = torch.rand(n_streams, 1, generator=generator) * N_BANDS
    band = torch.arange(N_BANDS)
    is_masked = (band >= start) & (band < start + width) & (_chosen(n_streams, config.mask_share, generator) > 0.0)
    return (~is_masked).float()
