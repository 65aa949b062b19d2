"""The dance floor: who has which place of the formation, who is on the way to it, who comes and who leaves.

Works in dance beats; thread: the caller's. Roles go with places (`parts`); nobody is sent anywhere on the way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance import body, formation
from livedance.dance.arrangement import room_for
from livedance.dance.generator import WindowRequest
from livedance.dance.parts import turn
from livedance.dance.performer import Place
from livedance.dance.walk import Journey
from livedance.dance.window import Trace
from livedance.messages import Controls

Array = NDArray[np.floating]
Traces = Sequence[Trace | None]

LEAVE_BEATS: Final = 9.0
"""How long somebody who was sent away dances on: screens take dancers away on a bar line."""
STANDING_M: Final = 0.6
"""With the hips under this nobody is sent anywhere."""
NO_WAY_M: Final = 0.1
"""A place that is no further away needs no steps."""


class Floor:
    """Where everybody's home is. `traces` are what all dancers last showed, in order."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.slots: list[int] = []
        """Which place of the formation each dancer has."""
        self.formation = ""
        """The one that was last formed up: roles are those of it until the next is."""
        self._shape: tuple[int, str, int] | None = None
        self._is_silent = self._is_halted = False
        """Whether there was no music, and whether somebody has been stopped on the way because of that."""
        self._n = 0
        self._leavers = 0
        """How many there were before some were sent away..."""
        self._leave_beat = -math.inf
        """... and until when those dance on."""

    def home(self, i: int, beat: float) -> Array:
        """Return the home (2,) of a dancer at a dance beat."""
        return np.asarray(self.places[i].at(np.array([beat]))[0])

    def hips(self, i: int, beat: float, traces: Traces) -> Array:
        """Return where a dancer is shown (2,) at a dance beat; the home of one who is not there yet."""
        trace = traces[i]
        row = None if trace is None else trace.row_at(beat)
        if trace is None or row is None:
            return self.home(i, beat)
        return np.asarray(trace.body.root_position_m[row, [0, 2]])

    def place(self, i: int, beat: float) -> Place:
        """Return a dancer's place; who has arrived is there."""
        place = self.places[i]
        if place.journey is not None and _arrived(place.journey, beat):
            place = self.places[i] = Place(xz=place.journey.end_xz)
        return place

    def is_there(self, i: int, beat: float) -> bool:
        """Return whether a dancer stands at the place."""
        way = self.places[i].journey
        return way is None or _arrived(way, beat)

    def halt(self, request: WindowRequest) -> list[int]:
        """Stop all who are under way when the music stops; returns them. They go on with the next sound."""
        ends, self._is_silent = request.is_silent and not self._is_silent, request.is_silent
        under_way = [i for i, place in enumerate(self.places) if ends and place.journey is not None]
        for i in under_way:
            self.places[i] = _standing_at(self.home(i, request.beat_start))
        self._is_halted |= bool(under_way)
        return under_way

    def come_in(self, controls: Controls, request: WindowRequest, traces: Traces) -> list[int]:
        """Give newcomers a place, out of everybody's way; returns who they are.

        It is that of the formation nobody has, or one near it. At the start everybody has a place at once.
        """
        n, beat = max(1, controls.dancers), request.beat_start
        slots = formation.slots(controls.formation, n, room_for(controls))
        if self._shape is None:
            self.slots = _nearest(slots, traces)
            self.places = [_standing_at(slots[k]) for k in self.slots]
            return []
        here = max(self._n, self._leavers if beat < self._leave_beat else 0)
        while here < min(n, len(self.places)) and body.reaches(traces[here], beat):
            here += 1  # Called back in the very beat of leaving.
        del self.places[here:], self.slots[here:]
        for i in range(self._n, min(n, here)):
            self._make_room(i, request)
        for _ in range(here, n):
            now = np.array([self.home(i, beat) for i in range(len(self.places))])
            taken = {int(k) for k in formation.assign(now, slots)} if len(now) < len(slots) else set()
            k = next(k for k in range(len(slots)) if k not in taken)
            ways = [place.journey for place in self.places if place.journey is not None]
            self.places.append(Place(xz=formation.way_in(slots[k], ways, self._standing(0), beat)))
            self.slots.append(k)
        return list(range(here, n))

    def form_up(self, controls: Controls, request: WindowRequest, traces: Traces) -> Array | None:
        """Return the places (n, 2) to go to when formation, number or soloist have changed and nobody is under way."""
        n, beat = max(1, controls.dancers), request.beat_start
        solo = turn(request) % n if controls.formation == "solo" and n > 1 else 0
        shape, is_first = (n, controls.formation, solo), self._shape is None
        goes_on = self._is_halted and not request.is_silent
        if (shape == self._shape and not goes_on) or not (is_first or self._is_free(n, beat, traces)):
            return None
        self._shape, self.formation, self._is_halted = shape, controls.formation, False
        if is_first:
            return None
        slots = formation.slots(controls.formation, n, room_for(controls))
        now = np.array([self.hips(i, beat, traces) for i in range(n)])
        wanted = {solo: 0} if controls.formation == "solo" else None
        self.slots[:n] = [int(k) for k in formation.assign(now, slots, wanted)]
        return slots[self.slots[:n]]

    def leaving(self, n: int, beat: float) -> int:
        """Return how many are on the floor who are sent away, until no screen shows them any more."""
        if beat >= self._leave_beat:
            self._leavers = 0
        if n < self._n:
            self._leavers, self._leave_beat = max(self._n, self._leavers), beat + LEAVE_BEATS
        self._n = n
        return max(0, self._leavers - n)

    def set_out(self, request: WindowRequest, gaps: Mapping[int, Array], goals: Array | None) -> list[int]:
        """Send dancers to their `goals` (n, 2), those with a gap (2,) back to their own places; returns whom.

        The home of somebody who begins to follow another dance is put to where that dance is what the dancer stands in,
        and the way back is walked: else the seam would carry a body over the floor.
        """
        beat, downbeat = request.beat_start, request.beat_start - request.bar_beat
        here = {i: self.home(i, beat) - gap for i, gap in gaps.items()}
        for i in [i for i in here if i >= self._n]:  # Who leaves goes nowhere.
            self.places[i] = _standing_at(here[i])
        whom = [i for i in here if i < self._n] if goals is None else list(range(len(goals)))
        if whom:
            starts = np.array([here[i] if i in here else self.home(i, beat) for i in whom])
            if goals is None:
                ends = [place.xz if place.journey is None else place.journey.end_xz for place in self.places]
                goals = np.array([ends[i] for i in whom])
                standing = [formation.Standing(xz, math.inf) for i, xz in enumerate(ends) if i not in gaps]
            else:
                standing = self._standing(len(goals))
            for i, way in zip(whom, formation.journeys(starts, goals, beat, downbeat, standing), strict=True):
                self.places[i] = Place(journey=way) if way.distance_m > NO_WAY_M else Place(xz=way.end_xz)
        return sorted({*whom, *gaps})

    def _make_room(self, i: int, request: WindowRequest) -> None:
        """Send somebody who was called back out of the way of those who are coming to that place already."""
        beat, downbeat, home = (
            request.beat_start,
            request.beat_start - request.bar_beat,
            self.home(i, request.beat_start),
        )
        ways = [place.journey for j, place in enumerate(self.places) if j != i and place.journey is not None]
        if self.places[i].journey is None and any(
            float(np.linalg.norm(np.array(way.end_xz) - home)) < formation.BESIDE_M for way in ways
        ):
            stay = [
                formation.Standing(place.xz, math.inf)
                for j, place in enumerate(self.places)
                if j != i and place.journey is None
            ]
            goal = np.array([formation.way_in(home, ways, stay, beat)])
            (way,) = formation.journeys(home[None], goal, beat, downbeat)
            self.places[i] = Place(journey=way)

    def _standing(self, n: int) -> list[formation.Standing]:
        """Return those from dancer `n` on who stand, and how long they will be there."""
        stay = [place for place in self.places[n:] if place.journey is None]
        return [formation.Standing(place.xz, math.inf if n == 0 else self._leave_beat) for place in stay]

    def _is_free(self, n: int, beat: float, traces: Traces) -> bool:
        """Return whether everybody stands at their place: nobody is sent off on the way or from the floor."""
        heights = [trace.body.root_position_m[-1, 1] for trace in traces[:n] if trace is not None]
        return all(h > STANDING_M for h in heights) and all(self.is_there(i, beat) for i in range(len(self.places)))


def _nearest(slots: Array, traces: Traces) -> list[int]:
    """Return each dancer's place at the start: in order, or the nearest to where an earlier brain left them."""
    left_at = [trace.body.root_position_m[-1, [0, 2]] for trace in traces[: len(slots)] if trace is not None]
    if len(left_at) < len(slots):
        return list(range(len(slots)))
    return [int(k) for k in formation.assign(np.array(left_at), slots)]


def _standing_at(xz: Array) -> Place:
    return Place(xz=(float(xz[0]), float(xz[1])))


def _arrived(way: Journey, beat: float) -> bool:
    return beat >= way.end_beat + 1.0
