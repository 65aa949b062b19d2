"""One dancer: what energy, direction, waking and places make of a wish."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import performer
from livedance.dance.direction import Direction, Role
from livedance.dance.motion_graph import MotionGraph
from livedance.dance.performer import Cue, Place
from livedance.messages import MotionWindow, Origin
from tests.unit.dance.dancing import LIFELESS, a_request


@cache
def graph() -> MotionGraph:
    return MotionGraph()


def perform(n: int = 12, place: Place = Place(), **changes: Any) -> list[MotionWindow]:  # noqa: B008
    state, voice, windows = performer.begin(3, 0), graph().initial_state(3, 0), []
    for i in range(n):
        now = {k: v(i) if callable(v) else v for k, v in changes.items()}
        cue = Cue(request=a_request(i - 0.5, i, seed=3, **now), place=place, parts=LIFELESS)
        wish = None
        if not cue.request.is_silent:
            wish, voice = graph().step(voice, cue.request, performer.past(state, cue))
        window, state = performer.perform(state, wish, cue)
        windows.append(window)
    return windows


def joints(windows: list[MotionWindow]) -> np.ndarray:
    root = np.concatenate([w.root_position_m[:16] for w in windows])
    return skeleton.forward_kinematics(root, np.concatenate([w.joint_rotations_wxyz[:16] for w in windows]))


def speed(windows: list[MotionWindow]) -> float:
    return float(np.linalg.norm(np.diff(joints(windows), axis=0), axis=-1).mean() * 32.0)


def slot(**changes: Any) -> Direction:
    return replace(Direction(slot=1, start=-0.5, beats=8), **changes)


def test_amplitude_and_travel_of_a_direction_are_seen() -> None:
    small = perform(direction=slot(amplitude=0.6, travel=0.5))
    large = perform(direction=slot(amplitude=1.2, travel=1.2))
    assert speed(large) > 1.15 * speed(small)


def test_a_lift_carries_arms_up_and_a_sink_the_hips_down() -> None:
    plain, lifted = perform(direction=slot()), perform(direction=slot(lift=1.0))
    sunk = perform(direction=slot(sink=1.0))
    wrists = list(skeleton.WRISTS)
    assert joints(lifted)[:, wrists, 1].mean() > joints(plain)[:, wrists, 1].mean() + 0.15
    assert joints(sunk)[:, 0, 1].mean() < joints(plain)[:, 0, 1].mean() - 0.03


def test_a_place_is_danced_about() -> None:
    here, there = perform(), perform(place=Place(xz=(1.2, -0.7)))
    apart = joints(there) - joints(here)
    assert np.allclose(apart.mean(axis=(0, 1)), [1.2, 0.0, -0.7], atol=0.02)


def test_silence_idles_and_waking_is_the_dance_after_four_beats() -> None:
    windows = perform(24, is_silent=lambda i: i < 12)
    assert [w.origin for w in windows] == [Origin.IDLE] * 12 + [Origin.MOTION_GRAPH] * 12
    moving = np.linalg.norm(np.diff(joints(windows), axis=0), axis=-1).mean(axis=1) * 32.0
    waking, awake = moving[12 * 16 : 14 * 16], moving[17 * 16 :]
    assert waking.mean() < awake.mean()
    assert waking.max() > 0.1


def test_a_plan_ahead_of_the_newest_window_goes_on_from_the_one_before() -> None:
    state, voice = performer.begin(3, 0), graph().initial_state(3, 0)
    for plan, beat in enumerate((-0.5, 0.5, 1.5, 2.5, 1.75)):
        cue = Cue(request=a_request(beat, plan, seed=3, new_phrase=plan == 4), parts=LIFELESS)
        wish, voice = graph().step(voice, cue.request, performer.past(state, cue))
        window, state = performer.perform(state, wish, cue)
        assert window.seam_samples == 0


@pytest.mark.parametrize("role", [Role.DROP, Role.THEME])
def test_a_hit_is_struck_on_its_beat(role: Role) -> None:
    plain = joints(perform(8, direction=slot(role=role)))
    hit = joints(perform(8, direction=slot(role=role), hit_beat=4.0))
    apart = np.linalg.norm(plain - hit, axis=-1).max(axis=1)
    assert apart[round(4.5 * 16)] > 0.15
    assert apart[: 3 * 16].max() < 1e-9
