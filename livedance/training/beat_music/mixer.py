"""From a composed piece to sound: every note at its exact sample, stems, side-chain, room, master."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.messages import F32, Section
from livedance.training.beat_music import effects, palette
from livedance.training.beat_music.banks import Banks
from livedance.training.beat_music.palette import Palette
from livedance.training.beat_music.piece import F64, Note, Part, Piece
from livedance.training.beat_music.samples import RATE_HZ, add_at

STEMS: Final[dict[Part, str]] = {
    "kick": "kick", "bass": "bass", "chord": "music", "pad": "music", "arp": "music", "pluck": "music",
    "guitar": "music", "lead": "lead", "vocal": "lead", "riser": "fx", "impact": "fx",
}  # fmt: skip
"""Parts to stems; all other drums are on the stem "drums"."""
GAINS_DB: Final[dict[Part, float]] = {
    "kick": 0, "snare": -3, "clap": -5, "rim": -8, "hat": -13, "open_hat": -12, "pedal_hat": -16, "ride": -13,
    "crash": -9, "tom_low": -5, "tom_mid": -6, "tom_high": -6, "shaker": -16, "tambourine": -14, "cowbell": -13,
    "conga": -8, "perc": -11, "bass": -5, "chord": -13, "pad": -15, "lead": -10, "vocal": -9, "arp": -13,
    "pluck": -12, "guitar": -11, "riser": -12, "impact": -6,
}  # fmt: skip
_SPREAD_DB: Final = 3.0
_LONGEST_TAIL_S: Final = 8.0
"""Notes that began this long before the window may still be heard in it."""
_HATS: Final = ("hat", "open_hat", "pedal_hat")

Stems = dict[str, F32]


def render(
    piece: Piece, banks: Banks, rng: np.random.Generator, *, start_s: float = 0.0, duration_s: float | None = None
) -> F32:
    """Return `piece` (N,), mono at 44.1 kHz, mastered; sample 0 is `start_s` of the piece, whose beat 0 is at 0 s.

    Without `duration_s` it ends with the last beat. The same arguments give the same samples.
    """
    end_s = float(piece.tempo.seconds(float(piece.beats)))
    count = round((end_s - start_s if duration_s is None else duration_s) * RATE_HZ)
    beat_s = 60.0 / piece.tempo.bpm[0]
    # `draw` sees all parts of the piece, not of the window: one piece has one sound wherever it is cut.
    voices = palette.draw({note.part for note in piece.notes}, piece.genre, beat_s, banks, rng)
    stems, kicks = _played(piece, voices, rng, round(start_s * RATE_HZ), count)
    _treat(stems, piece, kicks, rng, start_s, beat_s)
    mix = stems.pop("kick")
    for stem in stems.values():
        mix = mix + stem
    return mastered(mix, rng)


def _played(
    piece: Piece, voices: Palette, rng: np.random.Generator, first: int, count: int
) -> tuple[Stems, NDArray[np.int64]]:
    """Return the dry stems and the samples of the kicks within the window."""
    gains = {p: 10 ** ((db + rng.normal(0.0, _SPREAD_DB)) / 20) for p, db in GAINS_DB.items()}
    stems = {name: np.zeros(count, np.float32) for name in ("kick", "drums", "bass", "music", "lead", "fx")}
    at = piece.tempo.seconds(np.array([note.beat for note in piece.notes], dtype=np.float64))
    ends = piece.tempo.seconds(np.array([note.beat + note.beats for note in piece.notes], dtype=np.float64))
    chokes = _chokes(piece.notes, at)
    kicks = []
    for note, start_s, end_s in zip(piece.notes, at.tolist(), ends.tolist(), strict=True):
        start = round(start_s * RATE_HZ) - first
        if start >= count or start < -_LONGEST_TAIL_S * RATE_HZ:
            continue
        sound = voices.sound(note.part, note.pitch, end_s - start_s, note.velocity)
        if note.part == "open_hat":
            sound = _choked(sound, start_s, chokes)
        if note.part == "kick":
            kicks.append(start)
        add_at(stems[STEMS.get(note.part, "drums")], sound, start, gains[note.part] * note.velocity**1.3)
    return stems, np.sort(np.array(kicks, dtype=np.int64))


def _chokes(notes: tuple[Note, ...], at: F64) -> F64:
    """Return the times at which a hi-hat is struck: it ends an open one."""
    return np.sort(np.array([t for note, t in zip(notes, at, strict=True) if note.part in _HATS]))


def _choked(sound: F32, start_s: float, chokes: F64) -> F32:
    later = np.searchsorted(chokes, start_s + 0.01)
    if later >= len(chokes):
        return sound
    length, fade = int((chokes[later] - start_s) * RATE_HZ), 400
    cut = sound[: length + fade].copy()
    if len(cut) > length:
        cut[length:] *= np.linspace(1.0, 0.0, len(cut) - length, dtype=np.float32)
    return cut


def _treat(
    stems: Stems, piece: Piece, kicks: NDArray[np.int64], rng: np.random.Generator, start_s: float, beat_s: float
) -> None:
    """Give every stem its equaliser, drive, side-chain, sweep, echo and room, in place."""
    club = palette.is_club(piece.genre)
    duck = float(rng.uniform(0.3, 0.95)) if rng.random() < (0.6 if club else 0.1) else 0.0
    release_s = float(rng.uniform(0.3, 0.9)) * beat_s
    room = effects.room_response(rng, float(rng.choice([0.4, 0.8, 1.4, 2.2])), brightness=float(rng.uniform(0.2, 0.9)))
    sweep = _sweep(piece, rng, start_s, len(stems["music"])) if rng.random() < 0.5 else None
    for name, stem in stems.items():
        if not stem.any():
            continue
        stem = effects.shelved(stem, "high", 4_000, float(rng.normal(0, 2.5)))
        if name in ("kick", "drums", "bass") and rng.random() < 0.4:
            stem = effects.driven(stem, float(rng.uniform(0.5, 3.0)))
        if name in ("music", "lead"):
            stem = _placed(stem, rng, beat_s)
            stem = effects.swept(stem, "low", sweep) if sweep is not None and name == "music" else stem
        if duck and name in ("bass", "music", "fx"):
            stem = effects.ducked(stem, kicks, duck if name != "bass" else min(1.0, duck * 1.2), release_s)
        stems[name] = stem
    wet = 0.3 * stems["drums"] + 0.8 * stems["music"] + stems["lead"] + stems["fx"]
    level = float(rng.uniform(0.02, 0.35))
    stems["room"] = effects.in_room(wet, room, level) - wet


def _placed(stem: F32, rng: np.random.Generator, beat_s: float) -> F32:
    """Return a melodic stem out of the way of the bass, perhaps with an echo in time."""
    stem = effects.filtered(stem, "high", float(rng.uniform(60, 250)))
    stem = effects.belled(stem, float(rng.uniform(400, 3_000)), 1.0, float(rng.normal(0, 3)))
    if rng.random() < 0.35:
        delay_s = beat_s * float(rng.choice([0.5, 0.75, 1.0, 1.5]))
        stem = effects.echoed(stem, delay_s, float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.15, 0.5)))
    return stem


def _sweep(piece: Piece, rng: np.random.Generator, start_s: float, count: int) -> F64:
    """Return the cutoffs of a low-pass that closes for breaks and opens through builds, per block of `swept`."""
    n = effects.sweep_steps(count)
    at_s = start_s + np.arange(n) * (count / max(n, 1)) / RATE_HZ
    octaves = np.full(n, 4.0)
    low = float(rng.uniform(0.0, 2.5))
    for span in piece.spans:
        a, b = piece.tempo.seconds(np.array([span.start, span.end]))
        inside = (at_s >= a) & (at_s < b)
        if span.section in (Section.BUILD, Section.INTRO):
            octaves[inside] = low + (4.0 - low) * (at_s[inside] - a) / max(b - a, 1e-6)
        elif span.section == Section.BREAK:
            octaves[inside] = 0.5 * (low + 4.0)
    return 1_000.0 * 2.0**octaves


def mastered(sound: F32, rng: np.random.Generator) -> F32:
    """Return the sum of the stems as a release: equalised, glued, saturated and limited at a random loudness."""
    peak = float(np.abs(sound).max(initial=0.0))
    if peak < 1e-6:
        return sound
    sound = effects.shelved(sound / np.float32(peak), "low", 120, float(rng.normal(0, 2)))
    sound = effects.shelved(sound, "high", 6_000, float(rng.normal(0, 2)))
    if rng.random() < 0.5:
        sound = effects.driven(sound, float(rng.uniform(0.3, 2.5)))
    push = 10 ** (float(rng.uniform(-2, 8)) / 20)
    return effects.limited(
        sound * np.float32(push), float(rng.uniform(0.7, 0.98)), release_s=float(rng.uniform(0.04, 0.25))
    )
