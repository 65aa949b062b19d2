"""The dancers of a show: who dances which dance, and where.

A *voice* is one dance: a choreographer's plan and a generator's state. Each shown dancer follows a voice (in unison all
the same one), about a home of its own; couples follow the two halves of a dance for two. Windows of all dancers are
made together, so that those who follow one voice share its wish. One thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import body, choreographer, couple_dance, elbow_room, formation, groove, performer
from livedance.dance.arrangement import room_for
from livedance.dance.direction import PhraseNote, Role
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.life import LifeParts
from livedance.dance.window import LEAD_IN, Wish
from livedance.messages import SEAM_PHASE, Controls, MotionWindow, Section

Array = NDArray[np.floating]

LEAD: Final = 0
"""The voice that everybody follows unless the formation says otherwise."""
REST: Final = 1000
"""The voice of those who groove low while another has the floor."""
PAIR: Final = 2000
"""The voice of couples."""
DROP_ENERGY: Final = 0.85
LEAVE_BEATS: Final = 9.0
"""How long somebody who was sent away dances on: screens take dancers away on a bar line."""
STANDING_M: Final = 0.6
"""With the hips under this nobody is sent anywhere."""
TURNS: Final = ("call", "solo")
"""Formations in which one group or soloist has the floor..."""
TURN_BEATS: Final = 16
"""... for so long."""
CARRIED_M: Final = 0.2
"""A change of dances that leads no further is left to the seam."""
NO_WAY_M: Final = 0.1
"""A place that is no further away needs no steps."""
MIDDLE_M: Final = 0.05
"""Places further to the right than this are on the mirrored side."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which voice a dancer follows at a time."""

    voice: int
    is_mirrored: bool = False
    half: int | None = None
    """In a couple: 0 leads, 1 follows..."""
    partner: int | None = None
    """... and the other dancer."""


