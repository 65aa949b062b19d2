"""The dancers of a show: who dances which dance, and where.

A *voice* is one dance: a choreographer's plan and a generator's state. Each shown dancer follows a voice (in unison all
the same one), about a home of its own. Windows of all dancers are made together, so that those who follow one voice
share its wish. One thread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import body, choreographer, formation, groove, performer
from livedance.dance.arrangement import room_for
from livedance.dance.direction import PhraseNote
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.life import LifeParts
from livedance.dance.window import Trace, Wish
from livedance.messages import SEAM_PHASE, Controls, MotionWindow

Array = NDArray[np.floating]

LEAD: Final = 0
"""The voice that everybody follows unless the formation says otherwise."""
REST: Final = 1000
"""The voice of those who groove low while another has the floor."""
TURN_BEATS: Final = {"call": 8, "solo": 16}
"""How long one group or soloist has the floor."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which voice a dancer follows at a time."""

    voice: int
    is_mirrored: bool = False


@dataclass(slots=True)
class _Voice:
    plan: choreographer.Plan
    state: Any
    note: PhraseNote | None = None


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
        self._dancers: list[performer.Performance] = []
        self._places: list[performer.Place] = []
        self._shape: tuple[int, str] | None = None
        self._held_beat: float | None = None
        self.notes: list[PhraseNote] = []
        """What began to be danced with the last windows."""

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
        parts = [part_of(controls, i, n, request) for i in range(n)]
        cues = [self._cue(i, n, parts, request, controls) for i in range(n)]
        wished: dict[int, tuple[WindowRequest, Wish | None]] = {}
        windows = []
        for i, (part, cue) in enumerate(zip(parts, cues, strict=True)):
            if part.voice not in wished:
                wished[part.voice] = self._wish(part.voice, cue, performer.past(self._dancers[i], cue))
            voiced, wish = wished[part.voice]
            mine = replace(voiced, dancer=i)
            window, self._dancers[i] = performer.perform(self._dancers[i], wish, replace(cue, request=mine))
            windows.append(window)
        return windows

    def voice_state(self, number: int) -> Any:
        """Return the generator's state of a voice, for tests and reports; None while it is silent."""
        voice = self._voices.get(number)
        return None if voice is None else voice.state

    def _grow(self, n: int) -> None:
        for dancer in range(len(self._dancers), n):
            self._dancers.append(performer.begin(self._seed, dancer))

    def _voice(self, number: int) -> _Voice:
        if number not in self._voices:
            plan = choreographer.Plan(seed=self._seed, voice=number)
            self._voices[number] = _Voice(plan, self._generator.initial_state(self._seed, number))
        return self._voices[number]

    def _wish(self, number: int, cue: performer.Cue, past: Trace | None) -> tuple[WindowRequest, Wish | None]:
        """Return what a voice wishes, and the request with its direction; None while nothing is heard."""
        request = cue.request
        if request.is_silent and not self._generator.dances_in_silence:
            self._voices.pop(number, None)  # The next sound begins another form.
            return request, None
        voice = self._voice(number)
        if self._is_choreographed:
            direction, voice.plan = choreographer.direct(voice.plan, request, self._pick_style, rests=number == REST)
            request = replace(request, direction=direction)
        if self._held_beat is not None:
            request = replace(request, direction=replace(request.direction, hold_from=self._held_beat))
        wish, voice.state = self._generator.step(voice.state, request, past)
        note = self._generator.notes(voice.state)
        if note is not None and note != voice.note:
            voice.note = note
            self.notes.append(replace(note, dancer=number))
        return request, wish

    def _hold(self, request: WindowRequest) -> None:
        """Note the beat on which a person's hold begins; it ends as soon as it is let go."""
        if not request.hold:
            self._held_beat = None
        elif self._held_beat is None:
            self._held_beat = groove.next_beat(request.beat_start)

    # -- where ------------------------------------------------------------------------------------

    def _form_up(self, controls: Controls, request: WindowRequest) -> None:
        """Send everybody to their places when formation or number have changed."""
        n = max(1, controls.dancers)
        shape = (n, controls.formation)
        if shape == self._shape:
            return
        first, self._shape = self._shape is None, shape
        slots = formation.slots(controls.formation, n, room_for(controls))
        known = len(self._places)
        if first or known == 0:
            self._places = [performer.Place(xz=(float(x), float(z))) for x, z in slots]
            return
        beats = np.array([request.beat_start])
        now = np.array([place.at(beats)[0] for place in self._places[:n]])
        order = formation.assign(now, slots)
        taken = [slots[j] for j in order]
        left = [slots[j] for j in range(n) if j not in set(int(k) for k in order)]
        bar_line = request.beat_start - request.bar_beat
        journeys = formation.journeys(now, np.array(taken), request.beat_start, bar_line)
        self._places = [performer.Place(journey=journey) for journey in journeys]
        self._places += [performer.Place(xz=(float(x), float(z))) for x, z in left]

    def _cue(self, i: int, n: int, parts: list[Part], request: WindowRequest, controls: Controls) -> performer.Cue:
        here = np.array([request.beat_start + 0.5])
        place = self._places[i]
        if place.journey is not None and request.beat_start > place.journey.start_beat + place.journey.beats + 1.0:
            place = self._places[i] = performer.Place(xz=place.journey.end_xz)
        others = tuple(tuple(map(float, p.at(here)[0])) for j, p in enumerate(self._places[:n]) if j != i)
        return performer.Cue(
            request=request,
            place=place,
            others_xz=others,  # type: ignore[arg-type]
            is_mirrored=parts[i].is_mirrored != controls.mirror,
            follows=sum(part.voice == parts[i].voice for part in parts) > 1,
            parts=self._life,
        )


def part_of(controls: Controls, dancer: int, n: int, request: WindowRequest) -> Part:
    """Return which voice a dancer follows from `request.beat_start` on; pure."""
    if n == 1:
        return Part(LEAD)
    if controls.formation == "individuals":
        return Part(dancer)
    if controls.formation in TURN_BEATS and request.section.name != "DROP":
        turn = math.floor((request.beat_start + SEAM_PHASE) / TURN_BEATS[controls.formation])
        groups = 2 if controls.formation == "call" else n
        return Part(LEAD if dancer % groups == turn % groups else REST)
    side = dancer - 0.5 * (n - 1)
    return Part(LEAD, is_mirrored=controls.formation == "mirror" and side > 0)
