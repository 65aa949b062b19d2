"""Presets: names, what they keep and set, their text in the file."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.control import controls as control
from livedance.control import ops, presets
from livedance.errors import ConfigError
from livedance.messages import Command, Controls

NOW = Controls(
    style="club:0.75+jazz:0.25", energy=0.5, groove=0.1, dancers=4, formation="wedge", look="neon", scene=4, palette=7,
    camera="low", camera_yaw_deg=30.0, director=False, mirror=True, freeze=True, blackout=True, hold=True,
    tempo_lock=True, delay_ms={"web": 40.0}, extra={"wobble": 1.0},
)  # fmt: skip


def act(op: str, value: object = None, **args: object) -> Command:
    return Command(op=op, args={"value": value, **args})


def saved(*names: str) -> presets.Presets:
    return dict.fromkeys(names, presets.values_of(NOW))


def test_a_preset_brings_back_everything_that_it_keeps_and_nothing_else():
    before = Controls(energy=0.9, delay_ms={"window": 80.0}, look="mesh")
    after = control.reduce(before, presets.recalled({"Doors": presets.values_of(NOW)}, "Doors"))
    kept = {name: getattr(after, name) for name in presets.FIELDS}
    assert kept == {name: getattr(NOW, name) for name in presets.FIELDS}
    others = {f.name for f in fields(Controls)} - set(presets.FIELDS) - {"version"}
    assert {"blackout", "freeze", "delay_ms", "hold", "tempo_lock"} < others
    assert all(getattr(after, name) == getattr(before, name) for name in others)
    # Energy that follows the music is kept as that.
    follows = presets.recalled({"Doors": presets.values_of(Controls(look="neon"))}, "Doors")
    assert control.reduce(after, follows).energy is None


def test_the_file_gives_back_what_was_saved_in_its_order():
    kept = {'Zuletzt "laut" \\': presets.values_of(NOW), "開場 🎉": presets.values_of(Controls(look="neon"))}
    read = presets.from_toml(presets.to_toml(kept))
    assert read == kept and list(read) == list(kept)
    # Sixteen mixes of the longest names still fit: what can be saved can be read.
    many = {f"{i}" + "\\" * (presets.MAX_NAME - 2): presets.values_of(NOW) for i in range(10, 74)}
    assert presets.from_toml(presets.to_toml(many)) == many


def test_a_preset_written_by_hand_may_set_little():
    (values,) = presets.from_toml('[[preset]]\nname = "Loud"\nenergy = 7\n').values()
    assert values == {"energy": 1.0}
    after = control.reduce(NOW, presets.recalled({"Loud": values}, "Loud"))
    assert (after.energy, after.dancers) == (1.0, NOW.dancers)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[preset]\n", "TOML"),
        ("preset = 3\n", "tables"),
        ("[[scene]]\n", "scene"),
        ("[[preset]]\nstyle = 'club'\n", "preset 1: a preset needs a name"),
        ("[[preset]]\nname = 3\n", "needs a name"),
        ("[[preset]]\nname = 'a'\n[[preset]]\nname = ' a '\n", "preset 2: the name is taken"),
        ("[[preset]]\nname = 'a'\nblackout = true\n", "no 'blackout'"),
        ("[[preset]]\nname = 'a'\ndancer = 2\n", "did you mean 'dancers'"),
        ("[[preset]]\nname = 'a'\ndancers = 'many'\n", "dancers"),
        ("[[preset]]\nname = 'a'\nformation = 'heap'\n", "formation"),
        ('[[preset]]\nname = "a"\nstyle = "club\\n"\n', "control characters"),
        ("[[preset]]\nname = 'a'\n" * 65, "65"),
    ],
)  # fmt: skip
def test_a_fault_in_the_file_is_named(text: str, why: str):
    with pytest.raises(ConfigError, match=why):
        presets.from_toml(text)


@pytest.mark.parametrize("name", ["Doors", "Hebrew שלום", "می‌خواهم", "👩‍🎤 solo", "x" * 40, "  warm up  ", "e\u0301te"])
def test_names_of_any_script(name: str):
    assert presets.name_of(name) in (name.strip(), "\u00e9te")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "two\nlines", "bell\a", "\u202eesrever", "a\u2028b", None, 3.0])
def test_names_that_cannot_be_used(name: object):
    with pytest.raises(ConfigError):
        presets.name_of(name)


def test_a_preset_is_found_by_name_and_by_number_from_one():
    names = ("Doors", "3", "Peak", "\u00e9te")
    assert [presets.find(w, names) for w in ("Doors", "peak", 1, 3.0, "3", "2", "e\u0301te")] == [
        "Doors", "Peak", "Doors", "Peak", "3", "3", "\u00e9te",
    ]  # fmt: skip
    for wanted in (0, 5, 1.5, -1, float("nan"), float("inf"), "", None, True and "x", [1]):
        with pytest.raises(ConfigError, match="there is no preset"):
            presets.find(wanted, names)
    with pytest.raises(ConfigError, match=r"did you mean 'Peak'\? There are: 1 Doors, 2 3"):
        presets.find("Paek", names)
    with pytest.raises(ConfigError, match="none has been saved"):
        presets.find(1, ())


def test_two_names_that_differ_in_case_are_told_apart():
    assert [presets.find(w, ("Drop", "DROP")) for w in ("Drop", "DROP")] == ["Drop", "DROP"]
    with pytest.raises(ConfigError):
        presets.find("drop", ("Drop", "DROP"))


def test_saving_over_a_preset_must_be_meant():
    with pytest.raises(ConfigError, match="already"):
        presets.check(act("preset_save", "Doors"), ("Doors",))
    changed = presets.edited(saved("Doors", "Peak"), act("preset_save", "Doors", overwrite=True), Controls(dancers=2))
    assert list(changed) == ["Doors", "Peak"] and changed["Doors"]["dancers"] == 2 and changed["Peak"]["dancers"] == 4


def test_there_are_at_most_so_many():
    full = [f"p{i}" for i in range(presets.MAX_PRESETS)]
    with pytest.raises(ConfigError, match="64"):
        presets.check(act("preset_save", "one more"), full)
    assert presets.check(act("preset_save", "p3", overwrite=True), full).args["value"] == "p3"


def test_renaming_keeps_the_place_and_never_swallows_another():
    three = saved("a", "b", "c")
    assert list(presets.edited(three, act("preset_rename", "b", to=" B "), NOW)) == ["a", "B", "c"]
    assert list(presets.edited(three, act("preset_delete", "b"), NOW)) == ["a", "c"]
    with pytest.raises(ConfigError, match="already"):
        presets.check(act("preset_rename", "b", to="c"), tuple(three))
    with pytest.raises(ConfigError, match="name"):
        presets.check(act("preset_rename", "b"), tuple(three))


def test_what_somebody_else_has_deleted_is_not_found_by_its_number():
    with pytest.raises(ConfigError, match="any more"):
        presets.edited(saved("a", "b"), act("preset_delete", "2"), NOW)


def test_the_table_of_operations_lists_them():
    assert set(presets.FIELDS) <= ops.CONTROL_FIELDS
    assert {"preset", "preset_save", "preset_rename", "preset_delete"} == ops.PRESET_ACTS
    checked = control.check(act("preset", 1), {"preset": ("Doors",)})
    assert checked.args == {"value": "Doors"} and control.is_act(checked)
    assert control.reduce(NOW, checked) is NOW


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(ops.PRESET_ACTS)),
    st.none() | st.floats() | st.text(max_size=50) | st.lists(st.integers(), max_size=2),
    st.none() | st.text(max_size=50),
    st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=4),
)
def test_whatever_is_asked_gives_a_file_that_can_be_read_or_one_sentence(op, value, to, names):
    known = {n: presets.values_of(NOW) for text in names if (n := _usable(text))}
    try:
        command = presets.check(act(op, value, to=to), tuple(known))
        after = known if op == "preset" else presets.edited(known, command, NOW)
    except ConfigError as error:
        assert "\n" not in str(error)
        return
    assert presets.from_toml(presets.to_toml(after)) == after


def test_the_page_knows_the_same_bounds():
    source = Path(__file__).parents[3] / "web_viewer" / "src" / "control" / "presets.ts"
    found = dict(re.findall(r"export const (MAX_\w+) = (\d+);", source.read_text(encoding="utf-8")))
    assert found == {"MAX_NAME": str(presets.MAX_NAME), "MAX_PRESETS": str(presets.MAX_PRESETS)}


def _usable(text: str) -> str:
    try:
        return presets.name_of(text)
    except ConfigError:
        return ""
