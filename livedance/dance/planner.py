"""When windows are made and with what request: one beat ahead on a fixed grid, earlier when something happens.

Runs in the brain's thread, once a hop, pure apart from its own state: the same hops, clock states and controls give the
same windows. A window starts half-way between two beats and is asked for one beat before; a new epoch, a changed
tempo ratio, silence, the first sound and a person's wish make a new plan at the next point of a finer grid. Who dances
what is the cast's business; all dancers' windows are made together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livedance import registry
from livedance.dance.arrangement import room_for
from livedance.dance.cast import Cast
from livedance.dance.direction import PhraseNote
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.groove_heard import GrooveHeard
from livedance.dance.options import DanceOptions
from livedance.dance.style_table import Heard
from livedance.messages import (
    SAMPLES_PER_BEAT,
    SEAM_PHASE,
    ClockState,
    Command,
    Controls,
    Features,
    LockState,
    MotionWindow,
    Section,
)

REPLAN_LEAD_S: Final = 0.12
"""Clock time that a new plan needs to reach every screen."""
REPLAN_GRID_BEATS: Final = 0.25
JUMP_BEATS: Final = 0.3
"""A dance position that differs by more from what the clock said a hop before has jumped."""
ENERGY_HALF_LIFE_S: Final = 0.8
WAKE_ENERGY: Final = 0.6
"""Energy of the first steps after idling: waking shows, whatever the music has been doing for the last second."""
FREE_WHEEL_ENERGY: Final = 0.6
"""Share of the energy that is left when nobody knows the beat."""
START_ENERGY: Final = 0.6
LOST_ENERGY: Final = 0.6
"""Share that is left while the audio device is lost."""
SURPRISES: Final = (Section.BREAK, Section.DROP)
"""Sections that a dancer answers at once with another phrase."""
DROP_BEATS: Final = 8.0
"""How long a `drop` command drives the energy up."""
HIT_AFTER_S: Final = 0.09
"""From the start of a hit's window to the pose: with the lead under a quarter of a second."""
AT_ONCE_GRID_BEATS: Final = 1.0 / SAMPLES_PER_BEAT
"""The grid of what must not wait: a hit, and the end of the dance."""
SILENT_DRUMS: Final = GrooveHeard.initial()
FLOAT_BEATS: Final = 32.0
"""Free-wheeling for longer than this nobody believes in the beat any more."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What this hop asks for beside the regular windows."""

    replan: bool = False
    jump: bool = False
    hit: bool = False
    new_phrase: bool = False
    rest: bool = False
    """The music has stopped."""


