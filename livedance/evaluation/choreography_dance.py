"""Dances a piece of music offline and keeps what counts for its figures: committed motion, notes, music, cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import config as configs
from livedance import state as states
from livedance.brain import Brain, BrainStep
from livedance.dance.direction import PhraseNote
from livedance.dance.planner import bar_at
from livedance.evaluation.choreography_set import Music
from livedance.evaluation.choreography_track import BeatTrack, of_windows
from livedance.evaluation.exact_tracker import exact_beats
from livedance.messages import Command, MotionWindow

Array = NDArray[np.floating]

EXACT: Final = "exact beats"
UNDIRECTED: Final[Mapping[str, Any]] = {"director": {"enabled": False}}
"""Settings of a dance in which nobody changes style, company or formation by themselves."""
BARE: Final[Mapping[str, Any]] = {
    "dance": {"choreographer": False},
    "life": dict.fromkeys(("gaze", "head", "nod", "breath", "chest", "feet", "weight", "hands"), 0.0),
    **UNDIRECTED,
}
"""Settings of the bare motion graph: phrases in a row by how well they join, bodies as the clips have them."""
EIGHT: Final = 8
"""Beats that dancers count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """How a piece of music is danced to."""

    music: Music
    seed: int = 1
    tracker: str = EXACT
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Configuration beside the tracker."""
    controls: Mapping[str, Any] = field(default_factory=dict)
    """Controls set with the first hop."""
    acts: Sequence[tuple[float, Command]] = ()
    """Commands, each with the time from which it acts; in order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeatLog:
    """What was heard on every dance beat, one row a beat."""

    beat: Array
    t_s: Array
    count: NDArray[np.int64]
    """0-7: place in the eight."""
    section: NDArray[np.int64]
    build: Array
    energy: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Danced:
    """A danced night."""

    tracks: tuple[BeatTrack, ...]
    """One for each time that a dancer was on stage, in the stage's space; the first is the first dancer's."""
    log: BeatLog
    notes: tuple[PhraseNote, ...]
    music_beats_s: Array
    window_cpu_s: float
    """Processor time of the hops that made windows, over what the same number of other hops took."""
    whole_cpu_s: float
    audio_s: float

    @property
    def window_share(self) -> float:
        """Share of one core that making windows takes."""
        return self.window_cpu_s / self.audio_s

    def notes_of(self, dancer: int) -> list[PhraseNote]:
        """Return the notes of one voice, in order; the first dancer follows voice 0."""
        return [note for note in self.notes if note.dancer == dancer]


def dance(night: Night) -> Danced:
    """Let the product's brain dance through `night.music`, as fast as it can."""
    with ExitStack() as stack:
        tracker = night.tracker
        if tracker == EXACT:
            tracker = stack.enter_context(exact_beats(night.music.beats_s))
        tree = configs.merge(night.settings, {"beat": {"tracker": tracker}})
        config = configs.check(tree, "evaluation")
        return _heard(Brain(config, night.seed, states.first_controls(config)), night)


def _heard(brain: Brain, night: Night) -> Danced:
    made: dict[int, list[MotionWindow]] = {}
    notes: list[PhraseNote] = []
    idle_s: list[float] = []
    busy_s: list[float] = []
    positions, beats = _Positions(), _Beats()
    acts = [(0.0, Command(op="set", args=dict(night.controls)))] if night.controls else []
    acts += night.acts
    begun_s = time.process_time()
    for hop in night.music.hops():
        commands = []
        while acts and acts[0][0] <= hop.t_s:
            commands.append(acts.pop(0)[1])
        before_s = time.process_time()
        step = brain.step(hop, commands)
        (busy_s if step.windows else idle_s).append(time.process_time() - before_s)
        positions.see(step)
        beats.see(step)
        for window in step.windows:
            made.setdefault(window.dancer, []).append(window)
        notes += step.notes
    cpu_s = time.process_time() - begun_s
    clock_beats, clock_s = positions.increasing()
    return Danced(
        tracks=tuple(track for i in sorted(made) for track in of_windows(made[i], clock_beats, clock_s)),
        log=beats.log(),
        notes=tuple(notes),
        music_beats_s=night.music.beats_s,
        window_cpu_s=float(np.sum(busy_s) - len(busy_s) * np.median(idle_s)),
        whole_cpu_s=cpu_s,
        audio_s=night.music.seconds,
    )


class _Positions:
    """Where the dance was at every hop."""

    def __init__(self) -> None:
        self._t_s: list[float] = []
        self._beats: list[float] = []

    def see(self, step: BrainStep) -> None:
        t_s = step.features.t_s
        self._t_s.append(t_s)
        self._beats.append(step.clock.dance_at(t_s))

    def increasing(self) -> tuple[Array, Array]:
        """Return (dance positions, times), without the hops at which the dance stood or went back."""
        beats, t_s = np.array(self._beats), np.array(self._t_s)
        highest = np.maximum.accumulate(beats)
        forward = np.concatenate([[True], beats[1:] > highest[:-1]])
        return beats[forward], t_s[forward]


class _Beats:
    """The log, written when a whole dance beat is passed."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._last = -np.inf

    def see(self, step: BrainStep) -> None:
        clock, t_s = step.clock, step.features.t_s
        beat = float(np.floor(clock.dance_at(t_s)))
        if beat <= self._last:
            return
        self._last = beat
        bar_beat, phrase_bar = bar_at(clock, beat)
        count = round(bar_beat + 4.0 * (phrase_bar % 2)) % EIGHT
        energy = step.features.levels.energy
        self._rows.append((beat, t_s, count, clock.section, clock.build, energy))

    def log(self) -> BeatLog:
        """Return what was written."""
        rows = np.array(self._rows)
        return BeatLog(
            beat=rows[:, 0],
            t_s=rows[:, 1],
            count=rows[:, 2].astype(np.int64),
            section=rows[:, 3].astype(np.int64),
            build=rows[:, 4],
            energy=rows[:, 5],
        )
