"""Our own tracker: bands -> network -> bar pointer -> pulse, bars, structure. Strictly causal.

The network hears (activation.py), the pointer knows which tempo and phase are meant (bar_pointer.py), the pulse draws
the line (pulse.py), and on its beats the bars (bar_phase.py) and the form (structure.py) are counted. While the network
hears no rhythm nothing is learnt: the line goes on by itself. About 0.3 ms a hop.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np

from livedance.beat.activation import LATENCY_S, Activation, ActivationNet, ActivationState
from livedance.beat.bands import BandExtractor, BandState
from livedance.beat.bar_phase import BarPhase
from livedance.beat.bar_pointer import HOP_S, BarPointer, Reading
from livedance.beat.pulse import Pulse
from livedance.beat.structure import Structure, phrase_evidence
from livedance.messages import BeatEstimate, Features, Hop

BIAS_S: Final = 0.0
"""Mean lateness of the beats against exact ones, over music and clicks; subtracted."""

RHYTHM_ON: Final = 0.5
RHYTHM_OFF: Final = 0.35
"""The network's "rhythm" above and below which the decoder listens and free-wheels."""
RHYTHM_FIRST: Final = 0.2
"""Before the first lock it listens sooner."""
BREAK_SPREAD: Final = 0.02
BREAK_SPREAD_PER_S: Final = 0.002
"""Where the beat may be after a break (beats, 1 sigma): so much, and so much more per second of it."""
BREAK_DOUBT: Final = 0.05
"""Belief that the music after a break is another."""

SOUND_DB: Final = -60.0
FORGET_S: Final = 2.5
"""After this much silence everything but the counts starts afresh."""
CONFIDENCE_TAU_S: Final = 0.25
NEAR_HOPS: Final = 4
"""A downbeat is the strongest answer of so many hops around its beat."""
NEAR_BEATS: Final = 0.25
"""A drop is heard this near to a beat."""

