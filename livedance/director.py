"""The director: style, company, formation, scene, palette and camera, on the boundaries that the music has.

A pure reducer inside the brain's step: same seed, audio, config and commands give the same decisions at the same hops,
live and in `render`. A decision is a `set` command with the source "director"; the brain obeys it at once, the stage
takes it as state, and so every screen agrees.

Big changes are style, company (number of dancers and formation) and scene: one at a time, eight bars apart. A change by
hand of anything that is directed leaves all of it to the hand for sixteen bars. Decisions fall on

- the *turn*, two bars before the next phrase of eight bars: what needs a run-up and is seen with that phrase, which is
  another style, or more dancers (those who are there walk to their places meanwhile);
- the *phrase*, its first beat: fewer dancers, another formation (every 16 bars), scene (32), palette (16), camera;
- the *break*, the first bar line in it, for a break begins a phrase of the music: close-up, alone again;
- the *drop*, heard or asked for, at once: the camera goes wide; where nobody saw it coming, others enter a bar later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from livedance.control import ops
from livedance.control.scenes import SCENES
from livedance.dance import chance, style_table
from livedance.dance.arrangement import FORMATIONS
from livedance.dance.groove_heard import GrooveHeard
from livedance.dance.style_table import AUTO, StyleTable
from livedance.messages import ClockState, Command, Controls, Features, LockState, Section

SOURCE: Final = "director"
CAMERA: Final = frozenset({"camera", "camera_yaw_deg", "camera_dist_m", "camera_x_m", "camera_y_m"})
DIRECTS: Final = frozenset({"style", "dancers", "formation", "scene", "palette"}) | CAMERA
"""Controls that are left to the hand, all of them, when a hand has changed one."""
BIG: Final = (frozenset({"auto_style"}), frozenset({"dancers", "formation"}), frozenset({"scene"}))
"""Kinds of big changes, by the fields that they set."""

PHRASE_BARS: Final = 8
TURN_BARS: Final = 2
HOLD_BARS: Final = 16
FIRST_BARS: Final = 2.0
"""How much must have been heard before `auto` means anything."""
SLACK_BEATS: Final = 0.5
"""A phrase that the clock has bent by this much still counts as eight bars."""
MEMORY: Final = 24
"""Phrases whose styles are remembered."""
VOICE: Final = 2**20
"""The director's number where dancers have theirs: the key of its chance."""

SCENE_PHRASES, SCENE_CHANCE = 4, 0.5
"""A scene lasts for so many phrases at least; then each turn saves the next phrase for another one with this chance."""
PALETTE_PHRASES, PALETTE_CHANCE = 2, 0.5
COMPANY_PHRASES, COMPANY_CHANCE = 2, 0.5
JOINED_CHANCE: Final = 0.3
"""How often a groove gets company: mostly one dancer is the show."""

VIEWS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.INTRO: ("front",),
    Section.GROOVE: ("front", "front", "low", "orbit"),
    Section.BREAK: ("close",),
    Section.DROP: ("wide",),
}
"""Where to look from, by chance among a section's. In a build the view stays until the drop widens it."""
COMPANY: Final[Mapping[Section, tuple[int, ...]]] = {
    Section.GROOVE: (2, 3),
    Section.BUILD: (2, 3, 3, 4, 4, 6, 8),
    Section.DROP: (2, 3, 3, 4, 4, 6, 8),
}
"""How many dance together, by chance among those that may be. Who comes in a build is there for the drop."""
PLACES: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.GROOVE: ("unison", "mirror", "canon", "call", "solo"),
    Section.BREAK: ("solo", "individuals"),
    Section.BUILD: ("unison", "unison", "mirror"),
    Section.DROP: ("unison", "unison", "mirror"),
}
"""Formations of several dancers. On the drop they meet in unison."""
COUPLE_STYLE, COUPLE = "salsa", "couple"


