"""One measured number with its spread, and what many of them are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livedance import config as configs


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    value: float
    low: float = np.nan
    """10th percentile over stretches, seams, hits ..."""
    high: float = np.nan
    n: int = 1


Figures = dict[str, Figure]
Pairs = dict[tuple[str, str], Figure]
Settings = Mapping[str, Any]
"""Configuration beside the tracker."""


def of_values(values: Sequence[float]) -> Figure:
    """Return the mean of what is finite, and its spread."""
    found = np.asarray(values, np.float64)
    found = found[np.isfinite(found)]
    if not len(found):
        return Figure(value=np.nan, n=0)
    low, high = np.percentile(found, (10, 90))
    return Figure(value=float(found.mean()), low=float(low), high=float(high), n=len(found))


def with_dance(settings: Settings, **dance_settings: Any) -> Settings:
    """Return `settings` with other values in its section `dance`."""
    return configs.merge(settings, {"dance": dance_settings})
