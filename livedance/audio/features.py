"""What one hop sounds like: levels, onsets, brightness, energy, silence. Causal, deterministic, NumPy only.

Adds no latency: everything is known at the end of the hop. An onset is strongest one or two hops after the hop that
it falls in: when it reaches the middle of the 1,024-sample window. The state is replaced, never changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Features, Hop, Levels

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
WINDOW_SAMPLES: Final = 2 * HOP_SAMPLES
BIN_HZ: Final = HOP_RATE_HZ / WINDOW_SAMPLES
SPECTRUM_HZ: Final = 16_000.0
"""`Features.spectrum` goes up to here."""
BAND_EDGES_HZ: Final = (30.0, 150.0, 2_000.0, 12_000.0)
"""Bass (kick, bass line), mid (voice, snare body), high (hats, air)."""
ONSET_GAIN: Final = 60.0
"""Log compression of magnitudes before the flux: soft onsets count, loud ones do not rule."""

SILENCE_DB: Final = -50.0
WAKE_DB: Final = -46.0
"""Waking needs 4 dB more than falling silent, so that noise at the edge does not flicker."""
SILENCE_S: Final = 0.65
"""Long enough for the gap of a hard cut, and for a slow, dry beat (0.6 s loses hip-hop at 92 BPM); with the change of
plan the idle begins within 1.5 s of the last sound."""
FLOOR_DB: Final = -120.0
QUIETEST_REFERENCE_DB: Final = -46.0
"""Auto-gain never lifts anything below this to full scale: silence stays silent."""
BAND_BELOW_TOTAL_DB: Final = 26.0
"""A band that is weaker than this against the whole is not blown up to a full meter."""


def _smoothing(tau_s: float) -> float:
    """Return the weight of the newest hop in a one-pole average with time constant `tau_s`."""
    return 1.0 - math.exp(-HOP_S / tau_s)


PEAK_ATTACK: Final = _smoothing(0.05)
PEAK_FALL_DB: Final = 0.4 * HOP_S
"""The auto-gain's reference falls by 0.4 dB/s: a quiet break stays visibly quieter for half a minute."""
FLUX_FALL: Final = math.exp(-HOP_S / 5.0)
LEVEL_FALL: Final = math.exp(-HOP_S / 0.12)
LOUDNESS: Final = _smoothing(0.5)
DENSITY: Final = _smoothing(1.0)
ENERGY: Final = _smoothing(0.4)
UNHEARD_ENERGY: Final = _smoothing(2.0)
RANGE_RISE: Final = _smoothing(1.0)
RANGE_RELAX_DB: Final = 0.15 * HOP_S
MIN_RANGE_DB: Final = 12.0
MAX_RANGE_DB: Final = 16.0
LOUDNESS_SHARE: Final = 0.4
DENSITY_WEIGHTS: Final = (0.6, 0.25, 0.15)
"""Kick and bass carry most of what dancers call energy."""
FULL_DENSITY: Final = 0.12
"""Mean onset strength of a busy groove."""
FREE_RUN_ENERGY: Final = 0.35
"""Where energy settles while nothing can be heard and the dance free-runs."""


@dataclass(frozen=True, slots=True)
class FeatureState:
    """All that a later hop may depend on."""

    tail: F32
    """(512,) the hop before."""
    spectrum: F32
    """(bins,) magnitudes of the hop before."""
    reference_db: float
    band_reference_db: tuple[float, float, float]
    flux_peak: tuple[float, float, float]
    levels: tuple[float, float, float, float, float]
    """rms, bass, mid, high, onset with their fall."""
    loudness_power: float
    loudest_db: float
    quietest_db: float
    density: float
    energy: float
    brightness: float
    quiet_s: float
    is_silent: bool