class DancePlanner:
    """Asks a generator for windows as the beat clock goes on. Windows are numbered by `plan`, per source dancer."""

    def __init__(
        self,
        generator_name: str,
        seed: int,
        generator: DanceGenerator | None = None,
        options: DanceOptions | None = None,
    ) -> None:
        """Build the generator by name, or take `generator`."""
        made: DanceGenerator = generator or registry.build("generator", generator_name)
        options = options or DanceOptions()
        self._seed = seed
        self._cast = Cast(made, seed, options.pick_style, options.life, options.is_choreographed)
        self._next_beat: float | None = None
        """Where the next windows begin; None before the first."""
        self._plan = 0
        self._clock: ClockState | None = None
        self._t_s = 0.0
        self._drums = SILENT_DRUMS
        self._still = True
        self._energy = START_ENERGY
        self._drop_until = -math.inf
        self._hit_beat: float | None = None
        self._wheeling_since: float | None = None
        """Dance beat since when nobody hears the beat."""
        self._shape: tuple[int, str] | None = None

    @property
    def notes(self) -> list[PhraseNote]:
        """What began to be danced with the last windows."""
        return self._cast.notes

    def resume(self, windows: Sequence[MotionWindow], next_plan: int) -> None:
        """Continue the score that `windows` end, with plans from `next_plan` on."""
        if windows:
            self._cast.resume(windows)
            self._next_beat = _grid_after(max(window.beat_start for window in windows) + SEAM_PHASE)
        self._plan = next_plan

    def step(
        self,
        clock: ClockState,
        features: Features,
        controls: Controls,
        commands: Sequence[Command],
        drums: GrooveHeard = SILENT_DRUMS,
    ) -> list[MotionWindow]:
        """Return the windows that become due at the end of this hop; mostly none (then it costs 10 us).

        Args:
            clock: the beat clock after this hop.
            features: of this hop; its `t_s` is now.
            controls: wishes as of this hop.
            commands: acts that take effect with this hop.
            drums: what has been heard of them, this hop included.
        """
        now = clock.dance_at(features.t_s)
        was_still = self._still
        wish = self._wish(clock, features, controls, commands, now)
        if was_still and not self._still:
            self._energy = max(self._energy, WAKE_ENERGY)
        self._listen(features, controls)
        self._clock, self._t_s, self._drums = clock, features.t_s, drums
        if not (wish.replan or self._next_beat is None or now >= self._next_beat - 1.0):
            return []
        return self._advance(clock, features, controls, wish, now)

    def _wish(
        self, clock: ClockState, features: Features, controls: Controls, commands: Sequence[Command], now: float
    ) -> _Wish:
        still = features.is_silent or clock.state == LockState.SEARCHING
        woke_or_slept, self._still = still != self._still, still
        shape, before_shape = (controls.dancers, controls.formation), self._shape
        self._shape = shape
        self._listen_for_beat(clock, now)
        hit = new_phrase = False
        for command in commands:
            hit |= command.op in ("hit", "drop")
            new_phrase |= command.op in ("phrase_new", "drop")
            if command.op == "drop":
                self._drop_until = now + DROP_BEATS
        before = self._clock
        if before is None:
            return _Wish(hit=hit, new_phrase=new_phrase)
        surprise = clock.section != before.section and clock.section in SURPRISES
        jump = clock.epoch != before.epoch or abs(now - before.dance_at(features.t_s)) > JUMP_BEATS
        replan = woke_or_slept or hit or new_phrase or jump or surprise
        replan |= clock.dance_ratio != before.dance_ratio or shape != before_shape
        return _Wish(replan=replan, jump=jump, hit=hit, new_phrase=new_phrase, rest=woke_or_slept and still)

    def _listen(self, features: Features, controls: Controls) -> None:
        heard = features.levels.energy if features.heard else self._energy
        wanted = heard if controls.energy is None else controls.energy
        keep = 0.5 ** (max(0.0, features.t_s - self._t_s) / ENERGY_HALF_LIFE_S)
        self._energy = wanted + (self._energy - wanted) * keep

    def _listen_for_beat(self, clock: ClockState, now: float) -> None:
        """Note since when nobody hears the beat; a break is no such thing."""
        lost = clock.state == LockState.FREE_WHEEL and clock.section != Section.BREAK
        if not lost:
            self._wheeling_since = None
        elif self._wheeling_since is None:
            self._wheeling_since = now

    def _advance(
        self, clock: ClockState, features: Features, controls: Controls, wish: _Wish, now: float
    ) -> list[MotionWindow]:
        """Make every window that is due now."""
        start = self._next_beat
        beats_per_s = clock.beats_per_s * clock.dance_ratio
        if start is None or wish.jump or now >= start + 1.0:
            start = _grid_before(now)
        elif wish.replan:
            grid = AT_ONCE_GRID_BEATS if wish.hit or wish.rest else REPLAN_GRID_BEATS
            start = min(start, math.ceil((now + REPLAN_LEAD_S * beats_per_s) / grid) * grid)
        if wish.hit:
            self._hit_beat = start + HIT_AFTER_S * beats_per_s
        windows: list[MotionWindow] = []
        while now >= start - 1.0 or (wish.replan and not windows):
            request = self._request(start, clock, features, controls, wish if not windows else _Wish())
            windows += self._cast.windows(request, controls)
            self._plan += 1
            self._next_beat = start = _grid_after(start)
        return windows

    def _request(
        self, start: float, clock: ClockState, features: Features, controls: Controls, wish: _Wish
    ) -> WindowRequest:
        bar_beat, phrase_bar = bar_at(clock, start)
        wheeling = 0.0 if self._wheeling_since is None else start - self._wheeling_since
        return WindowRequest(
            beat_start=start,
            dancer=0,
            plan=self._plan,
            seed=self._seed,
            dance_bpm=60.0 * clock.beats_per_s * clock.dance_ratio,
            bar_beat=bar_beat,
            phrase_bar=phrase_bar,
            energy=self._energy_now(clock, features, start),
            sounds=self._sounds(clock, features),
            by_hand=controls.energy is not None,
            floats=wheeling > FLOAT_BEATS,
            section=Section.DROP if start < self._drop_until else clock.section,
            build=clock.build,
            is_silent=self._still,
            heard=features.heard,
            style=controls.style,
            auto_style=controls.auto_style,
            groove=controls.groove,
            hit_beat=self._hit_beat,
            new_phrase=wish.new_phrase,
            hold=controls.hold,
            room=room_for(controls),
        )

    def _sounds(self, clock: ClockState, features: Features) -> Heard:
        """Return what the music is like, for the choice of a style."""
        return Heard(
            tempo=60.0 * clock.beats_per_s * clock.dance_ratio,
            energy=self._energy,
            brightness=features.brightness,
            kick=self._drums.kick,
            swing=self._drums.swing,
        )

    def _energy_now(self, clock: ClockState, features: Features, start: float) -> float:
        energy = self._energy
        if clock.state == LockState.FREE_WHEEL:
            energy *= FREE_WHEEL_ENERGY
        if not features.heard:
            energy *= LOST_ENERGY
        if start < self._drop_until:
            energy = max(energy, 0.95)
        return min(1.0, max(0.0, energy))


def bar_at(clock: ClockState, dance_beat: float) -> tuple[float, int]:
    """Return (dance beats since the downbeat [0, 4), phrase bar 0-7) at a dance beat.

    At half tempo a dance bar is two music bars, at double tempo half a bar; both are counted from the bar line.
    """
    since = (dance_beat - clock.dance_offset) / clock.dance_ratio - clock.bar_start_beat
    bars = math.floor(since / clock.meter)
    phrase_bar = (clock.phrase_bar + bars) % 8
    in_bar = since - bars * clock.meter
    if clock.dance_ratio < 1.0:
        in_bar += clock.meter * (phrase_bar % 2)
    return (in_bar * clock.dance_ratio) % clock.meter, phrase_bar


def _grid_before(dance_beat: float) -> float:
    return math.floor(dance_beat - SEAM_PHASE) + SEAM_PHASE


def _grid_after(dance_beat: float) -> float:
    return _grid_before(dance_beat) + 1.0
