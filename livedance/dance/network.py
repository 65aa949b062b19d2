"""The network that dances: two beats follow from the two before, window after window, on the beat and in the style.

Each step the next two beats are made anew from what was danced (`reel`). What of all that may follow is danced says a
code: that of a figure which the network expects here and which fits the music (`figures`); a theme that returns is led
through the same figures. Groove, life, seam and feet are shared with every generator. What was not learnt (motion on
the floor), and any window that is no motion of a body, comes from the motion graph. Works in dance beats; thread: the
caller's; 2 ms a window.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from livedance import style_mix
from livedance.dance import (
    chance,
    conditions,
    energy,
    figures,
    float_dance,
    groove,
    ik,
    life,
    pose_features,
    stage_space,
)
from livedance.dance.conditions import FUTURE, STYLES
from livedance.dance.direction import GROOVE, Direction, PhraseNote, Role
from livedance.dance.figures import Figures
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary, style_names
from livedance.dance.motion_graph import GraphState, MotionGraph
from livedance.dance.motion_net import Answer, MotionNet
from livedance.dance.pose_features import Walked
from livedance.dance.reel import Course, Reel, on_the_beat, reel_of
from livedance.dance.window import TRACK_SAMPLES, Feet, Motion, Trace, Wish, sample_beats
from livedance.messages import SAMPLES_PER_BEAT, SEAM_PHASE, Origin

Array = NDArray[np.floating]
F32 = NDArray[np.float32]

LOG: Final = logging.getLogger(__name__)
_BUMPS: Final = np.sin(np.pi * (np.arange(FUTURE) + 0.5) / SAMPLES_PER_BEAT) ** 2
"""Corrections of the way begin and end within each beat: where windows meet there is none."""
CODES: Final = 2**34
"""Phrase numbers from here on key the chance of a slot."""
THEMES: Final = 2**20
"""Added to the number of a theme, whose slots are drawn alike."""
CHOICES: Final = 2**23
"""Added to it for the choice of figures."""
BLOCK: Final = 16
"""Beats whose chance is drawn at once."""
TEMPERATURE: Final = 0.9
"""Of codes that are drawn without figures: 0 is always the likeliest dance, 1 as varied as what was learnt from."""
WANDER: Final = 0.25
"""How far, in spreads of what the network expects, a dance wanders from the code of a figure."""
FIGURE_BEATS: Final = 4
"""So many beats at most figures follow each other as they once did; then another is chosen."""
REMEMBERED: Final = 24
"""Figures that were begun last and are not begun again at once."""
KNOWN_THEMES: Final = 8
CONFIDENCE: Final = 0.9
"""Asked for: stops of the motion lie on the beats."""
TURNED_RAD: Final = 0.6
"""Facing further away than this from the audience the dancer is asked to turn back..."""
TURN_MOST_RAD: Final = 1.2
"""... by so much within two beats."""
PATH_MOST_M: Final = 0.5
"""Longest way home within two beats."""
SOLE_M: Final = 0.035
"""Height of the toe joint over the floor."""
HEIGHTS_M: Final = (0.3, 1.4)
"""Hips outside of this belong to no dance of this network."""
SPEED_MOST: Final = 6.0
"""Metres a beat: faster hips are no dance."""
DAMPED: Final[Mapping[str, float]] = {"club": 0.9, "groove": 0.9, "hype": 1.0, "jazz": 0.6, "modern": 0.4}
"""How much of a style was danced by stiff clips, [0, 1]."""


class Net(Protocol):
    """What is needed of a network; see `MotionNet`."""

    codes: int

    def run(self, history: F32, per_token: F32, whole: F32, chance: F32, code: F32, led: F32) -> Answer:
        """Return the rows that follow, and what codes are expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Which figure leads the dance."""

    row: int
    left: int
    """Beats for which figures go on as they once did, this one counted in."""
    beat: int
    """Reel beat (whole, counted from half-way before it) on which it began."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Through which figures a theme was led: beats since its slot's start, and rows."""

    number: int
    figures: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkState:
    """All that a voice remembers; immutable, so it can be kept and gone back to."""

    seed: int
    voice: int
    reel: Reel | None = None
    """None before the first window, and after a dance of another generator."""
    course: Course | None = None
    direction: Direction | None = None
    style: str = ""
    phrases: int = 0
    """Phrases that were wished anew where nobody choreographs."""
    lead: Lead | None = None
    begun: tuple[tuple[int, float], ...] = ()
    """Figures begun last: row and dance beat."""
    themes: tuple[Theme, ...] = ()
    refused: int = 0
    """Windows of the network that were no motion of a body."""
    graph: GraphState | None = None
    """While the motion graph stands in."""


