"""The tonal parts of one piece: which figures its bass, chords, arpeggios, leads and voices play."""

from __future__ import annotations

from typing import Final

import numpy as np

from livedance.training.beat_music.dice import chance, pick
from livedance.training.beat_music.genre import Genre
from livedance.training.beat_music.notation import cells
from livedance.training.beat_music.piece import Part
from livedance.training.beat_music.tones import Loop

_OFFBEAT_BASS: Final = {3: "..1..1..1..1", 4: "..1...1...1...1.", 6: "...1.....1.."}
_PULSE_COMP: Final = {
    3: ("x.xx.xx.xx.x", "xxxxxxxxxxxx", "x..x..x..x.."),
    4: ("x.x.x.x.x.x.x.x.", "x..x..x.x..x..x.", "x...x...x...x...", "x.xx.xxx.xx.x.xx"),
    6: ("x-x-x-x-x-x-", "x.....x.....", "x.x.x.x.x.x."),
}
"""Chords that carry the rhythm alone when there are no drums."""

_Note = tuple[float, float, int, float]


def draw(genre: Genre, rng: np.random.Generator, *, alone: bool) -> dict[str, Loop]:
    """Return layer -> loop for every tonal layer of a piece; `alone`: they have to carry the pulse without drums."""
    loops = [
        _bass(genre, rng),
        _chords(genre, rng, alone=alone),
        _pad(genre, rng),
        _vocal(genre, rng),
        _lead(genre, rng),
    ]
    if chance(rng, 0.9 if alone else genre.arps):
        loops.append(_arp(genre, rng))
    if chance(rng, 0.2):
        loops.append(_line(genre, rng, "guitar", "guitar", "chord", pick(rng, genre.comp or ("x.......",)), gate=0.5))
    return {loop.layer: loop for loop in loops}


def _line(
    genre: Genre,
    rng: np.random.Generator,
    layer: str,
    part: Part,
    voicing: str,
    line: str,
    *,
    gate: float,
    low: int = 36,
) -> Loop:
    """Return a written line as a loop, cut or repeated to whole bars; single steps sound for `gate` of their length."""
    bars = max(1, round(len(line) / genre.bar_steps))
    total = bars * genre.bar_steps
    accent = float(rng.uniform(0.0, 0.2))
    notes: list[_Note] = []
    for repeat in range(0, total, len(line)):
        for step, steps, degree in cells(line):
            if repeat + step < total:
                beat = (repeat + step) / genre.steps
                share = gate if steps == 1.0 else 0.95
                strong = 0.85 if beat % 1.0 < 1e-6 else 0.85 - accent
                notes.append((beat, max(0.1, steps * share / genre.steps), degree, strong))
    return Loop(
        layer=layer,
        part=part,
        notes=tuple(notes),
        beats=total / genre.steps,
        voicing=voicing,  # type: ignore[arg-type]
        low=low,
        pulse=len(notes) >= 0.75 * genre.meter * bars,
        push=pick(rng, (0.25, 0.5)) if chance(rng, 0.15) else 0.0,
        strum_beats=float(rng.uniform(0.0, 0.04)) if part == "guitar" else 0.0,
        level=float(rng.uniform(0.6, 1.0)),
    )


def _bass(genre: Genre, rng: np.random.Generator) -> Loop:
    """Return a bass line of the genre, now and then one on the offbeats or one made up."""
    low = int(rng.integers(28, 37))
    gate = float(rng.uniform(0.4, 0.95))
    luck = float(rng.random())
    if luck < 0.08:
        line = _OFFBEAT_BASS[genre.steps]
        return _line(genre, rng, "bass", "bass", "bass", line, gate=gate, low=low)
    if luck < 0.2 or not genre.bass:
        letters = [pick(rng, "1158.....3") if rng.random() < 0.6 else "." for _ in range(genre.bar_steps)]
        if chance(rng, 0.75):
            letters[0] = "1"
        line = "".join(letters)
        return _line(
            genre, rng, "bass", "bass", "bass", line if line.strip(".") else "1" + line[1:], gate=gate, low=low
        )
    return _line(genre, rng, "bass", "bass", "bass", pick(rng, genre.bass), gate=gate, low=low)


def _chords(genre: Genre, rng: np.random.Generator, *, alone: bool) -> Loop:
    """Return the rhythm of the chords."""
    lines = _PULSE_COMP[genre.steps] if alone and chance(rng, 0.6) else genre.comp
    if not lines or chance(rng, 0.1):
        lines = ("".join("x" if rng.random() < 0.35 else pick(rng, ".-") for _ in range(genre.bar_steps)),)
        lines = ("x" + lines[0][1:],) if chance(rng, 0.6) else lines
        lines = lines if "x" in lines[0] else ("x" + lines[0][1:],)
    part = pick(rng, genre.comp_parts)
    return _line(genre, rng, "chords", part, "chord", pick(rng, lines), gate=float(rng.uniform(0.3, 0.95)))


