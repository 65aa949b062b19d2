"""Sounds with exact beats, made in a few lines: clicks, a drum machine, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Hop

Times = NDArray[np.float64]


def beat_times(bpm: float, seconds: float, first_s: float = 0.25) -> Times:
    return np.arange(first_s, seconds - 0.2, 60.0 / bpm)


def place(sound: F32, times: Times, seconds: float, gain: float = 1.0) -> F32:
    audio = np.zeros(int((seconds + 2.0) * HOP_RATE_HZ), np.float32)
    for t in times:
        start = round(t * HOP_RATE_HZ)
        audio[start : start + len(sound)] += gain * sound
    return audio[: int(seconds * HOP_RATE_HZ)]


def clicks(bpm: float, seconds: float, first_s: float = 0.25) -> F32:
    n = np.arange(882)
    click = (np.sin(2 * np.pi * 1000 * n / HOP_RATE_HZ) * np.exp(-n / 150)).astype(np.float32)
    return place(click, beat_times(bpm, seconds, first_s), seconds, 0.6)


def kick() -> F32:
    t = np.arange(int(0.18 * HOP_RATE_HZ)) / HOP_RATE_HZ
    return (np.sin(2 * np.pi * (50 * t + 4.0 * (1 - np.exp(-t * 30)))) * np.exp(-t * 18)).astype(np.float32)


def hat(seed: int = 0) -> F32:
    n = np.arange(int(0.08 * HOP_RATE_HZ))
    noise = np.random.default_rng(seed).standard_normal(len(n))
    return (np.diff(noise, prepend=0.0) * np.exp(-n / 900) * 0.3).astype(np.float32)


def snare() -> F32:
    n = np.arange(int(0.12 * HOP_RATE_HZ))
    noise = np.random.default_rng(3).standard_normal(len(n))
    smooth = np.convolve(noise, np.ones(4) / 4, mode="same")
    return (smooth * np.exp(-n / 1500) * 0.5).astype(np.float32)


def four_on_the_floor(bpm: float, seconds: float, *, off_hat: float = 0.5, backbeat: bool = True) -> F32:
    """Kick on every beat, a loud hi-hat on every off-beat, snare on two and four."""
    beats = beat_times(bpm, seconds)
    audio = place(kick(), beats, seconds, 0.8) + place(hat(), beats + 30.0 / bpm, seconds, off_hat)
    return audio + place(snare(), beats[1::2], seconds, 0.4) if backbeat else audio


def broken_beat(bpm: float, seconds: float, *, drums_after_s: float = 0.0) -> F32:
    """Drum and bass: kick on 1 and 3 and a half, snare on 2 and 4; before, a first kick and an even shaker in 16ths."""
    beats = beat_times(bpm, seconds)
    sixteenths = np.arange(beats[0], beats[-1], 15.0 / bpm)
    late = beats >= beats[int(np.searchsorted(beats, drums_after_s)) // 4 * 4]
    ones, threes = beats[0::4][late[0::4]], beats[2::4][late[2::4]]
    audio = place(hat(), sixteenths, seconds, 0.25) + place(kick(), beats[:1], seconds, 0.8)
    audio += place(kick(), np.concatenate([ones, threes + 30.0 / bpm]), seconds, 0.8)
    return audio + place(snare(), beats[1::2][late[1::2]], seconds, 0.6)


def silence(seconds: float) -> F32:
    return np.zeros(int(seconds * HOP_RATE_HZ), np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> F32:
    return (np.random.default_rng(seed).standard_normal(int(seconds * HOP_RATE_HZ)) * level).astype(np.float32)


def hops(audio: F32) -> list[Hop]:
    return [
        Hop(index=i, t_s=(i + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=audio[i * HOP_SAMPLES : (i + 1) * HOP_SAMPLES])
        for i in range(len(audio) // HOP_SAMPLES)
    ]


def beats_of(estimates: list[BeatEstimate]) -> Times:
    """Times at which the position passes integers."""
    known = [(e.t_s, e.beat_position) for e in estimates if e.beat_position is not None]
    if len(known) < 2:
        return np.zeros(0)
    times, positions = np.array(known).T
    whole = np.arange(np.ceil(positions[0]), np.floor(positions[-1]) + 1)
    return np.interp(whole, positions, times)


def errors_ms(estimates: list[BeatEstimate], truth: Times, after_s: float) -> Times:
    """Signed error of every claimed beat after `after_s` against the nearest true one."""
    claimed = beats_of(estimates)
    claimed = claimed[(claimed > after_s) & (claimed < truth[-1] + 0.1)]
    nearest = np.abs(claimed[:, None] - truth[None]).argmin(axis=1)
    return (claimed - truth[nearest]) * 1000.0
