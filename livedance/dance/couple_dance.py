"""A couple dances: phrases of the takes of two, one after the other, both partners in one space, hands joined.

As `motion_graph` for one dancer, but a step gives two wishes, each about its own dancer's home. `joined` closes the
hands once more after both have become bodies: groove and life have moved them a little apart by then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import (
    chance,
    couple,
    couple_choice,
    couple_phrase,
    couple_table,
    phrase,
    stage_space,
)
from livedance.dance.couple import Couple
from livedance.dance.couple_phrase import CouplePhrase
from livedance.dance.direction import PhraseNote
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Trace, Wish
from livedance.messages import SEAM_PHASE, MotionWindow

Array = NDArray[np.floating]

THEMES: Final = 8
THEME_SLACK: Final = 4.0
"""A theme comes back unless its seam costs so much more than another phrase's: two bodies seldom fit twice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoupleState:
    """All that a couple remembers; immutable."""

    seed: int
    voice: int
    next_number: int = 0
    phrase: CouplePhrase | None = None
    used: tuple[tuple[int, int, float], ...] = ()
    """(take, clip beat, dance beat) of every phrase begun lately."""
    themes: tuple[tuple[int, int], ...] = ()
    """(theme, row) of the themes danced last."""


class CoupleDance:
    """Dances the takes of two."""

    def __init__(self, library: MotionLibrary | None = None) -> None:
        """Keep `library`, or load the one that ships with the first state that is asked for."""
        self._library = library
        self._takes: tuple[Couple, ...] = ()
        self._table: couple_table.Entries | None = None

    def initial_state(self, seed: int, voice: int) -> CoupleState:
        """Return the state before the first wish."""
        self._loaded()
        return CoupleState(seed=seed, voice=voice)

    def step(
        self,
        state: CoupleState,
        request: WindowRequest,
        pasts: tuple[Trace | None, Trace | None],
        homes_xz: Array,
    ) -> tuple[tuple[Wish, Wish], CoupleState]:
        """Return 33 rows of leader and follower around `request.beat_start`, each about its home, and the state after.

        pasts: what is shown of both so far, each about its own home. homes_xz: (2, 2) of leader and follower.
        """
        middle = homes_xz.mean(axis=0)
        phrase_now = state.phrase
        is_new = phrase_now is None or request.new_phrase
        if phrase_now is not None and not (is_new or request.hold):
            is_over = not phrase_now.start <= request.beat_start < phrase_now.end
            is_new = is_over or phrase_now.direction.slot != request.direction.slot
        if is_new:
            state = self._next_phrase(state, request, pasts, homes_xz - middle)
        assert state.phrase is not None
        return couple_phrase.wishes(state.phrase, request, homes_xz - middle), state

    def notes(self, state: CoupleState) -> PhraseNote | None:
        """Return the phrase that is danced."""
        danced = state.phrase
        if danced is None:
            return None
        return PhraseNote(
            beat=danced.start,
            beats=danced.beats,
            dancer=state.voice,
            role=danced.direction.role,
            theme=danced.direction.theme,
            style=couple_phrase.STYLE,
            clip=danced.take.leader.id,
            clip_beat=danced.clip_start,
            mirrored=danced.mirrored,
            energy=danced.energy,
            seam_cost=danced.cost,
        )

    def _loaded(self) -> couple_table.Entries:
        if self._table is None:
            self._takes = couple.takes(self._library or MotionLibrary.load())
            self._table = couple_table.build(self._takes)
        return self._table

    def _next_phrase(
        self, state: CoupleState, request: WindowRequest, pasts: tuple[Trace | None, Trace | None], homes: Array
    ) -> CoupleState:
        table, direction = self._loaded(), request.direction
        start = math.floor(request.beat_start - SEAM_PHASE) + SEAM_PHASE
        beats = max(1, min(round(direction.end - start), couple_table.LOOK_AHEAD))
        ahead = min(max(2, math.ceil(direction.rate * beats)), couple_table.LOOK_AHEAD)
        now = _moment(pasts, request.beat_start, homes)
        cost = couple_choice.costs(
            table,
            energy=request.energy,
            dance_bpm=request.dance_bpm * direction.rate,
            beats=ahead,
            now=now,
            used=[(take, beat, start - danced) for take, beat, danced in state.used],
            rng=chance.generator(state.seed, state.voice, state.next_number),
        )
        theme = next((row for known, row in reversed(state.themes) if known == direction.theme), None)
        again = None if theme is None else table.twin[theme] if direction.mirrored else theme
        row = int(np.argmin(cost))
        if again is not None and cost[again] < cost[row] + THEME_SLACK:
            row = int(again)
        take, mirrored = self._takes[table.take[row]], bool(table.mirrored[row])
        clip_start = float(table.beat[row]) - SEAM_PHASE
        front = float(now.front_rad[0]) if now else 0.0
        free = [phrase.swing(clip, clip_start, ahead) for clip in (take.leader, take.follower)]
        placement = stage_space.place(
            facing_rad=front,
            hips_xz=now.middle_xz[0] if now else np.zeros(2),
            entry_facing_rad=float(table.moments.front_rad[row]),
            entry_xz=table.moments.middle_xz[row],
            path_xz=table.path_xz[row, ahead],
            path_rad=float(table.path_rad[row, ahead]),
            swing=0.5 * (free[0] + free[1]),
            room=request.room,
        )
        chosen = CouplePhrase(
            row=row,
            take=take,
            mirrored=mirrored,
            start=start,
            clip_start=clip_start,
            beats=beats,
            placement=placement,
            direction=direction,
            energy=request.energy,
            cost=float(cost[row]),
        )
        themes = state.themes
        if direction.theme >= 0 and theme is None:
            themes = (*themes, (direction.theme, row))[-THEMES:]
        fresh = tuple(use for use in state.used if start - use[2] < couple_choice.AGAIN_BEATS)
        used = (*fresh, (int(table.take[row]), int(table.beat[row]), start))
        return replace(state, phrase=chosen, next_number=state.next_number + 1, used=used, themes=themes)


def joined(state: CoupleState, windows: tuple[MotionWindow, MotionWindow]) -> tuple[MotionWindow, MotionWindow]:
    """Return both windows, on the stage, with the hands closed that the phrase holds."""
    return windows if state.phrase is None else couple_phrase.joined(state.phrase, windows)


def _moment(pasts: tuple[Trace | None, Trace | None], beat_start: float, homes: Array) -> couple_table.Moments | None:
    """Return how both stand at `beat_start` about the couple's middle; None where one of them was not there."""
    joints = []
    for past, home in zip(pasts, homes, strict=True):
        if past is None:
            return None
        row = past.row_at(beat_start) or TRACK_SAMPLES - 1
        rows = slice(row - LEAD_IN, row + 1)
        root = past.body.root_position_m[rows] + np.array([home[0], 0.0, home[1]])
        joints.append(skeleton.forward_kinematics(root, past.body.joint_rotations_wxyz[rows]))
    leader, follower = joints
    return couple_table.moments_of((leader[1:], follower[1:]), (leader[:1], follower[:1]))
