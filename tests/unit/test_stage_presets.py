"""The presets of a running show: the file, its thread, what the stage and the brain hear."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from livedance import osc_codec, stage, stage_presets
from livedance.cli.run import warn_of_presets
from livedance.config import ControlConfig
from livedance.errors import ConfigError, FileError
from livedance.messages import Command, Controls
from livedance.stage_presets import StagePresets
from tests.unit.stage_rig import Running, Standby
from tests.unit.waiting import until


def act(op: str, value: object, **args: object) -> Command:
    return Command(op=op, args={"value": value, **args})


def told(presets: StagePresets, **facts: Any) -> dict[str, Any]:
    """Return the message in which `facts` hold, as soon as there is one."""
    return dict(until(lambda: all(presets.message()[k] == v for k, v in facts.items()) and presets.message()))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Callable[[], StagePresets]]:
    made: list[StagePresets] = []

    def make() -> StagePresets:
        made.append(StagePresets(tmp_path / "folder" / "presets.toml"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_is_saved_is_there_after_a_restart(kept):
    first = kept()
    assert first.obey(act("preset_save", "Doors"), Controls(dancers=3)) is None
    told(first, names=["Doors"], done="Saved 'Doors'")
    first.obey(act("preset_save", "Peak"), Controls(dancers=8))
    told(first, names=["Doors", "Peak"])
    first.obey(act("preset_rename", "peak", to="頂点"), Controls())
    first.close()
    second = kept()
    told(second, names=["Doors", "頂点"], done="", problem="")
    recalled = second.obey(act("preset", 2), Controls())
    assert recalled is not None and recalled.op == "set" and recalled.args["dancers"] == 8
    second.obey(act("preset_delete", "Doors"), Controls())
    told(second, names=["頂点"])
    assert [p.name for p in second.path.parent.iterdir()] == ["presets.toml"]


def test_nothing_is_written_before_something_is_saved(kept):
    presets = kept()
    until(presets.has_news)
    with pytest.raises(ConfigError, match="no preset"):
        presets.obey(act("preset", "Doors"), Controls())
    presets.close()
    assert not presets.path.parent.exists()


def test_a_broken_file_is_named_and_left_untouched(kept, tmp_path, capsys):
    path = tmp_path / "folder" / "presets.toml"
    path.parent.mkdir()
    for broken in (b"[[preset]\n", b"\xff\xfe", b"#" * 70_000, b'[[preset]]\nname = "a"\nblackout = true\n'):
        path.write_bytes(broken)
        presets = kept()
        problem = until(lambda presets=presets: presets.message()["problem"])
        assert str(path) in problem and "stay as they are" in problem and "\n" not in problem
        presets.obey(act("preset_save", "Doors"), Controls())
        presets.close()
        assert path.read_bytes() == broken
        warn_of_presets(ControlConfig(presets=str(path)))
        assert capsys.readouterr().err == f"livedance: {problem}\n"


def test_a_file_that_is_mended_or_changed_meanwhile_counts(kept):
    presets = kept()
    presets.obey(act("preset_save", "Doors"), Controls())
    told(presets, names=["Doors"])
    presets.path.write_text("[[preset\n", encoding="utf-8")
    presets.obey(act("preset_save", "Peak"), Controls())
    until(lambda: presets.message()["problem"])
    assert presets.names == ("Doors",), "what was read once can still be recalled"
    presets.path.write_text('[[preset]]\nname = "By hand"\n', encoding="utf-8")
    presets.obey(act("preset_save", "Peak"), Controls())
    told(presets, names=["By hand", "Peak"], problem="")


def test_a_disk_that_cannot_be_written_is_named(kept, monkeypatch):
    presets = kept()
    presets.obey(act("preset_save", "Doors"), Controls())
    told(presets, names=["Doors"])

    def full(self: Path, *args: object, **how: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    presets.obey(act("preset_save", "Peak"), Controls())
    problem = until(lambda: presets.message()["problem"])
    assert "No space left" in problem and presets.names == ("Doors",)
    monkeypatch.undo()
    assert list(stage_presets.read(presets.path)) == ["Doors"]
    assert [p.name for p in presets.path.parent.iterdir()] == ["presets.toml"]


def test_a_disk_that_hangs_holds_nobody_up(kept, monkeypatch):
    presets, goes_on = kept(), threading.Event()
    until(presets.has_news)

    def slow(path: Path) -> dict[str, Any]:
        goes_on.wait(10)
        return {}

    monkeypatch.setattr(stage_presets, "read", slow)
    for i in range(stage_presets.MAX_WAITING):
        presets.obey(act("preset_save", f"p{i}"), Controls())
    with pytest.raises(ConfigError, match="slow"):
        for i in range(2):
            presets.obey(act("preset_save", f"q{i}"), Controls())
    presets.complain("too much")
    goes_on.set()


def test_an_unwritable_folder_is_a_sentence(tmp_path):
    (tmp_path / "folder").write_text("a file where a folder is wanted")
    with pytest.raises(FileError, match="cannot write"):
        stage_presets.write(tmp_path / "folder" / "presets.toml", {})
    with pytest.raises(FileError, match="cannot read"):
        stage_presets.read(tmp_path)


# --- in the stage ---


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(stage, "Standby", Standby)
    made: list[Running] = []

    def make(**tree: Any) -> Running:
        made.append(Running({"control": {"presets": str(tmp_path / "presets.toml")}, **tree}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def texts(show: Running, role: str, kind: str) -> list[dict[str, Any]]:
    return [t for t in map(json.loads, (m for m in show.hear(role) if m[:1] == b"{")) if t["type"] == kind]


def names(show: Running) -> list[str]:
    found = texts(show, "herald", "presets")
    return list(found[-1]["names"]) if found else []


def test_a_recall_reaches_the_brain_as_one_set(running):
    show = running()
    show.peer("brain")
    show.tell("herald", type="command", op="set", args={"dancers": 4, "formation": "wedge", "scene": 3, "energy": 0.25})
    show.tell("herald", type="command", op="preset_save", value="Peak", args={})
    until(lambda: names(show) == ["Peak"])
    show.tell("herald", type="command", op="set", args={"dancers": 1, "scene": 1, "energy": None, "blackout": True})
    until(lambda: len(texts(show, "brain", "command")) == 2)
    show.tell("herald", type="command", op="preset", value="Peak", args={})
    until(lambda: len(texts(show, "brain", "command")) == 3)
    command = texts(show, "brain", "command")[-1]
    assert command["op"] == "set"
    wanted = {"dancers": 4, "scene": 3, "energy": 0.25}
    assert {k: command["args"].get(k) for k in wanted} == wanted and "blackout" not in command["args"]
    until(lambda: (show.state("herald")["controls"]["dancers"], show.state("herald")["blackout"]) == (4, True))
    assert "presets" not in show.state("herald"), "viewers are not told"


def test_a_preset_that_this_show_cannot_recall_is_explained(running, tmp_path):
    (tmp_path / "presets.toml").write_text('[[preset]]\nname = "Old"\nstyle = "waltz"\ndancers = 5\n')
    show = running()
    until(lambda: names(show) == ["Old"])
    show.tell("herald", type="command", op="preset", value="Old", args={})
    until(lambda: "waltz" in texts(show, "herald", "presets")[-1]["problem"])
    assert show.stage._state.controls.dancers == 1


def test_presets_are_recalled_over_osc_by_name_and_number(running, tmp_path):
    (tmp_path / "presets.toml").write_text(
        '[[preset]]\nname = "Doors"\ndancers = 2\n\n[[preset]]\nname = "頂点"\ndancers = 7\n', encoding="utf-8"
    )
    show = running(osc_in={"enabled": True, "port": 0})
    show.peer("window")
    until(lambda: show.stage._presets.names)
    port = show.stage._osc_in.port
    for wanted, dancers in (("頂点", 7), (1, 2), (2.0, 7), ("doors", 2)):
        until(lambda wanted=wanted, dancers=dancers: recall(show, port, wanted, dancers))
    show.osc.sendto(osc_codec.message("/livedance/preset", 9), ("127.0.0.1", port))
    until(lambda: any(m.address == "/livedance/error" for m in osc_codec.decode(show.osc.recv(65_536))))


def recall(show: Running, port: int, wanted: str | float, dancers: int) -> bool:
    """Ask once more: the socket learns the names a moment after the stage."""
    show.osc.sendto(osc_codec.message("/livedance/preset", wanted), ("127.0.0.1", port))
    return bool(show.state("window").get("controls", {}).get("dancers") == dancers)
