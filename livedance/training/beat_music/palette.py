"""The voices of one piece: which kit, which presets and which synths play its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from livedance.messages import F32
from livedance.training.beat_music import samples, voices
from livedance.training.beat_music.banks import Banks
from livedance.training.beat_music.kits import Instrument, Kit
from livedance.training.beat_music.piece import DRUMS, Drum, Part, Tone
from livedance.training.beat_music.soundfont import PROGRAMS, Preset

Voice = Callable[[int, float, float], F32]
"""(pitch, length in s, velocity) to sound (N,), peak about 1, attack at sample 0."""

_CLUB: Final = re.compile(
    r"house|techno|trance|trap|dub|drum|dnb|garage|electro|half|edm|step|jungle|hip|reggaeton|tek|club|bass|wave|idm|hard"
    r"|gabber|amapiano|kuduro|phonk|big-room|minimal|italo|lofi|uk-|break|big-beat|drill|boom-bap|moombahton|grime"
)
_NEAR: Final[dict[Drum, tuple[Drum, ...]]] = {
    "clap": ("snare",), "rim": ("perc", "snare"), "snare": ("clap",), "open_hat": ("ride", "crash"),
    "pedal_hat": ("hat",), "ride": ("open_hat", "crash"), "shaker": ("hat",), "tambourine": ("hat", "shaker"),
    "cowbell": ("perc", "rim"), "conga": ("tom_high", "tom_mid"), "perc": ("rim", "cowbell"),
    "tom_low": ("tom_mid", "tom_high"), "tom_mid": ("tom_high", "tom_low"), "tom_high": ("tom_mid", "conga"),
}  # fmt: skip
_SYNTHETIC_ONLY: Final = ("riser", "impact")
_KEPT_STEPS: Final = 6
"""Velocities are rounded to this many steps in the memory of notes."""


def is_club(genre: str) -> bool:
    """Return whether `genre` is mostly made with machines."""
    return _CLUB.search(genre.lower()) is not None


@dataclass(slots=True)
class Palette:
    """Voices of a piece with a memory of the notes that were played; belongs to one rendering."""

    voices: dict[Part, Voice]
    _kept: dict[tuple[Part, int, int, int], F32] = field(default_factory=dict)

    def sound(self, part: Part, pitch: int, seconds: float, velocity: float) -> F32:
        """Return the sound of one note; equal notes are the same array."""
        step = max(1, round(velocity * _KEPT_STEPS))
        key = (part, pitch, 0 if part in DRUMS else round(seconds * 50), step)
        if key not in self._kept:
            self._kept[key] = self.voices[part](pitch, max(seconds, 0.02), min(step / _KEPT_STEPS, 1.0))
        return self._kept[key]


def draw(parts: set[Part], genre: str, beat_s: float, banks: Banks, rng: np.random.Generator) -> Palette:
    """Return random voices for `parts` that suit `genre`."""
    club = is_club(genre)
    kit = _kit(banks, rng, club)
    chosen: dict[Part, Voice] = {}
    for part in sorted(parts):
        if part in DRUMS:
            chosen[part] = _drum(part, kit, banks, rng, club)  # type: ignore[arg-type]
        else:
            chosen[part] = _tone(part, beat_s, banks, rng, club)  # type: ignore[arg-type]
    return Palette(chosen)


def _kit(banks: Banks, rng: np.random.Generator, club: bool) -> Kit | None:
    """Return the main kit: of the family that suits mostly, sometimes of the other."""
    family = "electronic" if rng.random() < (0.75 if club else 0.3) else "acoustic"
    fitting = [kit for kit in banks.kits if kit.family == family and "kick" in kit.drums]
    return fitting[rng.integers(len(fitting))] if fitting else None


def _drum(part: Drum, kit: Kit | None, banks: Banks, rng: np.random.Generator, club: bool) -> Voice:
    """Return a drum of the main kit; now and then, or when it has none, of another kit or a machine's."""
    if rng.random() < (0.25 if club else 0.05):
        return _machine(part, rng)
    if kit is None or rng.random() < 0.15 or part not in kit.drums:
        others = [other for other in banks.kits if part in other.drums]
        kit = others[rng.integers(len(others))] if others and rng.random() < 0.85 else kit
    if kit is not None:
        for name in (part, *_NEAR.get(part, ())):
            if name in kit.drums:
                found = kit.drums[name]
                return _struck(found[rng.integers(len(found))], rng)
    return _machine(part, rng)


def _struck(instrument: Instrument, rng: np.random.Generator) -> Voice:
    """Return an instrument with a tuning and a damping of its own for this piece."""
    speed = float(2 ** rng.normal(0.0, 0.09))
    decay_s = float(rng.uniform(0.15, 1.2)) if rng.random() < 0.4 else None

    def play(pitch: int, seconds: float, velocity: float) -> F32:
        sound = samples.at_speed(instrument.layer(velocity).recording.samples(), speed)
        return samples.decaying(sound, decay_s) if decay_s else sound

    return play


def _machine(part: Drum, rng: np.random.Generator) -> Voice:
    sound = voices.drum(part, rng)
    return lambda pitch, seconds, velocity: sound


def _tone(part: Tone, beat_s: float, banks: Banks, rng: np.random.Generator, club: bool) -> Voice:
    """Return a synth or a preset for a melodic part."""
    fitting = [preset for preset in banks.presets if preset.program in PROGRAMS.get(part, ())]
    if part in _SYNTHETIC_ONLY or not fitting or rng.random() < (0.6 if club else 0.2):
        return voices.tone_voice(part, rng, beat_s)
    return _played(fitting[rng.integers(len(fitting))])


def _played(preset: Preset) -> Voice:
    def play(pitch: int, seconds: float, velocity: float) -> F32:
        return samples.held(preset.note(pitch, velocity), int(seconds * samples.RATE_HZ))

    return play
