"""What a beat tracker said of a piece of music, and when: the one record that all trackers and anchors are scored from.

Everything in it was known at its time. Between two moments the phase is carried on at the tempo last known, so a
tracker that only announces beats is read as a simple client reads it: time since the last beat / period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
NOTHING: Final[F64] = np.zeros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One beat, as a tracker without a position tells it."""

    claimed_s: float
    """When the tracker says the beat is."""
    announced_s: float
    """End of the last audio that the tracker had heard when it said so."""
    tempo_bpm: float | None = None
    is_downbeat: bool | None = None
    """None when the tracker knows no bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a tracker took to hear an item."""

    cpu_s: float = float("nan")
    """Processor time of all calls."""
    worst_ms: float = float("nan")
    """Longest call by the wall clock: other work on the machine lengthens it."""
    worst_cpu_ms: float = float("nan")
    """Most processor time of one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One tracker on one item; seconds of the item's audio. Arrays of one length: t_s, position, beats_per_s."""

    tracker: str
    beat_s: F64
    """Beats as a listener gets them: the later of claimed and announced time."""
    downbeat_s: F64 | None
    """None: the tracker knows no bars."""
    t_s: F64
    """(H,) ascending: when something was known."""
    position: F64
    """(H,) beats at `t_s`, an integer on a beat; NaN before the first lock."""
    beats_per_s: F64
    """(H,)"""
    confidence: F64 | None = None
    """(H,) 0-1, or None where the tracker has none that can be compared."""
    section: NDArray[np.int64] | None = None
    """(H,) `Section` numbers."""
    phrase_s: F64 | None = None
    """When a phrase of eight bars was said to begin."""
    cost: Cost = Cost()

    def position_at(self, times_s: F64) -> tuple[F64, F64]:
        """Return (position, beats per second) at `times_s` from what was known by then; NaN where nothing was."""
        if not len(self.t_s):
            return np.full(len(times_s), np.nan), np.full(len(times_s), np.nan)
        last = np.searchsorted(self.t_s, times_s, side="right") - 1
        at = np.maximum(last, 0)
        rate = np.where(last >= 0, self.beats_per_s[at], np.nan)
        return self.position[at] + (times_s - self.t_s[at]) * rate, rate


def from_announcements(tracker: str, told: Sequence[Announcement], cost: Cost = Cost()) -> Take:
    """Return the take of a tracker that announces beats; a tempo not told is that of its last 8 intervals (median)."""
    claimed = np.array([a.claimed_s for a in told], dtype=np.float64)
    announced = np.maximum.accumulate(np.array([a.announced_s for a in told], dtype=np.float64))
    period = np.array([_period(claimed, k, told[k].tempo_bpm) for k in range(len(told))], dtype=np.float64)
    ones = [bool(a.is_downbeat) for a in told]
    beat_s = np.maximum(claimed, announced)
    knows_bars = any(a.is_downbeat is not None for a in told)
    return Take(
        tracker=tracker,
        beat_s=beat_s,
        downbeat_s=beat_s[np.array(ones, dtype=bool)] if knows_bars else None,
        t_s=announced,
        position=np.arange(len(told)) + (announced - claimed) / period,
        beats_per_s=1.0 / period,
        cost=cost,
    )


def heard_beats(t_s: F64, is_beat: NDArray[np.bool_], next_beat_s: F64) -> F64:
    """Return when the beats of a tracker with a forecast were known: its last forecast before each, if it held.

    is_beat: (H,) whether a beat was passed in the hop that ends at `t_s`. next_beat_s: (H,) forecast at `t_s`, or NaN.
    A beat that was not forecast for its hop (a first lock, a jump) counts at the end of the hop.
    """
    at = np.flatnonzero(is_beat)
    before = np.maximum(at - 1, 0)
    forecast = np.where(at > 0, next_beat_s[before], np.nan)
    held = (forecast > t_s[before]) & (forecast <= t_s[at] + 1e-6)
    out: F64 = np.where(held, forecast, t_s[at])
    return out


def _period(claimed: F64, k: int, tempo_bpm: float | None) -> float:
    """Return the period known with beat `k`, in seconds; NaN with the first beat of a tracker without tempo."""
    if tempo_bpm is not None and tempo_bpm > 0.0:
        return 60.0 / tempo_bpm
    intervals = np.diff(claimed[max(0, k - 8) : k + 1])
    intervals = intervals[intervals > 0.0]
    return float(np.median(intervals)) if len(intervals) else float("nan")
