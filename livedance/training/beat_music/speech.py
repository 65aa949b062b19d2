"""Sound without a beat: talk, babble, pads, applause, vinyl, noise, silence; what a tracker must not dance to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import signal

from livedance.messages import F32
from livedance.training.beat_music import effects, voices
from livedance.training.beat_music.samples import RATE_HZ, add_at


def pink(rng: np.random.Generator, count: int) -> F32:
    """Return noise (N,) that falls 3 dB an octave (P. Kellet's three-pole filter), RMS about 0.1."""
    b = [0.049922035, -0.095993537, 0.050612699, -0.004408786]
    a = [1.0, -2.494956002, 2.017265875, -0.522189400]
    return signal.lfilter(b, a, rng.standard_normal(count)).astype(np.float32)


def talk(rng: np.random.Generator, count: int) -> F32:
    """Return speech-like sound: phrases of syllables of uneven length, formants and hissing consonants, pauses."""
    out = np.zeros(count, np.float32)
    vowels = [voices.sung(rng) for _ in range(3)]
    base = float(rng.uniform(38, 58))
    hiss = effects.filtered(rng.standard_normal(RATE_HZ).astype(np.float32), "high", 3_500)
    place = int(rng.uniform(0, 0.5) * RATE_HZ)
    while place < count:
        for syllable in range(int(rng.integers(3, 14))):
            length_s = float(np.clip(rng.gamma(4.0, 0.04), 0.06, 0.4))
            pitch = round(base + rng.normal(0, 2.0) - 0.25 * syllable)
            add_at(
                out, vowels[rng.integers(3)](pitch, length_s, float(rng.uniform(0.5, 1))), place, rng.uniform(0.3, 0.9)
            )
            if rng.random() < 0.45:
                burst = int(rng.uniform(0.03, 0.12) * RATE_HZ)
                add_at(
                    out, hiss[:burst] * np.hanning(burst).astype(np.float32), place - burst // 2, rng.uniform(0.05, 0.3)
                )
            place += int(length_s * rng.uniform(0.8, 1.4) * RATE_HZ)
        place += int(rng.gamma(2.0, 0.35) * RATE_HZ)
    return out


def babble(rng: np.random.Generator, count: int) -> F32:
    """Return a crowd: voice-band noise that swells at the pace of syllables, and of the room as a whole."""
    noise = effects.filtered(effects.filtered(pink(rng, count), "high", 200), "low", 3_500)
    n = -(-count // effects.BLOCK) + 1
    pace = RATE_HZ / effects.BLOCK
    fast = signal.lfilter([1.0], [1.0, -float(np.exp(-2 * np.pi * 5 / pace))], rng.standard_normal(n))
    slow = signal.lfilter([1.0], [1.0, -float(np.exp(-2 * np.pi * 0.3 / pace))], rng.standard_normal(n))
    gain = np.exp(0.45 * fast / (fast.std() + 1e-9) + 0.4 * slow / (slow.std() + 1e-9))
    return effects.stepped(noise, gain)


def applause(rng: np.random.Generator, count: int) -> F32:
    """Return many hands that clap each at a pace of its own, swelling and dying away."""
    clap = voices.drum("clap", rng)[: int(0.03 * RATE_HZ)]
    density = float(rng.uniform(40, 600)) / RATE_HZ
    impulses = (rng.random(count) < density) * rng.uniform(0.2, 1.0, count)
    dense = signal.oaconvolve(impulses.astype(np.float32), clap * np.hanning(2 * len(clap))[len(clap) :])[:count]
    u = np.arange(count) / max(count, 1)
    return (dense * np.exp(-((u - rng.uniform(0.2, 0.8)) ** 2) / rng.uniform(0.02, 0.3))).astype(np.float32)


def pad(rng: np.random.Generator, count: int) -> F32:
    """Return slow chords that come and go at uneven times."""
    out = np.zeros(count, np.float32)
    voice = voices.tone_voice("pad", rng, 1.0)
    place = 0
    while place < count:
        length_s = float(rng.uniform(4, 11))
        root = int(rng.integers(38, 58))
        ease = np.sin(np.pi * np.linspace(0, 1, int((length_s + 0.06) * RATE_HZ))) ** 0.5
        for step in rng.choice([0, 3, 4, 5, 7, 10, 12, 14], 3, replace=False):
            note = voice(root + int(step), length_s, 0.7)
            add_at(out, note * np.resize(ease, len(note)).astype(np.float32), place, 0.3)
        place += int(length_s * rng.uniform(0.6, 0.95) * RATE_HZ)
    return effects.in_room(out, effects.room_response(rng, 2.5), 0.8)


def vinyl(rng: np.random.Generator, count: int) -> F32:
    """Return the run-out of a record: hiss, hum and crackle."""
    crackle = (rng.random(count) < 12 / RATE_HZ) * rng.normal(0, 1, count)
    return (0.05 * pink(rng, count) + 0.4 * effects.filtered(crackle.astype(np.float32), "high", 1_000)).astype(
        np.float32
    )


def hum(rng: np.random.Generator, count: int) -> F32:
    """Return mains hum with its harmonics."""
    base = float(rng.choice([50.0, 60.0]))
    t = np.arange(count, dtype=np.float64) / RATE_HZ
    tones = [rng.uniform(0.1, 1.0) / k * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6)) for k in (1, 2, 3, 5)]
    return (0.3 * np.sum(tones, axis=0)).astype(np.float32)


def silence(rng: np.random.Generator, count: int) -> F32:
    """Return nothing, or next to nothing."""
    floor = 0.0 if rng.random() < 0.5 else 10 ** (float(rng.uniform(-100, -65)) / 20)
    return (floor * rng.standard_normal(count)).astype(np.float32)


Source = Callable[[np.random.Generator, int], F32]

SPOKEN: Final[dict[str, Source]] = {"talk": talk, "babble": babble}
UNPULSED: Final[dict[str, Source]] = {
    "pink": pink, "pad": pad, "applause": applause, "vinyl": vinyl, "hum": hum, "silence": silence,
}  # fmt: skip
