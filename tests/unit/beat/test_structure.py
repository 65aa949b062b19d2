"""Sections, builds, drops and phrases from what the network says."""

from __future__ import annotations

import numpy as np

from livedance.beat.bar_pointer import HOP_S
from livedance.beat.structure import PhraseCount, Structure, phrase_evidence
from livedance.messages import Section

BEAT_S = 0.5


def shares(section: Section, sure: float = 0.85) -> tuple[float, ...]:
    rest = (1.0 - sure) / 4.0
    return tuple(sure if s == section else rest for s in Section)


class Player:
    """Plays sections to a structure, beat after beat, and writes down when a drop was called."""

    def __init__(self) -> None:
        self.structure = Structure()
        self.t_s = 0.0
        self.calls: list[float] = []
        self.builds: list[float] = []

    def play(self, section: Section, bars: int, *, build: bool = False, drop: float = 0.0) -> None:
        start_s, length_s = self.t_s, 4.0 * BEAT_S * bars
        while self.t_s < start_s + length_s - 1e-6:
            bar = (self.t_s - start_s) / (4.0 * BEAT_S)
            if abs(bar - round(bar)) < 0.5 * HOP_S / (4.0 * BEAT_S):
                self.structure.pass_bar()
            beat = self.t_s / BEAT_S
            called = self.structure.step(
                shares(section),
                bar / bars if build else 0.0,
                drop if self.t_s - start_s < 0.05 else 0.0,
                1.0 if section in (Section.DROP, Section.GROOVE) else 0.1,
                beat_is_near=abs(beat - round(beat)) < 0.2,
                bar_phase=bar % 1.0,
            )
            if called:
                self.calls.append(self.t_s)
            self.builds.append(self.structure.build)
            self.t_s += HOP_S


def test_groove_is_heard_within_two_bars() -> None:
    player = Player()
    player.play(Section.GROOVE, 2)
    assert player.structure.section == Section.GROOVE
    assert player.structure.build == 0.0


def test_a_drop_after_a_build_is_called_on_its_first_beat_and_once() -> None:
    player = Player()
    player.play(Section.GROOVE, 8)
    player.play(Section.BREAK, 8)
    player.play(Section.BUILD, 8, build=True)
    drop_s = player.t_s
    player.play(Section.DROP, 7, drop=0.7)
    assert player.structure.section == Section.DROP
    assert len(player.calls) == 1
    assert 0.0 <= player.calls[0] - drop_s < 0.2
    player.play(Section.DROP, 8)
    assert player.structure.section == Section.GROOVE
    assert len(player.calls) == 1


def test_no_drop_out_of_a_groove_or_off_the_beat() -> None:
    player = Player()
    player.play(Section.GROOVE, 16)
    player.play(Section.DROP, 4, drop=0.9)
    assert player.calls == [] and player.structure.section == Section.GROOVE
    quiet = Player()
    quiet.play(Section.BREAK, 8)
    assert not quiet.structure.step(shares(Section.DROP), 0.0, 0.9, 1.0, beat_is_near=False, bar_phase=0.0)


def test_build_rises_from_nothing_to_one_and_falls_with_the_drop() -> None:
    player = Player()
    player.play(Section.BREAK, 8)
    assert max(player.builds) < 0.01
    player.builds.clear()
    player.play(Section.BUILD, 8, build=True)
    assert player.builds[-1] > 0.85
    assert (np.diff(player.builds[20:]) > -1e-6).all()
    player.play(Section.DROP, 2, drop=0.8)
    assert player.builds[-1] < 0.05


def test_two_seconds_of_another_section_are_needed_for_doubtful_answers() -> None:
    player = Player()
    player.play(Section.GROOVE, 4)
    for _ in range(10):
        player.structure.step(shares(Section.BREAK, 0.5), 0.0, 0.0, 0.0, beat_is_near=False, bar_phase=0.0)
    assert player.structure.section == Section.GROOVE


def test_phrases_are_found_and_counted() -> None:
    rng, count, found = np.random.default_rng(2), PhraseCount(), []
    count.begin()
    for bar in range(64):
        count.pass_bar()
        begins = bar % 8 == 3
        seen = begins != (rng.random() < (0.3 if begins else 0.08))
        count.hear(phrase_evidence(float(rng.uniform(0.3, 0.8) if seen else rng.uniform(0.01, 0.1))))
        found.append(count.bar == (bar - 3) % 8)
    assert np.mean(found[24:]) > 0.9


def test_a_drop_begins_a_phrase() -> None:
    count = PhraseCount()
    count.begin()
    for _ in range(5):
        count.pass_bar()
    count.drop(is_ahead=False)
    assert count.bar == 0
    count.begin()
    for _ in range(3):
        count.pass_bar()
    count.drop(is_ahead=True)
    count.pass_bar()
    assert count.bar == 0


def test_silence_begins_anew() -> None:
    player = Player()
    player.play(Section.BUILD, 8, build=True)
    player.structure.begin()
    assert (player.structure.section, player.structure.build, player.structure.phrase.bar) == (Section.INTRO, 0.0, 0)
