"""The motion graph: real dance in beat time, phrase after phrase, joined where two phrases fit.

Each window shows the current phrase from `request.beat_start` on; when it is over the best next one is chosen by pose,
velocity and contact, style, energy, tempo, stage and memory. Amplitude, groove, seam, foot lock and legs follow. In
silence the dancer idles. Works in dance beats throughout; thread: the caller's; 3 ms a window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.dance import body, chance, choice, clip_sampler, energy, groove, idle, ik, stage_space, transitions
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.phrase import Phrase, swing
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, Motion, Trace, as_window, sample_beats, sample_step_s
from livedance.messages import SEAM_PHASE, MotionWindow, Origin

Array = NDArray[np.floating]

LONG_BEATS: Final = 8
SHORT_BEATS: Final = 4
SURPRISE: Final = 0.35
"""A phrase that was chosen for an energy this far from the music's is cut short."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GraphState:
    """All that a dancer remembers; immutable, so it can be kept and gone back to."""

    seed: int
    dancer: int
    next_number: int = 0
    phrase: Phrase | None = None
    """None while idle and before the first window."""
    held_beat: float | None = None
    """Dance beat on which a person's `hold` stopped the phrase."""
    standing: idle.Standing | None = None
    trace: Trace | None = None
    recent: tuple[choice.Use, ...] = ()


class MotionGraph:
    """Dances phrases of the library."""

    def __init__(self, library: MotionLibrary | None = None) -> None:
        """Keep `library`, or load the one that ships with the first state that is asked for (0.5 s)."""
        self._library = library
        self._table: transitions.Entries | None = None

    def initial_state(self, seed: int, dancer: int) -> GraphState:
        """Return the state before the first window."""
        self._loaded()
        return GraphState(seed=seed, dancer=dancer)

    def resume(self, seed: int, dancer: int, last: MotionWindow) -> GraphState:
        """Return a state that continues from `last`; phrase numbers start anew at its plan."""
        self._loaded()
        return GraphState(seed=seed, dancer=dancer, next_number=last.plan + 1, trace=body.trace_of(last))

    def step(self, state: GraphState, request: WindowRequest) -> tuple[MotionWindow, GraphState]:
        """Return 32 samples from `request.beat_start` and the state after them."""
        if request.is_silent:
            standing = idle.advance(state.standing, state.trace, request)
            window, trace = idle.idle_window(state.seed, state.dancer, standing, state.trace, request)
            return window, replace(state, standing=standing, phrase=None, held_beat=None, trace=trace)
        state = self._in_phrase(_held(state, request), request)
        assert state.phrase is not None
        wished, feet = self._wished(state.phrase, state.held_beat, request)
        step_s = sample_step_s(request.dance_bpm)
        shown, trace = body.finish(wished, feet, state.trace, request.beat_start, step_s)
        continues = state.trace is None or body.reaches(state.trace, request.beat_start)
        window = as_window(
            shown,
            beat_start=request.beat_start,
            dancer=request.dancer,
            plan=request.plan,
            origin=Origin.MOTION_GRAPH,
            style=state.phrase.clip.style,
            seam_samples=0 if continues else body.JUMP_SEAM_SAMPLES,
        )
        return window, replace(state, trace=trace, standing=None)

    def _loaded(self) -> tuple[MotionLibrary, transitions.Entries]:
        if self._library is None:
            self._library = MotionLibrary.load()
        if self._table is None:
            self._table = transitions.build(self._library)
        return self._library, self._table

    def _in_phrase(self, state: GraphState, request: WindowRequest) -> GraphState:
        """Return the state with the phrase to show; chooses one where the last is over or no longer wanted."""
        phrase = state.phrase
        if phrase is None or request.new_phrase:
            return self._next_phrase(state, request)
        if state.held_beat is not None:
            return state
        is_over = not phrase.start <= request.beat_start < phrase.end
        is_other = request.style not in ("", choice.AUTO, phrase.clip.style)
        is_surprised = abs(request.energy - phrase.energy) > SURPRISE
        return self._next_phrase(state, request) if is_over or is_other or is_surprised else state

    def _next_phrase(self, state: GraphState, request: WindowRequest) -> GraphState:
        library, table = self._loaded()
        number = state.next_number
        rng = chance.generator(state.seed, state.dancer, number)
        start = math.floor(request.beat_start - SEAM_PHASE) + SEAM_PHASE
        beats = _phrase_beats(request, start, rng)
        moment = _moment(state.trace, request.beat_start)
        facing = moment.facing_rad if moment else 0.0
        hips_xz = moment.hips_xz if moment else np.zeros(2)
        wanted = choice.Wanted(
            number=number,
            beats=beats,
            style=request.style,
            energy=request.energy,
            dance_bpm=request.dance_bpm,
            moment=moment,
            facing_rad=facing,
            hips_xz=hips_xz,
            room=request.room,
            recent=state.recent,
            style_since=state.phrase.style_since if state.phrase else number,
        )
        row = choice.choose(table, wanted, rng)
        clip, mirrored = library.clips[table.clip[row]], bool(table.mirrored[row])
        clip_start = float(table.beat[row]) - SEAM_PHASE
        placement = stage_space.place(
            facing_rad=facing,
            hips_xz=hips_xz,
            entry_facing_rad=float(table.facing_rad[row]),
            entry_xz=table.hips_xz[row],
            path_xz=table.path_xz[row, min(beats, transitions.LOOK_AHEAD)],
            path_rad=float(table.path_rad[row, min(beats, transitions.LOOK_AHEAD)]),
            swing=swing(clip, clip_start, beats),
            room=request.room,
        )
        same_style = state.phrase is not None and state.phrase.clip.style == clip.style
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
            style_since=state.phrase.style_since if same_style and state.phrase else number,
        )
        use = choice.Use(number=number, row=row, clip=int(table.clip[row]), beat=int(table.beat[row]), beats=beats)
        return replace(state, phrase=phrase, next_number=number + 1, recent=(*state.recent, use)[-choice.RECENT :])

    def _wished(self, phrase: Phrase, held_beat: float | None, request: WindowRequest) -> tuple[Motion, Feet]:
        """Return the phrase at the request's beats with amplitude and groove, and where its feet are."""
        beats = sample_beats(request.beat_start)
        coarse = energy.coarse_beats(request.beat_start)
        read = groove.dwell(beats, groove.depth_for(request.groove, request.dance_bpm))
        if held_beat is not None:
            read, coarse = np.minimum(read, held_beat), np.minimum(coarse, held_beat)
        both = clip_sampler.sample(phrase.clip, phrase.clip_beats(np.concatenate([read, coarse])), phrase.mirrored)
        motion = Motion(
            root_position_m=both.root_position_m[:TRACK_SAMPLES],
            joint_rotations_wxyz=both.joint_rotations_wxyz[:TRACK_SAMPLES],
            foot_contact=both.foot_contact[:TRACK_SAMPLES],
        )
        placed = phrase.on_stage(motion, read, request.room)
        feet = ik.feet_of(placed)
        larger = energy.amplify(placed, both.joint_rotations_wxyz[TRACK_SAMPLES:], energy.gain_for(request.energy))
        yaw, _ = phrase.placement.at(read - phrase.start)
        pattern_beat = request.bar_beat + 4.0 * (request.phrase_bar % 2)
        bounced = groove.bounce(
            larger,
            request.beat_start,
            pattern_beat,
            request.groove * (0.5 + request.energy),
            yaw,
            groove.next_beat(request.beat_start) if request.hit else None,
        )
        return bounced, feet