@dataclass(frozen=True, slots=True, kw_only=True)
class Director:
    """What the director remembers; immutable. Beats are music beats."""

    seed: int
    table: StyleTable
    least: int = 1
    """Dancers that a person asked for at the start: there are never fewer..."""
    most: int = 4
    """... and never more than this, but for those asked for."""
    sounds: GrooveHeard = field(default_factory=GrooveHeard.initial)
    place: float | None = None
    """Beats into the phrase at the last hop; None while nobody knows the beat."""
    phrase_at: float = -math.inf
    """Where the present phrase began."""
    phrase: int = 0
    """Counts phrases: the key of chance."""
    block: int = 0
    """Phrases since the last drop: what comes every 16 or 32 bars counts from there."""
    has_turned: bool = False
    """Whether this phrase's turn is behind us."""
    scene_phrase: int = 0
    """Phrase in which the scene was changed last."""
    saves: bool = False
    """Whether the next phrase is kept for a scene."""
    big_at: float | None = None
    """Where the last big change was, or will be, seen."""
    held_until: float = -math.inf
    section: Section = Section.INTRO
    break_at: float = math.inf
    """Bar line at which a break that has just begun is answered."""
    styles: tuple[str, ...] = ()
    """What `auto` stood for, phrase by phrase."""

    def step(
        self,
        clock: ClockState,
        features: Features,
        controls: Controls,
        *,
        by_hand: bool = False,
        dropped: bool = False,
    ) -> tuple[Command | None, Director]:
        """Take one hop; costs about 15 us where nothing is to decide.

        Args:
            clock: the beat clock after this hop.
            features: of this hop.
            controls: with this hop's commands obeyed.
            by_hand: whether those changed anything that is directed (`is_directed`).
            dropped: whether a person has said that this is the drop.

        Returns what is to change, if anything, and the director after it. The command's `value` is the dance beat from
        which it is seen (which matters for the number of dancers).
        """
        beat = clock.position_at(features.t_s)
        after = replace(self, sounds=self.sounds.step(features, clock))
        if by_hand:
            after = replace(after, held_until=beat + HOLD_BARS * clock.meter)
        if not _is_music(clock, features):
            return None, replace(after, place=None)
        moment = _moment(after, clock, beat, dropped)
        after = replace(after, place=moment.place, section=clock.section, has_turned=moment.has_turned)
        if after.big_at is None:
            after = replace(after, big_at=beat)
        is_first = controls.style == AUTO and not controls.auto_style and after.sounds.bars >= FIRST_BARS
        if not moment.is_due and not is_first:
            return None, after
        return _decided(after, moment, clock, controls)


