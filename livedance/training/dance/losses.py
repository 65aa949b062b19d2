"""What a made window is worth against the real one: rows, joints, their speed, planted feet, and the code's price."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livedance.dance import pose_features
from livedance.messages import SAMPLES_PER_BEAT
from livedance.training.dance import kinematics


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """Weights; all parts are means of absolute differences but for the code's."""

    rows: float = 1.0
    """In spreads of each number."""
    joints: float = 10.0
    """Metres, seen from where the window begins: drift counts."""
    speed: float = 0.7
    """Metres a beat, over the seam into the window too."""
    accents: float = 0.02
    """Metres a beat squared."""
    planted: float = 0.5
    """Metres a beat of a foot while it stands."""
    code: float = 0.006
    """A nat of one beat's code."""
    code_free: float = 0.03
    """Nats of each number that cost nothing."""
    code_warm_up: int = 1500
    """Steps over which the price rises from nothing."""


def seen(history: Tensor, rows: Tensor) -> Tensor:
    """Return joints (B, 33, 18, 3) of rows that follow a history, its last row first, which lies at the origin."""
    still = torch.ones(rows.shape[-1], device=rows.device)
    still[pose_features.WAY], still[pose_features.YAW] = 0.0, 0.0
    return kinematics.joints_of(torch.cat([history[:, -1:] * still, rows], 1))


def parts(made: Tensor, real: Tensor, history: Tensor, scale: Tensor) -> dict[str, Tensor]:
    """Return the differences between made and real rows (B, 32, SIZE) that follow `history`."""
    here, there = seen(history, made), seen(history, real)
    speed = (here.diff(dim=1) - there.diff(dim=1)) * SAMPLES_PER_BEAT
    feet = speed[:, :, list(kinematics.FEET)].norm(dim=-1)
    planted = real[..., pose_features.CONTACT].clamp(0.0, 1.0)
    return {
        "rows": ((made - real) / scale).abs().mean(),
        "joints": (here - there).abs().mean(),
        "speed": speed.abs().mean(),
        "accents": (speed.diff(dim=1) * SAMPLES_PER_BEAT).abs().mean(),
        "planted": (feet * planted).mean(),
    }


def price(guess: tuple[Tensor, Tensor], expected: tuple[Tensor, Tensor], free: float) -> Tensor:
    """Return the nats of one beat's code: how far what was guessed lies from what was expected, but for `free`."""
    (m1, s1), (m2, s2) = guess, expected
    nats = (s2 / s1).log() + (s1**2 + (m1 - m2) ** 2) / (2.0 * s2**2) - 0.5
    return nats.mean((0, 1)).clamp_min(free).sum()


def slides(joints: Tensor, contact: Tensor) -> Tensor:
    """Return metres a beat that feet of joints (B, T + 1, 18, 3) slide while `contact` (B, T, 4) says they stand."""
    feet = joints[:, :, list(kinematics.FEET)].diff(dim=1)[..., [0, 2]].norm(dim=-1) * SAMPLES_PER_BEAT
    return (feet * contact.clamp(0.0, 1.0)).mean()


def jerk(joints: Tensor) -> Tensor:
    """Return the mean third difference of joints (B, T, 18, 3), metres a beat cubed."""
    third = joints.diff(n=3, dim=1) * SAMPLES_PER_BEAT**3
    return third.norm(dim=-1).mean()
