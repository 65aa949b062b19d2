"""Beats that come from a hand: the tap averager. Link and MIDI clock arrive as `external` commands."""

from __future__ import annotations

from typing import Final

import numpy as np

MIN_TAPS: Final = 3
MAX_TAPS: Final = 8
"""Older taps are forgotten, so that a hand that speeds up is followed."""
RESET_GAP_S: Final = 2.0
"""A pause this long starts a new row of taps."""
BOUNCE_S: Final = 0.2
"""Two taps closer than this are one tap that bounced: nobody taps 300 beats a minute."""


def add_tap(taps: tuple[float, ...], t_s: float) -> tuple[float, ...]:
    """Return the row of taps with one more at `t_s` (seconds)."""
    if not taps or t_s - taps[-1] > RESET_GAP_S or t_s < taps[-1]:
        return (t_s,)
    if t_s - taps[-1] < BOUNCE_S:
        return taps
    return (*taps, t_s)[-MAX_TAPS:]


def fit_taps(taps: tuple[float, ...]) -> tuple[float, float] | None:
    """Return `(time of the last beat, beats per second)` by least squares, or None for less than three taps.

    A missed tap counts as two beats. The fitted time averages the hand's jitter; it may lie a few
    milliseconds before or after the last tap.
    """
    if len(taps) < MIN_TAPS:
        return None
    times = np.asarray(taps)
    period = float(np.median(np.diff(times)))
    beats = np.concatenate([[0.0], np.cumsum(np.maximum(1.0, np.round(np.diff(times) / period)))])
    period, start = (float(v) for v in np.polyfit(beats, times, 1))
    if not period > 0.0:
        return None
    return start + period * float(beats[-1]), 1.0 / period
