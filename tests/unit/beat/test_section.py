"""Sections of a made-up tune: intro, groove, break, build, drop, silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livedance.beat.beat_clock import empty_estimate, empty_features
from livedance.beat.section import DROP_BEATS, HOP_S, SectionRule, SectionState
from livedance.messages import Features, Levels, Section


class Tune:
    """Feeds the rule with seconds of sound at 120 BPM."""

    def __init__(self) -> None:
        self.rule = SectionRule()
        self.state: SectionState = self.rule.initial_state()
        self.t_s = 0.0
        self.section, self.build = Section.INTRO, 0.0
        self.seen: list[tuple[float, Section]] = []

    def play(self, seconds: float, *, kick: bool = False, activity: tuple[float, float] = (0.05, 0.05)) -> None:
        """Play with or without a kick, the onset strength going from `activity[0]` to `activity[1]`."""
        n = round(seconds / HOP_S)
        for i in range(n):
            is_kick = kick and (self.t_s % 0.5) < 0.12
            busy = activity[0] + (activity[1] - activity[0]) * i / n
            heard = replace(
                empty_features(self.t_s),
                heard=True,
                levels=Levels(bass=0.95 if is_kick else (0.3 if kick else 0.05)),
                onset_low=1.0 if kick and (self.t_s % 0.5) < 0.012 else 0.0,
                onset_mid=busy / 2,
                onset_high=busy / 2,
            )
            self.hear(heard)

    def hear(self, features: Features) -> None:
        estimate = replace(empty_estimate(self.t_s), tempo_bpm=120.0)
        section, self.build, self.state = self.rule.step(self.state, features, estimate)
        if section != self.section:
            self.seen.append((self.t_s, section))
        self.section = section
        self.t_s += HOP_S


def test_a_groove_needs_a_kick() -> None:
    tune = Tune()
    tune.play(6.0)
    assert tune.section == Section.INTRO
    tune.play(4.0, kick=True)
    assert tune.section == Section.GROOVE


def test_break_build_drop_groove() -> None:
    tune = Tune()
    tune.play(10.0, kick=True, activity=(0.2, 0.2))
    tune.play(5.0, activity=(0.05, 0.05))
    assert tune.section == Section.BREAK
    assert tune.build < 0.2
    tune.play(6.0, activity=(0.05, 0.4))
    assert tune.section == Section.BUILD
    assert tune.build > 0.6
    back_s = tune.t_s
    tune.play(2.0, kick=True, activity=(0.2, 0.2))
    drop_s = next(t for t, section in tune.seen if section == Section.DROP)
    assert drop_s - back_s < 0.5, "known within a beat"
    assert tune.section == Section.DROP
    assert tune.build == 0.0
    tune.play(DROP_BEATS * 0.5, kick=True, activity=(0.2, 0.2))
    assert tune.section == Section.GROOVE


def test_a_fill_is_no_break_and_brings_no_drop() -> None:
    tune = Tune()
    tune.play(8.0, kick=True)
    tune.play(1.0)
    tune.play(4.0, kick=True)
    assert Section.DROP not in {section for _, section in tune.seen}
    assert tune.section == Section.GROOVE


def test_lost_audio_changes_nothing_and_silence_begins_anew() -> None:
    tune = Tune()
    tune.play(8.0, kick=True)
    before = tune.state
    tune.hear(empty_features(tune.t_s))
    assert tune.state is before
    for _ in range(round(7.0 / HOP_S)):
        tune.hear(replace(empty_features(tune.t_s), heard=True, is_silent=True))
    assert tune.section == Section.INTRO


def test_state_is_not_changed_in_place() -> None:
    tune = Tune()
    tune.play(5.0, kick=True)
    saved = tune.state
    tune.play(5.0)
    later = tune.state
    tune.state = saved
    tune.t_s -= round(5.0 / HOP_S) * HOP_S
    tune.play(5.0)
    assert tune.state.section == later.section
    assert tune.state.bass == pytest.approx(later.bass)


def test_build_stays_in_range() -> None:
    tune = Tune()
    tune.play(6.0, kick=True)
    tune.play(10.0, activity=(0.0, 50.0))
    assert 0.0 <= tune.build <= 1.0
