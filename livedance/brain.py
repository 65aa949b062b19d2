"""Audio in, score out: the whole flow on one page, with no clock and no device.

    Hop -> features -> tracker (beat, section) -> beat clock -> director -> planner -> windows

`Brain.step` is deterministic: same seed, hops and commands give byte-equal windows and clock states,
whether the hops come from a device or from a file, at any block size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livedance.audio.features import FeatureExtractor
from livedance.beat.beat_clock import BeatClock
from livedance.beat.choice import choose_tracker
from livedance.broadcast import wire
from livedance.config import LiveConfig
from livedance.control import controls as control
from livedance.dance.direction import PhraseNote
from livedance.dance.options import options_for, table_for
from livedance.dance.planner import DancePlanner
from livedance.director import Director, is_directed
from livedance.messages import BeatEstimate, ClockState, Command, Controls, Features, Hop, MotionWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainStep:
    """What one hop brought; all times are stream time."""

    features: Features
    estimate: BeatEstimate
    clock: ClockState
    clock_changed: bool
    windows: tuple[MotionWindow, ...]
    """Already in their wire form: quantised once, the same for every player."""
    controls: Controls
    """After this hop's commands and the director's."""
    directed: Command | None = None
    """What the director changed with this hop: the stage and every screen take it as state."""
    notes: tuple[PhraseNote, ...] = ()
    """What began to be danced with these windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What a starting brain needs to go on where another stopped."""

    clock: ClockState
    """In stream time of the new brain."""
    windows: tuple[MotionWindow, ...]
    """The last beats of score of each source dancer."""
    next_plan: int
    controls: Controls


class Brain:
    """Hears hops, knows the beat, plans the dance. One thread; adds one hop (11.6 ms) of latency."""

    def __init__(self, config: LiveConfig, seed: int, controls: Controls) -> None:
        self._extract = FeatureExtractor()
        self._track, self.warning = choose_tracker(config.beat.tracker)
        """What a person should know about how it listens; empty when all is as configured."""
        self._planner = DancePlanner(config.dance.generator, seed, options=options_for(config))
        self._heard = self._extract.initial_state()
        self._tracked = self._track.initial_state()
        self._clock = BeatClock.initial()
        self._director = Director(
            seed=seed, table=table_for(config), least=config.dance.dancers, most=config.director.max_dancers
        )
        self.controls = controls

    def resume(self, last: Resume) -> None:
        """Go on from another brain's clock and score."""
        self.controls = last.controls
        self._clock = BeatClock.resumed(last.clock)
        self._director = self._director.resumed(last.clock.beat_position)
        self._planner.resume(last.windows, last.next_plan)

    def step(self, hop: Hop, commands: Sequence[Command] = ()) -> BrainStep:
        """Take one hop and the commands that act at it."""
        told = self.controls
        for command in commands:
            self.controls = control.reduce(self.controls, command)
        by_hand = bool(commands) and is_directed(control.changed_fields(told, self.controls))
        features, self._heard = self._extract.step(self._heard, hop)
        estimate, self._tracked = self._track.step(self._tracked, hop, features)
        before, self._clock = self._clock, self._clock.step(estimate, features, commands)
        clock = self._clock.state
        dropped = any(command.op == "drop" for command in commands)
        directed, self._director = self._director.step(clock, features, self.controls, by_hand=by_hand, dropped=dropped)
        if directed is not None:
            self.controls = control.reduce(self.controls, directed)
        windows = self._planner.step(clock, features, self.controls, commands, self._director.sounds)
        return BrainStep(
            features=features,
            estimate=estimate,
            clock=clock,
            clock_changed=self._clock.changed(before),
            windows=tuple(wire.quantised(window) for window in windows),
            controls=self.controls,
            directed=directed,
            notes=tuple(self._planner.notes) if windows else (),
        )
