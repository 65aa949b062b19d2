"""The dancers of a show: who dances which dance, and where.

A *voice* is one dance: a choreographer's plan and a generator's state. Each shown dancer follows a voice (in unison all
the same one), about a home of its own; couples follow the two halves of a dance for two. Windows of all dancers are
made together, so that those who follow one voice share its wish. One thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import body, choreographer, couple_dance, elbow_room, groove, performer
from livedance.dance.direction import PhraseNote, Role
from livedance.dance.floor import Floor
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.life import LifeParts
from livedance.dance.parts import LEAD, PAIR, REST, Part, couples_of, part_of
from livedance.dance.window import LEAD_IN, Wish
from livedance.messages import SEAM_PHASE, Controls, MotionWindow

Array = NDArray[np.floating]

DROP_ENERGY: Final = 0.85
CARRIED_M: Final = 0.2
"""A change of dances that leads no further is left to the seam."""


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
        self._floor = Floor()
        self._held_beat: float | None = None
        self._parts: list[Part] = []
        """What each dancer did with the last windows."""
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
        for i in self._floor.halt(request):
            # Who stands is turned as the way has turned them.
            self._dancers[i] = replace(self._dancers[i], wished=None)
        traces = [dancer.trace for dancer in self._dancers]
        for newcomer in self._floor.come_in(controls, request, traces):
            self._dancers[newcomer] = performer.begin(self._seed, newcomer)
        goals = self._floor.form_up(controls, request, [dancer.trace for dancer in self._dancers])
        self._hold(request)
        self.notes = []
        parts = [self._part(controls, i, n, request, goals is not None) for i in range(n)]
        parts += self._left(n, request.beat_start)
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
        couples = couples_of(parts)
        parting = [pair for pair in couples_of(self._parts) if pair not in couples and max(pair) < len(parts)]
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
        for i in self._floor.set_out(cues[0].request, gaps, goals):
            cues[i] = replace(cues[i], place=self._floor.places[i])
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

    def _left(self, n: int, beat: float) -> list[Part]:
        """Return what those do who are sent away and still dance: what they did."""
        parts = self._parts[n : n + self._floor.leaving(n, beat)]
        return [part if part.partner is None or part.partner >= n else Part(LEAD) for part in parts]

    def _hold(self, request: WindowRequest) -> None:
        """Note the beat on which a person's hold begins; it ends as soon as it is let go."""
        if not request.hold:
            self._held_beat = None
        elif self._held_beat is None:
            self._held_beat = groove.next_beat(request.beat_start)

    def _part(self, controls: Controls, i: int, n: int, request: WindowRequest, sets_out: bool) -> Part:
        """Return whom a dancer follows; couples begin when both are there, and end when they set out."""
        places = [slot % n for slot in self._floor.slots[:n]]  # Of another number while that still has to form up.
        part = part_of(replace(controls, formation=self._floor.formation), i, places[i], n, request)
        if part.half is None:
            return part
        if sets_out or places.index(places[i]) != i or places[i] ^ 1 not in places:
            return Part(LEAD)
        partner = places.index(places[i] ^ 1)
        there = all(self._floor.is_there(j, request.beat_start) for j in (i, partner))
        return replace(part, partner=partner) if there else Part(LEAD)

    def _gap(self, i: int, part: Part, meant: performer.Staged, cue: performer.Cue) -> Array | None:
        """Return how far from the dancer another dance begins that they follow from now on; None where it is little."""
        beat, way = cue.request.beat_start, cue.place.journey
        is_same = i >= len(self._parts) or self._parts[i] == part or part.half is not None
        if is_same or (way is not None and beat > way.start_beat):
            return None
        hips = self._floor.hips(i, beat, [dancer.trace for dancer in self._dancers])
        gap = np.asarray(meant.motion.root_position_m[LEAD_IN, [0, 2]] - hips)
        return gap if float(np.linalg.norm(gap)) > CARRIED_M else None

    def _cue(self, i: int, parts: list[Part], request: WindowRequest, controls: Controls) -> performer.Cue:
        place = self._floor.place(i, request.beat_start)
        others = [self._floor.home(j, request.beat_start + SEAM_PHASE) for j in range(len(parts)) if j != i]
        return performer.Cue(
            request=request,
            place=place,
            others_xz=tuple((float(x), float(z)) for x, z in others),
            is_mirrored=parts[i].is_mirrored != controls.mirror and parts[i].half is None,
            follows=parts[i].half is None and sum(part.voice == parts[i].voice for part in parts) > 1,
            parts=self._life,
        )
