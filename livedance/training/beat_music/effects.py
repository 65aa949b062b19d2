"""Effects that never delay: filters, sweeps, echo, reverb, ducking, saturation and limiting of one signal (N,)."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from livedance.messages import F32
from livedance.training.beat_music.samples import RATE_HZ

BLOCK: Final = 64
"""Samples in a step of slow gains (1.5 ms)."""
_SWEEP_BLOCK: Final = 1024

Shelf = Literal["low", "high"]


def filtered(sound: F32, kind: Literal["low", "high"], cutoff_hz: float, order: int = 2) -> F32:
    """Return `sound` through a Butterworth low- or high-pass."""
    sos = signal.butter(order, float(np.clip(cutoff_hz, 15.0, 0.49 * RATE_HZ)), kind, fs=RATE_HZ, output="sos")
    return signal.sosfilt(sos, sound).astype(np.float32)


def shelved(sound: F32, kind: Shelf, corner_hz: float, gain_db: float) -> F32:
    """Return `sound` with everything below or above `corner_hz` raised by `gain_db` (first-order shelf)."""
    if abs(gain_db) < 0.1:
        return sound
    one = signal.butter(1, corner_hz, kind, fs=RATE_HZ)
    band = signal.lfilter(*one, sound)
    return (sound + (10 ** (gain_db / 20) - 1) * band).astype(np.float32)


def belled(sound: F32, centre_hz: float, q: float, gain_db: float) -> F32:
    """Return `sound` with a bell of `gain_db` at `centre_hz`."""
    band = signal.lfilter(*signal.iirpeak(centre_hz, q, fs=RATE_HZ), sound)
    return (sound + (10 ** (gain_db / 20) - 1) * band).astype(np.float32)


def swept(sound: F32, kind: Literal["low", "high"], cutoff_hz: NDArray[np.float64]) -> F32:
    """Return `sound` through a resonant filter whose cutoff is given per block of 1,024 samples (last one holds).

    Direct form II transposed, coefficients of the Audio EQ Cookbook (R. Bristow-Johnson), state carried over.
    """
    out = np.empty_like(sound)
    state = np.zeros(2)
    for k, start in enumerate(range(0, len(sound), _SWEEP_BLOCK)):
        b, a = _cookbook(kind, float(cutoff_hz[min(k, len(cutoff_hz) - 1)]), 1.1)
        block, state = signal.lfilter(b, a, sound[start : start + _SWEEP_BLOCK], zi=state)
        out[start : start + _SWEEP_BLOCK] = block
    return out


def sweep_steps(n_samples: int) -> int:
    """Return how many cutoffs `swept` reads for `n_samples`."""
    return -(-n_samples // _SWEEP_BLOCK)


def _cookbook(kind: str, cutoff_hz: float, q: float) -> tuple[list[float], list[float]]:
    w = 2 * np.pi * float(np.clip(cutoff_hz, 20.0, 0.45 * RATE_HZ)) / RATE_HZ
    cos, alpha = float(np.cos(w)), float(np.sin(w)) / (2 * q)
    edge = (1 - cos) / 2 if kind == "low" else (1 + cos) / 2
    middle = 2 * edge if kind == "low" else -2 * edge
    a0 = 1 + alpha
    return [edge / a0, middle / a0, edge / a0], [1.0, -2 * cos / a0, (1 - alpha) / a0]


def echoed(sound: F32, delay_s: float, feedback: float, level: float) -> F32:
    """Return `sound` with repeats every `delay_s`, each `feedback` times the last, the first at `level`."""
    delay = max(1, int(delay_s * RATE_HZ))
    wet = sound.copy()
    for start in range(delay, len(wet), delay):
        part = wet[start : start + delay]
        part += np.float32(feedback) * wet[start - delay : start - delay + len(part)]
    out = sound.copy()
    out[delay:] += np.float32(level) * wet[:-delay] if delay < len(wet) else 0.0
    return out


def room_response(rng: np.random.Generator, decay_s: float, *, brightness: float = 0.5, early: int = 6) -> F32:
    """Return the response (N,) of a room without its direct sound: early reflections, then noise that darkens.

    `decay_s` is the time to -60 dB; energy 1. Highs die `1 + 3 (1 - brightness)` times as fast as lows.
    """
    n = max(int(decay_s * RATE_HZ), 2_000)
    t = np.arange(n, dtype=np.float32) / RATE_HZ
    noise = rng.standard_normal(n).astype(np.float32)
    lows = filtered(noise, "low", 1_200, 1)
    tail = lows * np.exp(-6.9 * t / decay_s) + (noise - lows) * np.exp(-6.9 * t * (1 + 3 * (1 - brightness)) / decay_s)
    tail *= np.minimum(t / 0.02, 1.0)
    places = np.minimum((rng.uniform(0.003, 0.06, early) * RATE_HZ).astype(int), n - 1)
    tail[places] += rng.choice([-1.0, 1.0], early).astype(np.float32) * rng.uniform(2, 10, early).astype(np.float32)
    return (tail / np.sqrt(np.sum(tail**2))).astype(np.float32)


def in_room(sound: F32, response: F32, level: float) -> F32:
    """Return `sound` with its reverberation at `level`; the direct sound stays where it is."""
    wet = signal.oaconvolve(sound, response)[: len(sound)]
    return (sound + np.float32(level) * wet).astype(np.float32)


def ducked(sound: F32, hits: NDArray[np.int64], depth: float, release_s: float) -> F32:
    """Return `sound` pushed down by `depth` (0-1) at every hit (samples), coming back over `release_s`."""
    steps = np.arange(-(-len(sound) // BLOCK)) * BLOCK
    if len(hits) == 0:
        return sound
    last = hits[np.maximum(np.searchsorted(hits, steps, side="right") - 1, 0)]
    since = np.where(steps >= last, steps - last, 10**9) / RATE_HZ
    gain = 1 - depth * np.clip(1 - since / release_s, 0.0, 1.0) ** 1.5
    return stepped(sound, gain)


def stepped(sound: F32, gain: NDArray[np.floating]) -> F32:
    """Return `sound` times a gain that is given every `BLOCK` samples, straight lines between."""
    fine = np.interp(np.arange(len(sound)), np.arange(len(gain)) * BLOCK, gain)
    return (sound * fine).astype(np.float32)


def driven(sound: F32, drive: float) -> F32:
    """Return `sound` saturated: tanh of `drive` times it, at the loudness of the peak before."""
    peak = float(np.abs(sound).max(initial=1e-6))
    return (peak * np.tanh(drive * sound / peak) / np.tanh(drive)).astype(np.float32)


def limited(sound: F32, ceiling: float = 0.95, *, release_s: float = 0.08) -> F32:
    """Return `sound` held below `ceiling` by a gain that is there before the peak and comes back slowly."""
    n = -(-len(sound) // BLOCK)
    padded = np.zeros(n * BLOCK, np.float32)
    padded[: len(sound)] = np.abs(sound)
    peaks = padded.reshape(n, BLOCK).max(axis=1)
    peaks = np.maximum(peaks, np.maximum(np.append(peaks[1:], 0.0), np.append(0.0, peaks[:-1])))
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-6))
    slow = _released(wanted, float(np.exp(-BLOCK / (release_s * RATE_HZ))))
    return np.clip(stepped(sound, slow), -1.0, 1.0)


def _released(wanted: NDArray[np.floating], keep: float) -> NDArray[np.float64]:
    """Return the gain that falls at once to `wanted` and returns to it with a one-pole."""
    out = np.empty(len(wanted))
    gain = 1.0
    for k, target in enumerate(wanted.tolist()):
        gain = target if target < gain else target + (gain - target) * keep
        out[k] = gain
    return out