DEAF: Final = Activation(0.0, 0.0, 0.0, (1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0)
"""What stands for the network's answer to audio that was lost: no rhythm, so the line goes on."""


class TrackerState:
    """Everything one run remembers. It is changed in place: one run, one state."""

    def __init__(self, bands: BandState, net: ActivationState) -> None:
        self.bands = bands
        self.net = net
        self.pointer = BarPointer()
        self.pulse = Pulse()
        self.bars = BarPhase()
        self.structure = Structure()
        self.is_frozen = True
        self.frozen_s = 0.0
        self.quiet_s = FORGET_S
        self.confidence = 0.0
        self.recent: list[Activation] = []
        """The newest answers, newest last."""
        self.heard_beat: int | None = None
        """The last beat whose downbeat was weighed."""

    @classmethod
    def without_ears(cls) -> TrackerState:
        """Return a state for `decode` alone: answers come from elsewhere."""
        nothing = np.zeros(0, np.float32)
        return cls(BandState(nothing, nothing, nothing, 0.0), nothing)


class LivedanceTracker:
    """Beats, bars and sections by our own network. One thread; state in, state out.

    Args:
        model: folder of a network other than the one in `models/beat`.

    Raises `ModelError` when the network is missing or damaged.
    """

    latency_s: float = BIAS_S
    knows_structure: bool = True

    def __init__(self, *, model: Path | None = None) -> None:
        self._bands = BandExtractor()
        self._net = ActivationNet(model)

    def initial_state(self) -> TrackerState:
        """Return the state before any audio."""
        return TrackerState(self._bands.initial_state(), self._net.initial_state())

    def step(self, state: TrackerState, hop: Hop, features: Features) -> tuple[BeatEstimate, TrackerState]:
        """Take one hop of 512 samples; the state given is changed in place and returned."""
        answer = DEAF
        if hop.heard:
            bands, state.bands = self._bands.step(state.bands, hop.samples)
            answer, state.net = self._net.step(state.net, bands)
        return decode(state, hop, answer, features), state


def decode(state: TrackerState, hop: Hop, answer: Activation, features: Features) -> BeatEstimate:
    """Return the estimate for one hop given what the network said; changes `state`."""
    heard_s = hop.t_s - LATENCY_S - BIAS_S
    _notice_silence(state, features)
    reading = _point(state, heard_s, answer)
    before = state.pulse.locked_s
    is_beat = state.pulse.step(hop.t_s, heard_s, answer.beat, reading)
    if state.pulse.locked_s != before and state.pulse.grid is not None:
        _begin_bars(state, heard_s)
    is_downbeat = is_beat and _pass_beat(state)
    _hear_beat(state, heard_s, answer)
    _hear_structure(state, heard_s, answer)
    _trust(state, heard_s, answer, reading)
    return _estimate(state, hop, features, is_beat, is_downbeat)


def _notice_silence(state: TrackerState, features: Features) -> None:
    """Forget the tune after a silence; the counts stay."""
    was_quiet = state.quiet_s >= FORGET_S
    state.quiet_s = 0.0 if features.rms_db > SOUND_DB else state.quiet_s + HOP_S
    if state.quiet_s >= FORGET_S and not was_quiet:
        state.pulse.forget()
        state.pointer.reset()
        state.structure.begin()
        state.confidence = 0.0


def _point(state: TrackerState, heard_s: float, answer: Activation) -> Reading | None:
    """Move the pointer on by one hop; None while it free-wheels."""
    if state.pulse.is_locked:
        is_frozen = answer.rhythm < (RHYTHM_ON if state.is_frozen else RHYTHM_OFF)
    else:
        is_frozen = answer.rhythm < RHYTHM_FIRST
    is_frozen = is_frozen or state.quiet_s >= FORGET_S
    grid = state.pulse.grid
    if state.is_frozen and not is_frozen and state.pulse.is_locked and grid is not None:
        spread = BREAK_SPREAD + BREAK_SPREAD_PER_S * state.frozen_s
        state.pointer.seat(grid.period_s, grid.position(heard_s - HOP_S), spread, BREAK_DOUBT)
    state.frozen_s = state.frozen_s + HOP_S if is_frozen else 0.0
    state.is_frozen = is_frozen
    state.pointer.step(answer.beat, is_frozen=is_frozen)
    return None if is_frozen else state.pointer.read()


def _begin_bars(state: TrackerState, heard_s: float) -> None:
    """Count bars anew from the beat nearest to the lock."""
    assert state.pulse.grid is not None
    beat = round(state.pulse.grid.position(heard_s))
    state.bars.begin(beat)
    state.heard_beat = None


def _pass_beat(state: TrackerState) -> bool:
    assert state.pulse.position is not None
    is_downbeat = state.bars.pass_beat(math.floor(state.pulse.position))
    if is_downbeat:
        state.structure.pass_bar()
    return is_downbeat


def _hear_beat(state: TrackerState, heard_s: float, answer: Activation) -> None:
    """Weigh downbeat and phrase once the answers about a beat and its surroundings are all there."""
    state.recent = [*state.recent, answer][-NEAR_HOPS:]
    grid = state.pulse.grid
    if grid is None or not state.pulse.is_locked:
        return
    beat = math.floor(grid.position(heard_s - 0.5 * (NEAR_HOPS - 1) * HOP_S))
    if state.heard_beat is None:
        state.heard_beat = beat
    if beat <= state.heard_beat:
        return
    state.heard_beat = beat
    if state.is_frozen:
        state.bars.skip()
        return
    state.bars.hear(beat, max(a.downbeat for a in state.recent))
    if (beat - state.bars.one) % state.bars.meter == 0:
        state.structure.phrase.hear(phrase_evidence(max(a.phrase for a in state.recent)))


def _hear_structure(state: TrackerState, heard_s: float, answer: Activation) -> None:
    grid, position = state.pulse.grid, state.pulse.position
    if grid is None or position is None:
        return
    heard = grid.position(heard_s)
    beat = round(heard)
    is_drop = state.structure.step(
        answer.section,
        answer.build,
        answer.drop,
        beat_is_near=abs(heard - beat) < NEAR_BEATS,
        bar_phase=state.bars.phase(position),
    )
    if is_drop:
        state.bars.hear_phrase(beat, answer.drop)
        state.structure.begin_phrase(is_ahead=state.bars.phase(position) > 0.5)


def _trust(state: TrackerState, heard_s: float, answer: Activation, reading: Reading | None) -> None:
    """Let the confidence follow the pointer's belief in the line that is shown, times the rhythm."""
    target = 0.0
    if reading is not None and state.pulse.agrees(heard_s, reading):
        target = min(1.0, 1.2 * reading.certainty) * answer.rhythm
    state.confidence += HOP_S / CONFIDENCE_TAU_S * (target - state.confidence)


def _estimate(state: TrackerState, hop: Hop, features: Features, is_beat: bool, is_downbeat: bool) -> BeatEstimate:
    grid, position = state.pulse.grid, state.pulse.position
    if grid is None or position is None:
        return BeatEstimate(
            index=hop.index,
            t_s=hop.t_s,
            tempo_bpm=0.0,
            confidence=0.0,
            beat_position=None,
            bar_phase=0.0,
            bar_index=0,
            phrase_bar=0,
            is_beat=False,
            is_downbeat=False,
            next_beat_s=None,
            onset_strength=features.onset_low,
        )
    return BeatEstimate(
        index=hop.index,
        t_s=hop.t_s,
        tempo_bpm=grid.tempo_bpm,
        confidence=min(1.0, max(0.0, state.confidence)),
        beat_position=position,
        bar_phase=state.bars.phase(position),
        bar_index=state.bars.index,
        phrase_bar=state.structure.phrase.bar,
        is_beat=is_beat,
        is_downbeat=is_downbeat,
        next_beat_s=max(grid.time(math.floor(position) + 1.0), math.nextafter(hop.t_s, math.inf)),
        onset_strength=features.onset_low,
        section=state.structure.section,
        build=state.structure.build,
        epoch=state.pulse.epoch,
        knows_phrase=True,
    )
