"""What is danced when: forms of eight bars with a motif that returns, builds that rise, drops that hit.

A *form* is a row of slots that ends at the end of the music's eight-bar phrase: A (two bars), A' mirrored and a fill, B
(two bars), A and a fill. What the music does changes the form: in a build the slots shorten, arms rise and the last
beat before the drop is held; on the drop a hit and the widest phrase; in a break long, low slots at half time; without
a beat an easy float. Pure: the same requests give the same directions. Everything is in dance beats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from livedance.dance import chance
from livedance.dance.direction import Direction, Role
from livedance.dance.energy import gain_for
from livedance.dance.generator import WindowRequest
from livedance.messages import SEAM_PHASE, Section

BAR_BEATS: Final = 4
FORM_BARS: Final = 8
SURPRISE: Final = 0.35
"""A slot that was begun for an energy this far from the music's ends at the next bar line."""
REPRISE_CHANCE: Final = 0.4
"""How often a form's A is the A of the form before: the motif of a track, not only of eight bars."""
HOLD_CHANCE: Final = {Role.FILL: 0.55, Role.THEME: 0.1}
"""How often a slot ends in a pose that is held: accents are not all of a kind."""
PAUSE_CHANCE: Final = {Role.FILL: 0.9, Role.THEME: 0.9, Role.DROP: 0.6}
"""How often the motion stops on a beat within a slot and stays for that beat..."""
STOP_CHANCE: Final = {Role.FILL: 0.9, Role.THEME: 0.9, Role.DROP: 0.5, Role.RISE: 0.5}
"""... and how often it does on the last beat of one that is not held: the next phrase begins out of that."""
RESTLESS: Final = 0.4
"""How much fewer stops there are within slots at full energy..."""
RESTLESS_FROM: Final = 0.8
"""... and the energy from which they become fewer."""
PAUSE_BEATS: Final = 2
"""What a stop within a slot takes: it is over before the next phrase, or the next stop."""
HOLD_BUILD: Final = 0.6
"""From this build on the last beat of the phrase is held: the drop is expected after it."""
HIT_LEAD_BEATS: Final = 0.2
"""A drop that is heard this shortly before a beat hits on the beat after it."""
DROP_BARS: Final = 8
"""How long after a drop everything is danced large."""

LOW_GAIN: Final = 0.95
"""How large a break is danced whatever its energy: at half the tempo anything less would stand still."""
MEMORY: Final = 24
"""Forms whose styles are remembered."""

Cell = tuple[int, int, Role, str, bool]
"""First bar, bars, role, theme letter ("" = danced once), mirrored."""

FORM: Final[tuple[Cell, ...]] = (
    (0, 2, Role.THEME, "A", False),
    (2, 1, Role.THEME, "A", True),
    (3, 1, Role.FILL, "", False),
    (4, 2, Role.THEME, "B", False),
    (6, 1, Role.THEME, "A", False),
    (7, 1, Role.FILL, "", False),
)
BUILD_FORM: Final[tuple[Cell, ...]] = (
    (0, 2, Role.RISE, "A", False),
    (2, 2, Role.RISE, "A", True),
    (4, 1, Role.RISE, "B", False),
    (5, 1, Role.RISE, "B", True),
    (6, 1, Role.RISE, "B", False),
    (7, 1, Role.RISE, "B", True),
)
DROP_FORM: Final[tuple[Cell, ...]] = ((0, 2, Role.DROP, "A", False), *FORM[1:])
BREAK_FORM: Final[tuple[Cell, ...]] = tuple((bar, 2, Role.LOW, "", False) for bar in (0, 2, 4, 6))
FLOAT_FORM: Final[tuple[Cell, ...]] = tuple((bar, 2, Role.FLOAT, "", False) for bar in (0, 2, 4, 6))
REST_FORM: Final[tuple[Cell, ...]] = tuple((bar, 2, Role.REST, "", False) for bar in (0, 2, 4, 6))