class NetworkDance:
    """Dances what the network in `models/dance` makes up."""

    dances_in_silence: Final = False

    def __init__(
        self,
        library: MotionLibrary | None = None,
        net: Net | None = None,
        table: Figures | None = None,
        *,
        is_led: bool = True,
    ) -> None:
        """Keep network and figures, or load those that ship with the first state that is asked for (30 ms).

        Not led through figures, codes are drawn from what the network expects.
        """
        self._graph = MotionGraph(library)
        self._net = net
        self._table = table
        self._is_led = is_led

    def initial_state(self, seed: int, voice: int) -> NetworkState:
        """Return the state before the first wish."""
        self._loaded()
        return NetworkState(seed=seed, voice=voice)

    def resume(self, seed: int, voice: int, plan: int) -> NetworkState:
        """Return a state that continues after window `plan`; phrases are counted anew from there."""
        self._loaded()
        return NetworkState(seed=seed, voice=voice, phrases=plan + 1)

    def step(self, state: NetworkState, request: WindowRequest, past: Trace | None) -> tuple[Wish, NetworkState]:
        """Return 33 rows around `request.beat_start` and the state after them."""
        direction = request.direction
        if direction.role == Role.FLOAT:
            wish = float_dance.wish(state.seed, state.voice, request.beat_start, request.energy)
            return wish, replace(state, reel=None, course=None, graph=None, direction=direction)
        shares = _shares(request)
        if not shares:
            return self._stand_in(state, request, past)
        if request.new_phrase and direction is GROOVE:
            state = replace(state, phrases=state.phrases + 1)
        reel, course = _taken_up(state, request, past)
        began = course is not state.course
        made, state = self._made(state, reel, course.at(request.beat_start), shares, request, began)
        if made is None:
            LOG.warning(
                "the network's window at beat %g is no motion of a body: the motion graph's", request.beat_start
            )
            return self._stand_in(replace(state, refused=state.refused + 1), request, past)
        course = _held(course, made, request)
        style = max(shares, key=lambda name: shares[name])
        state = replace(state, reel=made, course=course, direction=direction, style=style, graph=None)
        return _wished(made, course, style, request), state

    def notes(self, state: NetworkState) -> PhraseNote | None:
        """Return what is danced; a slot is a phrase."""
        if state.graph is not None:
            return self._graph.notes(state.graph)
        direction = state.direction
        if direction is None or direction is GROOVE:
            return None
        return PhraseNote(
            beat=direction.start,
            beats=direction.beats,
            dancer=state.voice,
            role=direction.role,
            theme=direction.theme,
            style=state.style,
            clip="network",
            clip_beat=direction.start,
            mirrored=direction.mirrored,
            energy=0.5,
            hold_from=direction.hold_from,
            rate=direction.rate,
        )

    def _loaded(self) -> Net:
        if self._net is None:
            self._net = MotionNet()
        return self._net

    def _stand_in(self, state: NetworkState, request: WindowRequest, past: Trace | None) -> tuple[Wish, NetworkState]:
        """Return the motion graph's wish."""
        before = state.graph or self._graph.resume(state.seed, state.voice, request.plan)
        wish, after = self._graph.step(before, request, past)
        return wish, replace(state, reel=None, course=None, graph=after, direction=request.direction)

    def _made(
        self,
        state: NetworkState,
        reel: Reel,
        beat: float,
        shares: Mapping[str, float],
        request: WindowRequest,
        began: bool,
    ) -> tuple[Reel | None, NetworkState]:
        """Return the reel with new rows from reel beat `beat` on, None where they are no motion of a body."""
        net, turned = self._loaded(), request.direction.mirrored
        for made in range(max(1, math.ceil(request.direction.rate))):
            start = beat + made * FUTURE / SAMPLES_PER_BEAT
            history, heading, xz = reel.history(start)
            home = _way_home(heading, xz, request.room)
            whole = _whole(shares, request, home, turned)
            given = pose_features.mirrored(history) if turned else history
            told = (given[None].astype(np.float32), conditions.per_token(start, request.energy)[None], whole[None])
            drawn, code = _drawn(state, request, made, net.codes), np.zeros((conditions.N_BEATS, net.codes), np.float32)
            if self._is_led:
                path = (-home[0], -home[1], home[2]) if home is not None and turned else home
                code, state = self._led(state, told, start, shares, path, request, began and not made)
                drawn = WANDER * drawn
            led = np.full((1, 1), float(self._is_led), np.float32)
            rows = net.run(*told, drawn[None], code[None], led).future[0].astype(np.float64)
            if not _is_a_body(rows):
                return None, state
            rows = pose_features.mirrored(rows) if turned else rows
            reel = reel.extended(start, rows, _on_stage(rows, heading, xz, request.room))
        return reel, state

    def _led(
        self,
        state: NetworkState,
        told: tuple[F32, F32, F32],
        start: float,
        shares: Mapping[str, float],
        path: tuple[float, float, float] | None,
        request: WindowRequest,
        began: bool,
    ) -> tuple[F32, NetworkState]:
        """Return the code of the figure for reel beat `start`, and the state led by it."""
        table = self._figures()
        beat = math.floor(start - SEAM_PHASE + 1e-6)
        lead = None if began else _gone_on(state.lead, beat, table)
        if lead is None:
            since = max(0, math.floor(request.beat_start - request.direction.start + 1e-6))
            known = _known(state, request.direction.theme, since)
            if known is None:
                none = np.zeros((1, *table.codes.shape[1:]), np.float32)
                answer = self._loaded().run(*told, none, none, np.zeros((1, 1), np.float32))
                sought = figures.Sought(
                    mean=answer.mean[0], spread=answer.spread[0], shares=shares, energy=_energy(request),
                    bpm=request.dance_bpm, path=path, beat=request.beat_start, begun=state.begun,
                )  # fmt: skip
                row = figures.choose(table, sought, _rng(state, request, since))
            else:
                row = known
            begun = (*state.begun, (row, request.beat_start))[-REMEMBERED:]
            state = replace(state, begun=begun, themes=_noted(state.themes, request.direction.theme, since, row))
            lead = Lead(row=row, left=FIGURE_BEATS, beat=beat)
        return table.codes[lead.row], replace(state, lead=lead)

    def _figures(self) -> Figures:
        if self._table is None:
            self._table = Figures.shipped()
        return self._table


