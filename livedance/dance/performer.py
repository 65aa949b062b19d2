"""One shown dancer: the wish becomes a body at its place, window after window.

    wish -> amplitude -> exaggeration -> groove -> lift and sink -> waking -> the way to its place -> life
         -> seam, foot lock, legs -> wrists out of the body -> hands -> window

Every generator's wishes end here, and idling begins here; works in dance beats; thread: the caller's; 5 ms a window.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import rotations, skeleton
from livedance.dance import (
    body,
    chance,
    clearance,
    energy,
    exaggerate,
    groove,
    hands,
    hit,
    idle,
    life,
    seam,
    waking,
    walk,
)
from livedance.dance import (
    wish as wishes,
)
from livedance.dance.generator import WindowRequest
from livedance.dance.window import LEAD_IN, Feet, Motion, Trace, Wish, as_window, sample_beats, sample_step_s
from livedance.messages import MotionWindow, Origin

Array = NDArray[np.floating]

SHIFT_S: Final = 0.015
"""How far dancers who move alike are before or behind one another, at most."""
GAIN: Final = 0.10
"""How much larger or smaller they move, at most."""
WAKE_BEATS: Final = 4.0
ALIVE: Final = life.LifeParts(chest=0.5)
"""The life layer as it is; more counter-rotation of the chest blurs the accents."""
LIFT_RAD: Final = 0.9
"""How far a full lift carries the upper arms up."""
LIFT_CHEST_RAD: Final = 0.16
LIFT_M: Final = 0.03
SINK_M: Final = 0.09


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dancer's home is: at rest, or on the way."""

    xz: tuple[float, float] = (0.0, 0.0)
    """Where the journey began, or the home itself where there is none."""
    journey: walk.Journey | None = None

    def at(self, beats: Array) -> Array:
        """Return the home (n, 2) at dance beats (n,)."""
        if self.journey is None:
            return np.broadcast_to(np.asarray(self.xz), (len(beats), 2))
        return walk.home_at(self.journey, beats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What one dancer is told for one window."""

    request: WindowRequest
    place: Place = Place()
    others_xz: tuple[tuple[float, float], ...] = ()
    is_mirrored: bool = False
    follows: bool = False
    """Whether another dancer dances the same: then small differences show."""
    parts: life.LifeParts = ALIVE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Performance:
    """What a dancer remembers; immutable."""

    seed: int
    dancer: int
    trace: Trace | None = None
    before: Trace | None = None
    """The trace before that: what is shown where a new plan begins ahead of the newest window."""
    standing: idle.Standing | None = None
    """While idle, and for the waking after it."""
    woke_at: float | None = None
    """Dance beat of the first window after idling, until awake."""
    wished: Motion | None = None
    """On the way to a place: the dance about home as it would be on the spot, which a generator goes on from."""
    shift_s: float = field(default=0.0)
    gain: float = 1.0


def begin(seed: int, dancer: int) -> Performance:
    """Return a dancer before the first window."""
    rng = chance.generator(seed, dancer, chance.DANCER)
    shift, gain = rng.uniform(-1.0, 1.0, 2)
    return Performance(seed=seed, dancer=dancer, shift_s=SHIFT_S * float(shift), gain=1.0 + GAIN * float(gain))


def past(state: Performance, cue: Cue) -> Trace | None:
    """Return what this dancer showed, as a generator sees it."""
    shown = _shown(state, cue.request.beat_start)
    if shown is None:
        return None
    home = cue.place.at(sample_beats(shown.beat_start))
    trace = wishes.about_home(shown, home, is_mirrored=False)
    if state.wished is not None and shown is state.trace:
        trace = replace(trace, body=state.wished)  # Steps on the way turn the body; the dance under it does not turn.
    return wishes.mirrored_trace(trace) if cue.is_mirrored else trace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staged:
    """A wish at its place on the stage, alive, before seam and legs."""

    wish: Wish
    motion: Motion
    feet: Feet
    on_the_spot: Motion | None
    """On the way to a place: the same about home."""


def perform(state: Performance, wish: Wish | None, cue: Cue) -> tuple[MotionWindow, Performance]:
    """Return the window from `cue.request.beat_start` and the dancer after it; without a wish the dancer idles."""
    staged, state = stage(state, wish, cue)
    return show(state, staged, cue)


def stage(state: Performance, wish: Wish | None, cue: Cue) -> tuple[Staged, Performance]:
    """Return the wish as this dancer means to dance it on the stage."""
    request = cue.request
    step_s = sample_step_s(request.dance_bpm)
    if wish is None:
        standing = idle.advance(state.standing, past(state, replace(cue, is_mirrored=False)), request)
        wish = idle.wish(state.seed, state.dancer, standing, step_s)
        state = replace(state, standing=standing, woke_at=None)
        motion, feet = wish.motion, wish.feet
    else:
        wish = _own(wish, state, cue, step_s)
        motion, feet = _shaped(wish, state, cue)
        motion, feet, state = _woken(motion, feet, wish, state, request, step_s)
    on_the_spot = motion if cue.place.journey is not None else None
    motion, feet = _placed(motion, feet, wish, cue)
    if _lives(wish):
        motion, feet = life.enliven(motion, feet, _context(wish, state, cue), _parts(cue))
    return Staged(wish=wish, motion=motion, feet=feet, on_the_spot=on_the_spot), state


def show(
    state: Performance, staged: Staged, cue: Cue, give_xz: Array | None = None
) -> tuple[MotionWindow, Performance]:
    """Return the body that dances what is staged, and the dancer after it; `give_xz` (33, 2): how far it gives way."""
    request, wish = cue.request, staged.wish
    motion, feet = staged.motion, staged.feet
    if give_xz is not None:
        motion, feet = wishes.placed(motion, feet, give_xz)
    step_s = sample_step_s(request.dance_bpm)
    before = _shown(state, request.beat_start)
    shown, trace = body.finish(motion, feet, before, request.beat_start, step_s, wish.seam_s or seam.DURATION_S)
    held = np.zeros((len(shown.root_position_m), 2), np.uint8)
    if _lives(wish):
        shown = clearance.push_out(shown)
        held = hands.poses(motion, _context(wish, state, cue), cue.parts.hands, wish.style)[LEAD_IN:]
    continues = before is None or body.reaches(before, request.beat_start)
    window = as_window(
        shown,
        beat_start=request.beat_start,
        dancer=request.dancer,
        plan=request.plan,
        origin=wish.origin,
        style=wish.style,
        seam_samples=0 if continues else body.JUMP_SEAM_SAMPLES,
        hands=held,
    )
    return window, replace(state, trace=trace, before=before, wished=staged.on_the_spot)


def _lives(wish: Wish) -> bool:
    """Whether life is to be added: who idles lives already."""
    return not wish.is_exact and wish.origin != Origin.IDLE


def _shown(state: Performance, beat_start: float) -> Trace | None:
    """Return the newest trace that reaches `beat_start`; where none does, the newest."""
    reaching = (t for t in (state.trace, state.before) if t is not None and t.row_at(beat_start) is not None)
    return next(reaching, state.trace)


def _own(wish: Wish, state: Performance, cue: Cue, step_s: float) -> Wish:
    """Return the wish as this dancer has it: mirrored, and a little early or late beside others who do the same."""
    if cue.is_mirrored:
        wish = wishes.mirrored(wish)
    if cue.follows and not wish.is_exact:
        wish = wishes.shifted(wish, float(np.clip(state.shift_s / step_s, -1.0, 1.0)))
    return wish


def _shaped(wish: Wish, state: Performance, cue: Cue) -> tuple[Motion, Feet]:
    """Return the wish as energy, groove and direction want it."""
    request, direction = cue.request, cue.request.direction
    motion, feet = wish.motion, wish.feet
    if wish.is_exact:
        return motion, feet
    if wish.mean_wxyz is not None:
        gain = energy.gain_for(request.energy) * direction.amplitude * (state.gain if cue.follows else 1.0)
        motion = energy.amplify(motion, wish.mean_wxyz, gain)
        motion = exaggerate.exaggerate(motion, wish.mean_wxyz, wish.damped)
    if wish.mean_xz is not None:
        motion, feet = energy.stride(motion, feet, wish.mean_xz, energy.travel_for(request.energy) * direction.travel)
    beats = sample_beats(request.beat_start)
    pattern_beat = request.bar_beat + 4.0 * (request.phrase_bar % 2)
    amount = request.groove * (0.3 + 1.6 * request.energy) * _alive(beats, direction.hold_from)
    motion = groove.bounce(motion, request.beat_start, pattern_beat, amount, wish.facing_rad)
    motion = _carried(motion, direction.lift, direction.sink)
    for beat in (direction.hit_beat, request.hit_beat):
        if beat is None:
            continue
        motion = hit.strike(motion, beats, beat, request.dance_bpm, round(beat))
    return motion, feet


def _alive(beats: Array, hold_from: float | None) -> Array:
    """Return 1 while the dancer moves and little while a pose is held."""
    if hold_from is None:
        return np.ones_like(beats)
    out: Array = 1.0 - 0.8 * np.clip((beats - hold_from) / 0.25, 0.0, 1.0)
    return out


def _carried(motion: Motion, lift: float, sink: float) -> Motion:
    """Return the motion with arms and chest carried up, or the hips carried low."""
    if lift == 0.0 and sink == 0.0:
        return motion
    root = motion.root_position_m.copy()
    root[:, 1] += LIFT_M * lift - SINK_M * sink
    turned = motion.joint_rotations_wxyz.copy()
    for name, axis in (
        ("chest", (-LIFT_CHEST_RAD * lift + 0.12 * sink, 0.0, 0.0)),
        ("l_shoulder", (0.0, 0.0, LIFT_RAD * lift)),
        ("r_shoulder", (0.0, 0.0, -LIFT_RAD * lift)),
    ):
        j = skeleton.INDEX[name]
        turned[:, j] = rotations.multiply(rotations.from_rotvec(np.array(axis)), turned[:, j])
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=motion.foot_contact)


def _woken(
    motion: Motion, feet: Feet, wish: Wish, state: Performance, request: WindowRequest, step_s: float
) -> tuple[Motion, Feet, Performance]:
    """Return the dance that a standing dancer wakes into, part by part; when awake the standing is forgotten."""
    if state.standing is None or wish.is_exact:
        return motion, feet, replace(state, standing=None, woke_at=None)
    woke_at = request.beat_start if state.woke_at is None else state.woke_at
    if request.beat_start >= woke_at + WAKE_BEATS:
        return motion, feet, replace(state, standing=None, woke_at=None)
    standing = idle.advance(state.standing, None, request)
    still = idle.wish(state.seed, state.dancer, standing, step_s)
    motion, feet = waking.gesture(motion, feet, sample_beats(request.beat_start), woke_at, still)
    return motion, feet, replace(state, standing=standing, woke_at=woke_at)


def _placed(motion: Motion, feet: Feet, wish: Wish, cue: Cue) -> tuple[Motion, Feet]:
    if cue.place.journey is None:
        return wishes.placed(motion, feet, np.asarray(cue.place.xz))
    return walk.travel(motion, feet, cue.place.journey, sample_beats(cue.request.beat_start), wish.facing_rad)


def _parts(cue: Cue) -> life.LifeParts:
    """Return the parts of life that show now: nobody nods in a held pose."""
    hold_from = cue.request.direction.hold_from
    is_held = hold_from is not None and hold_from < cue.request.beat_start
    return replace(cue.parts, nod=0.0) if is_held else cue.parts


def _context(wish: Wish, state: Performance, cue: Cue) -> life.LifeContext:
    request = cue.request
    return life.LifeContext(
        beat_start=request.beat_start,
        dance_bpm=request.dance_bpm,
        bar_beat=request.bar_beat,
        phrase_bar=request.phrase_bar,
        energy=request.energy,
        section=request.section,
        direction=request.direction,
        seed=state.seed,
        dancer=state.dancer,
        home_xz=cue.place.at(np.array([request.beat_start]))[0],
        others_xz=cue.others_xz,
        damped=wish.damped,
    )
