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

from livedance.dance import body, choreographer, couple_dance, formation, groove, performer
from livedance.dance.arrangement import room_for
from livedance.dance.direction import PhraseNote, Role
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.life import LifeParts
from livedance.dance.window import Wish
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
MIDDLE_M: Final = 0.05
"""Places further to the right than this are on the mirrored side."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which voice a dancer follows at a time."""

    voice: int
    is_mirrored: bool = False
    half: int | None = None
    """In a couple: 0 leads, 1 follows."""


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
        self._form_up(controls, request)
        self._hold(request)
        self.notes = []
        parts = [self._part(controls, i, n, request) for i in range(n)]
        parts += [Part(LEAD)] * self._leaving(n, request.beat_start)
        cues = [self._cue(i, parts, request, controls) for i in range(len(parts))]
        asked: dict[int, _Asked] = {}
        windows = []
        for i, (part, cue) in enumerate(zip(parts, cues, strict=True)):
            if part.voice not in asked:
                whose = (i,) if part.half is None else (i, i + 1)
                asked[part.voice] = self._ask(part.voice, [cues[j] for j in whose], whose)
            answer = asked[part.voice]
            wish = answer.wishes[part.half or 0] if answer.wishes else None
            mine = replace(cue, request=replace(answer.request, dancer=i))
            window, self._dancers[i] = performer.perform(self._dancers[i], wish, mine)
            windows.append(window)
            if part.half == 1 and answer.wishes:
                windows[-2:] = couple_dance.joined(self._voices[PAIR].state, (windows[-2], windows[-1]))
        return windows

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

    def _leaving(self, n: int, beat: float) -> int:
        """Return how many are sent away and still dance, until no screen shows them any more."""
        if n < self._n:
            self._leavers, self._leave_beat = max(self._n, self._leavers), beat + LEAVE_BEATS
        self._n = n
        if beat >= self._leave_beat or self._leavers <= n:
            self._leavers = 0
        return max(0, self._leavers - n)

    def _hold(self, request: WindowRequest) -> None:
        """Note the beat on which a person's hold begins; it ends as soon as it is let go."""
        if not request.hold:
            self._held_beat = None
        elif self._held_beat is None:
            self._held_beat = groove.next_beat(request.beat_start)

    # -- who --------------------------------------------------------------------------------------

    def _part(self, controls: Controls, i: int, n: int, request: WindowRequest) -> Part:
        """Return whom a dancer follows; couples begin when both are there."""
        part = part_of(controls, i, self._slots[i] % n, n, request)
        if part.half is None:
            return part
        both = self._places[i - part.half : i - part.half + 2]
        there = all(place.journey is None or _arrived(place.journey, request.beat_start) for place in both)
        return part if there else Part(LEAD)

    # -- where ------------------------------------------------------------------------------------

    def _form_up(self, controls: Controls, request: WindowRequest) -> None:
        """Send everybody to their places when formation, number or soloist have changed and nobody is under way."""
        n = max(1, controls.dancers)
        solo = _turn(request) % n if controls.formation == "solo" and n > 1 else 0
        shape = (n, controls.formation, solo)
        if shape == self._shape or (len(self._places) >= n and not self._free(n, request)):
            return
        first, self._shape = self._shape is None, shape
        slots = formation.slots(controls.formation, n, room_for(controls))
        if first or not self._places:
            self._slots = self._nearest(slots)
            self._places = [performer.Place(xz=(float(slots[k, 0]), float(slots[k, 1]))) for k in self._slots]
            return
        now = np.array([place.at(np.array([request.beat_start]))[0] for place in self._places[:n]])
        wanted = {solo: 0} if controls.formation == "solo" and solo < len(now) else None
        order = [int(k) for k in formation.assign(now, slots, wanted)]
        left = [k for k in range(n) if k not in order]
        journeys = formation.journeys(now, slots[order], request.beat_start, request.beat_start - request.bar_beat)
        gone, gone_slots = self._places[n:], self._slots[n:]
        self._places = [performer.Place(journey=journey) for journey in journeys]
        self._places += [performer.Place(xz=(float(slots[k, 0]), float(slots[k, 1]))) for k in left]
        self._places += gone
        self._slots = order + left + gone_slots

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


def part_of(controls: Controls, dancer: int, place: int, n: int, request: WindowRequest) -> Part:
    """Return which voice a dancer at the formation's `place` follows from `request.beat_start` on; pure."""
    if n == 1:
        return Part(LEAD)
    if controls.formation == "individuals":
        return Part(dancer)
    if controls.formation == formation.COUPLE:
        return Part(PAIR, half=dancer % 2) if dancer + 1 < n or dancer % 2 == 1 else Part(LEAD)
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
