"""The motion graph: real dance in beat time, phrase after phrase, joined where two phrases fit.

Each window wishes the current phrase from `request.beat_start` on; with a new slot of the choreographer's form the best
phrase for it is chosen by pose, velocity and contact, role, style, energy, tempo, stage and memory, and a theme that
was danced before comes back. Works in dance beats throughout; thread: the caller's; 1 ms a window, 4 ms with a choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import (
    bridge,
    chance,
    choice,
    clip_sampler,
    energy,
    entry_file,
    float_dance,
    groove,
    ik,
    life,
    memory,
    stage_space,
    transitions,
)
from livedance.dance import wish as wishes
from livedance.dance.direction import GROOVE, Direction, PhraseNote, Role
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.phrase import Borrowed, Phrase, swing
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion, Trace, Wish, sample_beats
from livedance.messages import SEAM_PHASE, Origin

Array = NDArray[np.floating]

BRIDGE_COST: Final = 8.0
"""A change of style whose best transition costs more than this goes over a bridge of made steps."""
LOW_FOOT_M: Final = 0.3
"""Height of an ankle up to which a pose can be held on the other foot."""
THEMES: Final = 8
"""Themes that are remembered: the last four motifs and their answers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bridge:
    """Made steps from a dance beat on, at the place where the dancer was."""

    kind: str
    start: float
    facing_rad: float
    hips_xz: Array

    @property
    def end(self) -> float:
        """Dance beat at which the next phrase begins."""
        return self.start + bridge.BEATS


@dataclass(frozen=True, slots=True)
class Theme:
    """What a theme is: legs, and the arms over them."""

    number: int
    row: int
    arms: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GraphState:
    """All that a voice remembers; immutable, so it can be kept and gone back to."""

    seed: int
    voice: int
    next_number: int = 0
    phrase: Phrase | None = None
    """None before the first window."""
    direction: Direction | None = None
    """That the phrase was chosen for."""
    hold_from: float | None = None
    """Dance beat on which the phrase was stopped by a hold that is not the choreographer's."""
    used: memory.Memory = memory.EMPTY
    themes: tuple[Theme, ...] = ()
    """The themes danced last."""
    bridge: Bridge | None = None
    """The last one; over when its end is passed."""