StylePicker = Callable[[WindowRequest, Sequence[str], np.random.Generator], str]
"""Chooses the style of a form from what is heard and wished, and the styles of the forms before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Some bars planned ahead."""

    mood: Role
    """THEME, RISE, DROP, LOW, FLOAT or REST."""
    wish: str
    """The style that was wished, by hand or "auto"."""
    style: str
    slots: tuple[Direction, ...]
    energy: float
    """At its start."""

    @property
    def end(self) -> float:
        """First dance beat after the form."""
        return self.slots[-1].end

    def at(self, beat: float) -> Direction:
        """Return the slot at a dance beat; the last one from its start on."""
        return next((slot for slot in self.slots if beat < slot.end), self.slots[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a choreographer remembers between windows; immutable."""

    seed: int
    voice: int
    form: Form | None = None
    n_forms: int = 0
    n_slots: int = 0
    motif: int = 0
    """Theme number of the present A; B is the next one."""
    styles: tuple[str, ...] = ()
    """Of the last forms."""
    large_until: float = -math.inf
    """Dance beat until which a drop is danced large."""


def direct(
    plan: Plan, request: WindowRequest, pick_style: StylePicker, *, rests: bool = False
) -> tuple[Direction, Plan]:
    """Return what to dance from `request.beat_start` on, and the plan after it."""
    start = math.floor(request.beat_start - SEAM_PHASE) + SEAM_PHASE
    mood = _mood(request, rests)
    form = plan.form
    if form is None or request.beat_start >= form.end or _at_once(form, mood, request):
        plan = _begin(plan, request, start, mood, pick_style)
    elif _at_the_bar(form, mood, request):
        bar_line = start + _to_bar_line(request, start)
        if bar_line - start >= BAR_BEATS or bar_line <= request.beat_start:
            plan = _begin(plan, request, start, mood, pick_style)
    assert plan.form is not None
    return _coloured(plan, plan.form.at(request.beat_start), request), plan


def _mood(request: WindowRequest, rests: bool) -> Role:
    if request.floats:
        return Role.FLOAT
    if rests:
        return Role.REST
    if request.section == Section.DROP:
        return Role.DROP
    return {Section.BREAK: Role.LOW, Section.BUILD: Role.RISE}.get(request.section, Role.THEME)


def _at_once(form: Form, mood: Role, request: WindowRequest) -> bool:
    """Return whether the dancer answers at the next seam: a drop, a break, a person's wish for another phrase."""
    surprised = mood != form.mood and (mood == Role.DROP or (mood == Role.LOW and form.mood != Role.DROP))
    return surprised or request.new_phrase


def _at_the_bar(form: Form, mood: Role, request: WindowRequest) -> bool:
    """Return whether another form begins at the next bar line."""
    energy = abs(request.energy - form.energy) > SURPRISE
    # A drop is over by itself when its form is; what is heard after it is the groove of that form.
    other = mood != form.mood and not (form.mood == Role.DROP and mood == Role.THEME)
    return other or energy or request.style != form.wish


def _to_bar_line(request: WindowRequest, start: float) -> int:
    """Return the beats, 1 to 4, from a seam to the next bar line's seam."""
    bar_beat = request.bar_beat - (request.beat_start - start)
    return BAR_BEATS - round(bar_beat - SEAM_PHASE + 1.0) % BAR_BEATS


def _begin(plan: Plan, request: WindowRequest, start: float, mood: Role, pick_style: StylePicker) -> Plan:
    """Return the plan with a new form from `start` to the end of the music's phrase."""
    rng = chance.generator(plan.seed, plan.voice, chance.FORM + plan.n_forms)
    style = pick_style(request, plan.styles, rng)
    reprise = rng.random() < REPRISE_CHANCE and plan.n_forms > 0 and style == plan.styles[-1]
    motif = plan.motif if reprise else plan.motif + 2
    cells = {
        Role.RISE: BUILD_FORM, Role.DROP: DROP_FORM, Role.LOW: BREAK_FORM, Role.FLOAT: FLOAT_FORM, Role.REST: REST_FORM,
    }.get(mood, FORM)  # fmt: skip
    slots = _slots(cells, request, start, style, motif, plan.n_slots, rng)
    if mood == Role.DROP:
        hit_beat = float(math.ceil(request.beat_start + HIT_LEAD_BEATS))
        slots = (replace(slots[0], role=Role.DROP, hit_beat=hit_beat, theme=motif), *slots[1:])
    form = Form(mood=mood, wish=request.style, style=style, slots=slots, energy=request.energy)
    return replace(
        plan,
        form=form,
        n_forms=plan.n_forms + 1,
        n_slots=plan.n_slots + len(slots),
        motif=motif,
        styles=(*plan.styles, style)[-MEMORY:],
        large_until=start + DROP_BARS * BAR_BEATS if mood == Role.DROP else plan.large_until,
    )


def _slots(
    cells: Sequence[Cell],
    request: WindowRequest,
    start: float,
    style: str,
    motif: int,
    number: int,
    rng: np.random.Generator,
) -> tuple[Direction, ...]:
    """Lay the cells from the music's present bar on; a rest shorter than three beats joins the slot after it."""
    bar_beat = request.bar_beat - (request.beat_start - start) + SEAM_PHASE
    bar = (request.phrase_bar + math.floor(bar_beat / BAR_BEATS)) % FORM_BARS
    into = round(bar_beat) % BAR_BEATS
    slots: list[Direction] = []
    at, lead = start, 0
    if (left := (FORM_BARS - bar) * BAR_BEATS - into) < BAR_BEATS:
        lead, bar, into = left, 0, 0  # Too little for a phrase of its own: it joins the form after it.
    for first, bars, role, letter, mirrored in cells:
        beats = (first + bars - max(first, bar)) * BAR_BEATS - (into if first <= bar < first + bars else 0)
        if first + bars <= bar or beats <= 0:
            continue
        if beats + lead < BAR_BEATS - 1 and first + bars < FORM_BARS:
            lead += beats
            continue
        theme = motif + (letter == "B") if letter else -1
        slots.append(
            Direction(
                slot=number + len(slots),
                start=at,
                beats=beats + lead,
                role=role,
                theme=theme,
                mirrored=mirrored,
                style=style,
            )
        )
        at, lead = at + beats + lead, 0
    rests = 1.0 - RESTLESS * max(0.0, request.energy - RESTLESS_FROM) / (1.0 - RESTLESS_FROM)
    return tuple(_paused(_held(slot, rng), rests, rng) for slot in slots)


def _held(slot: Direction, rng: np.random.Generator) -> Direction:
    """Return a slot that ends in a held pose now and then."""
    held = rng.random() < HOLD_CHANCE.get(slot.role, 0.0)
    return replace(slot, hold_from=slot.end - 1.0 - SEAM_PHASE) if held else slot


def _paused(slot: Direction, rests: float, rng: np.random.Generator) -> Direction:
    """Return a slot with beats on which the motion stops: its last, and, `rests` times as often, one within it."""
    at_end, within, place = rng.random(3)
    is_held = slot.hold_from is not None
    stops = not is_held and at_end < STOP_CHANCE.get(slot.role, 0.0)
    places = slot.beats - PAUSE_BEATS - (2 if is_held else int(stops))
    pauses = []
    if within < rests * PAUSE_CHANCE.get(slot.role, 0.0) and places > 0:
        pauses.append(slot.start + SEAM_PHASE + 1.0 + math.floor(place * places))
    if stops:
        pauses.append(slot.end - SEAM_PHASE)
    return replace(slot, pauses=tuple(pauses))


def _coloured(plan: Plan, slot: Direction, request: WindowRequest) -> Direction:
    """Return the slot as the music of this moment has it."""
    if slot.role == Role.RISE:
        b = request.build
        last = slot.end - 1.0 - SEAM_PHASE if b >= HOLD_BUILD and plan.form and slot.end >= plan.form.end else None
        return replace(slot, lift=b, travel=1.0 - 0.6 * b, amplitude=1.0 - 0.25 * b, hold_from=last)
    if slot.role == Role.LOW:
        return replace(slot, sink=0.6, travel=0.8, amplitude=LOW_GAIN / gain_for(request.energy), rate=0.5)
    if slot.role == Role.FLOAT:
        return replace(slot, travel=0.6, amplitude=0.7)
    if slot.role == Role.REST:
        return replace(slot, travel=0.4, amplitude=0.6, sink=0.2)
    if request.beat_start < plan.large_until:
        return replace(slot, amplitude=1.15, travel=1.1)
    return slot