def _held(state: GraphState, request: WindowRequest) -> GraphState:
    """Return the state with a person's `hold` begun or ended: the phrase stops on a beat, and goes on from it."""
    if request.hold and state.held_beat is None and state.phrase is not None:
        return replace(state, held_beat=groove.next_beat(request.beat_start))
    if not request.hold and state.held_beat is not None:
        passed = groove.next_beat(request.beat_start) - state.held_beat
        phrase = state.phrase.later(round(passed)) if state.phrase else None
        return replace(state, held_beat=None, phrase=phrase)
    return state


def _phrase_beats(request: WindowRequest, start: float, rng: np.random.Generator) -> int:
    """Return a length, 4 to 8 beats or a little less at first, after which the next phrase begins at a bar line."""
    bar_beat = request.bar_beat - (request.beat_start - start)
    to_bar_line = round((4.0 - SEAM_PHASE - bar_beat) % 4.0)
    if to_bar_line == 0:
        return LONG_BEATS if rng.random() < 0.6 else SHORT_BEATS
    return to_bar_line + (SHORT_BEATS if to_bar_line < 3 else 0)


def _moment(trace: Trace | None, beat_start: float) -> transitions.Moment | None:
    """Return the pose that the last window would have at `beat_start`; its last one where it does not reach."""
    if trace is None:
        return None
    row = trace.row_at(beat_start) or TRACK_SAMPLES - 1
    rows = slice(row - LEAD_IN, row + 1)
    joints = skeleton.forward_kinematics(trace.body.root_position_m[rows], trace.body.joint_rotations_wxyz[rows])
    return transitions.moment_of(joints, trace.body.foot_contact[row])
