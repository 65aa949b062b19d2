"""The stage's own dance while no brain lives."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from livedance import standby as module
from livedance.messages import ClockState, Command, Controls, LockState, MotionWindow, Origin
from livedance.standby import Standby
from tests.unit.waiting import until

CLOCK = ClockState(t_s=10.0, beat_position=20.0, beats_per_s=2.0, confidence=0.9, state=LockState.FREE_WHEEL)


def windows_of(standby: Standby, now_s: float, n: int) -> list[MotionWindow]:
    """Step at `now_s` until `n` windows have been made."""
    found: list[MotionWindow] = []

    def enough() -> bool:
        found.extend(standby.step(now_s, Controls(), [])[1])
        return len(found) >= n

    until(enough, 20.0)
    return found


@pytest.fixture(scope="module")
def ready():
    standby = Standby(1)
    until(lambda: standby.ready)
    return standby


def test_it_sleeps_until_it_is_started(ready):
    assert ready.step(10.0, Controls(), []) == (None, [])


def test_it_goes_on_from_the_clock_and_above_the_plans(ready):
    ready.start(CLOCK, [], 40)
    windows = windows_of(ready, 10.0, 2)
    assert [w.plan for w in windows] == [40, 41]
    assert windows[0].beat_start <= 20.0 < windows[0].beat_end
    assert all(w.origin == Origin.MOTION_GRAPH and np.isfinite(w.joint_rotations_wxyz).all() for w in windows)
    ready.stop()
    assert not ready.active and ready.step(11.0, Controls(), []) == (None, [])


def test_windows_of_an_earlier_turn_are_not_shown(ready):
    ready.start(replace(CLOCK, t_s=20.0, beat_position=40.0), [], 100)
    made = windows_of(ready, 20.0, 1)
    ready.step(21.0, Controls(), [])  # asks for windows that nobody takes
    ready.stop()
    ready.start(replace(CLOCK, t_s=21.0, beat_position=42.0), made, 200)
    assert all(w.plan >= 200 for w in windows_of(ready, 21.0, 2))
    ready.stop()


def test_tempo_by_hand_acts_here(ready):
    ready.start(CLOCK, [], 300)
    clock, _ = ready.step(10.1, Controls(), [Command(op="tempo", value=90.0)])
    assert clock is not None and clock.state == LockState.LOCKED
    later, _ = ready.step(14.0, Controls(), [])
    assert (later or clock).tempo_bpm == pytest.approx(90.0, rel=0.16), "bent by at most 15 % on its way"
    ready.stop()


def test_a_broken_library_leaves_a_sway(monkeypatch):
    real = module.DancePlanner

    def planner(generator, *args, **more):
        if generator == "motion-graph":
            raise OSError("the library is gone")
        return real(generator, *args, **more)

    monkeypatch.setattr(module, "DancePlanner", planner)
    standby = Standby(1)
    until(lambda: standby.ready)
    standby.start(CLOCK, [], 5)
    windows = windows_of(standby, 10.0, 1)
    assert windows[0].origin == Origin.IDLE and windows[0].plan == 5


def test_the_planning_thread_gives_way_to_the_stage():
    before = sys.getswitchinterval()
    try:
        Standby(1)
        assert sys.getswitchinterval() == pytest.approx(module.GIVE_WAY_S)
        assert module.GIVE_WAY_S < 0.001
    finally:
        sys.setswitchinterval(before)
