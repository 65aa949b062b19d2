"""Keys, chord progressions and voicings: the harmony moves on bar lines, so that bars can be learned from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from livedance.training.beat_music.dice import chance, pick, pick_by

MODES: Final[dict[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic-minor": (0, 2, 3, 5, 7, 8, 11),
    "blues": (0, 2, 3, 5, 6, 7, 10),
}
"""Name -> semitones of the seven degrees."""

_MAJOR_LIKE: Final = frozenset({"major", "lydian", "mixolydian"})
_PROGRESSIONS_MAJOR: Final = (
    (0, 4, 5, 3), (0, 3, 4, 4), (0, 5, 3, 4), (5, 3, 0, 4), (3, 4, 2, 5), (1, 4, 0, 0), (0, 3), (0, 6, 3, 0),
    (0, 2, 3, 4), (0, 0, 3, 3, 4, 3, 0, 4), (1, 4, 0, 5), (3, 3, 0, 0),
)  # fmt: skip
_PROGRESSIONS_MINOR: Final = (
    (0, 5, 2, 6), (0, 6, 5, 6), (0, 3, 5, 4), (0, 5, 6, 0), (0, 3), (0, 6), (0, 0, 5, 6), (5, 6, 0, 0), (0, 2, 6, 5),
    (0, 0, 0, 3), (1, 4, 0, 0), (0, 5, 3, 4), (3, 0, 4, 0), (0, 1), (0, 0, 3, 3, 5, 4, 0, 4),
)  # fmt: skip
_BEATS_PER_CHORD: Final = {0.5: 0.06, 1.0: 0.6, 2.0: 0.22, 4.0: 0.12}
"""Bars that a chord stays -> weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chord:
    """One chord of a key."""

    root: int
    """MIDI note of the root, 36-47."""
    offsets: tuple[int, ...]
    """Semitones of the chord tones above the root, ascending, all within an octave and a half."""
    voicing: tuple[int, ...]
    """MIDI notes around middle C, ascending."""
    degree: int
    """Place of the root in the scale, 0-6."""

    def tone(self, degree: int) -> int:
        """Return semitones above the root for degree 1-9 as written in a tone line; chord tones where there are any."""
        third, fifth = self.offsets[1], self.offsets[2]
        seventh = self.offsets[3] if len(self.offsets) > 3 else 10
        return {1: 0, 2: 2, 3: third, 4: 5, 5: fifth, 6: 9 if third == 4 else 8, 7: seventh, 8: 12, 9: 14}[degree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmony:
    """A loop of chords in one key."""

    tonic: int
    """Pitch class of the key, 0-11."""
    scale: tuple[int, ...]
    chords: tuple[Chord, ...]
    beats_per_chord: float

    def at(self, beat: float) -> Chord:
        """Return the chord that sounds at `beat`, counted from the start of the progression."""
        return self.chords[int(beat / self.beats_per_chord + 1e-6) % len(self.chords)]

    def step(self, degree: int, low: int) -> int:
        """Return the MIDI note of scale step `degree` (any integer) above the first tonic at or over `low`."""
        octave, place = divmod(degree, len(self.scale))
        return low + (self.tonic - low) % 12 + 12 * octave + self.scale[place]


def draw(rng: np.random.Generator, *, modes: tuple[str, ...], sevenths: float, meter: int) -> tuple[Harmony, Harmony]:
    """Return two progressions of one key (verse and chorus); often they are the same."""
    tonic, mode = int(rng.integers(12)), pick(rng, modes)
    size = (4 if chance(rng, 0.7) else 5) if chance(rng, sevenths) else 3
    first = _progression(rng, tonic, mode, size, meter)
    return first, first if chance(rng, 0.6) else _progression(rng, tonic, mode, size, meter)


def _progression(rng: np.random.Generator, tonic: int, mode: str, size: int, meter: int) -> Harmony:
    """Return a known progression, or four random degrees, each chord led close to the one before."""
    known = _PROGRESSIONS_MAJOR if mode in _MAJOR_LIKE else _PROGRESSIONS_MINOR
    if chance(rng, 0.15):
        degrees: tuple[int, ...] = (0, *(int(d) for d in rng.integers(0, 7, 3)))
    else:
        degrees = (0,) if chance(rng, 0.08) else pick(rng, known)
    chords: list[Chord] = []
    centre = int(rng.integers(57, 67))
    for degree in degrees:
        chord = _chord(tonic, mode, degree, size, centre)
        chords.append(chord)
        centre = round(sum(chord.voicing) / len(chord.voicing))
    bars = pick_by(rng, _BEATS_PER_CHORD)
    # Half a bar of an odd metre would put the change between the beats.
    bars = 1.0 if bars < 1.0 and meter % 2 else bars
    return Harmony(tonic=tonic, scale=MODES[mode], chords=tuple(chords), beats_per_chord=bars * meter)


@lru_cache(maxsize=4096)
def _chord(tonic: int, mode: str, degree: int, size: int, centre: int) -> Chord:
    """Return the chord of thirds on `degree`, its tones placed as near as possible to the MIDI note `centre`."""
    scale = MODES[mode]
    tones = [scale[(degree + 2 * i) % 7] + 12 * ((degree + 2 * i) // 7) for i in range(size)]
    root = 36 + (tonic + scale[degree]) % 12
    centre = min(max(centre, 55), 69)
    near = [centre + (tonic + tone - centre + 6) % 12 - 6 for tone in tones]
    offsets = tuple(tone - tones[0] for tone in tones)
    return Chord(root=root, offsets=offsets, voicing=tuple(sorted(set(near))), degree=degree)
