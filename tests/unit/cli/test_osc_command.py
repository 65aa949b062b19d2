"""`livedance osc`: the table is generated, committed, and complete."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from livedance import osc_codec
from livedance.cli.osc import _print_datagram, app
from livedance.control import osc_table

DOCUMENT = Path(__file__).parents[3] / "docs" / "osc.md"


def printed(*args: str) -> str:
    result = CliRunner().invoke(app, list(args))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_committed_table_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == printed("schema", "--markdown")


def test_json_lists_every_profile_and_every_address_heard() -> None:
    tables = json.loads(printed("schema", "--json"))
    assert {"default", "td"} <= set(tables["out"])
    heard = {row["address"] for row in tables["in"]}
    assert {row.address for row in osc_table.ROWS} <= heard
    assert "/livedance/section" in printed("schema")


def test_the_monitor_prints_messages_and_names_garbage(capsys: object) -> None:
    runner = capsys.readouterr  # type: ignore[attr-defined]
    _print_datagram(osc_codec.bundle([osc_codec.message("/a/beat", 0.5), osc_codec.message("/b", 1)]), "beat", False)
    assert runner().out == "/a/beat 0.5000\n"
    _print_datagram(osc_codec.message("/b", "x"), "", True)
    assert json.loads(runner().out) == {"address": "/b", "args": ["x"]}
    _print_datagram(b"garbage", "", False)
    assert "not" in runner().err
