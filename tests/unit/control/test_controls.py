"""The reducer of controls and the table of operations."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.config import DanceConfig
from livedance.control import ops
from livedance.control.controls import check, delay_of, is_act, reduce
from livedance.control.ops import VOCABULARY, Kind
from livedance.control.scenes import NAMES, SCENES
from livedance.dance.arrangement import FORMATIONS
from livedance.errors import ConfigError
from livedance.messages import Command, Controls


def after(*commands: Command, start: Controls | None = None) -> Controls:
    controls = start or Controls()
    for command in commands:
        controls = reduce(controls, command)
    return controls


def put(**args: object) -> Command:
    return Command(op="set", args=args)


def test_set_changes_fields_and_counts_versions() -> None:
    controls = after(put(energy=0.7, dancers=3), put(energy=0.7))
    assert (controls.energy, controls.dancers, controls.version) == (0.7, 3, 1)


def test_every_field_of_controls_is_an_operation() -> None:
    free = {"version", "extra"}
    assert {f.name for f in fields(Controls)} - free == {op.name for op in ops.OPS if op.is_field}


def test_numbers_are_clamped_and_taken_from_any_kind() -> None:
    controls = after(put(energy=7, dancers=99.0, scene=0, groove="0.25", blackout=1.0, palette=True))
    assert (controls.energy, controls.dancers, controls.scene) == (1.0, 16, 1)
    assert (controls.groove, controls.blackout, controls.palette) == (0.25, True, 1)
    assert after(put(energy=float("inf"))).energy == 1.0


def test_energy_can_follow_the_music_again() -> None:
    assert after(put(energy=0.5), put(energy=None)).energy is None


def test_choices_go_by_name_or_index() -> None:
    assert after(put(formation="canon")).formation == "canon"
    assert after(put(formation=1.0)).formation == "mirror"
    assert after(put(formation=99)).formation == VOCABULARY["formation"][-1]
    styles = {"style": ("auto", "house", "salsa")}
    assert reduce(Controls(), put(style=2), styles).style == "salsa"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (put(formation="unisom"), "did you mean 'unison'"),
        (put(enrgy=1), "did you mean 'energy'"),
        (put(energy="loud"), "'energy'"),
        (put(energy=float("nan")), "'energy'"),
        (put(energy=None, groove=None), "'groove'"),
        (put(style=""), "'style'"),
        (put(style="x" * 65), "'style'"),
        (put(tap=1), "act"),
        (put(version=9), "'version'"),
        (put(extra=3), "'extra'"),
        (put(extra={"a": float("inf")}), "finite|numbers"),
        (Command(op="explode"), "'explode'"),
        (Command(op="toggle", args={"field": "energy"}), "no switch"),
        (Command(op="toggle"), "'None'"),
        (Command(op="step", args={"field": "style"}), "no list"),
        (Command(op="step", value=float("nan"), args={"field": "palette"}), "finite"),
        (Command(op="add", value=1.0, args={"field": "look"}), "no number"),
    ],
)
def test_what_cannot_be_used_is_named(command: Command, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        reduce(Controls(), command)


def test_a_refused_set_changes_nothing_of_its_kind() -> None:
    controls = Controls()
    with pytest.raises(ConfigError):
        reduce(controls, put(energy=0.5, formation="no"))
    assert controls == Controls()


def test_toggle_and_step_go_round() -> None:
    toggle = Command(op="toggle", args={"field": "blackout"})
    assert [after(*[toggle] * n).blackout for n in range(3)] == [False, True, False]
    step = Command(op="step", args={"field": "camera"})
    seen = [after(*[step] * n).camera for n in range(len(ops.VOCABULARY["camera"]) + 1)]
    assert seen[0] == seen[-1] and len(set(seen)) == len(ops.VOCABULARY["camera"])
    back = Command(op="step", value=-1.0, args={"field": "palette"})
    assert after(back).palette == 15


def test_delays_add_up_per_output() -> None:
    more = Command(op="add", value=5.0, args={"field": "delay_ms"})
    window = Command(op="add", value=20.0, args={"field": "delay_ms", "output": "window"})
    controls = after(more, more, window)
    assert (delay_of(controls, "window"), delay_of(controls, "osc:td")) == (30.0, 10.0)
    assert after(put(delay_ms={"window": 9e9})).delay_ms == {"window": 2000.0}


def test_a_field_name_is_an_operation_too() -> None:
    assert after(Command(op="hold", value=1.0)).hold
    assert after(Command(op="style", args={"value": "house"})).style == "house"


def test_acts_change_nothing_here_and_are_clamped() -> None:
    start = Controls()
    assert reduce(start, Command(op="tap")) is start
    assert check(Command(op="nudge_ms", value=-9000.0)).value == -500.0
    assert is_act(Command(op="hit")) and not is_act(put(energy=1)) and not is_act(Command(op="freeze", value=1.0))


def test_a_checked_command_needs_no_vocabulary_later() -> None:
    styles = {"style": ("auto", "house", "salsa")}
    command = check(put(style=2, dancers=99, extra={"wobble": 1}), styles)
    assert command.args == {"style": "salsa", "dancers": 16, "extra": {"wobble": 1}}
    assert reduce(Controls(), command).style == "salsa"


def test_a_switch_by_name_is_set_or_toggled() -> None:
    assert after(Command(op="tempo_lock", value=1.0)).tempo_lock
    assert after(Command(op="tempo_lock"), Command(op="mirror"), Command(op="mirror")).tempo_lock
    assert not after(Command(op="mirror"), Command(op="mirror")).mirror


def test_a_flood_of_names_cannot_fill_memory() -> None:
    controls = Controls()
    with pytest.raises(ConfigError, match="64"):
        for n in range(100):
            controls = reduce(controls, put(extra={f"p{n}": 1.0}))
    assert len(controls.extra) == 64


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([op.name for op in ops.OPS] + ["set", "toggle", "step", "add", "x"]),
    st.none() | st.floats() | st.integers(),
    st.dictionaries(
        st.sampled_from(["field", "energy", "style", "value", "output", "extra", "delay_ms"]),
        st.none() | st.floats() | st.text(max_size=5) | st.lists(st.floats(), max_size=2)
        | st.dictionaries(st.text(max_size=3), st.floats(), max_size=2) | st.sampled_from(["energy", "palette"]),
        max_size=3,
    ),
)  # fmt: skip
def test_any_command_gives_valid_controls_or_a_config_error(op: str, value: float | None, args: dict) -> None:
    try:
        controls = reduce(Controls(), Command(op=op, value=value, args=args))
    except ConfigError:
        return
    for row in ops.OPS:
        if row.is_field and row.kind in (Kind.FLOAT, Kind.INT) and row.name != "delay_ms":
            number = getattr(controls, row.name)
            assert number is None or row.low <= number <= row.high


@pytest.mark.parametrize("wanted", ["link", "midi", "tap", 1, 2.0, 4])
def test_a_source_of_tempo_that_is_not_there_yet_is_refused(wanted: object) -> None:
    with pytest.raises(ConfigError, match="There are: audio, osc"):
        reduce(Controls(), Command(op="set", args={"tempo_source": wanted}))
    assert reduce(Controls(), Command(op="set", args={"tempo_source": 3.0})).tempo_source == "osc"


def test_a_scene_brings_palette_and_view_and_leaves_what_the_same_command_names() -> None:
    assert set(SCENES) == set(range(1, 10))
    for number, brought in SCENES.items():
        after = reduce(Controls(scene=10), Command(op="set", args={"scene": number}))
        assert {name: getattr(after, name) for name in brought} == brought
        assert after.camera in VOCABULARY["camera"]
    after = reduce(Controls(), Command(op="set", args={"scene": 2, "palette": 5}))
    assert (after.scene, after.palette, after.camera) == (2, 5, "close")


def test_scenes_have_names() -> None:
    assert len(set(NAMES)) == len(SCENES)
    assert [reduce(Controls(), Command(op="set", args={"scene": name})).scene for name in NAMES] == list(SCENES)
    with pytest.raises(ConfigError, match=r"did you mean 'sunset'\? There are: ultraviolet"):
        reduce(Controls(), Command(op="set", args={"scene": "sunst"}))


def test_choosing_a_view_puts_the_camera_back() -> None:
    moved = after(put(camera_yaw_deg=400.0, camera_dist_m=2.0, camera_x_m=1.0, camera_y_m=-0.5))
    assert (moved.camera_yaw_deg, moved.camera_dist_m, moved.camera_x_m, moved.camera_y_m) == (180.0, 2.0, 1.0, -0.5)
    for act in (put(camera="front"), put(scene=3), Command(op="step", args={"field": "camera"})):
        home = reduce(moved, act)
        assert (home.camera_yaw_deg, home.camera_dist_m, home.camera_x_m, home.camera_y_m) == (0.0, 0.0, 0.0, 0.0)
    both = reduce(moved, put(camera="low", camera_x_m=0.25))
    assert (both.camera, both.camera_x_m, both.camera_y_m) == ("low", 0.25, 0.0)


def test_formations_are_the_same_for_the_dance_the_controls_and_the_configuration() -> None:
    assert VOCABULARY["formation"] == FORMATIONS == get_args(DanceConfig.model_fields["formation"].annotation)
