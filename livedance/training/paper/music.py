"""Music on a dance's beats for the paper's generator: drums, bass and chords made of sines and noise.

The clips of the motion library were danced without music. So that there is something to hear, each gets music on its
own beats: the pattern's family follows the style, levels follow the energy of each beat, and kit, variation, key and
loudness are drawn. What a network can learn from it is therefore beat, tempo, energy and the style's rhythm, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Rng = np.random.Generator

RATE_HZ: Final = 16_000
STEPS: Final = 4
"""Of a beat."""
BAR: Final = 4 * STEPS
DROPPED, GHOST = 0.08, 0.04
"""How often a stroke is left out, and a soft one added."""
GHOST_LEVEL: Final = 0.25
NOTES: Final = (0, 0, 7, 5, 3, 10)
"""Semitones over the key that a bass plays."""


@dataclass(frozen=True, slots=True)
class Family:
    """One style's rhythm: a line of 16 steps for each voice, and how late every second step is, in steps."""

    lines: dict[str, str]
    swing: float = 0.0


FAMILIES: Final = {
    "club": Family({
        "kick": "x...x...x...x...", "snare": "....x.......x...", "hat": "..x...x...x...x.", "bass": "..x...x...x...x.",
    }),
    "groove": Family({
        "kick": "x......x..x.....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x.", "bass": "x..x....x.x..x..",
    }, 0.15),
    "hype": Family({
        "kick": "x.....x...x..x..", "snare": "....x.......x..x", "hat": "x.xxx.x.x.xxx.xx", "bass": "x..........x....",
    }),
    "jazz": Family({
        "kick": "x.......x.......", "snare": "....x......xx...", "hat": "x...x..xx...x..x", "bass": "x...x...x...x...",
    }, 0.5),
    "modern": Family({
        "hat": "x...x...x...x...", "bass": "x.......x.......", "chord": "x...............",
    }),
    "salsa": Family({
        "wood": "x..x..x...x.x...", "tom": "..x...xx..x...xx", "hat": "x.x.xx.xx.x.xx.x", "bass": "x..x..x.x..x..x.",
        "kick": "x.......x.......",
    }),
    "indian": Family({
        "tom": "x..x.x.xx..x.x.x", "kick": "x.....x.x.......", "wood": "x...x...x...x...", "chord": "x...............",
    }),
}  # fmt: skip


def render(beats_s: Array, energy: Array, style: str, seconds: float, rng: Rng) -> NDArray[np.int16]:
    """Return `seconds` of mono music at 16 kHz as 16-bit numbers.

    beats_s: (K + 1,) beats, some before 0 and after the end; energy: (K,) of each beat, [0, 1]; a style without a
    family of its own is given that of `groove`.
    """
    family = FAMILIES.get(style, FAMILIES["groove"])
    out = np.zeros(round(seconds * RATE_HZ))
    kit, key_hz = _kit(rng), 41.2 * 2.0 ** (rng.integers(12) / 12.0)
    first = int(rng.integers(4)) * STEPS
    for voice, line in family.lines.items():
        level, played = float(rng.uniform(0.35, 1.0)), _varied(line, rng)
        for k in range(len(energy)):
            beat_s, length_s = beats_s[k], beats_s[k + 1] - beats_s[k]
            for step in range(STEPS):
                loud = played[(first + k * STEPS + step) % BAR] * level * (0.35 + 0.65 * energy[k])
                if loud > 0.0:
                    late = family.swing if step % 2 else 0.0
                    shot = kit[voice] if voice in kit else _tone(voice, key_hz, length_s, rng)
                    _add(out, shot, beat_s + length_s * (step + late) / STEPS, loud * float(rng.uniform(0.85, 1.0)))
    out += 10.0 ** rng.uniform(-4.0, -2.5) * rng.standard_normal(len(out))
    peak = 32_767.0 * float(rng.uniform(0.2, 0.9)) / max(float(np.abs(out).max()), 1e-3)
    return np.round(out * peak).astype(np.int16)


def _varied(line: str, rng: Rng) -> Array:
    """Return (16,) levels of a line with strokes left out and ghosts added; what falls on a beat stays."""
    is_stroke = np.array([c == "x" for c in line])
    on_beat = np.arange(BAR) % STEPS == 0
    levels = np.where(is_stroke & (on_beat | (rng.random(BAR) >= DROPPED)), 1.0, 0.0)
    return np.where((levels == 0.0) & (rng.random(BAR) < GHOST), GHOST_LEVEL, levels)


def _kit(rng: Rng) -> dict[str, Array]:
    """Return one-shots of a kit that nobody played before."""
    return {
        "kick": _struck(rng.uniform(42, 62), rng.uniform(1.5, 4.0), rng.uniform(0.06, 0.18), 0.02, rng),
        "tom": _struck(rng.uniform(120, 240), rng.uniform(1.1, 1.5), rng.uniform(0.05, 0.12), 0.08, rng),
        "wood": _struck(rng.uniform(900, 1900), 1.0, rng.uniform(0.012, 0.03), 0.02, rng),
        "snare": _struck(rng.uniform(160, 230), 1.2, rng.uniform(0.04, 0.1), 0.7, rng),
        "hat": 0.5 * _hiss(rng.uniform(0.012, 0.06), rng),
    }


def _struck(hz: float, fall: float, decay_s: float, noise: float, rng: Rng) -> Array:
    """Return a struck skin: a sine that falls to `hz` from `fall` times as much, and noise."""
    t = np.arange(round(4.0 * decay_s * RATE_HZ)) / RATE_HZ
    pitch = hz * (1.0 + (fall - 1.0) * np.exp(-t / 0.03))
    body = np.sin(2.0 * np.pi * np.cumsum(pitch) / RATE_HZ)
    return ((1.0 - noise) * body + noise * rng.standard_normal(len(t)) * 0.5) * np.exp(-t / decay_s)


def _hiss(decay_s: float, rng: Rng) -> Array:
    t = np.arange(round(4.0 * decay_s * RATE_HZ)) / RATE_HZ
    return np.diff(rng.standard_normal(len(t)), prepend=0.0) * 0.5 * np.exp(-t / decay_s)


def _tone(voice: str, key_hz: float, beat_s: float, rng: Rng) -> Array:
    """Return one note of the bass, or a chord of four beats."""
    is_bass = voice == "bass"
    t = np.arange(round((0.45 if is_bass else 3.8) * beat_s * RATE_HZ)) / RATE_HZ
    root = key_hz * 2.0 ** (float(rng.choice(NOTES)) / 12.0) * (1.0 if is_bass else 4.0)
    parts = (1.0, 2.0, 3.0) if is_bass else (1.0, 1.26, 1.5)
    tone = sum(np.sin(2.0 * np.pi * root * part * t) / (i + 1.0) for i, part in enumerate(parts))
    shape = np.minimum(1.0, np.minimum(t / 0.008, (t[-1] - t) / 0.03))
    return np.asarray((0.5 if is_bass else 0.2) * tone * shape)


def _add(out: Array, shot: Array, at_s: float, level: float) -> None:
    """Add a shot at its sample; what lies outside is cut."""
    start = round(at_s * RATE_HZ)
    first, last = max(start, 0), min(start + len(shot), len(out))
    if first < last:
        out[first:last] += level * shot[first - start : last - start]