def _gone_on(lead: Lead | None, beat: int, table: Figures) -> Lead | None:
    """Return the lead on reel beat `beat`, as the figures went on once; None where another is to be chosen."""
    if lead is None:
        return None
    passed = beat - lead.beat
    if passed <= 0:
        return lead
    if passed >= lead.left or not table.goes_on[lead.row : lead.row + passed].all():
        return None
    return Lead(row=lead.row + passed, left=lead.left - passed, beat=beat)


def _known(state: NetworkState, theme: int, since: int) -> int | None:
    """Return the figure that a theme was led through `since` beats after its slot's start; None where it was not."""
    found = next((t for t in reversed(state.themes) if t.number == theme), None) if theme >= 0 else None
    return None if found is None else dict(found.figures).get(since)


def _noted(themes: tuple[Theme, ...], theme: int, since: int, row: int) -> tuple[Theme, ...]:
    """Return the themes with a figure noted for one of them; the first showing is what stays."""
    if theme < 0:
        return themes
    found = next((t for t in themes if t.number == theme), Theme(theme))
    if since in dict(found.figures):
        return themes
    others = tuple(t for t in themes if t.number != theme)
    return (*others, Theme(theme, (*found.figures, (since, row))))[-KNOWN_THEMES:]


def _energy(request: WindowRequest) -> float:
    """Return the energy that a figure should have by itself: half the tempo takes half of it away."""
    return request.energy if request.direction.rate >= 1.0 else 0.45 + 0.5 * request.energy


def _shares(request: WindowRequest) -> dict[str, float]:
    """Return style -> share of what is asked for; empty where the network has learnt nothing of it."""
    asked = request.direction.style if request.direction.style != "auto" else request.style
    if asked in ("", "auto"):
        asked = request.auto_style or "auto"
    if asked == "auto":
        return {"": 1.0}
    return {name: share for name, share in style_mix.parse(asked, style_names()) if name in STYLES}


