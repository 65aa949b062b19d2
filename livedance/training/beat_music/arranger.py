"""Composes pieces of training music: thousands of different rhythms, each with its exact truth.

Tempo is counted as a DJ or dancer counts: where the backbeat can fall on beats 2 and 4 it does (drum and bass 174,
boom-bap 90, reggae 75); trap, drill, dubstep, halfstep and future bass keep the DJ's number (140, 172), snare on 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from livedance.training.beat_music import feel, figures, harmony, patterns, staging, tempos
from livedance.training.beat_music import form as forms
from livedance.training.beat_music.dice import between, chance, pick, pick_by
from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.genres_band import BAND
from livedance.training.beat_music.genres_broken import BROKEN
from livedance.training.beat_music.genres_club import CLUB
from livedance.training.beat_music.genres_world import WORLD
from livedance.training.beat_music.piece import Piece
from livedance.training.beat_music.staging import Band
from livedance.training.beat_music.tempos import with_drift, with_ramp

TABLE: Final[Mapping[str, Genre]] = {**CLUB, **BROKEN, **BAND, **WORLD}
GENRES: Final[tuple[str, ...]] = tuple(TABLE)
FORMS: Final = forms.FORMS

_FORM_WEIGHTS: Final = {"full": 0.5, "loop": 0.2, "break": 0.1, "intro": 0.08, "build-drop": 0.12}

__all__ = ["FORMS", "GENRES", "TABLE", "compose", "with_drift", "with_ramp"]


def compose(
    rng: np.random.Generator,
    *,
    genre: str | None = None,
    bpm: float | None = None,
    bars: int = 32,
    form: str | None = None,
) -> Piece:
    """Return a new piece of `bars` bars; what is not given is drawn.

    A given `bpm` (60-200) is kept exactly and steady; without it some pieces drift (people) or ride the pitch fader.
    `form`: "full" (intro to outro), "loop" (all groove), "break" (groove, about 8 s of break, groove), "intro"
    (stripped intro, groove), "build-drop". Raises ValueError on an unknown genre or form, a bpm or bars out of range.
    """
    name = genre or pick_by(rng, {key: style.weight for key, style in TABLE.items()})
    if name not in TABLE:
        raise ValueError(f"genre {name!r} is unknown: use one of {', '.join(GENRES)}")
    if bars < 1:
        raise ValueError(f"bars is {bars}: a piece needs at least one bar")
    if bpm is not None and not tempos.SLOWEST <= bpm <= tempos.FASTEST:
        raise ValueError(f"bpm is {bpm}: use {tempos.SLOWEST:g} to {tempos.FASTEST:g}")
    style = TABLE[name]
    steady_bpm = bpm if bpm is not None else _usual_bpm(style, rng)
    band, cast = _band(style, rng)
    scenes = forms.plan(
        rng,
        song=style.song,
        form=form or pick_by(rng, _FORM_WEIGHTS),
        bars=bars,
        bar_s=style.meter * 60.0 / steady_bpm,
        cast=cast,
    )
    hits, spans = staging.stage(band, scenes, rng)
    played = feel.draw(rng, swing=style.swing, shuffle=style.shuffle, spread_ms=style.spread_ms)
    beats = bars * style.meter
    piece = Piece(
        genre=name,
        notes=feel.perform(hits, played, bpm=steady_bpm, beats=beats, rng=rng),
        tempo=tempos.steady(steady_bpm),
        beats=beats,
        meter=style.meter,
        spans=spans,
        phrase_starts=staging.phrase_starts(scenes, style.meter),
    )
    return piece if bpm is not None else _with_tempo(piece, style, rng)


def _band(style: Genre, rng: np.random.Generator) -> tuple[Band, frozenset[str]]:
    """Return who plays what in one piece, and the layers that may be heard in its grooves."""
    wanted = forms.draw_cast(rng)
    if chance(rng, 0.15):
        style = _crossed(style, rng)
    loops = figures.draw(style, rng, alone=not wanted & {*patterns.LAYERS})
    kit = patterns.draw(style, rng)
    other = patterns.draw(style, rng) if chance(rng, 0.3) else kit
    if chance(rng, 0.04):  # drops in half time, or all but the drops
        kit, other = (kit, patterns.half_time(kit)) if chance(rng, 0.5) else (patterns.half_time(kit), kit)
    band = Band(
        meter=style.meter,
        kits=(kit, other),
        harmonies=harmony.draw(rng, modes=style.modes, sevenths=style.sevenths, meter=style.meter),
        loops=loops,
        busy=float(rng.uniform(0.2, 1.0)),
    )
    there = {*loops, *(voice.layer for voice in kit.voices)}
    return band, wanted & there or frozenset({"chords"})


def _crossed(style: Genre, rng: np.random.Generator) -> Genre:
    """Return `style` with the tops or the tones of another genre of the same bar: much music is of two kinds."""
    kin = [other for other in TABLE.values() if (other.meter, other.steps) == (style.meter, style.steps)]
    other = pick(rng, kin)
    if chance(rng, 0.5):
        return replace(style, hats=other.hats, perc=other.perc)
    return replace(style, bass=other.bass, comp=other.comp, comp_parts=other.comp_parts, modes=other.modes)


def _usual_bpm(style: Genre, rng: np.random.Generator) -> float:
    """Return a tempo of the genre: mostly within its range, now and then pitched; whole numbers in half the pieces."""
    bpm = between(rng, style.bpm)
    if chance(rng, 0.15):
        bpm *= float(rng.uniform(0.88, 1.12))
    bpm = float(round(bpm)) if chance(rng, 0.5) else bpm
    return float(np.clip(bpm, tempos.SLOWEST, tempos.FASTEST))


def _with_tempo(piece: Piece, style: Genre, rng: np.random.Generator) -> Piece:
    """Return `piece` with a wandering tempo (15 % of all, people more than machines) or a ride of the fader (4 %)."""
    luck = float(rng.random())
    drift = 0.3 if style.live else 0.06
    if luck < drift:
        return with_drift(piece, rng)
    return with_ramp(piece, rng) if luck < drift + 0.04 and piece.beats >= 16 else piece