@dataclass(slots=True)
class _Voice:
    plan: choreographer.Plan
    state: Any
    note: PhraseNote | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a voice wishes for one window; no wishes while nothing is heard, two for a couple."""

    request: WindowRequest
    wishes: tuple[Wish, ...] = ()


class Cast:
    """Makes the windows of all dancers."""

    def __init__(
        self,
        generator: DanceGenerator,
        seed: int,
        pick_style: choreographer.StylePicker,
        parts: LifeParts = performer.ALIVE,
        is_choreographed: bool = True,
    ) -> None:
        self._generator, self._seed, self._pick_style = generator, seed, pick_style
        self._life, self._is_choreographed = parts, is_choreographed
        self._voices: dict[int, _Voice] = {}
        self._couples: couple_dance.CoupleDance | None = None
        self._dancers: list[performer.Performance] = []
        self._places: list[performer.Place] = []
        self._slots: list[int] = []
        """Which place of the formation each dancer has; roles go with the place."""
        self._shape: tuple[int, str, int] | None = None
        self._held_beat: float | None = None
        self._n = 0
        self._parts: list[Part] = []
        """What each dancer did with the last windows."""
        self._leavers = 0
        """How many there were before some were sent away..."""
        self._leave_beat = -math.inf
        """... and until when those dance on."""
        self.notes: list[PhraseNote] = []
        """What began to be danced with the last windows."""
        self._voice(LEAD)  # A library is read now, not when the first beat is waited for.

    def resume(self, windows: Sequence[MotionWindow]) -> None:
        """Go on from the last window of each dancer; homes are taken to be where the formation has them."""
        for window in sorted(windows, key=lambda w: (w.plan, w.beat_start)):
            self._grow(window.dancer + 1)
            dancer = self._dancers[window.dancer]
            self._dancers[window.dancer] = replace(dancer, trace=body.trace_of(window))
        plan = max((window.plan for window in windows), default=0)
        self._voice(LEAD).state = self._generator.resume(self._seed, LEAD, plan)

    def windows(self, request: WindowRequest, controls: Controls) -> list[MotionWindow]:
        """Return one window per dancer from `request.beat_start` on."""
        n = max(1, controls.dancers)
        self._grow(n)
        goals = self._form_up(controls, request)
        self._hold(request)
        self.notes = []
        parts = [self._part(controls, i, n, request, goals is not None) for i in range(n)]
        parts += self._leaving(n, request.beat_start)
        cues = [self._cue(i, parts, request, controls) for i in range(len(parts))]
        asked: dict[int, _Asked] = {}
        wished: list[Wish | None] = []
        for i, part in enumerate(parts):
            if part.voice not in asked:
                whose = (i,) if part.partner is None else (i, part.partner) if part.half == 0 else (part.partner, i)
                asked[part.voice] = self._ask(part.voice, [cues[j] for j in whose], whose)
            answer = asked[part.voice]
            wished.append(answer.wishes[part.half or 0] if answer.wishes else None)
            cues[i] = replace(cues[i], request=replace(answer.request, dancer=i))
        staged = self._staged(parts, cues, wished, goals)
        couples = _couples(parts)
        parting = [pair for pair in _couples(self._parts) if pair not in couples and max(pair) < len(parts)]
        self._parts = parts
        windows = self._kept_apart(cues, staged, couples, parting)
        for a, b in couples if PAIR in asked and asked[PAIR].wishes else ():
            windows[a], windows[b] = couple_dance.joined(self._voices[PAIR].state, (windows[a], windows[b]))
        return windows

    def _staged(
        self, parts: list[Part], cues: list[performer.Cue], wished: list[Wish | None], goals: Array | None
    ) -> list[performer.Staged]:
        """Return what all dancers mean to do, sent off to their `goals` (n, 2) where there are some."""
        staged = [performer.stage(*each) for each in zip(self._dancers, wished, cues, strict=False)]
        found = ((i, self._gap(i, parts[i], staged[i][0], cues[i])) for i, wish in enumerate(wished) if wish)
        gaps = {i: gap for i, gap in found if gap is not None}
        for i in self._set_out(cues[0].request, gaps, goals):
            cues[i] = replace(cues[i], place=self._places[i])
            staged[i] = performer.stage(self._dancers[i], wished[i], cues[i])
        self._dancers[: len(staged)] = [after for _, after in staged]
        return [meant for meant, _ in staged]

    def _kept_apart(
        self,
        cues: list[performer.Cue],
        staged: list[performer.Staged],
        couples: elbow_room.Pairs,
        parting: elbow_room.Pairs,
    ) -> list[MotionWindow]:
        """Return the windows of all dancers, who give way to each other."""
        gives = elbow_room.given(
            np.stack([meant.motion.root_position_m[:, [0, 2]] for meant in staged]), couples, parting
        )
        windows = []
        for i, (cue, meant) in enumerate(zip(cues, staged, strict=True)):
            give = None if gives is None else gives[i]
            window, self._dancers[i] = performer.show(self._dancers[i], meant, cue, give)
            windows.append(window)
        return elbow_room.kept_apart(windows, couples, parting)

    def voice_state(self, number: int) -> Any:
        """Return the generator's state of a voice, for tests and reports; None before it is heard."""
        voice = self._voices.get(number)
        return None if voice is None else voice.state

    def _grow(self, n: int) -> None:
        for dancer in range(len(self._dancers), n):
            self._dancers.append(performer.begin(self._seed, dancer))

    def _voice(self, number: int) -> _Voice:
        if number not in self._voices:
            plan = choreographer.Plan(seed=self._seed, voice=number)
            maker: Any = self._pair_dance() if number == PAIR else self._generator
            self._voices[number] = _Voice(plan, maker.initial_state(self._seed, number))
        return self._voices[number]

    def _pair_dance(self) -> couple_dance.CoupleDance:
        if self._couples is None:
            self._couples = couple_dance.CoupleDance(MotionLibrary.shipped())
        return self._couples

    def _ask(self, number: int, cues: list[performer.Cue], whose: tuple[int, ...]) -> _Asked:
        """Return what a voice wishes for those who follow it first, and the request with its direction."""
        request = cues[0].request
        if request.is_silent and not self._generator.dances_in_silence:
            if (silent := self._voices.get(number)) is not None:
                silent.plan = replace(silent.plan, form=None)  # The next sound begins another form.
            return _Asked(request)
        voice = self._voice(number)
        if self._is_choreographed:
            direction, voice.plan = choreographer.direct(voice.plan, request, self._pick_style, rests=number == REST)
            request = replace(request, direction=direction)
            if direction.role == Role.DROP and not request.by_hand:
                # What is heard at the drop is still the build before it; nobody waits for the level to follow.
                request = replace(request, energy=max(request.energy, DROP_ENERGY))
        if self._held_beat is not None:
            request = replace(request, direction=replace(request.direction, hold_from=self._held_beat))
        pasts = [performer.past(self._dancers[i], cue) for i, cue in zip(whose, cues, strict=True)]
        if number == PAIR:
            homes_xz = np.array([cue.place.at(np.array([request.beat_start]))[0] for cue in cues])
            wishes, voice.state = self._pair_dance().step(voice.state, request, (pasts[0], pasts[1]), homes_xz)
            self._note(number, voice, self._pair_dance().notes(voice.state))
            return _Asked(request, wishes)
        wish, voice.state = self._generator.step(voice.state, request, pasts[0])
        self._note(number, voice, self._generator.notes(voice.state))
        return _Asked(request, (wish,))

    def _note(self, number: int, voice: _Voice, note: PhraseNote | None) -> None:
        if note is not None and (voice.note is None or note.beat != voice.note.beat):
            self.notes.append(replace(note, dancer=number))
        voice.note = note

    def _leaving(self, n: int, beat: float) -> list[Part]:
        """Return what those do who are sent away and still dance, until no screen shows them any more: as before."""
        if beat >= self._leave_beat:
            self._leavers = 0
        if n < self._n:
            self._leavers, self._leave_beat = max(self._n, self._leavers), beat + LEAVE_BEATS
        self._n = n
        parts = self._parts[n : self._leavers]
        return [part if part.partner is None or part.partner >= n else Part(LEAD) for part in parts]

    def _hold(self, request: WindowRequest) -> None:
        """Note the beat on which a person's hold begins; it ends as soon as it is let go."""
        if not request.hold:
            self._held_beat = None
        elif self._held_beat is None:
            self._held_beat = groove.next_beat(request.beat_start)

    # -- who --------------------------------------------------------------------------------------

    def _part(self, controls: Controls, i: int, n: int, request: WindowRequest, sets_out: bool) -> Part:
        """Return whom a dancer follows; couples begin when both are there, and end when they set out."""
        assert self._shape is not None
        places = [slot % n for slot in self._slots[:n]]  # Of another number while that still has to form up.
        part = part_of(replace(controls, formation=self._shape[1]), i, places[i], n, request)
        if part.half is None:
            return part
        if places.index(places[i]) != i or places[i] ^ 1 not in places:
            return Part(LEAD)
        partner = places.index(places[i] ^ 1)
        both = (self._places[i], self._places[partner])
        there = not sets_out and all(
            place.journey is None or _arrived(place.journey, request.beat_start) for place in both
        )
        return replace(part, partner=partner) if there else Part(LEAD)

    # -- where ------------------------------------------------------------------------------------

    def _form_up(self, controls: Controls, request: WindowRequest) -> Array | None:
        """Return the places (n, 2) to go to when formation, number or soloist have changed and nobody is under way."""
        n = max(1, controls.dancers)
        solo = _turn(request) % n if controls.formation == "solo" and n > 1 else 0
        shape = (n, controls.formation, solo)
        slots = formation.slots(controls.formation, n, room_for(controls))
        if self._shape is None or not self._places:
            self._shape = shape
            self._slots = self._nearest(slots)
            self._places = [performer.Place(xz=(float(slots[k, 0]), float(slots[k, 1]))) for k in self._slots]
            return None
        beat = request.beat_start
        self._let_in(n, slots, beat)
        if shape == self._shape or not self._free(n, request):
            return None
        self._shape = shape
        now = np.array([self._hips_at(i, beat) for i in range(n)])
        wanted = {solo: 0} if controls.formation == "solo" else None
        self._slots[:n] = [int(k) for k in formation.assign(now, slots, wanted)]
        return slots[self._slots[:n]]

    def _hips_at(self, i: int, beat: float) -> Array:
        """Return where a dancer is shown (2,) at a dance beat, the place of one who is not there yet."""
        trace = self._dancers[i].trace
        row = None if trace is None else trace.row_at(beat)
        if trace is None or row is None:
            return np.asarray(self._places[i].at(np.array([beat]))[0])
        return np.asarray(trace.body.root_position_m[row, [0, 2]])

    def _gap(self, i: int, part: Part, meant: performer.Staged, cue: performer.Cue) -> Array | None:
        """Return how far from the dancer another dance begins that they follow from now on; None where it is little."""
        beat, way = cue.request.beat_start, cue.place.journey
        is_same = i >= len(self._parts) or self._parts[i] == part or part.half is not None
        if is_same or (way is not None and beat > way.start_beat):
            return None
        gap = np.asarray(meant.motion.root_position_m[LEAD_IN, [0, 2]] - self._hips_at(i, beat))
        return gap if float(np.linalg.norm(gap)) > CARRIED_M else None

    def _set_out(self, request: WindowRequest, gaps: dict[int, Array], goals: Array | None) -> Sequence[int]:
        """Send dancers to their `goals` (n, 2), those with a gap to their old places; returns whom.

        The home of somebody who begins to follow another dance is put to where that dance is what the dancer stands in,
        and the way back is walked: else the seam would carry a body over the floor.
        """
        beat, downbeat = request.beat_start, request.beat_start - request.bar_beat
        here = {i: self._places[i].at(np.array([beat]))[0] - gap for i, gap in gaps.items()}
        for i in [i for i in here if i >= self._n]:  # Who leaves goes nowhere.
            x, z = here[i].tolist()
            self._places[i] = performer.Place(xz=(x, z))
        whom = [i for i in here if i < self._n] if goals is None else list(range(len(goals)))
        if whom:
            starts = np.array([here[i] if i in here else self._places[i].at(np.array([beat]))[0] for i in whom])
            ends = [place.xz if place.journey is None else place.journey.end_xz for place in self._places]
            if goals is None:
                goals = np.array([ends[i] for i in whom])
                standing = [formation.Standing(xz, math.inf) for i, xz in enumerate(ends) if i not in gaps]
            else:
                standing = self._standing(len(goals))
            for i, journey in zip(whom, formation.journeys(starts, goals, beat, downbeat, standing), strict=True):
                is_step = journey.distance_m > NO_WAY_M
                self._places[i] = performer.Place(journey=journey) if is_step else performer.Place(xz=journey.end_xz)
        return sorted({*whom, *gaps})

    def _let_in(self, n: int, slots: Array, beat: float) -> None:
        """Give newcomers a place: that of the formation nobody has, or one near it, out of everybody's way."""
        here = max(self._n, self._leavers if beat < self._leave_beat else 0)
        while here < min(n, len(self._places)) and body.reaches(self._dancers[here].trace, beat):
            here += 1  # Called back in the very beat of leaving.
        del self._places[here:], self._slots[here:]
        for i in range(here, n):
            now = np.array([place.at(np.array([beat]))[0] for place in self._places])
            taken = {int(k) for k in formation.assign(now, slots)} if len(now) < len(slots) else set()
            k = next(k for k in range(len(slots)) if k not in taken)
            ways = [place.journey for place in self._places if place.journey is not None]
            at = formation.way_in(slots[k], ways, self._standing(0), beat)
            self._places.append(performer.Place(xz=at))
            self._slots.append(k)
            self._dancers[i] = performer.begin(self._seed, i)

    def _standing(self, n: int) -> list[formation.Standing]:
        """Return those from dancer `n` on who stand, and how long they will be there."""
        stay = [place for place in self._places[n:] if place.journey is None]
        return [formation.Standing(place.xz, math.inf if n == 0 else self._leave_beat) for place in stay]

    def _nearest(self, slots: Array) -> list[int]:
        """Return each dancer's place at the start: in order, or the nearest to where an earlier brain left them."""
        traces = [dancer.trace for dancer in self._dancers[: len(slots)]]
        left_at = [trace.body.root_position_m[-1, [0, 2]] for trace in traces if trace is not None]
        if len(left_at) < len(slots):
            return list(range(len(slots)))
        return [int(k) for k in formation.assign(np.array(left_at), slots)]

    def _free(self, n: int, request: WindowRequest) -> bool:
        """Return whether everybody stands at their place: nobody is sent off on the way or from the floor."""
        traces = [dancer.trace for dancer in self._dancers[:n] if dancer.trace is not None]
        stands = all(trace.body.root_position_m[-1, 1] > STANDING_M for trace in traces)
        ways = [place.journey for place in self._places if place.journey is not None]
        return stands and all(_arrived(way, request.beat_start) for way in ways)

    def _cue(self, i: int, parts: list[Part], request: WindowRequest, controls: Controls) -> performer.Cue:
        here = np.array([request.beat_start + SEAM_PHASE])
        place = self._places[i]
        if place.journey is not None and _arrived(place.journey, request.beat_start):
            place = self._places[i] = performer.Place(xz=place.journey.end_xz)
        others = [self._places[j].at(here)[0] for j in range(len(parts)) if j != i]
        return performer.Cue(
            request=request,
            place=place,
            others_xz=tuple((float(x), float(z)) for x, z in others),
            is_mirrored=parts[i].is_mirrored != controls.mirror and parts[i].half is None,
            follows=parts[i].half is None and sum(part.voice == parts[i].voice for part in parts) > 1,
            parts=self._life,
        )


