"""The planner against a fake clock and a generator that only notes what it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from livedance.dance import stance
from livedance.dance.generator import WindowRequest
from livedance.dance.planner import DancePlanner, bar_at
from livedance.dance.window import TRACK_SAMPLES, Motion, Trace, Wish
from livedance.messages import (
    HOP_RATE_HZ,
    HOP_SAMPLES,
    WINDOW_SAMPLES,
    ClockState,
    Command,
    Controls,
    Features,
    Levels,
    LockState,
    MotionWindow,
    Section,
)

HOP_S = HOP_SAMPLES / HOP_RATE_HZ
LOCKED = ClockState(state=LockState.LOCKED, confidence=0.9)


class Notes:
    """A generator that stands still and keeps every request."""

    dances_in_silence = True

    def __init__(self) -> None:
        self.requests: list[WindowRequest] = []
        self.pasts: list[Trace | None] = []
        self.resumed: list[int] = []

    def initial_state(self, seed: int, voice: int) -> int:
        return 0

    def resume(self, seed: int, voice: int, plan: int) -> int:
        self.resumed.append(plan)
        return 0

    def notes(self, state: int) -> None:
        return None

    def step(self, state: int, request: WindowRequest, past: Trace | None) -> tuple[Wish, int]:
        self.requests.append(request)
        self.pasts.append(past)
        return standing(), state + 1


def standing() -> Wish:
    motion = Motion(
        root_position_m=np.tile([0.0, stance.HIPS_HEIGHT_M, 0.0], (TRACK_SAMPLES, 1)),
        joint_rotations_wxyz=np.broadcast_to(stance.pose(), (TRACK_SAMPLES, 23, 4)),
        foot_contact=np.ones((TRACK_SAMPLES, 4)),
    )
    feet = stance.feet(TRACK_SAMPLES, np.zeros(2), np.zeros(()))
    return Wish(motion=motion, feet=feet, facing_rad=np.zeros(TRACK_SAMPLES), is_exact=True)


def a_window(beat_start: float, plan: int, dancer: int = 0) -> MotionWindow:
    turned = np.zeros((WINDOW_SAMPLES, 23, 4))
    turned[..., 0] = 1.0
    return MotionWindow(
        beat_start=beat_start,
        root_position_m=np.zeros((WINDOW_SAMPLES, 3)),
        joint_rotations_wxyz=turned,
        foot_contact=np.zeros((WINDOW_SAMPLES, 4)),
        hands=np.zeros((WINDOW_SAMPLES, 2), dtype=np.uint8),
        plan=plan,
        dancer=dancer,
    )


class Show:
    """Hops, one after the other, with a clock, features and controls that a test changes."""

    def __init__(self, **planner: Any) -> None:
        self.notes = Notes()
        self.planner = DancePlanner("", 1, generator=self.notes, **planner)
        self.clock = LOCKED
        self.controls = Controls()
        self.features = Features(
            t_s=0.0, rms_db=-20.0, levels=Levels(energy=0.5), onset_low=0.0, onset_mid=0.0, onset_high=0.0,
            brightness=0.5, is_silent=False,
        )  # fmt: skip
        self.hop = 0
        self.when: list[tuple[float, MotionWindow]] = []
        """(dance position at the hop, window)"""

    @property
    def now(self) -> float:
        return self.clock.dance_at(self.features.t_s)

    def run(self, seconds: float, *commands: Command) -> list[MotionWindow]:
        made: list[MotionWindow] = []
        for _ in range(round(seconds / HOP_S)):
            self.hop += 1
            self.features = replace(self.features, t_s=self.hop * HOP_S)
            windows = self.planner.step(self.clock, self.features, self.controls, commands)
            commands = ()
            made += windows
            self.when += [(self.now, w) for w in windows]
        return made


def test_windows_lie_on_the_half_beats_without_gap_and_a_beat_ahead() -> None:
    show = Show()
    windows = show.run(10.0)
    assert windows[0].beat_start <= 0.0 < windows[0].beat_end
    starts = np.array([w.beat_start for w in windows])
    assert np.array_equal(starts % 1.0, np.full(len(starts), 0.5))
    assert np.array_equal(np.diff(starts), np.ones(len(starts) - 1))
    assert [w.plan for w in windows] == list(range(len(windows)))
    for now, window in show.when[2:]:
        assert 0.0 <= now - (window.beat_start - 1.0) < 2 * HOP_S * show.clock.beats_per_s


def test_the_same_hops_ask_for_the_same_windows() -> None:
    first, second = Show(), Show()
    first.run(6.0)
    second.run(6.0)
    assert first.notes.requests == second.notes.requests


@pytest.mark.parametrize("op", ["hit", "phrase_new", "drop"])
def test_a_wish_makes_a_new_plan_soon(op: str) -> None:
    show = Show()
    show.run(5.0)
    now, plan = show.now, show.notes.requests[-1].plan
    window = show.run(HOP_S, Command(op=op))[0]
    lead_s = (window.beat_start - now) / show.clock.beats_per_s
    assert 0.1 < lead_s < 0.3
    assert window.plan == plan + 1
    asked = next(r for r in show.notes.requests if r.plan == window.plan)
    assert (asked.hit_beat is not None) == (op in ("hit", "drop"))
    if asked.hit_beat is not None:
        assert (asked.hit_beat - now) / show.clock.beats_per_s <= 0.25
    assert (asked.section == Section.DROP) == (op == "drop")
    assert asked.new_phrase == (op in ("phrase_new", "drop"))
    starts = [w.beat_start for _, w in show.when]
    show.run(3.0)
    later = [w.beat_start for _, w in show.when][len(starts) :]
    assert all(s % 1.0 == 0.5 for s in later)


def test_silence_and_first_sound_make_a_new_plan_within_half_a_second() -> None:
    show = Show()
    show.run(4.0)
    for silent in (True, False):
        show.features = replace(show.features, is_silent=silent)
        now = show.now
        window = show.run(HOP_S)[0]
        assert next(r for r in show.notes.requests if r.plan == window.plan).is_silent == silent
        assert (window.beat_start - now) / show.clock.beats_per_s < 0.5
        show.run(2.0)


def test_a_searching_clock_idles_and_the_first_lock_dances() -> None:
    show = Show()
    show.clock = ClockState()
    show.run(2.0)
    assert all(r.is_silent for r in show.notes.requests)
    show.clock = replace(LOCKED, epoch=1, beat_position=0.3)
    window = show.run(HOP_S)[0]
    assert not show.notes.requests[-1].is_silent
    assert window.beat_start <= show.now < window.beat_end


@pytest.mark.parametrize("beats", [-7.3, 0.4, 12.6])
def test_a_new_epoch_is_covered_at_once(beats: float) -> None:
    show = Show()
    show.run(5.0)
    plan = show.notes.requests[-1].plan
    show.clock = replace(show.clock, epoch=1, beat_position=show.clock.beat_position + beats)
    windows = show.run(HOP_S)
    assert windows[0].plan == plan + 1
    assert windows[0].beat_start <= show.now < windows[0].beat_end
    assert windows[-1].beat_end >= show.now + 1.0


def test_a_stalled_caller_catches_up_without_making_what_is_past() -> None:
    show = Show()
    show.run(3.0)
    made = len(show.when)
    show.hop += 400
    windows = show.run(HOP_S)
    assert len(windows) <= 3
    assert windows[0].beat_start <= show.now < windows[0].beat_end
    assert len(show.when) == made + len(windows)


def test_every_dancer_gets_windows_and_a_new_one_soon() -> None:
    show = Show()
    show.controls = Controls(dancers=3)
    windows = show.run(3.0)
    for dancer in range(3):
        plans = [w.plan for w in windows if w.dancer == dancer]
        assert plans == list(range(len(plans)))
        assert len(plans) > 5
    show.controls = Controls(dancers=4)
    added = show.run(HOP_S)
    assert [w.dancer for w in added][:4] == [0, 1, 2, 3]
    assert (added[0].beat_start - show.now) / show.clock.beats_per_s < 0.3
    assert len(show.notes.requests) == len({w.plan for _, w in show.when})  # in unison all follow one wish


def test_a_new_place_is_walked_to() -> None:
    show = Show()
    show.controls = Controls(dancers=2)
    show.run(3.0)
    show.controls = Controls(dancers=3)
    made = show.run(8.0)
    ways = []
    for dancer in range(2):
        x = np.concatenate([w.root_position_m[:16, [0, 2]] for w in made if w.dancer == dancer])
        ways.append(np.linalg.norm(x[-1] - x[0]))
        assert np.linalg.norm(np.diff(x, axis=0), axis=1).max() < 0.06
    assert max(ways) > 0.3


def test_resume_goes_on_after_the_last_window() -> None:
    show = Show()
    last = a_window(7.5, 40)
    show.planner.resume([a_window(6.5, 39), last], next_plan=57)
    show.clock = replace(LOCKED, beat_position=7.2)
    windows = show.run(2.0)
    assert show.notes.resumed == [40]
    first = show.notes.pasts[0]
    assert first is not None
    assert first.beat_start == last.beat_start
    assert [w.plan for w in windows] == list(range(57, 57 + len(windows)))
    assert windows[0].beat_start == 8.5


def test_energy_follows_the_music_and_the_hand() -> None:
    show = Show()
    show.features = replace(show.features, levels=Levels(energy=0.9))
    show.run(8.0)
    assert abs(show.notes.requests[-1].energy - 0.9) < 0.02
    show.clock = replace(show.clock, state=LockState.FREE_WHEEL)
    show.run(2.0)
    assert show.notes.requests[-1].energy < 0.7
    show.clock = LOCKED
    show.controls = Controls(energy=0.1)
    show.run(8.0)
    assert abs(show.notes.requests[-1].energy - 0.1) < 0.02


def test_a_drop_in_the_music_is_answered() -> None:
    show = Show()
    show.run(4.0)
    show.clock = replace(show.clock, section=Section.DROP)
    window = show.run(HOP_S)[0]
    request = next(r for r in show.notes.requests if r.plan == window.plan)
    assert request.section == Section.DROP
    assert (window.beat_start - show.now) / show.clock.beats_per_s < 0.3


def test_double_the_beats_at_half_the_ratio() -> None:
    show = Show()
    show.clock = replace(LOCKED, beats_per_s=160 / 60, dance_ratio=0.5)
    show.run(4.0)
    assert abs(show.notes.requests[-1].dance_bpm - 80.0) < 1e-9


@pytest.mark.parametrize(
    ("ratio", "beat", "expected"),
    [(1.0, 5.5, (1.5, 1)), (0.5, 2.5, (2.5, 1)), (0.5, 0.5, (0.5, 0)), (2.0, 9.5, (1.5, 1)), (1.0, -0.5, (3.5, 7))],
)
def test_bar_at(ratio: float, beat: float, expected: tuple[float, int]) -> None:
    in_bar, phrase_bar = bar_at(replace(LOCKED, dance_ratio=ratio), beat)
    assert (in_bar, phrase_bar) == expected
