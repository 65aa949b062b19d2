"""A beat grid and how well the onsets of the last seconds sit on it. Pure functions over the onset memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.beat.onset import FULL, HOP_S, LOW, MID, ONSET_DELAY_S
from livedance.messages import Array

MIN_BPM: Final = 60.0
MAX_BPM: Final = 200.0
PREFERRED_BPM: Final = 128.0
PREFERENCE_OCTAVES: Final = 0.7
"""Width of the tempo preference: a listener taps near 128 BPM."""
CANDIDATES: Final = 6
"""So many peaks of the autocorrelation are compared by their rhythm."""
SMOOTHING: Final = np.array([1.0, 3.0, 4.0, 3.0, 1.0]) / 12.0
"""Wide enough that a period between two hops is heard as well as one on a hop."""
_FINE: Final = 20
"""Hops that share one coarse turn (about the root of those in 5 s)."""
_PHASE_BINS: Final = 48
_PHASE_KERNEL: Final = np.fft.fft(np.roll(np.pad(np.hanning(9), (0, _PHASE_BINS - 9)), -4))
"""Spectrum of what smooths onsets around the beat."""
VOTE_BEATS: Final = 8
"""The half-beat vote looks at this many beats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A straight line of beats: position(t) = count + (t - beat_s) / period_s."""

    beat_s: float
    period_s: float
    count: float = 0.0

    def position(self, t_s: float) -> float:
        """Return music beats at `t_s`."""
        return self.count + (t_s - self.beat_s) / self.period_s

    def time(self, position: float) -> float:
        """Return when `position` is reached."""
        return self.beat_s + (position - self.count) * self.period_s

    @property
    def tempo_bpm(self) -> float:
        """Tempo of the grid."""
        return 60.0 / self.period_s


def fold_tempo(period_s: float) -> float:
    """Return the period brought into 60-200 BPM by octaves."""
    while 60.0 / period_s > MAX_BPM:
        period_s *= 2.0
    while 60.0 / period_s < MIN_BPM:
        period_s /= 2.0
    return period_s


def _hops_in(past: Array, span_s: float) -> int:
    return min(len(past), max(1, round(span_s / HOP_S)))


def _recent(past: Array, now_s: float, span_s: float) -> tuple[Array, Array]:
    """Return (times of the attacks, rows of `past`) within the last `span_s`."""
    n = _hops_in(past, span_s)
    return now_s - ONSET_DELAY_S - HOP_S * np.arange(n - 1, -1, -1), past[-n:]


def half_beat_vote(past: Array, now_s: float, grid: Grid, *, beats: float = VOTE_BEATS) -> float:
    """Return the evidence that the beat is on the grid (> 0) and not half a beat off it (< 0), in nepers.

    Kick (low) and snare (mid) vote with the logarithm of on-beat over off-beat energy; hi-hats, which live on the
    off-beat, have no voice.
    """
    votes = _votes(past, now_s, grid, beats)
    return float(votes[LOW] + votes[MID])


def quarter_beat_vote(past: Array, now_s: float, grid: Grid, *, beats: float = VOTE_BEATS) -> float:
    """Return the evidence that onsets fall on the grid's halves (> 0) and not between them (< 0), in nepers.

    Middle and full band vote: the low one is seldom silent between the beats.
    """
    votes = _votes(past, now_s, Grid(beat_s=grid.beat_s, period_s=0.5 * grid.period_s), 2.0 * beats)
    return float(votes[MID] + votes[FULL])


def _votes(past: Array, now_s: float, grid: Grid, beats: float) -> Array:
    """Return per band (3,) the logarithm of on-grid over off-grid onset strength."""
    times, rows = _recent(past, now_s, beats * grid.period_s)
    phase = (grid.count + (times - grid.beat_s) / grid.period_s + 0.125) % 1.0
    on = rows[phase < 0.25].sum(axis=0)
    off = rows[(phase >= 0.5) & (phase < 0.75)].sum(axis=0)
    floor = 0.02 * rows.sum(axis=0) + 1e-6
    return np.asarray(np.log((on + floor) / (off + floor)))


def rhythm(past: Array, period_s: float, *, span_s: float = 5.0) -> float:
    """Return how regular the onsets are at `period_s`: 0 = noise, 1 = a metronome. No phase is needed."""
    return rhythms(past, [period_s], span_s=span_s)[0]


def least_rhythm(past: Array, period_s: float, *, spans_s: Sequence[float]) -> float:
    """Return the least `rhythm` over several spans."""
    turns = _multiples([period_s], max(_hops_in(past, span_s) for span_s in spans_s))
    return min(_coherence(past, turns, span_s)[0] for span_s in spans_s)


def rhythms(past: Array, periods_s: Sequence[float], *, span_s: float = 5.0) -> list[float]:
    """Return `rhythm` at several periods: the onsets are weighed once."""
    return _coherence(past, _multiples(periods_s, _hops_in(past, span_s)), span_s)


def _coherence(past: Array, turns: NDArray[np.complexfloating], span_s: float) -> list[float]:
    rows = past[-_hops_in(past, span_s) :]
    totals = rows.sum(axis=0)
    coherence = np.abs(turns[:, : len(rows)] @ rows) / (totals + 1e-9)
    weights = np.minimum(1.0, totals / (1e-3 * len(rows)))
    best: list[float] = (coherence * weights).max(axis=1).reshape(3, -1).max(axis=0).tolist()
    return best


def _multiples(periods_s: Sequence[float], n: int) -> NDArray[np.complexfloating]:
    """Return the turns (3 P, n) at each period, at its half and at its quarter."""
    once = _turns(np.array(periods_s), n)
    twice = once * once
    return np.concatenate([once, twice, twice * twice])


def _turns(periods_s: Array, n: int) -> NDArray[np.complexfloating]:
    """Return exp(-2 pi i t / period) (P, n) at hops 0..n-1, counted from anywhere: only coherence is asked for.

    Built as coarse times fine turns: a product costs a tenth of an exponential.
    """
    step = -2j * np.pi * HOP_S / periods_s[:, None]
    fine = np.exp(step * np.arange(_FINE))
    coarse = np.exp(step * np.arange(0, n, _FINE))
    turns: NDArray[np.complexfloating] = coarse[:, :, None] * fine[:, None, :]
    return turns.reshape(len(periods_s), -1)[:, :n]


def guess_grid(past: Array, now_s: float, span_s: float) -> tuple[Grid, float] | None:
    """Return a first grid from the autocorrelation of the last `span_s` of onsets, and its salience (0-1).

    Needs about three beats; knows only its own ears. None when nothing repeats.
    """
    times, rows = _recent(past, now_s, span_s)
    totals = rows.sum(axis=0)
    if totals[FULL] < 1e-3 * len(rows):
        return None
    envelope = (rows / (totals + 1e-3 * len(rows))).sum(axis=1)
    smooth = np.convolve(envelope, SMOOTHING, mode="same")
    smooth = smooth - smooth.mean()
    n = len(smooth)
    spectrum = np.fft.rfft(smooth, 2 * n)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[:n] / np.arange(n, 0, -1)
    first, last = round(60.0 / MAX_BPM / HOP_S), min(round(60.0 / MIN_BPM / HOP_S), int(0.55 * n))
    if last - first < 4 or correlation[0] <= 0.0:
        return None
    lags = np.arange(first, last + 1)
    octaves = np.log2(60.0 / (lags * HOP_S) / PREFERRED_BPM)
    preference = np.exp(-0.5 * (octaves / PREFERENCE_OCTAVES) ** 2)
    score = preference * _comb(correlation, first, last)
    peaks = _peaks(score)[:CANDIDATES]
    refined = [_refine(correlation, float(lags[index])) for index in peaks]
    regular = rhythms(past, [lag * HOP_S for lag in refined], span_s=span_s)
    salience_at = (score[peaks] / correlation[0]).tolist()
    lag = max((s * (0.1 + r), lag) for s, r, lag in zip(salience_at, regular, refined, strict=True))[1]
    salience = float(_comb(correlation, round(lag)).max() / correlation[0])
    return Grid(beat_s=_best_phase(times, rows, lag * HOP_S, now_s), period_s=lag * HOP_S), salience


def _peaks(score: Array) -> list[int]:
    """Return the indices of the local maxima of `score`, highest first; never none."""
    inner = np.flatnonzero((score[1:-1] >= score[:-2]) & (score[1:-1] > score[2:])) + 1
    order = inner[np.argsort(score[inner])[::-1]]
    return [int(i) for i in order] or [int(np.argmax(score))]


def _comb(correlation: Array, first: int, last: int | None = None) -> Array:
    """Return the mean correlation at one and two periods, for lags first..last; two only where enough was heard."""
    lags = np.arange(first, (first if last is None else last) + 1)
    heard = 2 * lags < int(0.8 * len(correlation))
    double = np.where(heard, correlation[np.where(heard, 2 * lags, lags)], correlation[lags])
    return np.asarray(0.6 * correlation[lags] + 0.4 * double)


def _refine(correlation: Array, lag: float) -> float:
    """Return `lag` to a fraction of a hop, from the peak at the largest multiple that was heard well."""
    refined = lag
    for multiple in (1, 2, 4):
        centre = round(refined * multiple)
        if centre + 2 >= int(0.7 * len(correlation)):
            break
        peak = centre - 2 + int(correlation[centre - 2 : centre + 3].argmax())
        a, b, c = correlation[peak - 1 : peak + 2].tolist()
        curve = a - 2.0 * b + c
        shift = 0.5 * (a - c) / curve if curve < 0.0 else 0.0
        refined = (peak + min(0.5, max(-0.5, shift))) / multiple
    return refined


def _best_phase(times: Array, rows: Array, period_s: float, now_s: float) -> float:
    """Return the time of the last beat at which the onsets, folded at `period_s`, are strongest."""
    bins = _PHASE_BINS
    index = np.floor((times - now_s) / period_s % 1.0 * bins).astype(int) % bins
    strength = (rows / (rows.sum(axis=0) + 1e-3 * len(rows))).sum(axis=1)
    folded = np.bincount(index, weights=strength, minlength=bins)
    smooth = np.fft.ifft(np.fft.fft(folded) * _PHASE_KERNEL).real
    return now_s + ((int(np.argmax(smooth)) + 0.5) / bins - 1.0) * period_s