class MotionGraph:
    """Dances phrases of the library."""

    dances_in_silence: Final = False

    def __init__(self, library: MotionLibrary | None = None) -> None:
        """Keep `library`, or load the one that ships with the first state that is asked for (0.5 s)."""
        self._library = library
        self._table: transitions.Entries | None = None

    def initial_state(self, seed: int, voice: int) -> GraphState:
        """Return the state before the first wish."""
        self._loaded()
        return GraphState(seed=seed, voice=voice)

    def resume(self, seed: int, voice: int, plan: int) -> GraphState:
        """Return a state that continues after window `plan`; phrase numbers start anew there."""
        self._loaded()
        return GraphState(seed=seed, voice=voice, next_number=plan + 1)

    def step(self, state: GraphState, request: WindowRequest, past: Trace | None) -> tuple[Wish, GraphState]:
        """Return 33 rows around `request.beat_start` and the state after them."""
        if request.direction.role == Role.FLOAT:
            # Accents of captured dance beside a beat that nobody knows would look wrong; a sway cannot.
            wish = float_dance.wish(state.seed, state.voice, request.beat_start, request.energy)
            return wish, replace(state, phrase=None, direction=request.direction)
        state = self._in_phrase(_released(state, request), request, past)
        if state.bridge is not None and request.beat_start < state.bridge.end:
            return _bridged(state.bridge, request), state
        assert state.phrase is not None
        return _wished(state.phrase, request.direction.hold_from, request), state

    def notes(self, state: GraphState) -> PhraseNote | None:
        """Return the phrase that is danced."""
        phrase, direction = state.phrase, state.direction
        if direction is None:
            return None
        if phrase is None:
            return None if state.bridge is None else _bridge_note(state.voice, state.bridge, direction)
        return PhraseNote(
            beat=phrase.start,
            beats=phrase.beats,
            dancer=state.voice,
            role=direction.role,
            theme=direction.theme,
            style=phrase.clip.style,
            clip=phrase.clip.id,
            clip_beat=phrase.clip_start,
            mirrored=phrase.mirrored,
            energy=phrase.energy,
            seam_cost=phrase.cost,
            hold_from=direction.hold_from,
            rate=_clip_beats(phrase.rate, phrase.beats, phrase.start, phrase.pauses) / phrase.beats,
            arms="" if phrase.arms is None else phrase.arms.clip.id,
        )

    def _loaded(self) -> tuple[MotionLibrary, transitions.Entries]:
        if self._library is None:
            self._library = MotionLibrary.shipped()
        if self._table is None:
            self._table = entry_file.entries_of(self._library)
        return self._library, self._table

    def _in_phrase(self, state: GraphState, request: WindowRequest, past: Trace | None) -> GraphState:
        """Return the state with the phrase to show; chooses one for a new slot, and where the last one is over."""
        phrase = state.phrase
        if phrase is None and state.bridge is not None and request.beat_start < state.bridge.end:
            return state
        if phrase is None or request.new_phrase:
            return self._next_phrase(state, request, past)
        if request.hold:
            return state
        is_over = not phrase.start <= request.beat_start < phrase.end
        is_other = request.direction.slot != phrase.slot
        return self._next_phrase(state, request, past) if is_over or is_other else state

    def _next_phrase(self, state: GraphState, request: WindowRequest, past: Trace | None) -> GraphState:
        library, table = self._loaded()
        number, direction = state.next_number, request.direction
        rng = chance.generator(state.seed, state.voice, number)
        start = math.floor(request.beat_start - SEAM_PHASE) + SEAM_PHASE
        beats = max(1, min(round(direction.end - start), choice.LONGEST))
        if direction is GROOVE:
            beats = _phrase_beats(request, start, rng)
        pauses = tuple(beat for beat in direction.pauses if start < beat < start + beats)
        clip_beats = _clip_beats(direction.rate, beats, start, pauses)
        moment = _moment(past, request.beat_start)
        facing = moment.facing_rad if moment else 0.0
        hips_xz = moment.hips_xz if moment else np.zeros(2)
        theme = next((t for t in reversed(state.themes) if t.number == direction.theme), None)
        wanted = choice.Wanted(
            number=number,
            beat=start,
            beats=clip_beats,
            style=direction.style if direction.style != choice.AUTO else request.style,
            role=direction.role,
            energy=_wanted_energy(request),
            dance_bpm=request.dance_bpm * direction.rate,
            rate=direction.rate,
            moment=moment,
            facing_rad=facing,
            hips_xz=hips_xz,
            room=request.room,
            used=state.used,
            theme=None if theme is None else theme.row,
            is_answer=direction.mirrored,
        )
        row, cost = choice.choose(table, wanted, rng)
        is_bridged = direction is not GROOVE and cost > BRIDGE_COST and _changes_style(state, table, row, start)
        if moment is not None and is_bridged:
            kind = bridge.kind_for(facing, 0.0, direction.slot)
            over = Bridge(kind=kind, start=start, facing_rad=facing, hips_xz=hips_xz)
            return replace(state, phrase=None, direction=direction, next_number=number + 1, bridge=over)
        arms = _arms_for(table, row, theme, wanted, rng)
        clip, mirrored = library.clips[table.clip[row]], bool(table.mirrored[row])
        clip_start = float(table.beat[row]) - SEAM_PHASE
        ahead = min(clip_beats, transitions.LOOK_AHEAD)
        placement = stage_space.place(
            facing_rad=facing,
            hips_xz=hips_xz,
            entry_facing_rad=float(table.facing_rad[row]),
            entry_xz=table.hips_xz[row],
            path_xz=table.path_xz[row, ahead],
            path_rad=float(table.path_rad[row, ahead]),
            swing=swing(clip, clip_start, clip_beats),
            room=request.room,
        )
        phrase = Phrase(
            number=number,
            row=row,
            clip=clip,
            mirrored=mirrored,
            start=start,
            clip_start=clip_start,
            beats=beats,
            placement=placement,
            energy=request.energy,
            slot=direction.slot,
            rate=direction.rate,
            cost=cost,
            arms=None if arms is None else _borrowed(library, table, arms),
            pauses=pauses,
        )
        themes = state.themes
        if direction.theme >= 0 and theme is None:
            themes = (*themes, Theme(direction.theme, row, arms))[-THEMES:]
        used = state.used.after(table, row, dance_beat=start, beats=clip_beats)
        return replace(state, phrase=phrase, direction=direction, next_number=number + 1, themes=themes, used=used)


