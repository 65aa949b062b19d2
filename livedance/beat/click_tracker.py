"""Tracker `click`: knows the beats of a click track to the sample. For timing the rest of the chain, not for music.

Each click is found by its first loud sample; a line through the last clicks gives the beat. With exact beats at its
input, whatever is off in the picture was lost by clock, score, network or screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Hop

METER: Final = 4
SHORTEST_BEAT_S: Final = 0.2
"""Loud samples closer than this to the last click belong to it."""
LEAST_PEAK: Final = 0.05
PART_OF_PEAK: Final = 0.3
"""A click begins where this part of the loudest sample so far is reached."""
LINE_CLICKS: Final = 16
FORGET_BEATS: Final = 4.5
"""So many beats without a click, and the track has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickState:
    """The last clicks (stream seconds) and how many there were."""

    clicks: tuple[float, ...] = ()
    count: int = 0
    peak: float = LEAST_PEAK
    position: float | None = None


class ClickTracker:
    """Exact on metronome clicks of any constant tempo up to 300 BPM; sure from the second click on."""

    latency_s = 0.0
    knows_structure = False

    def initial_state(self) -> ClickState:
        """Return the state before any audio."""
        return ClickState()

    def step(self, state: ClickState, hop: Hop, features: Features) -> tuple[BeatEstimate, ClickState]:
        """Take one hop; everything returned was known at `hop.t_s`."""
        samples = np.nan_to_num(hop.samples, posinf=0.0, neginf=0.0)
        loud = float(np.abs(samples).max(initial=0.0))
        peak = max(state.peak, loud)
        clicks, count = state.clicks, state.count
        start_s = hop.t_s - len(hop.samples) / HOP_RATE_HZ
        onset = _first_loud(samples, PART_OF_PEAK * peak)
        is_click = False
        if loud >= LEAST_PEAK and onset is not None:
            at_s = start_s + onset / HOP_RATE_HZ
            is_click = not clicks or at_s - clicks[-1] > SHORTEST_BEAT_S
            if is_click:
                clicks, count = (*clicks, at_s)[-LINE_CLICKS:], count + 1
        position, period_s = _line(clicks, count, hop.t_s)
        if position is not None and state.position is not None:
            position = max(position, state.position)
        estimate = _estimate(hop, position, period_s, is_click=is_click and count > 1, onset=features.onset_low)
        last = state.position if position is None else position
        return estimate, ClickState(clicks=clicks, count=count, peak=peak, position=last)


def _first_loud(samples: np.ndarray, threshold: float) -> int | None:
    loud = np.flatnonzero(np.abs(samples) >= threshold)
    return int(loud[0]) if len(loud) else None


def _line(clicks: tuple[float, ...], count: int, t_s: float) -> tuple[float | None, float]:
    """Return (beat position at `t_s`, seconds a beat) of a line through the last clicks, (None, 0) without one."""
    if len(clicks) < 2:
        return None, 0.0
    times = np.array(clicks)
    period_s, start_s = np.polyfit(np.arange(len(clicks)), times, 1)
    if t_s - clicks[-1] > FORGET_BEATS * period_s:
        return None, 0.0
    return count - len(clicks) + (t_s - float(start_s)) / float(period_s), float(period_s)


def _estimate(hop: Hop, position: float | None, period_s: float, *, is_click: bool, onset: float) -> BeatEstimate:
    beat = 0.0 if position is None else position
    next_s = None if position is None else hop.t_s + (math.floor(beat) + 1.0 - beat) * period_s
    return BeatEstimate(
        index=hop.index,
        t_s=hop.t_s,
        tempo_bpm=60.0 / period_s if position is not None else 0.0,
        confidence=1.0 if position is not None else 0.0,
        beat_position=position,
        bar_phase=(beat % METER) / METER,
        bar_index=int(beat // METER),
        phrase_bar=int(beat // METER) % 8,
        is_beat=is_click,
        is_downbeat=is_click and round(beat) % METER == 0,
        next_beat_s=None if next_s is None else max(next_s, hop.t_s + 0.5 / HOP_SAMPLES / HOP_RATE_HZ),
        onset_strength=onset,
    )
