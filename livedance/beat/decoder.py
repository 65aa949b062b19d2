"""From what the network says, hop by hop, to beats, bars and structure: pointer, pulse, bars and form in step.

The pointer knows which tempo and phase are meant (bar_pointer.py), the pulse draws the line (pulse.py), and on its
beats the bars (bar_phase.py) and the form (structure.py) are counted. While the network hears no rhythm nothing is
learnt: the line goes on by itself. About 0.1 ms a hop.
"""

from __future__ import annotations

import math
from typing import Final

from livedance.beat.activation import LATENCY_S, Activation
from livedance.beat.bar_phase import BarPhase
from livedance.beat.bar_pointer import HOP_S, BarPointer, Reading
from livedance.beat.octave import OctaveVote, fold, slowed
from livedance.beat.pulse import Pulse
from livedance.beat.structure import Structure, phrase_evidence

BIAS_S: Final = 0.0
"""Mean lateness of the beats against exact ones, over music and clicks; subtracted."""

RHYTHM_ON: Final = 0.5
RHYTHM_OFF: Final = 0.35
"""The network's "rhythm" above and below which the decoder listens and free-wheels."""
RHYTHM_FIRST: Final = 0.2
"""Before the first lock it listens sooner."""
CLEAR: Final = 0.93
"""The line is moved while "rhythm" is above this share of what it has lately been at its best."""
CLEAR_RISE_S: Final = 4.0
CLEAR_FALL_S: Final = 60.0
IMAGINED_S: Final = 1.5
"""So long before "rhythm" begins to fall the beats of a break may be imagined."""
BREAK_SPREAD: Final = 0.02
BREAK_SPREAD_PER_S: Final = 0.002
"""Where the beat may be after a break (beats, 1 sigma): so much, and so much more per second of it."""
BREAK_DOUBT: Final = 0.05
"""Belief that the music after a break is another."""

SOUND_DB: Final = -60.0
FORGET_S: Final = 2.5
"""After this much silence everything but the counts starts afresh ..."""
FREE_WHEEL_S: Final = 40.0
"""... and after this long without rhythm: no beats are invented for a speech."""
BEGIN_DB: Final = 12.0
"""Sound that is so much louder than lately is the beginning of a piece ..."""
BEGIN_FALL_DB: Final = 5.0 * HOP_S
"""... where "lately" falls by this with every hop."""
BEGIN_S: Final = 10.0
"""A lock within this time knows which beat the piece began with: the first guess at the one ..."""
BEGIN_NEPERS: Final = 2.0
"""... and a good one, unless it was the stream that began, in the middle of a piece, ..."""
STREAM_BEGINS_S: Final = 1.0
"""... within this time."""
CONFIDENCE_TAU_S: Final = 0.25
NEAR_HOPS: Final = 4
"""A downbeat is the strongest answer of so many hops around its beat."""
NEAR_BEATS: Final = 0.35
"""A drop is heard this near to a beat."""


