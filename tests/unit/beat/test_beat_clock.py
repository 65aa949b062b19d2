"""The reducer's promises, by hand-made music and by random events."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.beat.beat_clock import AUDIO_BEND, BeatClock, empty_estimate, empty_features
from livedance.messages import BeatEstimate, Command, Features, LockState, Section, Source

HOP_S = 512 / 44_100


def features(t_s: float, *, is_silent: bool = False) -> Features:
    return replace(empty_features(t_s), heard=True, is_silent=is_silent)


def estimate(
    t_s: float, bpm: float, position: float, *, confidence: float = 1.0, one: int = 0, **more: Any
) -> BeatEstimate:
    return replace(
        empty_estimate(t_s),
        tempo_bpm=bpm,
        confidence=confidence,
        beat_position=position,
        bar_phase=(position - one) / 4.0 % 1.0,
        source=Source.AUDIO,
        section=Section.GROOVE,
        **more,
    )


class Run:
    """Feeds a clock hop by hop and keeps every state."""

    def __init__(self, clock: BeatClock | None = None) -> None:
        self.clock = clock or BeatClock.initial()
        self.history: list[BeatClock] = []
        self.position = 0.0
        self.sent = 0

    @property
    def t_s(self) -> float:
        return self.clock.t_s

    def hop(self, bpm: float, *, commands: Sequence[Command] = (), shift: float = 0.0, **kw: Any) -> None:
        """One hop of music at `bpm`, its position moved by `shift` beats."""
        t_s = self.clock.t_s + HOP_S
        self.position += bpm / 60.0 * HOP_S
        self._take(self.clock.step(estimate(t_s, bpm, self.position + shift, **kw), features(t_s), commands))

    def music(self, seconds: float, bpm: float, **kw: Any) -> None:
        for _ in range(round(seconds / HOP_S)):
            self.hop(bpm, **kw)

    def nothing(self, seconds: float, *, is_silent: bool = False) -> None:
        for _ in range(round(seconds / HOP_S)):
            t_s = self.clock.t_s + HOP_S
            self._take(self.clock.step(empty_estimate(t_s), features(t_s, is_silent=is_silent)))

    def command(self, op: str, value: float | None = None, **args: object) -> None:
        t_s = self.clock.t_s + HOP_S
        command = Command(op=op, value=value, args=args)
        self._take(self.clock.step(empty_estimate(t_s), features(t_s), [command]))

    def _take(self, clock: BeatClock) -> None:
        self.sent += clock.changed(self.clock)
        self.clock = clock
        self.history.append(clock)

    @property
    def error(self) -> float:
        """Phase of the shown clock against the music, in beats."""
        return (self.clock.state.position_at(self.t_s) - self.position + 0.5) % 1.0 - 0.5


def test_runs_free_at_120_before_any_music() -> None:
    run = Run()
    run.nothing(3.0)
    assert run.clock.state.state == LockState.SEARCHING
    assert run.clock.state.source == Source.FREE_RUN
    assert run.clock.state.position_at(3.0) == pytest.approx(6.0)


def test_first_lock_seats_at_once_with_a_new_epoch() -> None:
    run = Run()
    run.nothing(1.03)
    run.hop(100.0, shift=0.4)
    state = run.clock.state
    assert (state.state, state.source, state.epoch) == (LockState.LOCKED, Source.AUDIO, 1)
    assert (state.position_at(run.t_s) - run.position) % 1.0 == pytest.approx(0.4)
    assert state.tempo_bpm == pytest.approx(100.0)


def test_does_not_lock_to_what_is_not_sure() -> None:
    run = Run()
    run.music(5.0, 100.0, confidence=0.2)
    assert run.clock.state.state == LockState.SEARCHING


def test_small_error_is_slewed_within_the_bend_and_the_epoch() -> None:
    run = Run()
    run.music(4.0, 120.0)
    epoch = run.clock.state.epoch
    run.music(4.0, 120.0, shift=0.2)
    rates = [c.state.beats_per_s / 2.0 for c in run.history[-round(4.0 / HOP_S) :]]
    assert max(rates) > 1.05
    assert max(rates) <= 1.0 + AUDIO_BEND + 0.03  # the belief's own rate may lie a little above 2
    assert run.clock.state.epoch == epoch
    assert abs((run.error - 0.2 + 0.5) % 1.0 - 0.5) < 0.01


def test_large_error_is_reseated_only_after_it_has_lasted() -> None:
    run = Run()
    run.music(4.0, 120.0)
    epoch = run.clock.state.epoch
    run.music(0.4, 120.0, shift=0.4)
    assert run.clock.state.epoch == epoch
    assert abs(run.error) < 0.01
    run.music(0.6, 120.0, shift=0.4)
    assert run.clock.state.epoch == epoch + 1
    assert run.error == pytest.approx(0.4, abs=0.01)


def test_a_tracker_that_is_sure_is_followed_at_once() -> None:
    run = Run()
    run.music(4.0, 120.0)
    before = run.clock.state.epoch
    run.music(0.1, 120.0, shift=0.4, epoch=1)
    assert run.clock.state.epoch == before + 1
    assert run.clock.heard_epoch == 1
    assert run.clock.state.position_at(run.t_s) % 1.0 == pytest.approx((run.position + 0.4) % 1.0, abs=0.02)


def test_a_heard_phrase_is_taken_over() -> None:
    run = Run()
    run.music(3.0, 120.0)
    run.music(6.0, 120.0, phrase_bar=6, knows_bars=True)
    assert run.clock.state.phrase_bar == 6


def test_a_long_break_that_ends_a_little_late_keeps_the_bar() -> None:
    run = Run()
    run.music(6.0, 120.0)
    run.nothing(9.0)
    run.position += 9.0 * 2.0
    before = run.clock.state.bar_start_beat % 4
    run.music(0.3, 120.0, shift=-0.004)
    assert run.clock.state.bar_start_beat % 4 == before


def test_another_tempo_is_a_cut() -> None:
    run = Run()
    run.music(4.0, 120.0)
    run.music(3.0, 133.0)
    assert run.clock.state.tempo_bpm == pytest.approx(133.0, abs=0.5)
    assert abs(run.error) < 0.02


def test_follows_a_pitch_fader_without_leaving_the_epoch() -> None:
    run = Run()
    run.music(4.0, 120.0)
    epoch = run.clock.state.epoch
    for i in range(900):
        run.hop(120.0 * (1.0 + 0.08 * i / 900))
    assert run.clock.state.epoch == epoch
    assert abs(run.error) < 0.03


def test_free_wheels_through_a_break_without_drifting() -> None:
    run = Run()
    run.music(10.0, 124.0)
    phase, start_s = run.position, run.t_s
    run.nothing(8.5)
    assert run.clock.state.state == LockState.FREE_WHEEL
    assert run.clock.state.source == Source.FREE_RUN
    expected = phase + (run.t_s - start_s) * 124.0 / 60.0
    assert abs((run.clock.state.position_at(run.t_s) - expected + 0.5) % 1.0 - 0.5) < 0.01
    run.position = expected
    run.music(1.0, 124.0)
    assert run.clock.state.state == LockState.LOCKED


def test_goes_along_with_a_tracker_that_counts_on_through_a_break() -> None:
    """Its line may turn out to be a little elsewhere once the beats that were imagined are dropped."""
    run = Run()
    run.music(10.0, 124.0, knows_bars=True, epoch=1)
    run.music(12.0, 124.5, knows_bars=True, epoch=1, confidence=0.0)
    assert run.clock.state.state == LockState.FREE_WHEEL
    assert abs(run.error) < 0.005
    left = Run()
    left.music(10.0, 124.0, epoch=1)
    left.music(12.0, 124.5, epoch=1, confidence=0.0)
    assert abs(left.error) > 0.05  # one that knows no bars may be counting anything


def test_a_new_line_of_a_tracker_that_hears_no_rhythm_is_not_followed() -> None:
    run = Run()
    run.music(10.0, 124.0, knows_bars=True, epoch=1)
    run.music(6.0, 100.0, knows_bars=True, epoch=2, confidence=0.0)
    assert 60.0 * run.clock.belief.beats_per_s == pytest.approx(124.0, abs=0.1)


def test_a_quiet_microphone_is_followed_where_the_tracker_judges_the_rhythm() -> None:
    for knows_bars in (True, False):
        clock, t_s = BeatClock.initial(), 0.0
        for k in range(300):
            t_s = (k + 1) * HOP_S
            heard = estimate(t_s, 124.0, t_s * 124.0 / 60.0, knows_bars=knows_bars)
            clock = clock.step(heard, features(t_s, is_silent=True))
        assert (clock.state.state == LockState.LOCKED) == knows_bars


def test_long_silence_searches_again_and_lost_audio_does_not() -> None:
    silent, lost = Run(), Run()
    for run in (silent, lost):
        run.music(4.0, 124.0)
    silent.nothing(13.0, is_silent=True)
    lost.nothing(13.0)
    assert silent.clock.state.state == LockState.SEARCHING
    assert lost.clock.state.state == LockState.FREE_WHEEL
    assert lost.clock.state.tempo_bpm == pytest.approx(124.0, abs=0.1)


def test_sends_rarely() -> None:
    run = Run()
    run.music(20.0, 120.0)
    run.sent = 0
    run.music(20.0, 120.0)
    assert run.sent <= 20.0 * 1.0  # a bar line every 2 s and little else


@pytest.mark.parametrize(("bpm", "ratio"), [(150.0, 0.5), (135.0, 1.0), (100.0, 1.0), (65.0, 2.0), (72.0, 1.0)])
def test_dance_ratio_by_tempo(bpm: float, ratio: float) -> None:
    run = Run()
    run.music(10.0, bpm)
    assert run.clock.state.dance_ratio == ratio


def test_dance_ratio_has_hysteresis() -> None:
    run = Run()
    run.music(6.0, 150.0)
    run.music(8.0, 135.0)
    assert run.clock.state.dance_ratio == 0.5
    run.music(8.0, 126.0)
    assert run.clock.state.dance_ratio == 1.0


def test_half_time_dance_falls_on_the_downbeat_and_changes_on_a_bar_line() -> None:
    run = Run()
    run.music(12.0, 160.0, one=3)
    before = run.history[0].state
    for clock in run.history:
        state = clock.state
        if state.dance_ratio != before.dance_ratio:
            position = state.position_at(clock.t_s)
            assert min(abs(position - clock.bars.start), abs(position - clock.bars.next_start)) < 0.05
        before = state
    assert (before.dance_offset + before.dance_ratio * before.bar_start_beat) % 1.0 == 0.0
    assert (run.position - 3) % 4.0 == pytest.approx(
        (before.position_at(run.t_s) - before.bar_start_beat) % 4.0, abs=0.05
    )


def test_double_and_halve_by_hand() -> None:
    run = Run()
    run.music(4.0, 120.0)
    run.command("double")
    run.music(3.0, 120.0)
    assert run.clock.state.dance_ratio == 2.0
    run.command("halve")
    run.command("halve")
    run.music(3.0, 120.0)
    assert run.clock.state.dance_ratio == 0.5
    run.command("reset")
    run.music(3.0, 120.0)
    assert run.clock.state.dance_ratio == 1.0


def test_taps_set_tempo_and_phase() -> None:
    run = Run()
    for i in range(4):
        run.command("tap")
        if i < 3:
            run.nothing(51 * HOP_S)
    state = run.clock.state
    assert (state.source, state.state) == (Source.TAP, LockState.LOCKED)
    assert state.tempo_bpm == pytest.approx(60.0 / (52 * HOP_S), abs=0.1)
    assert abs((state.position_at(run.t_s) + 0.5) % 1.0 - 0.5) < 0.02


def test_two_taps_do_nothing() -> None:
    run = Run()
    run.command("tap")
    run.nothing(0.4)
    run.command("tap")
    assert run.clock.state.state == LockState.SEARCHING


def test_tapped_tempo_stands_against_another_but_is_fine_tuned() -> None:
    run = Run()
    run.command("tempo", 125.0)
    run.music(6.0, 100.0)
    assert run.clock.state.tempo_bpm == pytest.approx(125.0, abs=0.1)
    run.command("reset")
    run.command("tempo", 125.0)
    run.music(6.0, 124.0)
    assert abs(run.error) < 0.02 or abs(abs(run.error) - 0.5) < 0.02


def test_tempo_lock_ignores_other_tempi_until_released() -> None:
    run = Run()
    run.music(4.0, 120.0)
    run.command("tempo_lock", 1.0)
    run.music(4.0, 140.0)
    assert run.clock.state.tempo_bpm == pytest.approx(120.0, abs=0.5)
    run.command("tempo_lock", 0.0)
    run.music(4.0, 140.0)
    assert run.clock.state.tempo_bpm == pytest.approx(140.0, abs=1.0)


def test_nudge_moves_the_beats_later_and_stays() -> None:
    run = Run()
    run.music(4.0, 120.0)
    run.hop(120.0, commands=[Command(op="nudge_ms", value=40.0)])
    run.music(6.0, 120.0)
    assert run.error == pytest.approx(-0.08, abs=0.005)


def test_half_moves_by_half_a_beat_at_once_and_stays() -> None:
    run = Run()
    run.music(4.0, 120.0)
    run.hop(120.0, commands=[Command(op="half")])
    assert abs(run.error) == pytest.approx(0.5, abs=0.01)
    run.music(6.0, 120.0)
    assert abs(run.error) == pytest.approx(0.5, abs=0.01)


def test_this_is_one_starts_a_phrase_on_the_nearest_beat() -> None:
    run = Run()
    run.music(5.2, 120.0)
    nearest = round(run.clock.state.position_at(run.t_s))
    run.hop(120.0, commands=[Command(op="resync")])
    run.music(0.5, 120.0)
    assert run.clock.state.bar_start_beat == nearest
    assert run.clock.state.phrase_bar == 0
    run.music(8.0, 120.0)
    assert (run.clock.state.bar_start_beat - nearest) % 4 == 0  # the tracker's own bars no longer count


def test_external_clock_is_followed_within_five_percent_and_lost_after_a_while() -> None:
    run = Run()
    for i in range(80):
        run.command("external", None, tempo=128.0, beat=i * 0.1 * 128.0 / 60.0 + 0.3, clock="link")
        run.nothing(0.1 - HOP_S)
    assert (run.clock.state.state, run.clock.state.source) == (LockState.EXTERNAL, Source.LINK)
    assert run.clock.state.tempo_bpm == pytest.approx(128.0, rel=0.05)
    run.nothing(3.0)
    assert run.clock.state.state == LockState.FREE_WHEEL


def test_a_drop_starts_a_phrase() -> None:
    run = Run()
    run.music(9.0, 120.0)
    assert run.clock.state.phrase_bar != 0
    t_s = run.t_s + HOP_S
    run.position += 2.0 * HOP_S
    drop = replace(estimate(t_s, 120.0, run.position), section=Section.DROP)
    run._take(run.clock.step(drop, features(t_s)))
    run.music(2.1, 120.0)
    assert run.clock.state.phrase_bar in (0, 1)


def test_resumed_clock_goes_on_where_the_other_stopped() -> None:
    run = Run()
    run.music(7.0, 150.0)
    old = run.clock.state
    other = Run(BeatClock.resumed(old))
    other.nothing(2.0)
    state = other.clock.state
    assert state.epoch == old.epoch
    assert state.position_at(other.t_s) == pytest.approx(old.position_at(other.t_s), abs=0.02)
    assert state.dance_at(other.t_s) == pytest.approx(old.dance_at(other.t_s), abs=0.02)


NUMBERS = st.one_of(st.floats(-2.0, 300.0), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e300]))
OPS = [
    "tap", "nudge_ms", "half", "resync", "tempo", "tempo_lock", "double", "halve", "reset", "external", "hit",
]  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> list[tuple[float, float, float, float, str | None, float]]:
    """Stretches of (seconds, bpm, phase jump, confidence, command, its value); some of it garbage."""
    stretch = st.tuples(
        st.sampled_from([0.012, 0.3, 1.5, 4.0]),
        st.one_of(st.floats(50.0, 210.0), NUMBERS),
        st.floats(0.0, 1.0),
        st.one_of(st.floats(0.0, 1.0), NUMBERS),
        st.sampled_from([None, None, *OPS]),
        NUMBERS,
    )
    return draw(st.lists(stretch, min_size=1, max_size=12))


def play(stretches: list[tuple[float, float, float, float, str | None, float]]) -> list[BeatClock]:
    clock, position, clocks = BeatClock.initial(), 0.0, []
    for seconds, bpm, jump, confidence, op, value in stretches:
        position += jump
        commands = [] if op is None else [Command(op=op, value=value, args={"tempo": value, "beat": value})]
        for _ in range(max(1, round(seconds / HOP_S))):
            t_s = clock.t_s + HOP_S
            position += bpm / 60.0 * HOP_S
            clock = clock.step(estimate(t_s, bpm, position, confidence=confidence), features(t_s), commands)
            clocks.append(clock)
            commands = []
    return clocks


@settings(max_examples=60, deadline=None, derandomize=True)
@given(events())
def test_promises_hold_whatever_happens(stretches: list[tuple[float, float, float, float, str | None, float]]) -> None:
    before = BeatClock.initial()
    for clock in play(stretches):
        old, new, t_s = before.state, clock.state, clock.t_s
        numbers = (new.t_s, new.beat_position, new.beats_per_s, new.dance_offset, new.bar_start_beat, new.confidence)
        assert all(math.isfinite(v) for v in numbers)
        jump = new.position_at(t_s) - old.position_at(t_s)
        assert -1e-9 <= jump < 1.0, "the shown position moves forward only, by less than a beat"
        assert new.epoch > old.epoch or jump < 1e-9, "a jump is a new epoch"
        dance_jump = new.dance_at(t_s) - old.dance_at(t_s)
        assert dance_jump > -1e-9, "nor does the dance go back"
        assert new.epoch > old.epoch or dance_jump < 0.08, "a change of ratio on the bar line moves it by a hop or so"
        assert 40.0 / 60.0 * 0.84 < new.beats_per_s < 4.0 * 1.16
        assert new.dance_ratio in (0.5, 1.0, 2.0)
        downbeat = new.dance_offset + new.dance_ratio * clock.bars.next_start
        assert downbeat == round(downbeat), "dance beats fall on music beats, at half time on the downbeat"
        assert new.bar_start_beat <= new.position_at(t_s) + 1e-9
        assert 0 <= new.phrase_bar < 8
        before = clock


@settings(max_examples=15, deadline=None, derandomize=True)
@given(events())
def test_same_events_give_the_same_states(
    stretches: list[tuple[float, float, float, float, str | None, float]],
) -> None:
    assert [c.state for c in play(stretches)] == [c.state for c in play(stretches)]
