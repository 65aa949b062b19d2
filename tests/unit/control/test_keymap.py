"""The one key map (design: commands)."""

from __future__ import annotations

import pytest

from livedance.control.controls import check, delay_of, reduce
from livedance.control.keymap import KEYS, command_for, lookup
from livedance.messages import Controls


def test_every_key_of_the_design_is_there_once() -> None:
    keys = [key.key for key in KEYS]
    assert sorted(keys) == sorted([*" bfzxnhr[]-+cpid123456789", "ctrl+q"])


@pytest.mark.parametrize("key", [k for k in KEYS if not k.is_local], ids=lambda k: k.label)
def test_every_command_of_a_key_is_one_the_show_takes(key: object) -> None:
    command = command_for(key.key)  # type: ignore[attr-defined]
    assert command is not None
    check(command)


def test_keys_do_what_they_say() -> None:
    controls = Controls()
    for key in ["B", "z", "p", "c", "+", "=", "-"]:
        controls = reduce(controls, command_for(key))  # type: ignore[arg-type]
    assert (controls.blackout, controls.freeze, controls.palette, controls.camera) == (True, True, 1, "orbit")
    assert delay_of(controls, "window") == 5.0
    controls = reduce(controls, command_for("3"))  # type: ignore[arg-type]
    assert (controls.scene, controls.palette, controls.camera) == (3, 2, "wide")
    assert command_for("]").value == 10.0  # type: ignore[union-attr]
    assert command_for(" ").op == "tap"  # type: ignore[union-attr]


def test_a_screen_moves_its_own_delay() -> None:
    command = command_for("+", output="window")
    assert command is not None
    assert reduce(Controls(), command).delay_ms == {"window": 5.0}


def test_local_and_unknown_keys_make_no_command() -> None:
    assert [command_for(k) for k in ("f", "I", "ctrl+q", "q", "é", "")] == [None] * 6
    found = lookup("F")
    assert found is not None and found.op == "fullscreen"
