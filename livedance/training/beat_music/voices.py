"""Synthetic voices of club music: basses, leads, pads, plucks, risers and drum-machine drums, in plain numpy.

A voice is drawn once per piece (its character), then called per note. Sawtooth and square are band-limited by
PolyBLEP (Valimaki and Huovilainen 2007): the step at each wrap is rounded over two samples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import signal

from livedance.messages import F32
from livedance.training.beat_music.piece import Drum, Tone
from livedance.training.beat_music.samples import RATE_HZ

ToneVoice = Callable[[int, float, float], F32]
"""(MIDI pitch, length in s, velocity 0-1) to sound (N,) with a peak near 1."""

_RELEASE_S: Final = 0.06


def hertz(pitch: float) -> float:
    """Return the frequency of a MIDI pitch."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def _time(seconds: float) -> F32:
    return np.arange(max(2, int(seconds * RATE_HZ)), dtype=np.float32) / np.float32(RATE_HZ)


def _phase(frequency_hz: float, count: int, start: float = 0.0) -> np.ndarray:
    return (np.arange(count) * (frequency_hz / RATE_HZ) + start) % 1.0


def _blep(phase: np.ndarray, step: float) -> np.ndarray:
    """Return the correction near the wraps of `phase`, non-zero in two samples of each period."""
    out = np.zeros_like(phase)
    after, before = phase < step, phase > 1.0 - step
    t = phase[after] / step
    out[after] = 2 * t - t * t - 1
    t = (phase[before] - 1.0) / step
    out[before] = t * t + 2 * t + 1
    return out


def saw(frequency_hz: float, count: int, start: float = 0.0) -> np.ndarray:
    """Return a band-limited sawtooth."""
    phase = _phase(frequency_hz, count, start)
    return 2 * phase - 1 - _blep(phase, frequency_hz / RATE_HZ)


def square(frequency_hz: float, count: int, start: float = 0.0, width: float = 0.5) -> np.ndarray:
    """Return a band-limited pulse wave."""
    return 0.5 * (saw(frequency_hz, count, start) - saw(frequency_hz, count, start + width))


def _low(sound: np.ndarray, cutoff_hz: float, order: int = 2) -> np.ndarray:
    return np.asarray(signal.sosfilt(signal.butter(order, min(cutoff_hz, 19_000), fs=RATE_HZ, output="sos"), sound))


def _high(sound: np.ndarray, cutoff_hz: float) -> np.ndarray:
    return np.asarray(signal.sosfilt(signal.butter(2, cutoff_hz, "high", fs=RATE_HZ, output="sos"), sound))


def _envelope(count: int, attack_s: float, decay_s: float, sustain: float) -> np.ndarray:
    """Return attack, exponential decay to `sustain`, and a short release at the end."""
    t = np.arange(count) / RATE_HZ
    body = sustain + (1 - sustain) * np.exp(-np.maximum(t - attack_s, 0.0) * (4.0 / decay_s))
    rise = np.minimum(t / max(attack_s, 1e-4), 1.0)
    fall = np.minimum((count - np.arange(count)) / (_RELEASE_S * RATE_HZ), 1.0)
    return body * rise * fall


def _unit(sound: np.ndarray) -> F32:
    return np.asarray(sound / max(float(np.abs(sound).max(initial=0.0)), 1e-6), dtype=np.float32)


def detuned(rng: np.random.Generator, *, attack_s: float, decay_s: float, sustain: float, bright: float) -> ToneVoice:
    """Return a voice of detuned saws or squares through a low-pass that closes with the envelope."""
    n_oscillators, spread = int(rng.integers(1, 4)), float(rng.uniform(0.001, 0.012))
    wave = saw if rng.random() < 0.65 else square
    cutoff_ratio, filter_decay = bright * float(rng.uniform(0.6, 1.6)), float(rng.uniform(0.08, 0.6))
    starts = rng.random(4)

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        count = int((seconds + _RELEASE_S) * RATE_HZ)
        f = hertz(pitch)
        ratios = 1 + spread * np.linspace(-1, 1, n_oscillators) if n_oscillators > 1 else np.ones(1)
        raw = np.sum([wave(f * r, count, s) for r, s in zip(ratios, starts, strict=False)], axis=0)
        dark, open_ = _low(raw, max(f * 1.2, 90.0)), _low(raw, f * cutoff_ratio * (0.5 + velocity))
        sweep = np.exp(-np.arange(count) / (filter_decay * RATE_HZ))
        return _unit((dark + (open_ - dark) * sweep) * _envelope(count, attack_s, decay_s, sustain))

    return play


