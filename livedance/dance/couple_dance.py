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
from livedance.dance import chance, clip_sampler, couple, couple_table, energy, groove, ik, phrase, stage_space
from livedance.dance.couple import Couple
from livedance.dance.direction import Direction, PhraseNote
from livedance.dance.generator import WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion, Trace, Wish, sample_beats
from livedance.messages import SAMPLES_PER_BEAT, SEAM_PHASE, MotionWindow, Origin

Array = NDArray[np.floating]

STYLE: Final = "salsa"
POSITION_M: Final = 0.12
"""A seam this far apart, joint by joint, costs 1."""
VELOCITY: Final = 1.2
ENERGY_PRICE: Final = 1.2
WAIT_PRICE: Final = 6.0
TEMPO_PRICE: Final = 1.5
"""Per octave between the take's tempo and the music's."""
AGAIN_PRICE: Final = 4.0
AGAIN_BEATS: Final = 128.0
"""A phrase that overlaps one danced within so many beats costs more, the more the fresher it is."""
LUCK: Final = 0.6
GRIP_EASE_BEATS: Final = 0.5
"""Hands are taken and left within so much of a phrase's ends."""
THEMES: Final = 8
_ARMS: Final = [skeleton.INDEX[f"{s}_{j}"] for s in ("l", "r") for j in ("shoulder", "elbow", "wrist")]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CouplePhrase:
    """Dance beat `start` + x shows clip beat `clip_start` + `rate` x of a take."""

    row: int
    take: Couple
    mirrored: bool
    start: float
    clip_start: float
    beats: int
    placement: stage_space.Placement
    direction: Direction
    energy: float
    cost: float

    @property
    def end(self) -> float:
        """Dance beat at which the next phrase begins."""
        return self.start + self.beats

    def clip_beats(self, dance_beats: Array) -> Array:
        """Return the clip beats shown at `dance_beats`."""
        out: Array = (dance_beats - self.start) * self.direction.rate + self.clip_start
        return out

    def grip(self, dance_beats: Array) -> Array:
        """Return how firmly each pair of hands is joined (n, 4): free at the phrase's ends, where the takes change."""
        inside = np.minimum(dance_beats - self.start, self.end - dance_beats) / GRIP_EASE_BEATS
        s = np.clip(inside, 0.0, 1.0)
        held: Array = couple.grip(self.take, self.clip_beats(dance_beats), self.mirrored)
        return held * (s * s * (3.0 - 2.0 * s))[:, None]


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
        return _wished(state.phrase, request, homes_xz - middle), state

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
            style=STYLE,
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
        cost = self._costs(table, state, request, now, start)
        cost[table.beats_left < ahead] += 50.0
        theme = next((row for known, row in reversed(state.themes) if known == direction.theme), None)
        row = int(np.argmin(cost)) if theme is None else theme
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
        fresh = tuple(use for use in state.used if start - use[2] < AGAIN_BEATS)
        used = (*fresh, (int(table.take[row]), int(table.beat[row]), start))
        return replace(state, phrase=chosen, next_number=state.next_number + 1, used=used, themes=themes)

    def _costs(
        self,
        table: couple_table.Entries,
        state: CoupleState,
        request: WindowRequest,
        now: couple_table.Moments | None,
        start: float,
    ) -> Array:
        """Return what each entry would cost (N,)."""
        rng = chance.generator(state.seed, state.voice, state.next_number)
        cost: Array = LUCK * rng.random(len(table.take))
        cost += ENERGY_PRICE * np.abs(table.energy - request.energy) + WAIT_PRICE * table.waits
        bpm = np.array([take.leader.native_bpm for take in self._takes])
        cost += TEMPO_PRICE * np.abs(np.log2(request.dance_bpm * request.direction.rate / bpm))[table.take]
        for take, beat, danced in state.used:
            near = (table.take == take) & (np.abs(table.beat - beat) < couple_table.LOOK_AHEAD)
            cost[near] += AGAIN_PRICE * (1.0 - (start - danced) / AGAIN_BEATS)
        if now is not None:
            apart = ((table.moments.position_m - now.position_m) ** 2).sum(axis=-1).mean(axis=1)
            rush = ((table.moments.velocity - now.velocity) ** 2).sum(axis=-1).mean(axis=1)
            cost += apart / POSITION_M**2 + rush / VELOCITY**2
        return cost


def joined(state: CoupleState, windows: tuple[MotionWindow, MotionWindow]) -> tuple[MotionWindow, MotionWindow]:
    """Return both windows, on the stage, with the hands closed that the phrase holds."""
    danced, (leader, follower) = state.phrase, windows
    if danced is None:
        return windows
    held = danced.grip(leader.beat_start + np.arange(len(leader.root_position_m)) / SAMPLES_PER_BEAT)
    both = couple.hands_joined(_motion(leader), _motion(follower), held)
    return (
        replace(leader, joint_rotations_wxyz=both[0].joint_rotations_wxyz),
        replace(follower, joint_rotations_wxyz=both[1].joint_rotations_wxyz),
    )


def _motion(window: MotionWindow) -> Motion:
    return Motion(
        root_position_m=window.root_position_m,
        joint_rotations_wxyz=window.joint_rotations_wxyz,
        foot_contact=window.foot_contact,
    )


def _wished(danced: CouplePhrase, request: WindowRequest, homes: Array) -> tuple[Wish, Wish]:
    """Return both partners at the request's beats; arms keep their size, or the hands would part."""
    beats = sample_beats(request.beat_start)
    coarse = energy.coarse_beats(request.beat_start)
    read = groove.dwell(beats, groove.depth_for(request.groove, request.dance_bpm))
    hold = request.direction.hold_from
    if hold is not None:
        read, coarse = np.minimum(read, hold), np.minimum(coarse, hold)
    both = couple.sample(danced.take, danced.clip_beats(np.concatenate([read, coarse])), danced.mirrored)
    shown = tuple(_rows(motion, slice(TRACK_SAMPLES)) for motion in both)
    leader, follower = couple.hands_joined(shown[0], shown[1], danced.grip(read))
    yaw, place = danced.placement.at(danced.direction.rate * (read - danced.start))
    wishes = []
    for motion, around, home in zip((leader, follower), both, homes, strict=True):
        placed = clip_sampler.moved(motion, yaw, danced.placement.pivot_xz, place - home)
        mean = energy.running_mean(around.joint_rotations_wxyz[TRACK_SAMPLES:])
        mean[:, _ARMS] = placed.joint_rotations_wxyz[:, _ARMS]
        joints = skeleton.forward_kinematics(placed.root_position_m, placed.joint_rotations_wxyz)
        wishes.append(
            Wish(
                motion=placed,
                feet=ik.feet_of(placed),
                facing_rad=np.unwrap(clip_sampler.facing(joints)),
                mean_wxyz=mean,
                style=STYLE,
                origin=Origin.MOTION_GRAPH,
            )
        )
    return wishes[0], wishes[1]


def _rows(motion: Motion, rows: slice) -> Motion:
    return Motion(
        root_position_m=motion.root_position_m[rows],
        joint_rotations_wxyz=motion.joint_rotations_wxyz[rows],
        foot_contact=motion.foot_contact[rows],
    )


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
