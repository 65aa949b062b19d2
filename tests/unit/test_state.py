"""What travels between our processes as JSON."""

import json

import pytest

from livedance import state as states
from livedance.control.controls import changed_fields, reduce
from livedance.messages import ClockState, Command, Controls, LockState, Section, Source


def test_clock_survives_json():
    clock = ClockState(
        t_s=12.5, beat_position=31.25, beats_per_s=2.2, dance_ratio=0.5, confidence=0.7, source=Source.TAP,
        state=LockState.LOCKED, epoch=4, bar_index=7, section=Section.DROP, build=0.4,
    )  # fmt: skip
    again = states.clock_from_json(json.loads(json.dumps(states.clock_to_json(clock))))
    assert again == clock
    assert isinstance(again.section, Section) and isinstance(again.state, LockState)


@pytest.mark.parametrize("broken", [{}, {"source": 99, "state": 0, "section": 0}])
def test_a_broken_clock_is_a_value_or_key_error(broken):
    with pytest.raises((ValueError, KeyError)):
        states.clock_from_json(broken)


@pytest.mark.parametrize("value", ["salsa", [1, 2], {"a": 1}])
def test_a_value_that_is_no_number_is_an_argument(value):
    command = states.command_from_json({"op": "style", "value": value}, "web")
    assert command.value is None and command.args == {"value": value}


def test_a_number_stays_the_value():
    command = states.command_from_json({"op": "nudge_ms", "value": 10, "args": {"a": 1}}, "web")
    assert command.value == 10.0 and command.args == {"a": 1} and command.source == "web"


def test_changed_fields_make_the_same_change():
    before = Controls(delay_ms={"osc": 5.0})
    wishes = [
        Command(op="toggle", args={"field": "blackout"}),
        Command(op="step", args={"field": "camera"}),
        Command(op="add", value=5.0, args={"field": "delay_ms", "output": "osc"}),
        Command(op="energy", value=0.4),
    ]
    after = before
    for wish in wishes:
        after = reduce(after, wish)
    told = changed_fields(before, after)
    assert set(told) == {"blackout", "camera", "delay_ms", "energy"}
    again = reduce(before, Command(op="set", args=told))
    assert changed_fields(after, again) == {}
    assert changed_fields(after, after) == {}


@pytest.mark.parametrize(
    ("wished", "auto", "danced"),
    [("auto", "", "auto"), ("auto", "club", "club"), ("jazz", "club", "jazz"), ("club:0.5+jazz:0.5", "", None)],
)
def test_outputs_are_told_the_style_that_is_danced(wished, auto, danced):
    assert states.danced_style(Controls(style=wished, auto_style=auto)) == (danced or wished)


def test_a_decision_brings_another_arrangement_only_where_others_are_shown():
    show = states.StageState(controls=Controls())
    decision = Command(op="set", args={"camera": "wide"}, value=8.0, source="director")
    assert not states.direct(show, decision) and show.controls.camera == "wide" and show.arrangement.beat == 0.0
    assert states.direct(show, Command(op="set", args={"dancers": 2}, value=32.0, source="director"))
    assert show.arrangement.beat == 32.0 and len(show.arrangement.dancers) == 2
