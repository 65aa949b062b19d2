"""The director over hours of random music: rules, holds, determinism."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from livedance import director as directors
from livedance import stagecraft
from livedance.control import controls as control
from livedance.dance import style_table
from livedance.dance.arrangement import FORMATIONS
from livedance.director import Director
from livedance.messages import ClockState, Command, Controls, Features, Levels, LockState, Section

BPM = 120.0
STEP_S = 0.25
"""Half a beat: the director needs no finer hops."""
TABLE = style_table.load()


@dataclass
class Change:
    beat: float
    args: dict
    value: float


class Music:
    """Sections of 8 to 32 bars, one after the other, with a kick on every beat; or always the given one."""

    def __init__(self, seed: int, bars: int, always: Section | None = None) -> None:
        rng = np.random.default_rng(seed)
        self.sections: list[Section] = []
        while len(self.sections) < bars:
            section = Section(int(rng.integers(0, 5))) if always is None else always
            self.sections += [section] * int(rng.choice([4, 8, 8, 8, 16, 16, 32]))
            if section == Section.BUILD:
                self.sections += [Section.DROP] * 8
        self.sections = self.sections[:bars]
        self.energy = rng.random(bars)

    def at(self, t_s: float, **fields) -> tuple[ClockState, Features]:
        beat = t_s * BPM / 60.0
        bar = int(beat // 4)
        clock = ClockState(
            t_s=t_s, beat_position=beat, beats_per_s=BPM / 60.0, bar_start_beat=4.0 * bar, bar_index=bar,
            phrase_bar=bar % 8, section=self.sections[bar], state=LockState.LOCKED, confidence=1.0,
        )  # fmt: skip
        hit = 1.0 if beat % 1.0 < 0.3 else 0.0
        features = Features(
            t_s=t_s, rms_db=-12.0, levels=Levels(bass=hit, energy=float(self.energy[bar])),
            onset_low=hit, onset_mid=0.0, onset_high=0.0, brightness=0.5, is_silent=False,
        )  # fmt: skip
        return replace(clock, **fields), features


def show(
    music: Music, *, seed=1, start=None, by_hand=None, drop_at=None, director=None, **clock_fields
) -> list[Change]:
    """Run the director over `music`; `by_hand` is beat -> fields that a person sets there."""
    controls = start or Controls()
    director = director or Director(seed=seed, table=TABLE)
    by_hand, changes = dict(by_hand or {}), []
    for i in range(int(len(music.sections) * 240.0 / BPM / STEP_S)):
        clock, features = music.at(i * STEP_S, **clock_fields)
        fields = by_hand.pop(clock.beat_position, {})
        if fields:
            controls = control.reduce(controls, Command(op="set", args=fields))
        held, dropped = directors.is_directed(fields), clock.beat_position == drop_at
        command, director = director.step(clock, features, controls, by_hand=held, dropped=dropped)
        if command is not None:
            assert (command.op, command.source) == ("set", directors.SOURCE)
            after = control.reduce(controls, command)
            assert after != controls
            changes.append(Change(clock.beat_position, command.args, command.value))
            controls = after
    return changes


def kinds(args) -> list[int]:
    return [k for k, fields in enumerate(directors.BIG) if not fields.isdisjoint(args)]


HOUR = 1800
"""Bars at 120 BPM."""


@pytest.fixture(scope="module")
def hours():
    return [(music, show(music, seed=seed)) for seed in range(3) for music in [Music(seed, HOUR)]]


def test_never_two_big_changes_at_once_nor_within_eight_bars(hours):
    for _, changes in hours:
        big = [c for c in changes if kinds(c.args)]
        assert len(big) > 60
        assert all(len(kinds(c.args)) == 1 for c in big)
        seen = [c.value for c in big]
        assert min(np.diff(seen)) >= 32.0 - directors.SLACK_BEATS


def test_every_kind_of_change_has_its_turn(hours):
    for _, changes in hours:
        counts = [sum(k in kinds(c.args) for c in changes) for k in range(3)]
        assert min(counts) >= 8, counts
        assert sum("palette" in c.args for c in changes) >= 8
        views = {c.args["camera"] for c in changes if "camera" in c.args}
        assert views == {"front", "low", "orbit", "close", "wide"}


def test_what_is_seen_is_seen_on_a_bar_line(hours):
    for music, changes in hours:
        first = next(c for c in changes if "auto_style" in c.args)  # as soon as enough was heard, for the next form
        for change in (c for c in changes if c is not first):
            turns = change.beat % 32 == 24 and change.value % 32 == 0
            begins = change.value == change.beat and change.beat % 32 == 0
            bar = int(change.beat // 4)
            before = music.sections[bar - 1] if bar else None
            drops = music.sections[bar] == Section.DROP != before and change.value % 4 == 0
            breaks = music.sections[bar] == Section.BREAK and change.value == change.beat and change.beat % 4 == 0
            assert turns or begins or drops or breaks, change


def test_the_camera_is_cut_on_phrases_breaks_and_drops_alone(hours):
    for music, changes in hours:
        for change in (c for c in changes if "camera" in c.args):
            section = music.sections[int(change.beat // 4)]
            assert change.beat % 32 == 0 or section in (Section.BREAK, Section.DROP)
            if section in (Section.BREAK, Section.DROP):
                assert change.args["camera"] == ("close" if section == Section.BREAK else "wide")


def test_floor_work_is_looked_at_from_low_down():
    def views(**wishes):
        controls = Controls(camera="wide", **wishes)
        return {
            section: {stagecraft.view(section, controls, np.random.default_rng(i)).get("camera") for i in range(20)}
            for section in (Section.GROOVE, Section.BREAK, Section.DROP)
        }

    for wishes in ({"auto_style": "break"}, {"style": "break"}, {"style": "break:2+club:1"}):
        found = views(**wishes)
        assert (found[Section.GROOVE], found[Section.BREAK]) == ({"low"}, {"close"})
        assert found[Section.DROP] == {None}  # wide already
    for wishes in ({}, {"auto_style": "club"}, {"style": "club", "auto_style": "break"}, {"style": "break:1+club:4"}):
        assert views(**wishes)[Section.GROOVE] == {"front", "low", "orbit"}


def test_the_others_come_for_the_drop_and_leave_in_the_break(hours):
    joined, left = [], []
    for music, changes in hours:
        for change in (c for c in changes if "dancers" in c.args):
            section = music.sections[int(change.beat // 4)]
            (joined if change.args["dancers"] > 1 else left).append(section)
            assert 1 <= change.args["dancers"] <= 4
    assert {Section.BUILD, Section.GROOVE} <= set(joined) <= {Section.BUILD, Section.DROP, Section.GROOVE}
    assert Section.BREAK in left and not {Section.DROP, Section.BUILD} & set(left)


def test_a_hand_holds_everything_for_sixteen_bars():
    music = Music(2, 300)
    undisturbed = show(music)
    for fields in ({"camera": "low"}, {"dancers": 2}, {"scene": 5}, {"palette": 3}, {"style": "salsa"},
                   {"formation": "canon"}, {"camera_yaw_deg": 20.0}):  # fmt: skip
        at = 400.0
        changes = show(music, by_hand={at: fields})
        before, after = [c for c in changes if c.beat < at], [c for c in changes if c.beat >= at]
        assert before == [c for c in undisturbed if c.beat < at]
        assert after[0].beat >= at + 64.0
        if "style" in fields:
            assert not any("auto_style" in c.args for c in after)


def test_a_hand_on_anything_else_holds_nothing():
    music = Music(2, 200)
    assert show(music, by_hand={100.0: {"energy": 0.4, "groove": 0.1, "look": "neon"}}) == show(music)


def test_a_drop_that_a_person_calls_is_a_drop():
    music = Music(3, 60, always=Section.GROOVE)
    changes = show(music, drop_at=101.0)
    assert [c.args["camera"] for c in changes if c.beat == 101.0] == ["wide"]
    called = next(c for c in changes if c.beat == 101.0)
    assert called.args.get("dancers", 2) > 1 and called.value == 104.0


def test_switched_off_only_auto_goes_on():
    changes = show(Music(3, 400), start=Controls(director=False))
    assert changes and all(set(c.args) == {"auto_style"} for c in changes)
    assert show(Music(3, 400), start=Controls(director=False, style="jazz")) == []


def test_a_style_by_hand_is_never_overruled():
    changes = show(Music(3, 400), start=Controls(style="club:2+jazz:1"))
    assert changes and not any("auto_style" in c.args or "style" in c.args for c in changes)


def test_dancers_that_were_asked_for_stay():
    director = Director(seed=1, table=TABLE, least=3, most=4)
    changes = show(Music(4, 600), start=Controls(dancers=3), director=director)
    assert {c.args["dancers"] for c in changes if "dancers" in c.args} == {3, 4}
    alone = Director(seed=1, table=TABLE, most=1)
    assert not any("dancers" in c.args for c in show(Music(4, 600), director=alone))


def test_the_same_seed_gives_the_same_show_and_another_another():
    music = Music(5, 400)
    assert show(music, seed=7) == show(music, seed=7)
    assert show(music, seed=7) != show(music, seed=8)


@pytest.mark.parametrize("lost", [{"state": LockState.SEARCHING}, {"state": LockState.FREE_WHEEL}])
def test_nothing_is_decided_while_nobody_knows_the_beat(lost):
    assert show(Music(6, 100, always=Section.GROOVE), **lost) == []


def test_a_style_lasts_and_follows_the_table():
    music = Music(7, HOUR, always=Section.GROOVE)
    music.energy[:] = 0.7  # The same track all night: what changes is the director's own doing.
    styles = [(c.value, c.args["auto_style"]) for c in show(music) if "auto_style" in c.args]
    assert min(np.diff([beat for beat, _ in styles][1:])) >= 64.0 - directors.SLACK_BEATS
    assert {style for _, style in styles} <= set(TABLE.styles) and len({style for _, style in styles}) >= 3


def test_a_stage_that_forgot_is_told_everything_at_once():
    controls = Controls(dancers=3, formation="mirror", scene=4, palette=7, camera="low", camera_yaw_deg=12.0)
    assert control.reduce(Controls(), directors.decided(controls)) == replace(controls, version=1)
    named = replace(controls, auto_style="club")
    assert control.reduce(Controls(), directors.decided(named)).auto_style == "club"


def test_one_that_goes_on_for_another_is_calm_for_a_phrase():
    music = Music(0, 200)
    big = [c for c in show(music, director=Director(seed=1, table=TABLE).resumed(0.0)) if kinds(c.args)]
    assert big and big[0].value >= 32.0 - directors.SLACK_BEATS


def test_company_stands_in_shapes_that_its_number_makes(hours):
    shapes = set()
    for _, changes in hours:
        n = 1
        for change in changes:
            n = change.args.get("dancers", n)
            if "formation" in change.args:
                shapes.add(change.args["formation"])
                assert n >= stagecraft.LEAST.get(change.args["formation"], 2)
    assert {"unison", "mirror", "canon", "solo", "line", "wedge", "rows"} <= shapes <= set(FORMATIONS)


def test_a_couple_parts_before_the_style_changes():
    salsa = style_table.StyleTable.model_validate({"row": [{"name": "all", "styles": {"salsa": 1, "club": 1}}]})
    music = Music(8, HOUR)
    changes, now, couples = show(music, director=Director(seed=2, table=salsa)), Controls(), 0
    for change in changes:
        if "auto_style" in change.args:
            assert not stagecraft.is_couple(now)
        now = replace(now, **change.args)
        couples += stagecraft.is_couple(now)
        assert not stagecraft.is_couple(now) or now.auto_style == "salsa"
    assert couples