def sub(rng: np.random.Generator, *, long: bool) -> ToneVoice:
    """Return an 808-like bass: a sine that falls into its pitch, driven; `long` rings, else it stops with the note."""
    drive, fall = float(rng.uniform(1.0, 4.0)), float(rng.uniform(0.0, 1.2))
    decay = float(rng.uniform(0.7, 1.6)) if long else float(rng.uniform(0.3, 0.9))

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        t = _time(max(seconds, 0.5 if long else 0.1) + _RELEASE_S)
        rate = hertz(pitch) * (1 + fall * np.exp(-t * 45))
        tone = np.sin(2 * np.pi * np.cumsum(rate, dtype=np.float64) / RATE_HZ)
        return _unit(np.tanh(drive * tone) * _envelope(len(t), 0.002, decay, 0.1))

    return play


def fm(rng: np.random.Generator, *, decay_s: float, sustain: float) -> ToneVoice:
    """Return a two-operator FM voice: bells, electric pianos, hard basses."""
    ratio = float(rng.choice([0.5, 1.0, 1.0, 2.0, 3.0, 3.5, 7.0]))
    index, index_decay = float(rng.uniform(0.5, 5.0)), float(rng.uniform(0.05, 0.6))

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        t = _time(seconds + _RELEASE_S).astype(np.float64)
        f = hertz(pitch)
        depth = min(index, 9_000 / (f * ratio)) * velocity * np.exp(-t / index_decay)
        tone = np.sin(2 * np.pi * f * t + depth * np.sin(2 * np.pi * f * ratio * t))
        return _unit(tone * _envelope(len(t), 0.003, decay_s, sustain))

    return play


def wobble(rng: np.random.Generator, *, beat_s: float) -> ToneVoice:
    """Return a detuned bass whose brightness swings with the beat (dubstep, halfstep, reese)."""
    spread = float(rng.uniform(0.003, 0.02))
    rate_hz = float(rng.choice([0.5, 1.0, 1.5, 2.0, 3.0, 4.0])) / beat_s

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        count = int((seconds + _RELEASE_S) * RATE_HZ)
        f = hertz(pitch)
        tone = np.sin(np.pi * f * np.arange(count) / RATE_HZ)
        raw = saw(f * (1 - spread), count) + saw(f * (1 + spread), count, 0.4) + 0.7 * tone
        swing = 0.5 - 0.5 * np.cos(2 * np.pi * rate_hz * np.arange(count) / RATE_HZ)
        dark, open_ = _low(raw, 180), _low(raw, 2_500)
        return _unit((dark + (open_ - dark) * swing) * _envelope(count, 0.004, 1.0, 0.9))

    return play


def sung(rng: np.random.Generator) -> ToneVoice:
    """Return a voice-like lead: vibrato saw through three moving formants, a soft start, a breathy end."""
    vowels = np.array([[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]])
    order = rng.permutation(len(vowels))
    size, rate = float(rng.uniform(0.9, 1.25)), float(rng.uniform(4.5, 6.5))

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        t = _time(seconds + _RELEASE_S).astype(np.float64)
        depth = 0.006 * np.minimum(t / 0.3, 1.0)
        phase = np.cumsum(hertz(pitch) * (1 + depth * np.sin(2 * np.pi * rate * t))) / RATE_HZ
        wrapped = phase % 1.0
        raw = 2 * wrapped - 1 + 0.05 * rng.standard_normal(len(t))
        formants = vowels[order[pitch % len(order)]] * size
        tone = sum(_resonant(raw, f, 8.0) * g for f, g in zip(formants, (1.0, 0.6, 0.35), strict=True))
        return _unit(tone * _envelope(len(t), float(0.03 + 0.04 * (1 - velocity)), 1.5, 0.7))

    return play