def _taken_up(state: NetworkState, request: WindowRequest, past: Trace | None) -> tuple[Reel, Course]:
    """Return the reel and the course at the request: the same slot goes on, another begins where the last one is."""
    beat, direction = request.beat_start, request.direction
    reel, course = state.reel, state.course
    if reel is None or course is None or not reel.first + 1.0 <= course.at(beat) <= reel.end + 1.0 / SAMPLES_PER_BEAT:
        reel = reel_of(_shown(state, request, past), beat)
        return reel, _course(direction, beat, beat)
    is_other = course.slot != direction.slot or (request.new_phrase and direction is not GROOVE)
    is_released = course.hold_from is not None and direction.hold_from is None
    if not (is_other or is_released):
        return reel, course
    here = course.at(beat)
    there = on_the_beat(here, beat)
    return reel.moved(there - here), _course(direction, beat, there)


def _course(direction: Direction, dance_beat: float, reel_beat: float) -> Course:
    pauses = tuple(beat for beat in direction.pauses if beat > dance_beat)
    return Course(slot=direction.slot, dance_beat=dance_beat, reel_beat=reel_beat, rate=direction.rate, pauses=pauses)


def _held(course: Course, reel: Reel, request: WindowRequest) -> Course:
    """Return the course with the hold that is asked for; of their own will nobody holds a pose on one foot."""
    hold = request.direction.hold_from
    if hold is None or course.hold_from is not None or hold > request.beat_start + 1.0:
        return course
    contact = reel.sample(course.read(np.array([hold]))).foot_contact[0]
    stands = min(contact[:2].max(), contact[2:].max()) > 0.5
    return replace(course, hold_from=hold) if stands or request.hold else course


def _shown(state: NetworkState, request: WindowRequest, past: Trace | None) -> Motion:
    """Return the motion just before the request, to go on from."""
    if past is None:
        return float_dance.wish(state.seed, state.voice, request.beat_start, 0.5).motion
    row = past.row_at(request.beat_start) or len(past.body.root_position_m)
    return _rows(past.body, slice(None, row))


def _key(state: NetworkState, direction: Direction) -> int:
    """Return what the chance of a slot hangs on: its theme, or itself."""
    number = state.phrases if direction is GROOVE else direction.slot
    return CODES + ((THEMES + direction.theme if direction.theme >= 0 else number) << 24)


def _rng(state: NetworkState, request: WindowRequest, since: int) -> np.random.Generator:
    """Return the generator that chooses a figure `since` beats after a slot's start."""
    return chance.generator(state.seed, state.voice, _key(state, request.direction) + CHOICES + since)