def is_directed(changed: Iterable[str]) -> bool:
    """Whether a hand that `changed` these fields of `Controls` holds the director off."""
    return not DIRECTS.isdisjoint(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What a hop is to the director."""

    beat: float
    place: float
    """Beats into the phrase."""
    next_at: float
    """Where the next phrase begins."""
    has_turned: bool
    turns: bool
    begins: bool
    breaks: bool
    begins_break: bool
    drops: bool

    @property
    def is_due(self) -> bool:
        """Whether anything may be decided now."""
        return self.turns or self.begins or self.breaks or self.begins_break or self.drops


def _is_music(clock: ClockState, features: Features) -> bool:
    """Whether anybody knows where in the music we are; in a break the clock may well run free."""
    lost = clock.state == LockState.SEARCHING or (
        clock.state == LockState.FREE_WHEEL and clock.section != Section.BREAK
    )
    return features.heard and not features.is_silent and not lost


def _moment(director: Director, clock: ClockState, beat: float, dropped: bool) -> _Moment:
    whole, bar = PHRASE_BARS * clock.meter, clock.meter
    place = (clock.phrase_bar * bar + beat - clock.bar_start_beat) % whole
    is_late = place >= whole - TURN_BARS * bar
    # A tracker that finds the phrase anew may begin one early, but not twice within four bars.
    wraps = director.place is not None and place < min(bar, director.place - 1.0)
    return _Moment(
        beat=beat,
        place=place,
        next_at=beat + whole - place,
        has_turned=is_late,
        turns=is_late and not director.has_turned,
        begins=wraps and beat - director.phrase_at >= 0.5 * whole - SLACK_BEATS,
        breaks=beat >= director.break_at,
        begins_break=clock.section == Section.BREAK != director.section,
        drops=dropped or clock.section == Section.DROP != director.section,
    )


def is_big(changes: Iterable[str]) -> bool:
    """Whether changes to these fields are a big one."""
    return any(not kind.isdisjoint(changes) for kind in BIG)


def _decided(
    director: Director, moment: _Moment, clock: ClockState, controls: Controls
) -> tuple[Command | None, Director]:
    """Return what changes at a moment that is due."""
    director = _counted(director, moment, clock)
    rng = chance.generator(director.seed, VOICE, 4 * director.phrase + 2 * moment.turns + moment.drops)
    is_free = moment.beat >= director.held_until
    follows = is_free and controls.style == AUTO
    directs = is_free and controls.director
    changes: dict[str, Any] = {}
    seen_at = moment.beat
    if follows and not controls.auto_style and director.sounds.bars >= FIRST_BARS:
        changes = {"auto_style": _style(director, clock, rng)}
    elif moment.turns:
        seen_at = moment.next_at
        if _may(director, seen_at, clock):
            changes = _company(director, clock.section, controls, rng) if directs else {}
            director = replace(director, saves=directs and not changes and _wants_scene(director, rng))
            if (
                follows
                and not changes
                and not director.saves
                and (style := _style(director, clock, rng)) != controls.auto_style
            ):
                changes = {"auto_style": style}
        director = _remembered(director, changes.get("auto_style", controls.auto_style))
    elif directs and moment.drops:
        seen_at = _bar_after(clock, moment.beat)
        changes = _company(director, Section.DROP, controls, rng) if _may(director, seen_at, clock) else {}
        changes |= _view(Section.DROP, controls, rng)
    elif directs and (moment.begins or moment.breaks):
        changes = _begun(director, moment, clock, controls, rng)
    if not changes:
        return None, director
    if is_big(changes):
        director = replace(director, big_at=seen_at, saves=director.saves and moment.turns)
    if "scene" in changes:
        director = replace(director, scene_phrase=director.phrase)
    shown_from = clock.dance_offset + clock.dance_ratio * seen_at
    return Command(op="set", args=changes, value=shown_from, source=SOURCE), director


def _counted(director: Director, moment: _Moment, clock: ClockState) -> Director:
    """Return the director with its phrases counted on, and a new break noted."""
    if moment.begins:
        director = replace(
            director, phrase=director.phrase + 1, block=director.block + 1, phrase_at=moment.beat, has_turned=False
        )
    if moment.drops:
        director = replace(director, block=0)
    if moment.begins_break:
        return replace(director, break_at=_bar_after(clock, moment.beat))
    if moment.breaks or clock.section != Section.BREAK:
        return replace(director, break_at=math.inf)
    return director


def _remembered(director: Director, style: str) -> Director:
    styles = (*director.styles, style) if style else director.styles
    return replace(director, styles=styles[-MEMORY:])


def _may(director: Director, seen_at: float, clock: ClockState) -> bool:
    """Whether a big change may be seen there."""
    last = director.big_at
    return last is None or seen_at - last >= PHRASE_BARS * clock.meter - SLACK_BEATS


def _bar_after(clock: ClockState, beat: float) -> float:
    return clock.bar_start_beat + clock.meter * (math.floor((beat - clock.bar_start_beat) / clock.meter) + 1.0)


def _style(director: Director, clock: ClockState, rng: np.random.Generator) -> str:
    return style_table.pick(director.table.mix(director.sounds.heard(clock)), director.styles, rng)


def _begun(
    director: Director, moment: _Moment, clock: ClockState, controls: Controls, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what a phrase, or a break, begins with."""
    section, changes = clock.section, dict[str, Any]()
    if _may(director, moment.beat, clock):
        changes = _left(director, section, controls, rng)
        if not changes and moment.begins:
            changes = _scene(controls, rng) if director.saves else _formation(director, section, controls, rng)
    if moment.begins and "scene" not in changes:
        changes |= _palette(director, controls, rng)
    view = _view(section, controls, rng)
    if "scene" in changes:
        view = {"camera": view.get("camera", controls.camera)}
    return changes | view


def _company(director: Director, section: Section, controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    """Return more dancers, where the section wants them."""
    most = max(director.least, director.most)
    wanted = [n for n in COMPANY.get(section, ()) if controls.dancers < n <= most]
    if section == Section.GROOVE and (controls.dancers > director.least or rng.random() >= JOINED_CHANCE):
        return {}
    if not wanted:
        return {}
    n = int(rng.choice(wanted))
    return {"dancers": n, "formation": _place(n, section, controls, rng)}


def _left(director: Director, section: Section, controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    """Return fewer dancers, where the section wants them."""
    if controls.dancers <= director.least or section in (Section.BUILD, Section.DROP):
        return {}
    stays = section == Section.GROOVE and (director.block < COMPANY_PHRASES or rng.random() >= COMPANY_CHANCE)
    return {} if stays else {"dancers": director.least}


def _formation(director: Director, section: Section, controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    if controls.dancers < 2 or director.block % COMPANY_PHRASES or rng.random() >= COMPANY_CHANCE:
        return {}
    place = _place(controls.dancers, section, controls, rng)
    return {} if place == controls.formation else {"formation": place}


def _place(n: int, section: Section, controls: Controls, rng: np.random.Generator) -> str:
    """Return a formation of `n` dancers for a section."""
    style = controls.auto_style if controls.style == AUTO else controls.style
    if n == 2 and style == COUPLE_STYLE and COUPLE in _known_places():
        return COUPLE
    names = [name for name in PLACES.get(section, ("unison",)) if name in _known_places()]
    return str(rng.choice(names or ["unison"]))


def _known_places() -> frozenset[str]:
    return frozenset(FORMATIONS) & frozenset(ops.VOCABULARY["formation"])


def _wants_scene(director: Director, rng: np.random.Generator) -> bool:
    return director.phrase + 1 - director.scene_phrase >= SCENE_PHRASES and rng.random() < SCENE_CHANCE


def _scene(controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    return {"scene": int(rng.choice([number for number in SCENES if number != controls.scene]))}


def _palette(director: Director, controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    if director.block % PALETTE_PHRASES or rng.random() >= PALETTE_CHANCE:
        return {}
    palettes = sorted({int(scene["palette"]) for scene in SCENES.values()} - {controls.palette})
    return {"palette": int(rng.choice(palettes))}


def _view(section: Section, controls: Controls, rng: np.random.Generator) -> dict[str, Any]:
    """Return another view where the section wants one."""
    views = VIEWS.get(section, ())
    view = str(rng.choice(views)) if views else controls.camera
    return {} if view == controls.camera else {"camera": view}
