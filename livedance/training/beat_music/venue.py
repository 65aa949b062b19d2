"""How a track is heard in a room by a phone: speakers, walls, crowd, microphone, gain control, level."""

from __future__ import annotations

import numpy as np

from livedance.messages import F32
from livedance.training.beat_music import effects, speech, voices
from livedance.training.beat_music.samples import RATE_HZ, add_at


def heard(audio: F32, rng: np.random.Generator, strength: float) -> F32:
    """Return `audio` (N,) as it is heard; `strength` 0 is a clean line, 0.3 a good place, 1 a phone in a crowd.

    Nothing is delayed: the direct sound of every onset stays at its sample.
    """
    sound = _speakers(audio, rng, strength)
    if rng.random() < 0.3 + 0.7 * strength:
        sound = _walls(sound, rng, strength)
    sound = _among(sound, rng, strength)
    if rng.random() < strength:
        sound = _phone(sound, rng, strength)
    if rng.random() < 0.6 * strength:
        sound = _gain_controlled(sound, rng)
    return levelled(sound, rng, clip=strength)


def levelled(sound: F32, rng: np.random.Generator, *, clip: float = 0.2) -> F32:
    """Return `sound` at a random level of -45 to 0 dBFS, now and then clipped on the way."""
    peak = float(np.abs(sound).max(initial=0.0))
    if peak < 1e-6:
        return sound
    sound = sound / np.float32(peak)
    if rng.random() < 0.25 * clip:
        sound = np.clip(sound * np.float32(10 ** (rng.uniform(1, 12) / 20)), -1.0, 1.0)
    level_db = -45.0 * float(rng.beta(1.0, 2.5))
    return (sound * np.float32(10 ** (level_db / 20))).astype(np.float32)


def coded(sound: F32, rng: np.random.Generator) -> F32:
    """Return `sound` without its top, as low bit rates leave it."""
    return effects.filtered(sound, "low", float(rng.uniform(9_000, 16_500)), order=6)


def _rms(sound: F32) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) + 1e-9


def _speakers(sound: F32, rng: np.random.Generator, strength: float) -> F32:
    """Return what a speaker makes of it: a tilt, a bump, the edges of its range, some drive."""
    sound = effects.shelved(sound, "low", 150, float(rng.normal(0, 1 + 3 * strength)))
    sound = effects.shelved(sound, "high", 3_000, float(rng.normal(-2 * strength, 1 + 3 * strength)))
    sound = effects.belled(
        sound, float(np.exp(rng.uniform(np.log(100), np.log(6_000)))), 1.2, float(rng.normal(0, 4 * strength))
    )
    if rng.random() < 0.5 * strength:
        sound = effects.driven(sound, float(rng.uniform(0.5, 3)))
    return sound


def _walls(sound: F32, rng: np.random.Generator, strength: float) -> F32:
    decay_s = float(np.exp(rng.uniform(np.log(0.15), np.log(0.5 + 2.0 * strength))))
    response = effects.room_response(rng, decay_s, brightness=float(rng.uniform(0.1, 0.8)), early=12)
    return effects.in_room(sound, response, float(rng.uniform(0.05, 0.25 + 0.7 * strength)))


def _among(sound: F32, rng: np.random.Generator, strength: float) -> F32:
    """Return `sound` with people about, the hiss of the microphone, and perhaps hum."""
    music = _rms(sound)
    out = sound.copy()
    if rng.random() < 0.2 + 0.7 * strength:
        crowd = speech.babble(rng, len(sound))
        if rng.random() < 0.4 * strength:
            crowd = crowd + effects.filtered(speech.applause(rng, len(sound)), "high", 500) * np.float32(0.3)
        _shout(crowd, rng, strength)
        below_db = float(rng.uniform(18 - 18 * strength, 40 - 26 * strength))
        out += crowd * np.float32(music / _rms(crowd) * 10 ** (-below_db / 20))
    hiss_db = float(rng.uniform(-65, -50 + 18 * strength))
    out += rng.standard_normal(len(sound), dtype=np.float32) * np.float32(music * 10 ** (hiss_db / 20))
    if rng.random() < 0.15 * strength:
        hum = speech.hum(rng, len(sound))
        out += hum * np.float32(music / _rms(hum) * 10 ** (float(rng.uniform(-30, -10)) / 20))
    return out


def _shout(crowd: F32, rng: np.random.Generator, strength: float) -> None:
    """Add single voices near the microphone to `crowd`, in place."""
    voice = voices.sung(rng)
    loud = float(np.abs(crowd).max(initial=0.0))
    for _ in range(int(rng.poisson(6 * strength * len(crowd) / (60 * RATE_HZ)))):
        cry = voice(int(rng.integers(52, 76)), float(rng.uniform(0.2, 1.2)), 1.0)
        add_at(crowd, cry, int(rng.integers(len(crowd))), loud * float(rng.uniform(0.5, 1.8)))


def _phone(sound: F32, rng: np.random.Generator, strength: float) -> F32:
    """Return what a small microphone keeps: little bass, a resonance, no air."""
    sound = effects.filtered(sound, "high", float(rng.uniform(50, 100 + 220 * strength)))
    sound = effects.belled(sound, float(rng.uniform(1_500, 5_000)), 1.0, float(rng.uniform(0, 7)))
    return effects.filtered(sound, "low", float(rng.uniform(6_500, 15_000)), order=4)


def _gain_controlled(sound: F32, rng: np.random.Generator) -> F32:
    """Return `sound` under an automatic gain: quick to turn down, slow to come back."""
    n = -(-len(sound) // effects.BLOCK)
    padded = np.zeros(n * effects.BLOCK, np.float32)
    padded[: len(sound)] = sound
    power = np.mean(padded.reshape(n, -1) ** 2, axis=1)
    target = float(np.sqrt(np.mean(power))) + 1e-6
    down, up = (float(np.exp(-effects.BLOCK / (rng.uniform(*s) * RATE_HZ))) for s in ((0.01, 0.1), (0.5, 3.0)))
    level, levels = target**2, np.empty(n)
    for k, p in enumerate(power.tolist()):
        keep = down if p > level else up
        level = p + (level - p) * keep
        levels[k] = level
    gain = np.clip(target / (np.sqrt(levels) + 0.05 * target), 0.1, 8.0) ** float(rng.uniform(0.4, 1.0))
    return effects.stepped(sound, gain)