def _clip_beats(rate: float, beats: int, start: float, pauses: Sequence[float]) -> int:
    """Return the clip beats that `beats` dance beats from `start` show; a pause on the last one takes none away."""
    rests = sum(beat < start + beats - 1.0 for beat in pauses)
    return max(2, math.ceil(rate * (beats - rests)))


def _wanted_energy(request: WindowRequest) -> float:
    """Return the energy that a phrase should have by itself: half the tempo takes half of it away."""
    return request.energy if request.direction.rate >= 1.0 else 0.45 + 0.5 * request.energy


def _changes_style(state: GraphState, table: transitions.Entries, row: int, start: float) -> bool:
    """Return whether `row` is of another style than what was danced, and no bridge led here."""
    if state.phrase is None or (state.bridge is not None and start <= state.bridge.end):
        return False
    return bool(table.styles[table.style[row]] != state.phrase.clip.style)


def _bridged(over: Bridge, request: WindowRequest) -> Wish:
    """Return the steps of a bridge; they are made at full size, so nothing makes them larger."""
    beats = sample_beats(request.beat_start)
    motion, feet, facing = bridge.dance(over.kind, beats, over.start, over.facing_rad, 0.0, request.energy)
    motion, feet = wishes.placed(motion, feet, over.hips_xz)
    return Wish(motion=motion, feet=feet, facing_rad=facing, style=over.kind, origin=Origin.MOTION_GRAPH)


def _bridge_note(voice: int, over: Bridge, direction: Direction) -> PhraseNote:
    return PhraseNote(
        beat=over.start,
        beats=bridge.BEATS,
        dancer=voice,
        role=Role.BRIDGE,
        theme=-1,
        style=direction.style,
        clip=over.kind,
        clip_beat=0.0,
        mirrored=False,
        energy=0.5,
    )


def _arms_for(
    table: transitions.Entries, row: int, theme: Theme | None, wanted: choice.Wanted, rng: np.random.Generator
) -> int | None:
    """Return the row whose arms are danced over the legs of `row`: a theme returns with the arms that it had."""
    if theme is None or table.flat[row] != table.flat[theme.row]:
        return choice.borrow(table, row, wanted, rng)
    if theme.arms is None or row == theme.row:
        return theme.arms
    return choice.other_side(table, theme.arms)


def _borrowed(library: MotionLibrary, table: transitions.Entries, row: int) -> Borrowed:
    return Borrowed(
        row=row,
        clip=library.clips[table.clip[row]],
        mirrored=bool(table.mirrored[row]),
        clip_start=float(table.beat[row]) - SEAM_PHASE,
    )


