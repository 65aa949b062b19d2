"""What one hop sounds like to the beat network: levels in log-spaced bands, and how much each has just risen.

Every hop of 512 samples (11.6 ms): low bands from the last 2,048 samples, where a bass note can be told from a kick;
high bands from the last 1,024, so that onsets stay sharp. Band amplitudes are divided by a running loudness, which
follows rises within 0.1 s and falls by less than 1 dB/s, so that it does not breathe with the kick: a quiet microphone
and a hot line look alike, a break stays quieter than the drop before it, and silence stays silent.
Strictly causal, deterministic, NumPy only; adds no latency of its own. The same numbers in training and on stage.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES

VERSION: Final = 1
"""Goes up whenever the same sound gives other numbers: weights and caches of another version do not fit."""

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
LONG: Final = 2048
SHORT: Final = 1024
SPLIT_HZ: Final = 250.0
"""Below it bands come from the long window."""
LAST_HZ: Final = 16_000.0
BANDS_PER_OCTAVE: Final = 5.5
FIRST_BIN: Final = 2
"""The first bin (43 Hz; 30 Hz is only 3 dB down) that a constant offset cannot reach through a Hann window."""
LONG_RISE_HOPS: Final = 2
SHORT_RISE_HOPS: Final = 1
"""A rise is against so many hops before: half of what the window covers."""

MAX_SAMPLE: Final = 8.0
"""Anything beyond is no sound but a fault, and is cut."""
QUIETEST_DB: Final = -60.0
"""Loudness (dBFS) below which nothing is amplified any more."""
ATTACK: Final = 1.0 - math.exp(-HOP_S / 0.1)
HEADROOM_DB: Final = 10.0
"""The running loudness is never further behind than this: music that comes in over silence is not shouted."""
FALL_DB: Final = 0.8 * HOP_S
DEPTH: Final = 300.0
"""A level is log(1 + DEPTH * amplitude / loudness): 50 dB below the loudness can still be seen."""
FULL_LEVEL: Final = math.log1p(DEPTH)
"""... divided by this: a tone at the running loudness has level 1."""
_POWER_FLOOR: Final = 1e-12


class BandState(NamedTuple):
    """What the next hop depends on; replaced, never changed."""

    tail: F32
    """(512,) the samples before."""
    parts: F32
    """(4 * 2 K,) what the last four hops give to the low bins, oldest first."""
    high_before: F32
    """(N_BANDS - N_LONG,) levels of the high bands `SHORT_RISE_HOPS` ago."""
    low_before: tuple[F32, ...]
    """(N_LONG,) each: levels of the low bands up to `LONG_RISE_HOPS` ago, oldest first."""
    loudness_db: float
    """Running loudness that levels are measured against."""


def _long_edges() -> list[int]:
    """Return the first bins of the low bands and the end of the last: bin by bin, then wider."""
    return _log_edges(LONG, FIRST_BIN * HOP_RATE_HZ / LONG, SPLIT_HZ)


def _short_edges() -> list[int]:
    return _log_edges(SHORT, SPLIT_HZ, LAST_HZ)


def _log_edges(window: int, low_hz: float, high_hz: float) -> list[int]:
    """Return edges in bins, `BANDS_PER_OCTAVE` of them per octave, where bins are not wider than that."""
    n = math.ceil(math.log2(high_hz / low_hz) * BANDS_PER_OCTAVE)
    hz = low_hz * (high_hz / low_hz) ** (np.arange(n + 1) / n)
    return sorted({round(f * window / HOP_RATE_HZ) for f in hz.tolist()})


_LONG_EDGES: Final = _long_edges()
_SHORT_EDGES: Final = _short_edges()
N_LONG: Final = len(_LONG_EDGES) - 1
N_BANDS: Final = N_LONG + len(_SHORT_EDGES) - 1
N_FEATURES: Final = 2 * N_BANDS


class BandExtractor:
    """Turns hops of 512 samples into (N_FEATURES,) features: levels of all bands, then their rises (>= 0)."""

    latency_s: float = 0.0

    def __init__(self) -> None:
        self._long_window = _hann(LONG)
        self._short_window = _hann(SHORT)
        self._part, self._mix = _low_bins(_LONG_EDGES[0], _LONG_EDGES[-1])
        self._long_starts, self._long_bins = _starts(_LONG_EDGES)
        self._short_starts, self._short_bins = _starts(_SHORT_EDGES)

    def initial_state(self) -> BandState:
        """Return the state before any sound."""
        return BandState(
            np.zeros(HOP_SAMPLES, np.float32),
            np.zeros(len(self._mix), np.float32),
            np.zeros(N_BANDS - N_LONG, np.float32),
            (np.zeros(N_LONG, np.float32),) * LONG_RISE_HOPS,
            QUIETEST_DB,
        )

    def step(self, state: BandState, samples: F32, spectrum: F32 | None = None) -> tuple[F32, BandState]:
        """Take the (512,) samples of one hop; NaN and infinity count as silence, absurd samples are cut.

        `spectrum` (`Features.spectrum`), where somebody has it, is what the short transform here would give.
        """
        mended = _mended(samples)
        if spectrum is None or mended is not samples:
            spectrum = self._spectrum(np.concatenate((state.tail, mended)))
        part = mended @ self._part
        parts = np.concatenate((state.parts[len(part) :], part))
        low = parts @ self._mix
        power = self._banded(np.square(low).reshape(2, -1).sum(axis=0), spectrum)
        loudness_db = _follow(state.loudness_db, _db(float(power.sum())))
        level = _level(power, np.float32(_gain(loudness_db)))
        features = np.empty(N_FEATURES, np.float32)
        features[:N_BANDS] = level
        rise = features[N_BANDS:]
        np.subtract(level[:N_LONG], state.low_before[0], out=rise[:N_LONG])
        np.subtract(level[N_LONG:], state.high_before, out=rise[N_LONG:])
        np.maximum(rise, 0.0, out=rise)
        after = BandState(mended, parts, level[N_LONG:], (*state.low_before[1:], level[:N_LONG]), loudness_db)
        return features, after

    def whole(self, audio: F32) -> F32:
        """Return the (T, N_FEATURES) features of (N,) samples at 44,100 Hz, as steps would; a last part hop is left."""
        return with_rises(self.levels(audio))

    def levels(self, audio: F32) -> F32:
        """Return only the (T, N_BANDS) levels of `whole`."""
        n_hops = len(audio) // HOP_SAMPLES
        padded = np.concatenate((np.zeros(LONG - HOP_SAMPLES, np.float32), _mended(audio[: n_hops * HOP_SAMPLES])))
        windows = np.lib.stride_tricks.sliding_window_view(padded, LONG)[::HOP_SAMPLES] if n_hops else padded[:0]
        powers = [self._powers(windows[i : i + _BATCH]) for i in range(0, n_hops, _BATCH)]
        if not powers:
            return np.zeros((0, N_BANDS), np.float32)
        power = np.concatenate(powers)
        loudness_db = QUIETEST_DB
        gains = np.empty((n_hops, 1), np.float32)
        for i, total in enumerate(power.sum(axis=1).tolist()):
            loudness_db = _follow(loudness_db, _db(total))
            gains[i] = _gain(loudness_db)
        return _level(power, gains)

    def _powers(self, heard: F32) -> F32:
        """Return the (..., N_BANDS) powers of the last (..., 2048) samples; a full-scale sine has 1."""
        low = np.fft.rfft(heard * self._long_window)[..., self._long_bins]
        return self._banded(np.square(low.real) + np.square(low.imag), self._spectrum(heard[..., -SHORT:]))

    def _spectrum(self, heard: F32) -> F32:
        magnitudes: F32 = np.abs(np.fft.rfft(heard * self._short_window))
        return magnitudes

    def _banded(self, low_power: F32, spectrum: F32) -> F32:
        """Return the (..., N_BANDS) powers from those of the low bins and the magnitudes of the short window."""
        high_power = np.square(spectrum[..., self._short_bins])
        low = np.add.reduceat(low_power, self._long_starts, axis=-1)
        return np.concatenate((low, np.add.reduceat(high_power, self._short_starts, axis=-1)), axis=-1)


_BATCH: Final = 512
"""Hops transformed at once by `levels`: a few megabytes."""


def with_rises(levels: F32) -> F32:
    """Return (T, N_FEATURES) features from (T, N_BANDS) levels that begin after silence."""
    features = np.zeros((len(levels), N_FEATURES), np.float32)
    features[:, :N_BANDS] = levels
    low, high = slice(0, N_LONG), slice(N_LONG, N_BANDS)
    for band, lag in ((low, LONG_RISE_HOPS), (high, SHORT_RISE_HOPS)):
        before = np.concatenate((np.zeros_like(levels[:lag, band]), levels[:-lag, band]))[: len(levels)]
        features[:, N_BANDS:][:, band] = np.maximum(levels[:, band] - before, 0.0)
    return features


def _hann(n: int) -> F32:
    """Return a periodic Hann window under which a full-scale sine has magnitude 1."""
    window = np.hanning(n + 1)[:-1]
    scaled: F32 = (window * 2.0 / window.sum()).astype(np.float32)
    return scaled


def _low_bins(first: int, end: int) -> tuple[F32, F32]:
    """Return what makes bins first ... end - 1 of the long Hann window from hops: a tenth of the price of a transform.

    A hop times the (512, 2 K) first matrix is its part of the K rectangular bins first - 1 ... end, real parts before
    imaginary ones. The parts of four hops in a row times the (4 * 2 K, 2 * (end - first)) second are the wanted bins:
    each hop turned to its place, and the Hann window as the difference to neighbouring bins.
    """
    bins = np.arange(first - 1, end + 1)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(HOP_SAMPLES), bins) / LONG)
    hann = 0.5 * np.eye(len(bins)) - 0.25 * (np.eye(len(bins), k=1) + np.eye(len(bins), k=-1))
    hann = hann[:, 1:-1] * 4.0 / LONG  # a full-scale sine has magnitude 1
    mixes = []
    for hop in range(LONG // HOP_SAMPLES):
        to_place = np.exp(-2j * np.pi * bins * hop * HOP_SAMPLES / LONG)[:, None] * hann
        mixes.append(np.block([[to_place.real, to_place.imag], [-to_place.imag, to_place.real]]))
    part = np.concatenate((turns.real, turns.imag), axis=1)
    return part.astype(np.float32), np.concatenate(mixes).astype(np.float32)


def _starts(edges: list[int]) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], slice]:
    """Return where bands start within the slice of bins that they cover, and that slice."""
    return np.array(edges[:-1], np.intp) - edges[0], slice(edges[0], edges[-1])


def _mended(samples: F32) -> F32:
    """Return samples that are all finite and no larger than `MAX_SAMPLE`."""
    if len(samples) == 0 or float(np.abs(samples).max()) <= MAX_SAMPLE:  # false for NaN
        return samples
    mended: F32 = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0).clip(-MAX_SAMPLE, MAX_SAMPLE)
    return mended


def _db(power: float) -> float:
    return 10.0 * math.log10(power + _POWER_FLOOR)


def _follow(loudness_db: float, now_db: float) -> float:
    """Return the running loudness after a hop of `now_db`."""
    if now_db > loudness_db:
        return max(loudness_db + ATTACK * (now_db - loudness_db), now_db - HEADROOM_DB)
    return max(loudness_db - FALL_DB, now_db, QUIETEST_DB)


def _gain(loudness_db: float) -> float:
    return DEPTH * math.pow(10.0, -0.05 * loudness_db)


def _level(power: F32, gain: F32 | np.float32) -> F32:
    level: F32 = np.log1p(np.sqrt(power) * gain) * np.float32(1.0 / FULL_LEVEL)
    return level
