"""The drum part of one piece: lines drawn from the pools of its genre, then changed until it is one of a kind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from livedance.training.beat_music.dice import chance, pick
from livedance.training.beat_music.feel import Hit
from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.notation import Stroke, groove_lines, strokes
from livedance.training.beat_music.piece import Drum

LAYERS: Final = ("kick", "snare", "hats", "perc")
_SHOT_BEATS: Final = 0.25
_HAT_DRUMS: Final[tuple[Drum, ...]] = ("hat", "hat", "hat", "shaker", "ride", "open_hat", "tambourine")
_PERC_DRUMS: Final[tuple[Drum, ...]] = (
    "conga", "perc", "rim", "cowbell", "tom_low", "tom_mid", "tom_high", "shaker", "tambourine",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One drum with its own line, which may be longer or shorter than a bar."""

    layer: str
    part: Drum
    strokes: tuple[Stroke, ...]
    length: int
    """Steps after which it repeats."""
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """All voices of a piece and how restless they are."""

    voices: tuple[Voice, ...]
    answer: tuple[Voice, ...]
    """What is played instead in every fourth (or second) bar."""
    answer_every: int
    restless: float
    """Share of the hits that are left out or added in any bar."""
    steps: int
    bar_steps: int


def draw(genre: Genre, rng: np.random.Generator) -> Kit:
    """Return a drum part for one piece of `genre`."""
    voices: list[Voice] = []
    for layer in LAYERS:
        pool: Sequence[str] = getattr(genre, layer)
        if pool:
            voices += _voices(layer, pick(rng, pool), rng)
    if chance(rng, 0.3):
        voices = [voice for voice in voices if voice.layer != "hats"] + _made_hats(genre, rng)
    if chance(rng, 0.25) or not genre.perc:
        voices.append(_euclidean(genre, rng))
    voices = [_mutated(voice, genre, rng) for voice in voices]
    answer = [_mutated(voice, genre, rng, strength=2.0) if voice.layer != "hats" else voice for voice in voices]
    return Kit(
        voices=tuple(voices),
        answer=tuple(answer if chance(rng, 0.6) else voices),
        answer_every=2 if chance(rng, 0.3) else 4,
        restless=float(rng.uniform(0.0, 0.06)) if chance(rng, 0.6) else 0.0,
        steps=genre.steps,
        bar_steps=genre.bar_steps,
    )


def half_time(kit: Kit) -> Kit:
    """Return `kit` played at half speed: the same tempo, everything twice as far apart."""

    def slowed(voices: tuple[Voice, ...]) -> tuple[Voice, ...]:
        return tuple(
            replace(
                voice,
                strokes=tuple(stroke._replace(step=2.0 * stroke.step) for stroke in voice.strokes),
                length=2 * voice.length,
            )
            for voice in voices
        )

    return replace(kit, voices=slowed(kit.voices), answer=slowed(kit.answer))


def bar(kit: Kit, index: int, start: float, layers: Collection[str], rng: np.random.Generator) -> list[Hit]:
    """Return the hits of bar `index`, which begins at beat `start`, of the voices in `layers`."""
    hits: list[Hit] = []
    last = index % kit.answer_every == kit.answer_every - 1
    first_step = index * kit.bar_steps
    for voice in kit.answer if last else kit.voices:
        if voice.layer not in layers:
            continue
        offset = first_step % voice.length
        for repeat in range(-offset, kit.bar_steps, voice.length):
            for stroke in voice.strokes:
                step = repeat + stroke.step
                if not 0 <= step < kit.bar_steps or (stroke.chance < 1.0 and rng.random() > stroke.chance):
                    continue
                # The first step of a bar is what a listener holds on to: it is never left out by chance.
                if kit.restless and step and rng.random() < kit.restless:
                    continue
                hits.append(Hit(start + step / kit.steps, _SHOT_BEATS, voice.part, 0, stroke.velocity * voice.level))
    if kit.restless and chance(rng, 4.0 * kit.restless) and hits:
        copied = pick(rng, hits)
        step = float(rng.integers(kit.bar_steps))
        hits.append(copied._replace(beat=start + step / kit.steps, velocity=0.45 * copied.velocity))
    return hits