def _pad(genre: Genre, rng: np.random.Generator) -> Loop:
    """Return held chords, struck again every bar or two."""
    beats = float(genre.meter * pick(rng, (1, 1, 2)))
    return Loop(
        layer="pad", part="pad", notes=((0.0, beats, 0, 0.7),), beats=beats, voicing="chord", pulse=False,
        level=float(rng.uniform(0.5, 0.9)),
    )  # fmt: skip


def _arp(genre: Genre, rng: np.random.Generator) -> Loop:
    """Return an arpeggio or a short pluck figure; some last three sixteenths or five and wander against the bar."""
    rate = pick(rng, {3: (1, 3, 3), 4: (2, 4, 4, 4), 6: (3, 6, 6)}[genre.steps])
    span = int(rng.integers(3, 9))
    shapes = (
        list(range(span)),
        list(range(span - 1, -1, -1)),
        [*range(span), *range(span - 2, 0, -1)],
        [int(i) for i in rng.integers(0, span, int(rng.integers(3, 9)))],
    )
    order = pick(rng, shapes)
    length = pick(rng, (len(order), genre.meter * rate, genre.meter * rate, 2 * genre.meter * rate))
    rests, gate = pick(rng, (0.0, 0.0, 0.2, 0.4)), float(rng.uniform(0.3, 1.2))
    accent = pick(rng, (2, 3, 4, rate))
    notes: list[_Note] = [
        (i / rate, gate / rate, order[i % len(order)], 0.9 if i % accent == 0 else 0.65)
        for i in range(length)
        if i == 0 or rng.random() >= rests
    ]
    return Loop(
        layer="arp", part=pick(rng, ("arp", "pluck", "arp", "guitar")), notes=tuple(notes), beats=length / rate,
        voicing="arp", low=int(rng.integers(50, 70)), level=float(rng.uniform(0.5, 0.95)),
    )  # fmt: skip


def _lead(genre: Genre, rng: np.random.Generator) -> Loop:
    """Return a melody of two to four bars; its rhythm is as free as that of a player."""
    return _phrase(genre, rng, layer="lead", part="lead", density=float(rng.uniform(0.2, 0.6)), low=60)


def _vocal(genre: Genre, rng: np.random.Generator) -> Loop:
    """Return a sung line: long notes, syncopated, beginning before or after the beat."""
    return _phrase(genre, rng, layer="vocal", part="vocal", density=float(rng.uniform(0.12, 0.4)), low=53)


def _phrase(genre: Genre, rng: np.random.Generator, *, layer: str, part: Part, density: float, low: int) -> Loop:
    """Return a phrase (A A' or A B) whose notes walk through the key and rest at the end of each half."""
    half = genre.meter * pick(rng, (1, 1, 2)) * 2
    first = _half_phrase(genre, rng, half, density)
    second = first if chance(rng, 0.5) else _half_phrase(genre, rng, half, density)
    if second is first and chance(rng, 0.6):
        second = [*first[:-1], (*first[-1][:2], first[-1][2] + pick(rng, (-2, -1, 1, 2)), first[-1][3])]
    notes = first + [(note[0] + half, *note[1:]) for note in second]
    return Loop(
        layer=layer, part=part, notes=tuple(notes), beats=2.0 * half, voicing="scale", low=low,
        pulse=part == "lead" and len(notes) >= 2.0 * half,
        follows=chance(rng, 0.5), level=float(rng.uniform(0.6, 1.0)),
    )  # fmt: skip


def _half_phrase(genre: Genre, rng: np.random.Generator, beats: int, density: float) -> list[_Note]:
    """Return the notes of half a phrase; `density` is the share of steps at which a note begins."""
    steps = genre.steps if chance(rng, 0.6) else max(2, genre.steps // 2)
    count = beats * steps
    off_beat = float(rng.uniform(0.5, 1.6))
    odds = np.array([density * (1.0 if i % steps == 0 else off_beat * 0.8) for i in range(count)])
    odds[int(count * 0.85) :] *= 0.2
    starts = np.flatnonzero(rng.random(count) < odds)
    if not len(starts):
        starts = np.array([pick(rng, (0, steps // 2, 1))])
    ends = np.append(starts[1:], count)
    degrees = np.clip(np.cumsum(rng.integers(-2, 3, len(starts))) + int(rng.integers(-2, 5)), -4, 11)
    held = float(rng.uniform(0.4, 1.0))
    return [
        (start / steps, min(max(0.15, held * (end - start) / steps), 4.0), int(degree), 0.85)
        for start, end, degree in zip(starts.tolist(), ends.tolist(), degrees.tolist(), strict=True)
    ]
