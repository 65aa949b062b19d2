"""The beat clock: a pure reducer from beat estimates, features and commands to the one `ClockState` of the show.

Two lines are kept. The *belief* (belief.py) is where the beat is; the *shown* line, `BeatClock.state`, chases it: an
error below a quarter beat is slewed with the rate bent by at most 15 % (5 % for external clocks); a larger one is a
re-seat, forward by less than a beat, with `epoch` + 1. Within an epoch the shown position never goes back.

Times are those of the estimates (the END of each hop). No clock is read, nothing is random: the same events give the
same states. About 15 microseconds a step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from livedance.beat.bars import METER, Bars
from livedance.beat.belief import CUT_BEATS, CUT_TEMPO, Belief, clip_rate, wrap
from livedance.beat.external import add_tap, fit_taps
from livedance.messages import BeatEstimate, ClockState, Command, Features, Levels, LockState, Section, Source
from livedance.records import replace

AUDIO_BEND: Final = 0.15
EXTERNAL_BEND: Final = 0.05
"""Greatest relative change of rate while slewing."""
SLEW_BEATS: Final = 0.75
"""The rate is bent as if the error had to be gone after this many beats; set anew every half beat."""
NOTICE_BEATS: Final = 0.02
"""An error this large is corrected at once (10 ms at 120 BPM), a smaller one at the next half beat."""
IGNORE_BEATS: Final = 0.002
DECIDE_S: Final = 0.1
"""No two corrections closer than this, so that the state goes out rarely."""

LOCK_CONFIDENCE: Final = 0.3
TRUST_CONFIDENCE: Final = 0.15
"""Below this an estimate is not followed."""
GOES_ON_TRUST: Final = 0.6
"""How firmly the line of a tracker that free-wheels is followed: it drops the beats it had imagined."""
QUIET_S: Final = 1.0
"""Without a trusted estimate for this long the clock free-wheels ..."""
FREE_RUN_S: Final = 8.0
"""... then runs free (the next lock seats at once) ..."""
FORGET_S: Final = 12.0
"""... and after this much silence searches again."""
HAND_HOLD_S: Final = 30.0
"""A tapped tempo is kept for this long against a tracker that disagrees."""
HAND_TEMPO: Final = 0.03
"""Audio may fine-tune a hand-set tempo only when it agrees with it to this fraction."""
EXTERNAL_HOLD_S: Final = 2.5
"""An external clock that says nothing for this long is lost."""

_EXTERNAL_SOURCES: Final = {"link": Source.LINK, "midi": Source.MIDI, "osc": Source.OSC}


def empty_estimate(t_s: float) -> BeatEstimate:
    """Return the estimate of nobody: no beat, no confidence. For stepping without a tracker."""
    return BeatEstimate(
        index=0,
        t_s=t_s,
        tempo_bpm=0.0,
        confidence=0.0,
        beat_position=None,
        bar_phase=0.0,
        bar_index=0,
        phrase_bar=0,
        is_beat=False,
        is_downbeat=False,
        next_beat_s=None,
        onset_strength=0.0,
        source=Source.FREE_RUN,
    )


def empty_features(t_s: float) -> Features:
    """Return the features of audio that is not there."""
    return Features(
        t_s=t_s,
        rms_db=-120.0,
        levels=Levels(),
        onset_low=0.0,
        onset_mid=0.0,
        onset_high=0.0,
        brightness=0.0,
        is_silent=False,
        heard=False,
    )


def _is_rhythm(estimate: BeatEstimate, features: Features) -> bool:
    """Return whether the estimate may be followed; garbage (NaN, infinite) may not.

    A tracker that judges the rhythm itself is believed however quiet the microphone is; others invent beats in silence.
    """
    heard = estimate.beat_position
    if heard is None or not features.heard or (features.is_silent and not estimate.knows_bars):
        return False
    finite = math.isfinite(heard) and math.isfinite(estimate.tempo_bpm) and math.isfinite(estimate.confidence)
    return finite and estimate.tempo_bpm > 0.0 and estimate.confidence >= TRUST_CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class BeatClock:
    """The reducer's memory; `state` is what the show sees and what goes on the wire."""

    state: ClockState = field(default_factory=ClockState)
    belief: Belief = field(default_factory=Belief)
    bars: Bars = field(default_factory=Bars)
    t_s: float = 0.0
    """Time of the last step."""
    mode: LockState = LockState.SEARCHING
    source: Source = Source.FREE_RUN
    confidence: float = 0.0
    decided_s: float = -1.0
    """When the rate was last chosen."""
    quiet_s: float = 0.0
    """For how long no estimate could be followed."""
    taps: tuple[float, ...] = ()
    hand_until_s: float = -1.0
    """Until then the tempo set by hand rules."""
    tempo_lock: bool = False
    external_until_s: float = -1.0
    heard_epoch: int = 0
    """Of the last estimate that was followed."""

    @classmethod
    def initial(cls) -> BeatClock:
        """Return the clock before anything: searching, running free at 120 BPM from beat 0 at time 0."""
        return cls()

    @classmethod
    def resumed(cls, state: ClockState) -> BeatClock:
        """Return a clock that goes on from `state` (a new brain, or the stage when the brain has died)."""
        start = round(state.bar_start_beat)
        return cls(
            state=state,
            belief=Belief(t_s=state.t_s, position=state.beat_position, beats_per_s=clip_rate(state.beats_per_s)),
            bars=Bars(
                start=start,
                next_start=start + METER,
                index=state.bar_index,
                phrase_bar=state.phrase_bar,
                ratio=state.dance_ratio,
                offset=state.dance_offset,
            ),
            t_s=state.t_s,
            decided_s=state.t_s,
            mode=LockState.SEARCHING if state.state == LockState.SEARCHING else LockState.FREE_WHEEL,
            source=state.source,
        )

    def changed(self, previous: BeatClock) -> bool:
        """Return whether the state differs from `previous` and must be sent."""
        return self.state is not previous.state and self.state != previous.state

    def step(self, estimate: BeatEstimate, features: Features, commands: Sequence[Command] = ()) -> BeatClock:
        """Return the clock at the end of one hop.

        Args:
            estimate: what the tracker knows at `estimate.t_s`; `empty_estimate` where there is no tracker.
            features: of the same hop; silence and lost audio mean free-wheeling.
            commands: acts of a person that take effect with this hop, in order.
        """
        t_s = max(self.t_s, estimate.t_s) if math.isfinite(estimate.t_s) else self.t_s
        clock = replace(self, t_s=t_s, belief=self.belief.at(t_s))
        for command in commands:
            clock = clock._obeyed(command)
        dt_s = t_s - self.t_s
        return clock._heard(estimate, features, dt_s)._shown(estimate, dt_s)

    def free_step(self, t_s: float, commands: Sequence[Command] = ()) -> BeatClock:
        """Return the clock at `t_s` with nobody listening (the stage while no brain lives)."""
        return self.step(empty_estimate(t_s), empty_features(t_s), commands)

    # -- what is heard ---------------------------------------------------------------------------------------------

    def _heard(self, estimate: BeatEstimate, features: Features, dt_s: float) -> BeatClock:
        if self.mode == LockState.EXTERNAL:
            if self.t_s < self.external_until_s:
                return self
            return replace(self, mode=LockState.FREE_WHEEL, quiet_s=QUIET_S)
        if not _is_rhythm(estimate, features):
            return self._unheard(estimate, features, dt_s)
        assert estimate.beat_position is not None
        beats_per_s = estimate.tempo_bpm / 60.0
        by_hand = self._is_by_hand()
        if by_hand and abs(beats_per_s / self.belief.beats_per_s - 1.0) > HAND_TEMPO:
            return self
        confidence = min(1.0, estimate.confidence)
        seeks = self.mode == LockState.SEARCHING or self.source == Source.FREE_RUN
        jumps = estimate.epoch != self.heard_epoch and not by_hand
        if seeks and confidence < LOCK_CONFIDENCE:
            return replace(self, confidence=confidence)
        belief = (
            self._seat(estimate.beat_position, beats_per_s)
            if seeks
            else self.belief.seated(estimate.beat_position, beats_per_s)
            if jumps
            else self.belief.followed(estimate.beat_position, beats_per_s, confidence, dt_s, hold=by_hand)
        )
        relocks = self.mode == LockState.FREE_WHEEL and confidence >= LOCK_CONFIDENCE and belief.doubt_s == 0.0
        position = self.state.position_at(self.t_s)
        seen = position + self._step_to(belief.position - position, locks_now=self.mode == LockState.SEARCHING)
        one = round(seen - METER * (estimate.bar_phase if math.isfinite(estimate.bar_phase) else 0.0))
        bars = self.bars.heard_one(one, position, confidence * dt_s, at_once=seeks or estimate.knows_bars)
        if estimate.knows_bars:
            bars = bars.heard_phrase(estimate.phrase_bar, estimate.bar_phase, position)
        return replace(
            self,
            belief=belief,
            bars=bars,
            heard_epoch=estimate.epoch,
            mode=LockState.LOCKED if seeks or relocks else self.mode,
            source=Source.TAP if self.t_s < self.hand_until_s else estimate.source,
            confidence=confidence,
            quiet_s=0.0,
        )

    def _seat(self, heard: float, beats_per_s: float) -> Belief:
        """Return the belief moved to `heard`, counted from what is shown, so that both make the same jump."""
        return replace(self.belief, position=self.state.position_at(self.t_s)).seated(heard, beats_per_s)

    def _is_by_hand(self) -> bool:
        return self.tempo_lock or self.t_s < self.hand_until_s

    def _goes_on(self, estimate: BeatEstimate) -> bool:
        """Return whether a tracker that free-wheels on purpose still counts the line that was followed."""
        if not estimate.knows_bars or estimate.epoch != self.heard_epoch or self.mode == LockState.SEARCHING:
            return False
        if estimate.beat_position is None or not math.isfinite(estimate.beat_position):
            return False
        tempo = estimate.tempo_bpm / 60.0 / self.belief.beats_per_s - 1.0
        return abs(tempo) <= (HAND_TEMPO if self._is_by_hand() else CUT_TEMPO)

    def _unheard(self, estimate: BeatEstimate, features: Features, dt_s: float) -> BeatClock:
        """Go on at the last tempo, or along the tracker's line: a break is danced through."""
        belief = self.belief
        if self._goes_on(estimate):
            assert estimate.beat_position is not None
            hold, beats_per_s = self._is_by_hand(), estimate.tempo_bpm / 60.0
            belief = belief.followed(estimate.beat_position, beats_per_s, GOES_ON_TRUST, dt_s, hold=hold)
        quiet_s = self.quiet_s + dt_s
        mode, source = self.mode, self.source
        if mode == LockState.LOCKED and quiet_s > QUIET_S:
            mode = LockState.FREE_WHEEL
        if mode == LockState.FREE_WHEEL and quiet_s > FREE_RUN_S and self.t_s > self.hand_until_s:
            source = Source.FREE_RUN
            if features.is_silent and quiet_s > FORGET_S and not self.tempo_lock:
                mode = LockState.SEARCHING
        return replace(self, belief=belief, mode=mode, source=source, quiet_s=quiet_s, confidence=0.0)

    # -- what a person does ----------------------------------------------------------------------------------------

    def _obeyed(self, command: Command) -> BeatClock:
        """Return the clock after one command; ops that are not the clock's and bad numbers change nothing."""
        value = command.value if command.value is not None and math.isfinite(command.value) else None
        match command.op:
            case "tap":
                return self._tapped()
            case "nudge_ms" if value is not None:
                return replace(self, belief=self.belief.moved(wrap(-value / 1000.0 * self.belief.beats_per_s)))
            case "half":
                return replace(self, belief=self.belief.moved(0.5))
            case "resync":
                return replace(self, bars=self.bars.one_at(self.state.position_at(self.t_s)))
            case "tempo" if value is not None and value > 0.0:
                source = _EXTERNAL_SOURCES.get(command.source, Source.TAP)
                return self._set_by_hand(self.belief.position, clip_rate(value / 60.0), source)
            case "tempo_lock":
                return replace(self, tempo_lock=not self.tempo_lock if value is None else value > 0.0)
            case "double" | "halve":
                return replace(self, bars=self.bars.scaled(2.0 if command.op == "double" else 0.5))
            case "external":
                return self._external(command)
            case "reset":
                belief = replace(self.belief, shift=0.0)
                bars = replace(self.bars, by_hand=False, hand_ratio=None)
                return replace(self, belief=belief, bars=bars, taps=(), hand_until_s=-1.0, tempo_lock=False)
        return self

    def _tapped(self) -> BeatClock:
        taps = add_tap(self.taps, self.t_s)
        clock = replace(self, taps=taps)
        fit = fit_taps(taps)
        if fit is None:
            return clock
        beat_s, beats_per_s = fit
        beats_per_s = clip_rate(beats_per_s)
        return clock._set_by_hand((self.t_s - beat_s) * beats_per_s, beats_per_s, Source.TAP)

    def _set_by_hand(self, phase: float, beats_per_s: float, source: Source) -> BeatClock:
        """Take over tempo and phase from a hand; a tracker half a beat off is told so (`Belief.shift`)."""
        before = self.belief
        belief = replace(before, shift=0.0).seated(phase, beats_per_s)
        moved = round(2.0 * (belief.position - before.position)) / 2.0
        belief = replace(belief, shift=wrap(before.shift + moved))
        until_s = self.t_s + HAND_HOLD_S
        return replace(
            self, belief=belief, mode=LockState.LOCKED, source=source, hand_until_s=until_s, quiet_s=0.0, confidence=1.0
        )

    def _external(self, command: Command) -> BeatClock:
        """Follow a clock that is sent: args `tempo` (BPM), `beat` (its position), `clock` (link, midi, osc)."""
        try:
            tempo_bpm = float(command.args.get("tempo", command.value or 0.0))
            beat = float(command.args["beat"]) if command.args.get("beat") is not None else None
        except (TypeError, ValueError):
            return self
        if not (math.isfinite(tempo_bpm) and tempo_bpm > 0.0) or (beat is not None and not math.isfinite(beat)):
            return self
        beats_per_s = clip_rate(tempo_bpm / 60.0)
        belief, bars = self.belief, self.bars
        starts = self.mode != LockState.EXTERNAL
        if beat is None:
            belief = replace(belief, beats_per_s=beats_per_s)
        else:
            error = wrap(beat + belief.shift - belief.position)
            if starts or abs(error) > CUT_BEATS:
                belief = self._seat(beat, beats_per_s)
            else:
                belief = replace(belief, position=belief.position + 0.5 * error, beats_per_s=beats_per_s)
            one = round(belief.position - beat % METER)
            bars = bars.heard_one(one, self.state.position_at(self.t_s), 0.1, at_once=starts)
        return replace(
            self,
            belief=belief,
            bars=bars,
            mode=LockState.EXTERNAL,
            source=_EXTERNAL_SOURCES.get(str(command.args.get("clock", command.source)), Source.OSC),
            external_until_s=self.t_s + EXTERNAL_HOLD_S,
            confidence=1.0,
            quiet_s=0.0,
        )

    # -- what is shown ---------------------------------------------------------------------------------------------

    def _shown(self, estimate: BeatEstimate, dt_s: float) -> BeatClock:
        """Return the clock with a new state, or with the old one when nothing worth sending has changed."""
        old = self.state
        position = old.position_at(self.t_s)
        error = self.belief.position - position
        epoch, rate, decided_s = old.epoch, old.beats_per_s, self.decided_s
        locks_now = old.state == LockState.SEARCHING and self.mode != LockState.SEARCHING
        if self._jumps(error, locks_now=locks_now):
            position += self._step_to(error, locks_now=locks_now)
            epoch += 1
            rate, decided_s, error = self.belief.beats_per_s, self.t_s, 0.0
        elif self._decides(position, wrap(error)):
            error = wrap(error)
            rate, decided_s = self._bent(error), self.t_s
        belief = replace(self.belief, position=position + wrap(error))
        bars = self.bars.passed(position, rate * dt_s, 60.0 * belief.beats_per_s)
        jump = bars.off_the_one()
        if jump > 0.0:
            bars, epoch = replace(bars, offset=bars.offset + jump), epoch + 1
        is_told = estimate.source != Source.FREE_RUN  # nobody's estimate knows no section: keep the last
        section = estimate.section if is_told else old.section
        if section == Section.DROP and old.section != Section.DROP:
            bars = bars.phrase_at(position)
        state = ClockState(
            t_s=self.t_s,
            beat_position=position,
            beats_per_s=rate,
            dance_ratio=bars.ratio,
            dance_offset=bars.offset,
            bar_start_beat=float(bars.start),
            confidence=self.confidence,
            source=self.source,
            state=self.mode,
            epoch=epoch,
            bar_index=bars.index,
            phrase_bar=bars.phrase_bar,
            section=section,
            build=estimate.build if is_told and math.isfinite(estimate.build) else old.build,
        )
        state = state if _differs(state, old) else old
        return replace(self, state=state, belief=belief, bars=bars, decided_s=decided_s)

    def _jumps(self, error: float, *, locks_now: bool) -> bool:
        """Return whether an error of the shown line is too large to be slewed."""
        return abs(wrap(error)) > CUT_BEATS or (locks_now and abs(wrap(error)) > IGNORE_BEATS)

    def _step_to(self, error: float, *, locks_now: bool) -> float:
        """Return the beats from the shown line to where it is led: a jump goes forward, a slew the short way."""
        return error % 1.0 if self._jumps(error, locks_now=locks_now) else wrap(error)

    def _bent(self, error: float) -> float:
        """Return the rate that removes `error` (beats), within the allowed bend."""
        limit = EXTERNAL_BEND if self.mode == LockState.EXTERNAL else AUDIO_BEND
        return self.belief.beats_per_s * (1.0 + min(limit, max(-limit, error / SLEW_BEATS)))

    def _decides(self, position: float, error: float) -> bool:
        """Return whether the rate is to be chosen anew at this hop."""
        if self.t_s - self.decided_s < DECIDE_S:
            return False
        if abs(error) > NOTICE_BEATS:
            return True
        if math.floor(2.0 * position) == math.floor(2.0 * self.state.position_at(self.decided_s)):
            return False
        bend = abs(self.state.beats_per_s / self.belief.beats_per_s - 1.0)
        return abs(error) > IGNORE_BEATS or bend > 2e-4


def _differs(new: ClockState, old: ClockState) -> bool:
    """Return whether `new` says more than `old` read at a later time."""
    same_line = new.beats_per_s == old.beats_per_s and new.epoch == old.epoch
    same_count = (new.bar_start_beat, new.bar_index, new.phrase_bar) == (
        old.bar_start_beat,
        old.bar_index,
        old.phrase_bar,
    )
    same_dance = (new.dance_ratio, new.dance_offset) == (old.dance_ratio, old.dance_offset)
    same_mode = (new.state, new.source, new.section) == (old.state, old.source, old.section)
    near = abs(new.confidence - old.confidence) < 0.1 and abs(new.build - old.build) < 0.05
    return not (same_line and same_count and same_dance and same_mode and near)
