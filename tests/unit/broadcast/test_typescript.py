"""The TypeScript half of what both sides must agree on: wire, keys, colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from livedance.broadcast import typescript, wire
from livedance.control import keymap
from livedance.control.ops import BY_NAME, VOCABULARY
from livedance.dance import style_table
from livedance.render import palettes
from livedance.render.mesh import look

SOURCE = typescript.TARGET.parent


def test_the_generated_file_is_the_committed_one():
    assert typescript.main(["--check"]) == 0


def test_check_says_when_it_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    old = tmp_path / "wire.generated.ts"
    assert typescript.main(["--check", "--out", str(old)]) == 1
    assert "out of date" in capsys.readouterr().err
    assert typescript.main(["--out", str(old)]) == 0
    assert typescript.main(["--check", "--out", str(old)]) == 0


def test_every_message_and_field_is_there():
    text = typescript.generate()
    for layout in wire.LAYOUTS.values():
        assert f"export interface {layout.name} extends Header" in text
        assert f"[0x{layout.code:02x}, " in text
        for field in layout.fields:
            assert f'["{field.name}", "{field.code}"' in text


def test_the_page_has_the_keys_of_the_key_map():
    text = (SOURCE / "keys.ts").read_text(encoding="utf-8")
    for key in keymap.KEYS:
        if key.key.isdigit() or key.key == "ctrl+q":
            continue
        if key.is_local:
            assert f'"{key.key}"' in text
            continue
        name = re.escape(key.key if key.key.isalpha() else f'"{key.key}"')
        line = re.search(rf"^  {name}: (.*)$", text, re.MULTILINE)
        assert line is not None, key
        assert f'op: "{key.op}"' in line[1]
        if key.value is not None:
            assert f"value: {key.value:g}" in line[1]
        if "field" in key.args:
            assert f'field("{key.args["field"]}")' in line[1]


def test_the_page_knows_every_formation() -> None:
    text = (SOURCE / "desk.ts").read_text(encoding="utf-8")
    listed = text.split("FORMATIONS = [")[1].split("]")[0]
    assert tuple(re.findall(r'"(\w+)"', listed)) == VOCABULARY["formation"]


def test_the_control_page_knows_every_style_and_every_act() -> None:
    text = (SOURCE / "control" / "desk.ts").read_text(encoding="utf-8")
    styles = re.findall(r'"([\w-]+)"', text.split("STYLES = [")[1].split("]")[0])
    rows = style_table.load().row
    assert styles[0] == "auto" and set(styles[1:]) == {name for row in rows for name in row.styles}
    acts = re.findall(r'press\("[^"]+", "(\w+)"', text) + re.findall(r'flip\("[^"]+", "(\w+)"', text)
    fields = re.findall(r'field: "(\w+)"', text) + re.findall(r'choice\("[^"]+", "(\w+)"', text)
    assert len(acts) > 12 and set(acts + fields) <= set(BY_NAME)


def test_the_page_dresses_its_dancers_as_the_window_does() -> None:
    text = (SOURCE / "stage3d" / "wardrobe.ts").read_text(encoding="utf-8")
    rows = re.findall(r'name: "(\w+)", dye: \[([^\]]+)\]', text)
    worn = [(name, tuple(float(v) for v in dye.split(","))) for name, dye in rows]
    assert worn == [(name, (*look.DYES[name], look.GLOVES[name])) for name in look.ORDER]


def test_the_page_has_the_colours_and_cameras_of_the_window():
    text = (SOURCE / "draw" / "palettes.ts").read_text(encoding="utf-8")
    rows = re.findall(r'palette\("(\w+)", "(\w+)", "(\w+)", "(\w+)", "(\w+)", "(\w+)"\)', text)
    ours = [(p.name, *(_hex(c) for c in (p.left, p.right, p.core, p.body, p.haze))) for p in palettes.PALETTES]
    assert rows == ours
    cameras = re.search(r"CAMERAS = \[(.*?)\]", (SOURCE / "draw" / "camera.ts").read_text(encoding="utf-8"))
    assert cameras is not None
    assert tuple(re.findall(r'"([\w-]+)"', cameras[1])) == tuple(VOCABULARY["camera"])


def _hex(bgr: tuple[float, float, float]) -> str:
    return "".join(f"{int(v):02X}" for v in reversed(bgr))