def _couples(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return leader and follower of every couple."""
    return [(i, part.partner) for i, part in enumerate(parts) if part.half == 0 and part.partner is not None]


def part_of(controls: Controls, dancer: int, place: int, n: int, request: WindowRequest) -> Part:
    """Return which voice a dancer at the formation's `place` follows from `request.beat_start` on; pure."""
    if n == 1:
        return Part(LEAD)
    if controls.formation == "individuals":
        return Part(dancer)
    if controls.formation == formation.COUPLE:
        return Part(PAIR, half=place % 2) if place + 1 < n or place % 2 == 1 else Part(LEAD)
    if controls.formation in TURNS and request.section != Section.DROP:
        has_floor = place == 0 if controls.formation == "solo" else place % 2 == _turn(request) % 2
        return Part(LEAD if has_floor else REST)
    is_right = formation.slots(controls.formation, n, room_for(controls))[place, 0] > MIDDLE_M
    return Part(LEAD, is_mirrored=controls.formation == "mirror" and bool(is_right))


def _turn(request: WindowRequest) -> int:
    """Return whose turn it is where dancers take turns: a number that goes up."""
    return math.floor((request.beat_start + SEAM_PHASE) / TURN_BEATS)


def _arrived(journey: Any, beat_start: float) -> bool:
    return bool(beat_start >= journey.start_beat + journey.beats + 1.0)
