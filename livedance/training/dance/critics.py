"""What judges a dance beside its distance from the real one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CriticConfig:
    """x."""

    on: bool = False


class Critics:
    """x."""