def _drawn(state: NetworkState, request: WindowRequest, made: int, codes: int) -> F32:
    """Return normal numbers (N_BEATS, codes) for a window: those of its slot, or of its theme."""
    direction = request.direction
    since = max(0, math.floor(request.beat_start - direction.start + 1e-6)) + made * conditions.N_BEATS
    beats = range(since, since + conditions.N_BEATS)
    blocks = {
        block: chance.generator(state.seed, state.voice, _key(state, direction) + block).standard_normal((BLOCK, codes))
        for block in {beat // BLOCK for beat in beats}
    }
    drawn = np.stack([blocks[beat // BLOCK][beat % BLOCK] for beat in beats])
    return (TEMPERATURE * drawn).astype(np.float32)


def _whole(
    shares: Mapping[str, float], request: WindowRequest, path: tuple[float, float, float] | None, turned: bool
) -> F32:
    """Return what holds for the window; `turned` for one that is seen in a mirror."""
    if path is not None and turned:
        path = (-path[0], -path[1], path[2])
    damped = sum(share * DAMPED.get(name, 0.0) for name, share in shares.items())
    bpm = request.dance_bpm * request.direction.rate
    asked = conditions.Whole(bpm=float(np.clip(bpm, 70.0, 170.0)), confidence=CONFIDENCE, damped=damped, path=path)
    out = conditions.whole(asked)
    for name, share in shares.items():
        if name in STYLES:
            out[STYLES.index(name)] = share
    return out


def _way_home(heading_rad: float, xz: Array, room: float) -> tuple[float, float, float] | None:
    """Return (turn, left, ahead) that would bring a dancer back; None for one who is at home and faces the audience."""
    facing = stage_space.wrapped(heading_rad)
    home = 0.6 * room * stage_space.HOME_M
    away = xz - np.clip(xz, -home, home)
    if abs(facing) < TURNED_RAD and not np.any(away):
        return None
    turn = float(np.clip(-0.7 * facing, -TURN_MOST_RAD, TURN_MOST_RAD)) if abs(facing) >= TURNED_RAD else 0.0
    way = stage_space.turned(-away, -facing)
    way *= min(1.0, PATH_MOST_M / max(float(np.linalg.norm(way)), 1e-9))
    return turn, float(way[0]), float(way[1])


def _is_a_body(rows: Array) -> bool:
    """Return whether rows (n, SIZE) are finite, at the height of a dancer and no faster than one."""
    if not np.isfinite(rows).all():
        return False
    height = rows[:, pose_features.HEIGHT]
    way = np.abs(rows[:, pose_features.WAY])
    return bool(height.min() > HEIGHTS_M[0] and height.max() < HEIGHTS_M[1] and way.max() < SPEED_MOST)


def _on_stage(rows: Array, heading_rad: float, xz: Array, room: float) -> Walked:
    """Return where rows lead, bent towards home and the audience while a foot is in the air."""
    contact = np.clip(rows[:, pose_features.CONTACT], 0.0, 1.0)
    swing = _BUMPS * (1.0 - np.minimum(contact[:, :2].max(axis=1), contact[:, 2:].max(axis=1)))
    free_beats = float(swing.sum()) / SAMPLES_PER_BEAT
    done = np.cumsum(swing) / max(float(swing.sum()), 1e-6)
    facing = stage_space.wrapped(pose_features.walk(rows, heading_rad, xz).heading_rad[-1])
    most = stage_space.TURN_PER_SWING_RAD * free_beats
    turn = float(np.clip(-0.5 * facing, -most, most)) * done
    turned = rows.copy()
    turned[:, pose_features.YAW] += np.diff(turn, prepend=0.0) * SAMPLES_PER_BEAT
    walked = pose_features.walk(turned, heading_rad, xz)
    end = walked.xz_m[-1]
    wanted = 0.75 * np.clip(end, -room * stage_space.HOME_M, room * stage_space.HOME_M) - end
    limit = stage_space.SHIFT_PER_SWING_M * free_beats
    shift = wanted * min(1.0, limit / max(float(np.linalg.norm(wanted)), 1e-9))
    return Walked(heading_rad=walked.heading_rad, xz_m=walked.xz_m + shift * done[:, None])


def _wished(reel: Reel, course: Course, style: str, request: WindowRequest) -> Wish:
    """Return what of the reel is shown, dwelling on each beat, and its running mean pose."""
    beats = sample_beats(request.beat_start)
    pattern_beats = beats - request.beat_start + request.bar_beat + 4.0 * (request.phrase_bar % 2)
    depth = groove.depths(request.groove, request.dance_bpm, pattern_beats, course.rate)
    coarse = course.read(energy.coarse_beats(request.beat_start))
    both = _inside(reel.sample(np.concatenate([course.read(beats, depth), coarse])), request.room)
    motion = _rows(both, slice(None, TRACK_SAMPLES))
    around = _rows(both, slice(TRACK_SAMPLES, None))
    return Wish(
        motion=motion,
        feet=_over_the_floor(ik.feet_of(motion)),
        facing_rad=life.facing_of(motion.joint_rotations_wxyz),
        mean_wxyz=energy.running_mean(around.joint_rotations_wxyz),
        mean_xz=energy.running_mean_xz(around.root_position_m[:, [0, 2]]),
        damped=DAMPED.get(style, 0.0),
        style=style or "groove",
        origin=Origin.NETWORK,
    )


def _rows(motion: Motion, which: slice) -> Motion:
    return Motion(
        root_position_m=motion.root_position_m[which],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[which],
        foot_contact=motion.foot_contact[which],
    )


def _inside(motion: Motion, room: float) -> Motion:
    root = motion.root_position_m.copy()
    root[:, [0, 2]] = stage_space.soft_edge(root[:, [0, 2]], room)
    return replace(motion, root_position_m=root)


def _over_the_floor(feet: Feet) -> Feet:
    """Return the feet with none of them under the floor."""
    sunk = np.maximum(SOLE_M - ik.toes_of(feet)[..., 1], 0.0)
    ankle = feet.ankle_m.copy()
    ankle[..., 1] += sunk
    return Feet(ankle_m=ankle, rotation_wxyz=feet.rotation_wxyz)


def refused(state: Any) -> int:
    """Return how many windows of the network were refused so far in a voice's state."""
    return state.refused if isinstance(state, NetworkState) else 0