class FeatureExtractor:
    """Turns hops into `Features`. One thread; `step` is a pure function of (state, hop)."""

    latency_s: float = 0.0

    def __init__(self) -> None:
        bins_hz = np.arange(WINDOW_SAMPLES // 2 + 1) * BIN_HZ
        edges = [int(np.searchsorted(bins_hz, hz)) for hz in BAND_EDGES_HZ]
        self._first, self._last = edges[0], edges[-1]
        self._starts = np.array([e - self._first for e in edges[:-1]])
        self._n_bins = np.diff(edges).astype(np.float64)
        self._heard = int(np.searchsorted(bins_hz, SPECTRUM_HZ)) + 1
        window = np.hanning(WINDOW_SAMPLES + 1)[:-1]
        self._window = (window * 2.0 / window.sum()).astype(np.float32)  # a full-scale sine reads 1
        self._log_hz = np.log2(np.maximum(bins_hz[self._first : self._last], 1.0)).astype(np.float32)

    def initial_state(self) -> FeatureState:
        """Return the state before any sound: silent, gain at its limit."""
        return FeatureState(
            tail=np.zeros(HOP_SAMPLES, np.float32),
            spectrum=np.zeros(self._last - self._first, np.float32),
            reference_db=QUIETEST_REFERENCE_DB,
            band_reference_db=(QUIETEST_REFERENCE_DB - BAND_BELOW_TOTAL_DB,) * 3,
            flux_peak=(_FLUX_FLOOR,) * 3,
            levels=(0.0,) * 5,
            loudness_power=0.0,
            loudest_db=QUIETEST_REFERENCE_DB,
            quietest_db=0.0,  # the range opens downwards from the first sound on, whatever its level
            density=0.0,
            energy=0.0,
            brightness=0.0,
            quiet_s=SILENCE_S,
            is_silent=True,
        )

    def step(self, state: FeatureState, hop: Hop) -> tuple[Features, FeatureState]:
        """Take one hop (512 samples, 44,100 Hz mono)."""
        if not hop.heard:
            return self._step_unheard(state, hop)
        samples = hop.samples
        power = float(np.dot(samples, samples)) / len(samples)
        rms_db = _db(power)
        whole: F32 = np.abs(np.fft.rfft(np.concatenate((state.tail, samples)) * self._window)[: self._heard])
        spectrum = whole[self._first : self._last]
        energies = spectrum * spectrum
        band_db = [_db(0.5 * p) for p in np.add.reduceat(energies, self._starts).tolist()]

        is_silent, quiet_s = _silence(state, rms_db)
        wakes = state.is_silent and not is_silent
        reference_db = _follow_peak(state.reference_db, rms_db, QUIETEST_REFERENCE_DB, at_once=wakes)
        band_floor_db = reference_db - BAND_BELOW_TOTAL_DB
        band_reference = _three(
            _follow_peak(r, d, band_floor_db) for r, d in zip(state.band_reference_db, band_db, strict=True)
        )
        gain = ONSET_GAIN * 10.0 ** (-reference_db / 20.0)
        rise = np.maximum(_compress(spectrum, gain) - _compress(state.spectrum, gain), 0.0)
        flux = (np.add.reduceat(rise, self._starts) / self._n_bins).tolist()
        flux_peak = _three(max(f, p * FLUX_FALL, _FLUX_FLOOR) for f, p in zip(flux, state.flux_peak, strict=True))
        onsets = [0.0 if is_silent else f / p for f, p in zip(flux, flux_peak, strict=True)]

        energy = _Energy.of(state, power, onsets, is_silent)
        brightness = self._brightness(state.brightness, spectrum)
        now = (
            _level(rms_db, reference_db),
            *(_level(d, r) for d, r in zip(band_db, band_reference, strict=True)),
            max(onsets),
        )
        levels = tuple(max(v, old * LEVEL_FALL) for v, old in zip(now, state.levels, strict=True))
        next_state = FeatureState(
            samples,
            spectrum,
            reference_db,
            band_reference,
            flux_peak,
            levels,  # type: ignore[arg-type]
            energy.loudness_power,
            energy.loudest_db,
            energy.quietest_db,
            energy.density,
            energy.energy,
            brightness,
            quiet_s,
            is_silent,
        )
        return _features(hop, rms_db, next_state, onsets, whole), next_state

    def _step_unheard(self, state: FeatureState, hop: Hop) -> tuple[Features, FeatureState]:
        """Lost audio says nothing about the music: gains hold, energy drifts to a calm free-run."""
        levels = tuple(v * LEVEL_FALL for v in state.levels)
        target = 0.0 if state.is_silent else min(state.energy, FREE_RUN_ENERGY)
        energy = state.energy + UNHEARD_ENERGY * (target - state.energy)
        next_state = replace(
            state,
            tail=np.zeros(HOP_SAMPLES, np.float32),
            spectrum=np.zeros_like(state.spectrum),
            levels=levels,  # type: ignore[arg-type]
            energy=energy,
        )
        return _features(hop, FLOOR_DB, next_state, [0.0, 0.0, 0.0]), next_state

    def _brightness(self, before: float, spectrum: F32) -> float:
        """Spectral centroid on a log axis, 100 Hz = 0, 8 kHz = 1, smoothed over 50 ms."""
        total = float(spectrum.sum())
        if total < 1e-5:
            return before
        centroid: float = float(np.dot(spectrum, self._log_hz)) / total - _LOG_100_HZ
        return before + PEAK_ATTACK * (min(1.0, max(0.0, centroid / _LOG_SPAN)) - before)


_FLUX_FLOOR: Final = 0.15
"""Flux below this is noise: it is never scaled up to a full onset."""
_LOG_100_HZ: Final = math.log2(100.0)
_LOG_SPAN: Final = math.log2(8_000.0 / 100.0)


def _db(power: float) -> float:
    return 10.0 * math.log10(power) if power > 1e-12 else FLOOR_DB


def _three(values: Iterable[float]) -> tuple[float, float, float]:
    a, b, c = values
    return a, b, c


def _compress(spectrum: F32, gain: float) -> F32:
    compressed: F32 = np.log1p(spectrum * np.float32(gain))
    return compressed


def _follow_peak(reference_db: float, level_db: float, floor_db: float, *, at_once: bool = False) -> float:
    """Return the running peak: fast up (`at_once` from silence), 0.4 dB/s down, never below `floor_db`."""
    if at_once:
        return max(level_db, floor_db)
    if level_db > reference_db:
        return reference_db + PEAK_ATTACK * (level_db - reference_db)
    return max(reference_db - PEAK_FALL_DB, floor_db)


def _level(level_db: float, reference_db: float) -> float:
    """Return amplitude against the running peak in [0, 1]."""
    return min(1.0, math.pow(10.0, (level_db - reference_db) / 20.0))


def _silence(state: FeatureState, rms_db: float) -> tuple[bool, float]:
    """Return (is silent, seconds below the threshold so far)."""
    quiet_s = min(SILENCE_S, state.quiet_s + HOP_S) if rms_db < SILENCE_DB else 0.0
    if state.is_silent:
        return rms_db < WAKE_DB, quiet_s
    return quiet_s >= SILENCE_S, quiet_s


class _Energy(NamedTuple):
    """Slow loudness against its own running range, plus how busy the onsets are."""

    loudness_power: float
    loudest_db: float
    quietest_db: float
    density: float
    energy: float

    @classmethod
    def of(cls, state: FeatureState, power: float, onsets: Sequence[float], is_silent: bool) -> _Energy:
        loudness_power = state.loudness_power + LOUDNESS * (power - state.loudness_power)
        busy = sum(w * o for w, o in zip(DENSITY_WEIGHTS, onsets, strict=True))
        density = state.density + DENSITY * (busy - state.density)
        if is_silent:
            energy = state.energy * (1.0 - ENERGY)
            return cls(loudness_power, state.loudest_db, state.quietest_db, density, energy)
        loud_db = _db(loudness_power)
        loudest_db = _follow(state.loudest_db, loud_db, upwards=True)
        quietest_db = min(_follow(state.quietest_db, loud_db, upwards=False), loudest_db - MIN_RANGE_DB)
        span_db = min(loudest_db - quietest_db, MAX_RANGE_DB)
        loud = _clip01((loud_db - loudest_db) / span_db + 1.0)
        target = loud * (LOUDNESS_SHARE + (1.0 - LOUDNESS_SHARE) * _clip01(density / FULL_DENSITY))
        energy = state.energy + ENERGY * (target - state.energy)
        return cls(loudness_power, loudest_db, quietest_db, density, energy)


def _follow(edge_db: float, loud_db: float, *, upwards: bool) -> float:
    """Return one edge of the running range: out within a second, back by 0.15 dB/s."""
    if (loud_db > edge_db) == upwards:
        return edge_db + RANGE_RISE * (loud_db - edge_db)
    return edge_db + (-RANGE_RELAX_DB if upwards else RANGE_RELAX_DB)


def _clip01(value: float) -> float:
    return min(1.0, max(0.0, value))


def _features(
    hop: Hop, rms_db: float, state: FeatureState, onsets: Sequence[float], spectrum: F32 | None = None
) -> Features:
    rms, bass, mid, high, onset = state.levels
    return Features(
        t_s=hop.t_s,
        rms_db=rms_db,
        levels=Levels(rms=rms, bass=bass, mid=mid, high=high, onset=onset, energy=state.energy),
        onset_low=onsets[0],
        onset_mid=onsets[1],
        onset_high=onsets[2],
        brightness=state.brightness,
        is_silent=state.is_silent,
        heard=hop.heard,
        spectrum=spectrum,
    )
