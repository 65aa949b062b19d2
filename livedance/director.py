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
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from livedance import stagecraft
from livedance.dance import chance, style_table
from livedance.dance.groove_heard import GrooveHeard
from livedance.dance.style_table import AUTO, StyleTable
from livedance.messages import ClockState, Command, Controls, Features, LockState, Section
from livedance.records import replace
from livedance.stagecraft import Changes

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


@dataclass(frozen=True, kw_only=True)
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

    @property
    def range(self) -> tuple[int, int]:
        """Fewest and most dancers."""
        return self.least, max(self.least, self.most)

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
        sounds = self.sounds.step(features, clock)
        held_until = beat + HOLD_BARS * clock.meter if by_hand else self.held_until
        if not _is_music(clock, features):
            return None, replace(self, sounds=sounds, held_until=held_until, place=None)
        moment = _moment(self, clock, beat, dropped)
        after = replace(
            self,
            sounds=sounds,
            held_until=held_until,
            place=moment.place,
            section=clock.section,
            has_turned=moment.has_turned,
        )
        if not moment.is_due and not _is_first(after, controls):
            return None, after
        return _decided(after, moment, controls)

    def resumed(self, beat: float) -> Director:
        """Return the director that goes on at `beat` where another stopped: calm for a phrase."""
        return replace(self, place=None, big_at=beat)


def decided(controls: Controls) -> Command:
    """Return all that is directed as one decision: what a stage that lost its memory is told."""
    args = {name: getattr(controls, name) for name in sorted(DIRECTS - {"style"} | {"auto_style"})}
    return Command(op="set", args={k: v for k, v in args.items() if v != ""}, source=SOURCE)


def is_directed(changed: Iterable[str]) -> bool:
    """Whether a hand that `changed` these fields of `Controls` holds the director off."""
    return not DIRECTS.isdisjoint(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """What a hop is to the director."""

    clock: ClockState
    beat: float
    place: float
    """Beats into the phrase."""
    next_at: float
    """Where the next phrase begins."""
    next_bar: float
    """The next bar line."""
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
    bars = math.floor((beat - clock.bar_start_beat) / bar)
    return _Moment(
        clock=clock,
        beat=beat,
        place=place,
        next_at=beat + whole - place,
        next_bar=clock.bar_start_beat + bar * (bars + 1.0),
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


def _decided(director: Director, moment: _Moment, controls: Controls) -> tuple[Command | None, Director]:
    """Return what changes at a moment that is due."""
    director = _counted(director, moment)
    rng = chance.generator(director.seed, VOICE, 4 * director.phrase + 2 * moment.turns + moment.drops)
    is_free = moment.beat >= director.held_until
    follows, directs = is_free and controls.style == AUTO, is_free and controls.director
    changes: Changes = {}
    seen_at = moment.beat
    if follows and _is_first(director, controls) and _may(director, moment, seen_at):
        changes = {"auto_style": _style(director, moment, rng)}
    elif moment.turns:
        seen_at = moment.next_at
        changes, director = _turned(director, moment, controls, rng, follows, directs)
    elif directs and moment.drops:
        seen_at = moment.next_bar
        if _may(director, moment, seen_at):
            changes = stagecraft.company(Section.DROP, controls, *director.range, rng)
        changes |= stagecraft.view(Section.DROP, controls, rng)
    elif directs and (moment.begins or moment.breaks):
        changes = _begun(director, moment, controls, rng)
    if not changes:
        return None, director
    if is_big(changes):
        director = replace(director, big_at=seen_at)
    if "scene" in changes:
        director = replace(director, scene_phrase=director.phrase)
    shown_from = moment.clock.dance_offset + moment.clock.dance_ratio * seen_at
    return Command(op="set", args=changes, value=shown_from, source=SOURCE), director


def _counted(director: Director, moment: _Moment) -> Director:
    """Return the director with its phrases counted on, and a new break noted."""
    if moment.begins:
        director = replace(director, phrase=director.phrase + 1, block=director.block + 1, phrase_at=moment.beat)
    if moment.drops:
        director = replace(director, block=0)
    if moment.begins_break:
        return replace(director, break_at=moment.next_bar)
    if moment.breaks or moment.clock.section != Section.BREAK:
        return replace(director, break_at=math.inf)
    return director


def _is_first(director: Director, controls: Controls) -> bool:
    """Whether `auto` stands for nothing yet, and enough has been heard."""
    return controls.style == AUTO and not controls.auto_style and director.sounds.bars >= FIRST_BARS


def _may(director: Director, moment: _Moment, seen_at: float) -> bool:
    """Whether a big change may be seen there."""
    last = director.big_at
    return last is None or seen_at - last >= PHRASE_BARS * moment.clock.meter - SLACK_BEATS


def _style(director: Director, moment: _Moment, rng: np.random.Generator) -> str:
    return style_table.pick(director.table.mix(director.sounds.heard(moment.clock)), director.styles, rng)


def _turned(
    director: Director, moment: _Moment, controls: Controls, rng: np.random.Generator, follows: bool, directs: bool
) -> tuple[Changes, Director]:
    """Return what the next phrase brings, and the director that remembers it: company, a scene, or a style."""
    changes: Changes = {}
    saves, may = False, _may(director, moment, moment.next_at)
    if may and directs:
        changes = stagecraft.company(moment.clock.section, controls, *director.range, rng)
        wants = stagecraft.wants_scene(director.phrase + 1 - director.scene_phrase, rng)
        saves = wants and not changes
    if may and follows and not changes and not saves and not stagecraft.is_couple(controls):
        style = _style(director, moment, rng)
        changes = {} if style == controls.auto_style else {"auto_style": style}
    danced = changes.get("auto_style", controls.auto_style)
    styles = (*director.styles, danced)[-MEMORY:] if danced else director.styles
    return changes, replace(director, saves=saves, styles=styles)


def _begun(director: Director, moment: _Moment, controls: Controls, rng: np.random.Generator) -> Changes:
    """Return what a phrase, or a break, begins with."""
    section, changes = moment.clock.section, Changes()
    if _may(director, moment, moment.beat):
        changes = stagecraft.left(section, controls, director.least, director.block, rng)
        if not changes and moment.begins and director.saves:
            changes = stagecraft.scene(controls, rng)
        elif not changes and moment.begins:
            changes = stagecraft.formation(section, controls, director.block, rng)
    view = stagecraft.view(section, controls, rng)
    if "scene" in changes:  # A scene has a view of its own; the section's goes before it.
        return changes | {"camera": view.get("camera", controls.camera)}
    return changes | view | (stagecraft.palette(controls, director.block, rng) if moment.begins else {})
