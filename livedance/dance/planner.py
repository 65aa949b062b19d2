"""When windows are made and with what request: one beat ahead on a fixed grid, earlier when something happens.

Runs in the brain's thread, once a hop, pure apart from its own state: the same hops, clock states and controls give the
same windows. A window starts half-way between two beats and is asked for one beat before; a new epoch, a changed
tempo ratio, silence, the first sound and a person's wish make a new plan at the next point of a finer grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from livedance import registry
from livedance.dance.arrangement import room_for, source_count
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.messages import (
    SEAM_PHASE,
    BeatEstimate,
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


@dataclass(slots=True)
class _Source:
    """One source dancer: its generator's state and where its score ends."""

    state: Any
    next_beat: float | None = None
    """Where its next window begins; None before the first."""
    plan: int = 0


@dataclass(frozen=True, slots=True)
class _Wish:
    """What this hop asks for beside the regular windows."""

    replan: bool = False
    jump: bool = False
    hit: bool = False
    new_phrase: bool = False


class DancePlanner:
    """Asks a generator for windows as the beat clock goes on. Windows are numbered by `plan`, per source dancer."""

    def __init__(
        self, generator_name: str, seed: int, n_sources: int = 1, generator: DanceGenerator | None = None
    ) -> None:
        """Build the generator by name, or take `generator`."""
        self._generator: DanceGenerator = generator or registry.build("generator", generator_name)
        self._seed = seed
        self._sources: list[_Source] = []
        self._n_least = n_sources
        self._clock: ClockState | None = None
        self._t_s = 0.0
        self._still = True
        self._energy = START_ENERGY
        self._drop_until = -math.inf
        self._grow(n_sources)

    def resume(self, windows: Sequence[MotionWindow], next_plan: int) -> None:
        """Continue the score that `windows` end, with plans from `next_plan` on."""
        for window in sorted(windows, key=lambda w: (w.plan, w.beat_start)):
            self._grow(window.dancer + 1)
            source = self._sources[window.dancer]
            source.state = self._generator.resume(self._seed, window.dancer, window)
            source.next_beat = _grid_after(window.beat_start + SEAM_PHASE)
        for source in self._sources:
            source.plan = next_plan

    def step(
        self,
        clock: ClockState,
        hop_index: int,
        features: Features,
        estimate: BeatEstimate,
        controls: Controls,
        commands: Sequence[Command],
    ) -> list[MotionWindow]:
        """Return the windows that become due at the end of this hop; mostly none (then it costs 10 us).

        Args:
            clock: the beat clock after this hop.
            hop_index: index of the hop; unused but for the log.
            features: of this hop; its `t_s` is now.
            estimate: of this hop.
            controls: wishes as of this hop.
            commands: acts that take effect with this hop.
        """
        del hop_index, estimate
        now = clock.dance_at(features.t_s)
        was_still = self._still
        wish = self._wish(clock, features, commands, now)
        if was_still and not self._still:
            self._energy = max(self._energy, WAKE_ENERGY)
        self._listen(features, controls)
        self._clock, self._t_s = clock, features.t_s
        n_sources = max(self._n_least, source_count(controls))
        self._grow(n_sources)
        due = [s for s in self._sources[:n_sources] if wish.replan or s.next_beat is None or now >= s.next_beat - 1.0]
        windows: list[MotionWindow] = []
        for source in due:
            windows += self._advance(source, clock, features, controls, wish, now)
        return windows

    def _grow(self, n: int) -> None:
        for dancer in range(len(self._sources), n):
            self._sources.append(_Source(self._generator.initial_state(self._seed, dancer)))

    def _wish(self, clock: ClockState, features: Features, commands: Sequence[Command], now: float) -> _Wish:
        still = features.is_silent or clock.state == LockState.SEARCHING
        woke_or_slept, self._still = still != self._still, still
        hit = new_phrase = False
        for command in commands:
            hit |= command.op in ("hit", "drop")
            new_phrase |= command.op in ("phrase_new", "drop")
            if command.op == "drop":
                self._drop_until = now + DROP_BEATS
        before = self._clock
        if before is None:
            return _Wish(hit=hit, new_phrase=new_phrase)
        if clock.section != before.section and clock.section in SURPRISES:
            new_phrase = True
            hit |= clock.section == Section.DROP
        jump = clock.epoch != before.epoch or abs(now - before.dance_at(features.t_s)) > JUMP_BEATS
        replan = woke_or_slept or hit or new_phrase or jump or clock.dance_ratio != before.dance_ratio
        return _Wish(replan=replan, jump=jump, hit=hit, new_phrase=new_phrase)

    def _listen(self, features: Features, controls: Controls) -> None:
        heard = features.levels.energy if features.heard else self._energy
        wanted = heard if controls.energy is None else controls.energy
        keep = 0.5 ** (max(0.0, features.t_s - self._t_s) / ENERGY_HALF_LIFE_S)
        self._energy = wanted + (self._energy - wanted) * keep

    def _advance(
        self, source: _Source, clock: ClockState, features: Features, controls: Controls, wish: _Wish, now: float
    ) -> list[MotionWindow]:
        """Make every window of one dancer that is due now."""
        start = source.next_beat
        if start is None or wish.jump or now >= start + 1.0:
            start = _grid_before(now)
        elif wish.replan:
            lead = REPLAN_LEAD_S * clock.beats_per_s * clock.dance_ratio
            start = min(start, math.ceil((now + lead) / REPLAN_GRID_BEATS) * REPLAN_GRID_BEATS)
        windows: list[MotionWindow] = []
        while now >= start - 1.0 or (wish.replan and not windows):
            windows.append(self._window(source, start, clock, features, controls, wish if not windows else _Wish()))
            start = _grid_after(start)
            source.next_beat = start
        return windows

    def _window(
        self, source: _Source, start: float, clock: ClockState, features: Features, controls: Controls, wish: _Wish
    ) -> MotionWindow:
        bar_beat, phrase_bar = bar_at(clock, start)
        request = WindowRequest(
            beat_start=start,
            dancer=self._sources.index(source),
            plan=source.plan,
            seed=self._seed,
            dance_bpm=60.0 * clock.beats_per_s * clock.dance_ratio,
            bar_beat=bar_beat,
            phrase_bar=phrase_bar,
            energy=self._energy_now(clock, features, start),
            brightness=features.brightness,
            confidence=clock.confidence,
            section=clock.section,
            build=clock.build,
            is_silent=self._still,
            heard=features.heard,
            style=controls.style,
            groove=controls.groove,
            hit=wish.hit,
            new_phrase=wish.new_phrase,
            hold=controls.hold,
            room=room_for(controls),
        )
        window, source.state = self._generator.step(source.state, request)
        source.plan += 1
        return window

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
