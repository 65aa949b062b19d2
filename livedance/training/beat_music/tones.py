"""Loops of tones: bass lines, chords, pads, arpeggios, leads and voices, and how they follow the harmony."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livedance.training.beat_music.feel import Hit
from livedance.training.beat_music.harmony import Harmony
from livedance.training.beat_music.piece import Part

Voicing = Literal["bass", "chord", "arp", "scale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A figure that repeats: notes as (beat, beats, degree, velocity), read by `voicing`.

    bass: degrees 1-9 of the chord; chord: the whole chord; arp: the n-th tone of the chord, upwards through the
    octaves; scale: the n-th step of the key (or of the chord, `follows`).
    """

    layer: str
    part: Part
    notes: tuple[tuple[float, float, int, float], ...]
    beats: float
    """Length of the loop; it need not fit the bar."""
    voicing: Voicing
    low: int = 36
    """MIDI note above which it is placed."""
    pulse: bool = True
    """Whether it alone lets a listener feel the beat."""
    follows: bool = True
    """Scale steps count from the chord instead of the key."""
    strum_beats: float = 0.0
    """Time between the strings of a chord."""
    push: float = 0.0
    """Beats by which the chords change before the harmony does."""
    level: float = 0.8


def play(loop: Loop, harmony: Harmony, start: float, end: float, *, rise: bool = False) -> list[Hit]:
    """Return the notes of `loop` in [start, end), the harmony counted from `start`; `rise` fades them in."""
    hits: list[Hit] = []
    for repeat in np.arange(start, end - 1e-9, loop.beats).tolist():
        for beat, beats, degree, velocity in loop.notes:
            at = repeat + beat
            if at >= end - 1e-9:
                continue
            loud = velocity * loop.level * (0.45 + 0.55 * (at - start) / (end - start) if rise else 1.0)
            length = min(beats, end - at)
            for i, pitch in enumerate(_pitches(loop, harmony, at - start + loop.push, degree)):
                late = min(i * loop.strum_beats, 0.5 * length)
                hits.append(Hit(at + late, length - late, loop.part, pitch, loud))
    return hits


def _pitches(loop: Loop, harmony: Harmony, beat: float, degree: int) -> tuple[int, ...]:
    """Return the MIDI notes of one note of a loop under the chord at `beat`."""
    chord = harmony.at(beat)
    if loop.voicing == "bass":
        root = loop.low + (chord.root - loop.low) % 12
        return (root + chord.tone(degree),)
    if loop.voicing == "chord":
        return chord.voicing
    if loop.voicing == "arp":
        octave, place = divmod(degree, len(chord.voicing))
        lowest = loop.low + (chord.voicing[0] - loop.low) % 12
        return (lowest + chord.voicing[place] - chord.voicing[0] + 12 * octave,)
    return (harmony.step(degree + (chord.degree if loop.follows else 0), loop.low),)