def _voices(layer: str, groove: str, rng: np.random.Generator) -> list[Voice]:
    """Return the voices of one groove of a pool, at a level drawn for each."""
    return [
        Voice(layer=layer, part=part, strokes=strokes(line), length=len(line), level=float(rng.uniform(0.7, 1.0)))
        for part, line in groove_lines(groove)
    ]


def _made_hats(genre: Genre, rng: np.random.Generator) -> list[Voice]:
    """Return one or two hat-like voices that no table holds: a pulse of any rate with accents of any period."""
    voices = []
    for _ in range(1 if chance(rng, 0.7) else 2):
        every = pick(rng, (1, 1, 2, 2, genre.steps))
        shift = pick(rng, (0, 0, every // 2))
        accent = pick(rng, (2, 3, 4, genre.steps, 2 * genre.steps))
        accent_at, soft = int(rng.integers(accent)), float(rng.uniform(0.3, 0.9))
        line = tuple(
            Stroke(step, 0.9 if step // every % accent == accent_at else 0.9 * soft, 1.0)
            for step in range(shift, genre.bar_steps, every)
        )
        level = float(rng.uniform(0.5, 0.95))
        voices.append(
            Voice(layer="hats", part=pick(rng, _HAT_DRUMS), strokes=line, length=genre.bar_steps, level=level)
        )
    return voices


def _euclidean(genre: Genre, rng: np.random.Generator) -> Voice:
    """Return a percussion line of k hits spread as evenly as n steps allow (Toussaint 2005), turned at random.

    Now and then n is not the bar's: the line then wanders against the bar, as polymetric loops do.
    """
    length = genre.bar_steps if chance(rng, 0.8) else int(rng.integers(3, genre.bar_steps))
    count = int(rng.integers(2, max(3, length // 2 + 1)))
    turn = int(rng.integers(length))
    line = tuple(
        Stroke((i * length // count + turn) % length, 0.55 + 0.35 * float(rng.random()), 1.0) for i in range(count)
    )
    level = float(rng.uniform(0.4, 0.9))
    return Voice(layer="perc", part=pick(rng, _PERC_DRUMS), strokes=line, length=length, level=level)


def _mutated(voice: Voice, genre: Genre, rng: np.random.Generator, strength: float = 1.0) -> Voice:
    """Return `voice` with a few hits added, dropped, moved or made soft, according to what its layer bears."""
    line = list(voice.strokes)
    if voice.layer == "kick":
        if chance(rng, 0.25 * strength):
            line += _added(genre, rng, count=int(rng.integers(1, 3)), velocity=0.75)
        if chance(rng, 0.12 * strength) and len(line) > 1:
            line.pop(int(rng.integers(1, len(line))))
        if chance(rng, 0.05):
            line = [stroke for stroke in line if stroke.step % genre.bar_steps]
    elif voice.layer == "snare":
        if chance(rng, 0.25 * strength):
            line += _added(genre, rng, count=int(rng.integers(1, 4)), velocity=0.25)
        if chance(rng, 0.06 * strength) and len(line) > 1:
            line.pop(int(rng.integers(len(line))))
    elif chance(rng, 0.3 * strength) and line:
        keep = float(rng.uniform(0.7, 1.0))
        line = [stroke for stroke in line if rng.random() < keep] or line
    if voice.layer == "hats" and chance(rng, 0.3):
        line = [stroke._replace(velocity=stroke.velocity * float(rng.uniform(0.5, 1.0))) for stroke in line]
    taken = {stroke.step: stroke for stroke in reversed(line)}
    part = voice.part
    if voice.layer == "snare" and chance(rng, 0.12):
        part = pick(rng, ("snare", "clap", "rim"))
    return Voice(
        layer=voice.layer,
        part=part,
        strokes=tuple(taken[step] for step in sorted(taken) if step < voice.length),
        length=voice.length,
        level=voice.level,
    )


def _added(genre: Genre, rng: np.random.Generator, *, count: int, velocity: float) -> list[Stroke]:
    """Return extra hits between the beats."""
    steps = [step for step in range(genre.bar_steps) if step % genre.steps]
    return [Stroke(pick(rng, steps), velocity, 1.0 if chance(rng, 0.6) else 0.5) for _ in range(count)]
