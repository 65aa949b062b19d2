"""Plays the scenes of a form: who sounds when, fills at the ends of phrases, builds, and arrivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livedance.messages import Section
from livedance.training.beat_music import fills, patterns
from livedance.training.beat_music.dice import chance
from livedance.training.beat_music.feel import Hit
from livedance.training.beat_music.form import Scene
from livedance.training.beat_music.harmony import Harmony
from livedance.training.beat_music.patterns import Kit
from livedance.training.beat_music.piece import DRUMS, Span
from livedance.training.beat_music.tones import Loop, play


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Everything that a piece is made of; where there are two, the second is that of the drops."""

    meter: int
    kits: tuple[Kit, Kit]
    harmonies: tuple[Harmony, Harmony]
    loops: Mapping[str, Loop]
    busy: float
    """How often it plays fills and crashes, 0-1."""


def stage(band: Band, scenes: Sequence[Scene], rng: np.random.Generator) -> tuple[list[Hit], tuple[Span, ...]]:
    """Return the hits of all scenes on the exact grid, and their spans."""
    hits: list[Hit] = []
    spans: list[Span] = []
    start = 0.0
    for i, scene in enumerate(scenes):
        end = start + scene.bars * band.meter
        before = scenes[i - 1] if i else None
        after = scenes[i + 1] if i + 1 < len(scenes) else None
        played = _scene(band, scene, before, after, start, end, rng)
        rhythm = _has_rhythm(played, band, scene)
        hits += played
        spans.append(Span(start=start, end=end, section=scene.section, has_rhythm=rhythm))
        start = end
    return hits, tuple(spans)


def phrase_starts(scenes: Sequence[Scene], meter: int, phrase_bars: int = 8) -> tuple[int, ...]:
    """Return the first beats of phrases as a DJ counts them.

    Every eight bars; a drop, or a section that begins off the four-bar grid of the running phrase, counts anew. So a
    break and a build of four bars each make one phrase.
    """
    starts: list[int] = []
    bar = 0
    phrase = 0
    for i, scene in enumerate(scenes):
        lands = i == 0 or scene.section == Section.DROP or (bar - phrase) % (phrase_bars // 2) != 0
        if lands:
            phrase = bar
        for at in range(bar, bar + scene.bars):
            if (at - phrase) % phrase_bars == 0:
                phrase = at
                starts.append(at * meter)
        bar += scene.bars
    return tuple(starts)


def _scene(
    band: Band,
    scene: Scene,
    before: Scene | None,
    after: Scene | None,
    start: float,
    end: float,
    rng: np.random.Generator,
) -> list[Hit]:
    """Return the hits of one scene between the beats `start` and `end`."""
    in_drop = scene.section == Section.DROP
    hits = _drums(band, scene, band.kits[in_drop], start, after, rng)
    for layer in sorted(scene.layers & set(band.loops)):
        rise = scene.section == Section.BUILD or (layer == "pad" and chance(rng, 0.3))
        hits += play(band.loops[layer], band.harmonies[in_drop], start, end, rise=rise)
    if scene.section == Section.BUILD:
        hits += fills.build(start, end, band.meter, rng)
    elif after is not None and chance(rng, 0.2):
        length = min(end - start, 2.0 * band.meter)
        hits.append(Hit(end - length, length, "riser", 0, float(rng.uniform(0.2, 0.7))))
    if after is not None and after.section == Section.DROP:
        hits = _before_drop(hits, end, band.meter, rng)
    if before is not None and before.section in (Section.BREAK, Section.BUILD) and in_drop:
        hits += fills.arrival(start, rng, drop=True)
    elif scene.section == Section.BREAK and chance(rng, 0.3):
        hits += fills.arrival(start, rng, drop=True)  # a boom alone does not make a drop
    elif scene.section != Section.BUILD and scene.layers & set(patterns.LAYERS) and chance(rng, band.busy):
        hits += fills.arrival(start, rng, drop=False)
    return hits


def _drums(
    band: Band, scene: Scene, kit: Kit, start: float, after: Scene | None, rng: np.random.Generator
) -> list[Hit]:
    """Return the drums of a scene bar by bar, with fills before every fourth, eighth and last bar line."""
    layers = scene.layers & set(patterns.LAYERS)
    hits: list[Hit] = []
    if not layers:
        return hits
    for index in range(scene.bars):
        at = start + index * band.meter
        bar = patterns.bar(kit, index, at, layers, rng)
        ends_scene = index == scene.bars - 1 and after is not None
        odds = 0.9 if ends_scene else 0.7 if index % 8 == 7 else 0.3 if index % 4 == 3 else 0.02
        if scene.section != Section.BUILD and chance(rng, odds * band.busy):
            bar = fills.fill(bar, at + band.meter, band.meter, rng)
        if index and index % 8 == 0 and chance(rng, 0.5 * band.busy):
            bar += fills.arrival(at, rng, drop=False)
        hits += bar
    return hits


def _before_drop(hits: list[Hit], end: float, meter: int, rng: np.random.Generator) -> list[Hit]:
    """Return `hits` with the last beats before a drop silent, or at least without kick and bass."""
    gap, everything = fills.last_gap(meter, rng)
    if not gap:
        return hits
    if everything:
        return fills.mute(hits, end - gap, end)
    low = [hit for hit in hits if hit.part in ("kick", "bass")]
    return [hit for hit in hits if hit.part not in ("kick", "bass")] + fills.mute(low, end - gap, end)


def _has_rhythm(hits: Sequence[Hit], band: Band, scene: Scene) -> bool:
    """Return True if two drum hits a bar, or one tonal figure that carries the pulse, sound in the scene."""
    drums = sum(hit.part in DRUMS and hit.part != "crash" for hit in hits)
    return drums >= 2 * scene.bars or any(band.loops[layer].pulse for layer in scene.layers & set(band.loops))