def _wished(phrase: Phrase, hold: float | None, request: WindowRequest) -> Wish:
    """Return the phrase at the request's beats, dwelling on each of them, and its running mean pose."""
    beats = sample_beats(request.beat_start)
    if hold is not None and not request.hold and not _stands(phrase, hold):
        hold = None  # Nobody holds a pose of their own will with a foot in the air.
    coarse = groove.paused(energy.coarse_beats(request.beat_start), phrase.pauses)
    pattern_beats = beats - request.beat_start + request.bar_beat + 4.0 * (request.phrase_bar % 2)
    depth = groove.depths(request.groove, request.dance_bpm, pattern_beats, phrase.rate)
    early = groove.lead(request.dance_bpm)
    read = groove.dwell(groove.paused(beats + early, phrase.pauses), depth)
    if hold is not None:
        stop = float(groove.paused(np.array([hold]), phrase.pauses)[0])
        read, coarse = groove.stopped(read, stop), np.minimum(coarse, stop)
    both = phrase.sample(np.concatenate([read, coarse]))
    motion = Motion(
        root_position_m=both.root_position_m[:TRACK_SAMPLES],
        joint_rotations_wxyz=both.joint_rotations_wxyz[:TRACK_SAMPLES],
        foot_contact=both.foot_contact[:TRACK_SAMPLES],
    )
    placed = phrase.on_stage(motion, read, request.room)
    around = Motion(
        root_position_m=both.root_position_m[TRACK_SAMPLES:],
        joint_rotations_wxyz=both.joint_rotations_wxyz[TRACK_SAMPLES:],
        foot_contact=both.foot_contact[TRACK_SAMPLES:],
    )
    way = phrase.on_stage(around, coarse, request.room).root_position_m[:, [0, 2]]
    return Wish(
        motion=placed,
        feet=ik.feet_of(placed),
        facing_rad=life.facing_of(placed.joint_rotations_wxyz),
        mean_wxyz=energy.running_mean(around.joint_rotations_wxyz),
        mean_xz=energy.running_mean_xz(way),
        damped=phrase.clip.damped if phrase.arms is None else phrase.arms.clip.damped,
        style=phrase.clip.style,
        origin=Origin.MOTION_GRAPH,
    )


def _stands(phrase: Phrase, beat: float) -> bool:
    """Return whether a dancer could stay as the phrase has it at a dance beat: on two feet, or one and a low other."""
    at = phrase.clip_beats(groove.paused(np.array([beat]), phrase.pauses))
    motion = clip_sampler.sample(phrase.clip, at, phrase.mirrored)
    contact = motion.foot_contact[0]
    height = ik.feet_of(motion).ankle_m[0, :, 1].max()
    return bool(max(contact) > 0.5 and (min(contact[:2].max(), contact[2:].max()) > 0.5 or height < LOW_FOOT_M))


def _released(state: GraphState, request: WindowRequest) -> GraphState:
    """Return the state with a person's hold noted, or over: then the phrase goes on from where it was stopped."""
    if request.hold:
        return replace(state, hold_from=request.direction.hold_from)
    if state.hold_from is None or state.phrase is None:
        return replace(state, hold_from=None)
    passed = groove.next_beat(request.beat_start) - state.hold_from
    return replace(state, hold_from=None, phrase=state.phrase.later(round(passed)))


def _phrase_beats(request: WindowRequest, start: float, rng: np.random.Generator) -> int:
    """Return a length, 4 to 8 beats, after which the next phrase begins at a bar line: where nobody choreographs."""
    bar_beat = request.bar_beat - (request.beat_start - start)
    to_bar_line = round((4.0 - SEAM_PHASE - bar_beat) % 4.0)
    if to_bar_line == 0:
        return choice.LONGEST if rng.random() < 0.6 else transitions.SHORTEST
    return to_bar_line + (transitions.SHORTEST if to_bar_line < 3 else 0)


def _moment(past: Trace | None, beat_start: float) -> transitions.Moment | None:
    """Return the pose that the last window would have at `beat_start`; its last one where it does not reach."""
    if past is None:
        return None
    row = past.row_at(beat_start) or TRACK_SAMPLES - 1
    rows = slice(row - LEAD_IN, row + 1)
    joints = skeleton.forward_kinematics(past.body.root_position_m[rows], past.body.joint_rotations_wxyz[rows])
    return transitions.moment_of(joints, past.body.foot_contact[row])