class Decoder:
    """What one run believes of beat, bar and form. Mutable; driven once per hop."""

    def __init__(self) -> None:
        self.pointer = BarPointer()
        self.pulse = Pulse()
        self.octaves = OctaveVote()
        self.bars = BarPhase()
        self.structure = Structure()
        self.confidence = 0.0
        """0-1: the pointer's belief in the line that is shown, times the rhythm."""
        self.is_beat = False
        """Whether the last hop passed a beat ..."""
        self.is_downbeat = False
        """... and a bar line."""
        self._is_frozen = True
        self._frozen_s = 0.0
        self._rhythm = 0.0
        """Mean "rhythm" while it was heard."""
        self._clear_s = 0.0
        """When it was last clear."""
        self._quiet_s = FORGET_S
        self._loud_db = SOUND_DB
        """The loudest hop lately ..."""
        self._began_s = -math.inf
        """... and when sound last rose far above it."""
        self._recent: list[Activation] = []
        """The newest answers, newest last."""
        self._heard_beat: int | None = None
        """The last beat whose downbeat was weighed."""

    def step(self, t_s: float, answer: Activation, rms_db: float, bass: float) -> None:
        """Take one hop.

        Args:
            t_s: END of the hop.
            answer: what the network said at its end.
            rms_db: level of the hop in dBFS.
            bass: level of the bass, 0-1 against its running peak.
        """
        heard_s = t_s - LATENCY_S - BIAS_S
        self._notice_silence(rms_db)
        self._notice_beginning(t_s, rms_db)
        reading = self._point(heard_s, answer)
        if reading is not None and self.pulse.is_locked and self.pulse.grid is not None:
            reading = fold(reading, self.pulse.grid, heard_s)
        elif reading is not None and heard_s - self._began_s < BEGIN_S:
            reading = slowed(reading, heard_s, self._began_s)
        epoch = self.pulse.epoch
        is_clear = reading is not None and answer.rhythm >= CLEAR * self._rhythm
        if is_clear:
            self._clear_s = heard_s
        self.is_beat = self.pulse.step(t_s, heard_s, answer.beat, reading, is_clear=is_clear)
        if self.pulse.epoch != epoch:
            self.octaves.begin()
        elif is_clear and self.pulse.is_locked:
            self._choose_octave(heard_s, answer.beat)
        lays = self.pulse.epoch != epoch
        if lays:
            self._begin_bars(heard_s)
        self.is_downbeat = self.is_beat and self._pass_beat()
        self._hear_beat(heard_s, answer)
        self._hear_structure(heard_s, answer, bass)
        self._trust(heard_s, answer, reading, at_once=lays)

    def _notice_silence(self, rms_db: float) -> None:
        """Forget the tune after a silence, or without rhythm for very long; the counts stay."""
        self._quiet_s = 0.0 if rms_db > SOUND_DB else self._quiet_s + HOP_S
        if self.pulse.is_locked and (self._quiet_s >= FORGET_S or self._frozen_s >= FREE_WHEEL_S):
            self.pulse.forget()
            self.pointer.reset()
            self.structure.begin()
            self.confidence = 0.0

    def _notice_beginning(self, t_s: float, rms_db: float) -> None:
        """Keep in mind when a piece began."""
        if rms_db > self._loud_db + BEGIN_DB:
            self._began_s = t_s - HOP_S
        self._loud_db = max(SOUND_DB, rms_db, self._loud_db - BEGIN_FALL_DB)

    def _point(self, heard_s: float, answer: Activation) -> Reading | None:
        """Move the pointer on by one hop; None while it free-wheels."""
        least = RHYTHM_FIRST
        if self.pulse.is_locked:
            least = RHYTHM_ON if self._is_frozen else RHYTHM_OFF
        is_frozen = answer.rhythm < least or self._quiet_s >= FORGET_S
        grid = self.pulse.grid
        if self._is_frozen and not is_frozen and self.pulse.is_locked and grid is not None:
            spread = BREAK_SPREAD + BREAK_SPREAD_PER_S * self._frozen_s
            self.pointer.seat(grid.period_s, grid.position(heard_s - HOP_S), spread, BREAK_DOUBT)
        if is_frozen and not self._is_frozen:
            self.pulse.coast(self._clear_s - IMAGINED_S)
        self._frozen_s = self._frozen_s + HOP_S if is_frozen else 0.0
        self._is_frozen = is_frozen
        if not is_frozen:
            tau_s = CLEAR_RISE_S if answer.rhythm > self._rhythm else CLEAR_FALL_S
            self._rhythm += HOP_S / tau_s * (answer.rhythm - self._rhythm)
        self.pointer.step(answer.beat, is_frozen=is_frozen)
        return None if is_frozen else self.pointer.read()

    def _choose_octave(self, heard_s: float, activation: float) -> None:
        assert self.pulse.grid is not None
        position = self.pulse.grid.position(heard_s)
        change = self.octaves.step(position, activation, self.pulse.grid.tempo_bpm)
        if change is not None:
            self.pulse.change_octave(heard_s, change.factor, change.phase)
            self.octaves.begin(changed=True)

    def _begin_bars(self, heard_s: float) -> None:
        """Count bars anew: from the beat that the piece began with, or else from the one nearest to the lock."""
        assert self.pulse.grid is not None
        if heard_s - self._began_s < BEGIN_S:
            lean = BEGIN_NEPERS if self._began_s > STREAM_BEGINS_S else 0.0
            self.bars.begin(round(self.pulse.grid.position(self._began_s)), lean)
        else:
            self.bars.begin(round(self.pulse.grid.position(heard_s)))
        self._heard_beat = None

    def _pass_beat(self) -> bool:
        assert self.pulse.position is not None
        is_downbeat = self.bars.pass_beat(math.floor(self.pulse.position))
        if is_downbeat:
            self.structure.pass_bar()
        return is_downbeat

    def _hear_beat(self, heard_s: float, answer: Activation) -> None:
        """Weigh downbeat and phrase once the answers about a beat and its surroundings are all there."""
        self._recent = [*self._recent, answer][-NEAR_HOPS:]
        grid = self.pulse.grid
        if grid is None or not self.pulse.is_locked:
            return
        beat = math.floor(grid.position(heard_s - 0.5 * (NEAR_HOPS - 1) * HOP_S))
        if self._heard_beat is None:
            self._heard_beat = beat
        if beat <= self._heard_beat:
            return
        self._heard_beat = beat
        if self._is_frozen:
            self.bars.skip()
            return
        self.bars.hear(beat, max(a.downbeat for a in self._recent))
        if (beat - self.bars.one) % self.bars.meter == 0:
            self.structure.phrase.hear(phrase_evidence(max(a.phrase for a in self._recent)))

    def _hear_structure(self, heard_s: float, answer: Activation, bass: float) -> None:
        grid, position = self.pulse.grid, self.pulse.position
        if grid is None or position is None:
            return
        heard = grid.position(heard_s)
        beat = round(heard)
        bar_phase = self.bars.phase(position)
        is_drop = self.structure.step(
            answer.section,
            answer.build,
            answer.drop,
            bass,
            beat_is_near=abs(heard - beat) < NEAR_BEATS,
            bar_phase=bar_phase,
        )
        if is_drop:
            self.bars.hear_phrase(beat, answer.drop)
            self.structure.begin_phrase(is_ahead=self.bars.phase(position) > 0.5)

    def _trust(self, heard_s: float, answer: Activation, reading: Reading | None, *, at_once: bool) -> None:
        target = 0.0
        if reading is not None and self.pulse.agrees(heard_s, reading):
            target = min(1.0, 1.2 * reading.certainty) * answer.rhythm
        self.confidence += (1.0 if at_once else HOP_S / CONFIDENCE_TAU_S) * (target - self.confidence)
        self.confidence = min(1.0, max(0.0, self.confidence))