def _resonant(sound: np.ndarray, frequency_hz: float, q: float) -> np.ndarray:
    b, a = signal.iirpeak(frequency_hz, q, fs=RATE_HZ)
    return np.asarray(signal.lfilter(b, a, sound))


def riser(rng: np.random.Generator) -> ToneVoice:
    """Return a noise (and tone) that rises over its whole length."""
    with_tone = rng.random() < 0.5
    noise = rng.standard_normal(RATE_HZ * 4)

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        count = int(seconds * RATE_HZ)
        u = np.linspace(0.0, 1.0, max(count, 2))
        raw = np.resize(noise, len(u))
        rising = _low(raw, 900) * (1 - u) + _high(raw, 2_500) * u
        if with_tone:
            rising = rising + 0.4 * np.sin(2 * np.pi * np.cumsum(120 * 16**u) / RATE_HZ)
        return _unit(rising * u**2)

    return play


def impact(rng: np.random.Generator) -> ToneVoice:
    """Return a deep hit with a long noisy tail."""
    decay = float(rng.uniform(0.6, 1.8))
    noise = rng.standard_normal(int(2.5 * RATE_HZ))

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        t = np.arange(len(noise)) / RATE_HZ
        boom = np.sin(2 * np.pi * (45 * t - 4 * np.exp(-t * 9))) * np.exp(-t * 3)
        return _unit(boom + 0.4 * _low(noise, 3_000) * np.exp(-t / decay * 4))

    return play


def tone_voice(part: Tone, rng: np.random.Generator, beat_s: float) -> ToneVoice:
    """Return a random synthetic voice that suits `part`."""
    match part:
        case "bass":
            makers: list[Callable[[], ToneVoice]] = [
                lambda: sub(rng, long=bool(rng.random() < 0.5)),
                lambda: detuned(rng, attack_s=0.003, decay_s=0.4, sustain=0.5, bright=8),
                lambda: wobble(rng, beat_s=beat_s),
                lambda: fm(rng, decay_s=0.4, sustain=0.4),
            ]
            return makers[rng.choice(4, p=[0.35, 0.4, 0.1, 0.15])]()
        case "pad":
            return detuned(rng, attack_s=float(rng.uniform(0.08, 0.6)), decay_s=3.0, sustain=0.9, bright=5)
        case "vocal":
            return sung(rng)
        case "riser":
            return riser(rng)
        case "impact":
            return impact(rng)
        case "pluck" | "arp" | "guitar":
            if rng.random() < 0.4:
                return fm(rng, decay_s=0.35, sustain=0.0)
            return detuned(rng, attack_s=0.002, decay_s=0.3, sustain=0.05, bright=10)
    if rng.random() < 0.3:
        return fm(rng, decay_s=1.0, sustain=0.4)
    return detuned(rng, attack_s=0.005, decay_s=0.9, sustain=0.5, bright=7)


def drum(part: Drum, rng: np.random.Generator) -> F32:
    """Return one synthetic drum-machine sound (N,), its character drawn from `rng`; peak 1, attack at sample 0."""
    if part == "kick":
        return _kick(rng)
    if part in ("snare", "rim"):
        return _snare(rng, short=part == "rim")
    if part == "clap":
        return _clap(rng)
    if part in ("tom_low", "tom_mid", "tom_high", "conga", "perc"):
        base = {"tom_low": 80, "tom_mid": 120, "tom_high": 170, "conga": 230, "perc": 420}[part]
        return _boom(rng, base * float(rng.uniform(0.8, 1.25)), 0.25, 0.6)
    if part == "cowbell":
        t = _time(0.3)
        f = 540 * float(rng.uniform(0.9, 1.1))
        both = square(f, len(t)) + square(f * 1.48, len(t))
        return _unit(_high(both, 400) * np.exp(-t * 14))
    return _metal(rng, part)


