"""The stage between its processes (played by the test) and a real OSC receiver."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livedance import stage
from livedance import state as states
from livedance.broadcast import osc_values, wire
from livedance.feed import Feed
from livedance.messages import ClockState, LockState, MotionWindow, Source
from tests.unit.stage_rig import Running, Standby
from tests.unit.waiting import until


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(stage, "Standby", Standby)
    made: list[Running] = []

    def make(**tree: Any) -> Running:
        made.append(Running(tree))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_osc_says_what_state_the_show_is_in(running: Callable[..., Running]) -> None:
    show = running()
    assert show.bits() == osc_values.STATE_RUNNING
    show.tell("terminal", type="command", op="set", args={"freeze": True, "blackout": True})
    wanted = osc_values.STATE_RUNNING | osc_values.STATE_FROZEN | osc_values.STATE_BLACKOUT
    until(lambda: show.bits() == wanted)
    show.tell("brain", type="audio", audio={"health": "lost"}, message="")
    until(lambda: show.bits() == wanted | osc_values.STATE_AUDIO_LOST)


@pytest.mark.parametrize("role", ["window", "painter"])
def test_osc_says_when_a_screen_tames_flashes(running: Callable[..., Running], role: str) -> None:
    show = running()
    show.tell(role, type="report", stats={"flash": False})
    assert not show.bits() & osc_values.STATE_FLASH_LIMIT
    show.tell(role, type="report", stats={"flash": True})
    until(lambda: show.bits() & osc_values.STATE_FLASH_LIMIT)
    show.leave(role)
    until(lambda: not show.bits() & osc_values.STATE_FLASH_LIMIT)


def a_beat(index: int) -> bytes:
    return wire.encode_beat(
        t_s=0.0, bpm=120.0, confidence=1.0, index=index, in_bar=index % 4, meter=4, source=Source.AUDIO
    )


def test_beats_go_on_while_the_standby_dances(running: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "FIRST_BRAIN_S", 0.5)
    show = running()
    show.peer("window")
    heard = ClockState(t_s=show.show.clock.now(), beat_position=7.1, beats_per_s=0.01, confidence=0.5)
    show.peer("brain").send(wire.encode_clock(heard, unix_s=0.0))
    show.peer("brain").send(a_beat(7))
    until(lambda: show.wire("window", wire.Beat))
    show.leave("brain")
    until(lambda: show.standby.active)
    clock = ClockState(
        t_s=show.show.clock.now(), beat_position=7.5, beats_per_s=10.0, bar_start_beat=4.0, confidence=0.5,
        state=LockState.FREE_WHEEL,
    )  # fmt: skip
    show.standby.clock = clock
    until(lambda: len(show.wire("window", wire.Beat)) > 4)
    # A brain that comes back speaks of beats that were told, until a window of it is accepted.
    show.peer("brain").send(a_beat(8))
    until(lambda: len(show.wire("window", wire.Beat)) > 7)
    told = show.wire("window", wire.Beat)
    indices = [beat.index for beat in told]
    assert indices == sorted(set(indices)) and indices[:2] == [7, 8]
    assert all(beat.t_s == pytest.approx(clock.time_at(beat.index)) for beat in told[1:])
    assert [beat.in_bar for beat in told] == [index % 4 for index in indices]


def test_full_screen_reaches_the_window_and_nobody_else(running: Callable[..., Running]) -> None:
    show = running()
    for role in ("brain", "herald"):
        show.peer(role)
    window = Feed(show.show, "window")
    until(lambda: window.update() or window.state)
    show.tell("terminal", type="command", op="fullscreen")
    show.tell("terminal", type="command", op="hit")
    until(lambda: any(b'"hit"' in message for message in show.hear("brain")))
    until(lambda: window.update() or window.take_acts() == ["fullscreen"])
    assert window.take_acts() == []
    assert not any(b"fullscreen" in message for role in ("brain", "herald") for message in show.hear(role))
    window.close()


def directs(show: Running, value: float = 0.0, **fields: Any) -> None:
    show.tell("brain", type="command", op="set", args=fields, value=value, source="director")


def told(show: Running) -> list[dict[str, Any]]:
    """Return the changes that the brain was told."""
    texts = [json.loads(m) for m in show.hear("brain") if m[:1] == b"{"]
    return [m["args"] for m in texts if m["type"] == "command" and m["op"] == "set"]


def test_what_the_director_decides_is_state_and_no_news_to_the_brain(running: Callable[..., Running]) -> None:
    show = running()
    show.peer("window")
    directs(show, value=32.0, dancers=3, formation="unison", auto_style="club")
    until(lambda: show.state("window").get("controls", {}).get("dancers") == 3)
    state = show.state("window")
    assert state["controls"]["auto_style"] == "club"
    assert state["arrangement"]["beat"] == 32.0 and len(state["arrangement"]["dancers"]) == 3
    show.tell("terminal", type="command", op="set", args={"energy": 0.5})
    until(lambda: told(show))
    assert told(show) == [{"energy": 0.5}]


def test_a_person_who_acts_at_the_same_time_wins(running: Callable[..., Running]) -> None:
    show = running()
    show.peer("brain")
    show.tell("terminal", type="command", op="set", args={"camera": "low"})
    until(lambda: told(show) == [{"camera": "low"}])
    # The brain has not heard of it yet when its director widens the view, and is put right.
    directs(show, camera="wide", auto_style="hype")
    until(lambda: len(told(show)) == 2)
    assert told(show)[1] == {"camera": "low"}
    controls = show.stage._state.controls
    assert (controls.camera, controls.auto_style) == ("low", "hype")


def test_nobody_else_can_speak_as_the_director(running: Callable[..., Running]) -> None:
    show = running()
    show.peer("brain")
    show.tell("herald", type="command", op="set", args={"palette": 4}, source="director")
    until(lambda: told(show) == [{"palette": 4}])


def test_a_recording_shows_its_dancers_from_its_own_beat_on(running: Callable[..., Running]) -> None:
    show = running()
    show.peer("window")
    show.tell("brain", type="command", op="set", args={"dancers": 2}, value=129.0, source=states.RECORDING)
    until(lambda: show.state("window").get("controls", {}).get("dancers") == 2)
    assert show.state("window")["arrangement"]["beat"] == 129.0


def test_a_dancer_who_is_added_does_not_wake_the_standby(
    running: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "SILENT_BRAIN_S", 60.0)
    show = running()
    show.peer("window")
    show.peer("brain").send(wire.encode_window(a_window(), t_s=0.0))
    until(lambda: show.wire("window", wire.Window))
    show.tell("terminal", type="command", op="set", args={"dancers": 4})
    until(lambda: show.state("window").get("controls", {}).get("dancers") == 4)
    assert not show.standby.active


def a_window() -> MotionWindow:
    """Return a window of the first dancer that lasts for ten beats."""
    turned = np.zeros((160, 23, 4))
    turned[..., 0] = 1.0
    return MotionWindow(
        beat_start=0.0, root_position_m=np.zeros((160, 3)), joint_rotations_wxyz=turned,
        foot_contact=np.ones((160, 4)), hands=np.zeros((160, 2), np.uint8), plan=1,
    )  # fmt: skip
