"""From rows of scores to figures of a group: mean with its spread over items, and the goals they are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from livedance.evaluation.beat_scores import Scores

F64 = NDArray[np.float64]

RESAMPLES: Final = 1_000
MEDIANS: Final = ("phase_median_ms",)
"""Taken as the median over items, all others as the mean; the longest call as the maximum."""
MAXIMA: Final = ("worst_ms", "worst_cpu_ms")
LOW_IS_GOOD: Final = frozenset(
    {"phase_median_ms", "phase_p95_ms", "bias_ms", "time_to_lock_s", "relock_s", "drift_ms", "false_drops",
     "confidence", "invented", "cpu", "worst_ms", "worst_cpu_ms"}
)  # fmt: skip


class Scored(Protocol):
    """A row: whose, of what, and how well."""

    @property
    def tracker(self) -> str: ...  # noqa: D102
    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> str: ...  # noqa: D102
    @property
    def scores(self) -> Scores: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measure of one tracker over items."""

    value: float
    low: float
    high: float
    """95 % interval by bootstrap over items."""
    items: int
    """Items on which there was something to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to be reached."""

    measure: str
    groups: tuple[str, ...]
    bound: float
    text: str
    category: str | None = None
    """Only this one of the groups' categories."""


def figure(values: Iterable[float], measure: str) -> Figure:
    """Return the figure of one measure; NaN values count as not measured."""
    known = np.array([v for v in values if np.isfinite(v)], dtype=np.float64)
    if not len(known):
        return Figure(value=float("nan"), low=float("nan"), high=float("nan"), items=0)
    if measure in MAXIMA:
        most = float(known.max())
        return Figure(value=most, low=float(known.min()), high=most, items=len(known))
    draws = known[np.random.default_rng(0).integers(0, len(known), (RESAMPLES, len(known)))]
    centre = np.median if measure in MEDIANS else np.mean
    low, high = np.percentile(centre(draws, axis=1), (2.5, 97.5))
    return Figure(value=float(centre(known)), low=float(low), high=float(high), items=len(known))


def select(
    rows: Sequence[Scored], tracker: str, measure: str, groups: Sequence[str], category: str | None = None
) -> Figure:
    """Return the figure of `tracker` over the items of `groups`, or of one category of them."""
    return figure(
        (
            getattr(row.scores, measure)
            for row in rows
            if row.tracker == tracker and row.group in groups and (category is None or row.category == category)
        ),
        measure,
    )


def best(
    rows: Sequence[Scored], trackers: Sequence[str], measure: str, groups: Sequence[str], category: str | None = None
) -> tuple[str, Figure]:
    """Return the tracker with the best figure; ("", no figure) when none has one."""
    found = [(name, select(rows, name, measure, groups, category)) for name in trackers]
    found = [(name, f) for name, f in found if f.items]
    if not found:
        return "", figure((), measure)
    return min(found, key=lambda pair: badness(pair[1].value, measure))


def badness(value: float, measure: str) -> float:
    """Return a number that is lower for the better value."""
    if measure == "bias_ms":
        return abs(value)
    return value if measure in LOW_IS_GOOD else -value


def is_reached(value: float, goal: Goal) -> bool:
    """Whether `value` meets the goal; what was not measured does not."""
    return bool(np.isfinite(value)) and badness(value, goal.measure) <= badness(goal.bound, goal.measure) + 1e-9