def _boom(rng: np.random.Generator, end_hz: float, length_s: float, fall: float) -> F32:
    t = _time(length_s * 2).astype(np.float64)
    rate = end_hz * (1 + fall * np.exp(-t * float(rng.uniform(15, 60))))
    return _unit(np.sin(2 * np.pi * np.cumsum(rate) / RATE_HZ) * np.exp(-t * 4 / length_s))


def _kick(rng: np.random.Generator) -> F32:
    length, end_hz = float(rng.uniform(0.15, 0.6)), float(rng.uniform(42, 62))
    t = _time(length * 1.6).astype(np.float64)
    rate = end_hz * (1 + float(rng.uniform(2, 8)) * np.exp(-t * float(rng.uniform(25, 90))))
    body = np.sin(2 * np.pi * np.cumsum(rate) / RATE_HZ) * np.exp(-t * 4 / length)
    click = rng.standard_normal(len(t)) * np.exp(-t * 900) * float(rng.uniform(0.0, 0.6))
    return _unit(np.tanh(float(rng.uniform(1, 5)) * (body + click)))


def _snare(rng: np.random.Generator, *, short: bool) -> F32:
    t = _time(0.08 if short else 0.35).astype(np.float64)
    f = float(rng.uniform(300, 500)) if short else float(rng.uniform(150, 240))
    tone = np.sin(2 * np.pi * f * t) + 0.6 * np.sin(2 * np.pi * f * 1.55 * t)
    noise = _high(rng.standard_normal(len(t)), float(rng.uniform(800, 3_000)))
    decay = 70.0 if short else float(rng.uniform(10, 35))
    return _unit(tone * np.exp(-t * decay * 1.6) + float(rng.uniform(0.2, 1.2)) * noise * np.exp(-t * decay))


def _clap(rng: np.random.Generator) -> F32:
    t = _time(0.35).astype(np.float64)
    gap, decay = float(rng.uniform(0.006, 0.012)), float(rng.uniform(12, 30))
    envelope = sum(np.where(t >= k * gap, np.exp(-(t - k * gap) * 220), 0.0) for k in range(3))
    envelope = envelope + np.where(t >= 3 * gap, np.exp(-(t - 3 * gap) * decay), 0.0)
    band = signal.butter(
        2, (float(rng.uniform(700, 1_000)), float(rng.uniform(2_200, 6_000))), "band", fs=RATE_HZ, output="sos"
    )
    return _unit(signal.sosfilt(band, rng.standard_normal(len(t))) * envelope)


_RING_S: Final[dict[Drum, float]] = {
    "hat": 0.05, "pedal_hat": 0.08, "open_hat": 0.35, "ride": 0.6, "crash": 1.6, "shaker": 0.07, "tambourine": 0.18,
}  # fmt: skip


def _metal(rng: np.random.Generator, part: Drum) -> F32:
    """Return hats and cymbals: six squares at unrelated pitches (808) and noise, high-passed."""
    ring = _RING_S[part] * float(rng.uniform(0.7, 1.5))
    t = _time(ring * 2.5).astype(np.float64)
    ratios = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21]) * float(rng.uniform(80, 220))
    metal = sum(square(f, len(t), s) for f, s in zip(ratios, rng.random(6), strict=True))
    noise_share = 1.0 if part in ("shaker", "tambourine") else float(rng.uniform(0.1, 1.0))
    raw = (1 - noise_share) * metal + noise_share * 1.5 * rng.standard_normal(len(t))
    rise = np.minimum(t / 0.012, 1.0) if part == "shaker" else 1.0
    return _unit(_high(raw, float(rng.uniform(3_500, 8_000))) * np.exp(-t * 3.5 / ring) * rise)
