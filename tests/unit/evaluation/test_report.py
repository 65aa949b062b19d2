"""Reports say where, when and from what they were made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from livedance.errors import FileError
from livedance.evaluation import report


@dataclass
class Row:
    mean_ms: float
    accents: int


def test_a_report_is_written_twice_with_its_origin(tmp_path: Path) -> None:
    base = tmp_path / "results" / "sync"
    tables = [report.table(["what", "mean"], [["osc", 1.234], ["ws", float("nan")]])]
    report.write(base, "Sync", "How.", {"rows": [Row(1.5, 3)], "beats": np.arange(2.0)}, tables)
    found = json.loads(base.with_suffix(".json").read_text())
    assert found["rows"] == [{"mean_ms": 1.5, "accents": 3}] and found["beats"] == [0.0, 1.0]
    assert {"commit", "date", "machine", "livedance"} <= set(found)
    text = base.with_suffix(".md").read_text()
    assert "| osc | 1.23 |" in text and "| ws | – |" in text and found["commit"] in text


@pytest.mark.parametrize(("nice", "told"), [(-19, ", session nice -19."), (0, "nice 0.")])
def test_a_session_that_comes_before_others_is_told(tmp_path: Path, monkeypatch, nice: int, told: str) -> None:
    monkeypatch.setattr(report, "session_nice", lambda: nice)
    monkeypatch.setattr(report.os, "nice", lambda _: 0)
    report.write(tmp_path / "x", "t", "e", {}, [])
    assert told in (tmp_path / "x.md").read_text()


def test_json_never_holds_nan() -> None:
    assert report.plain({"a": float("nan"), "b": (1.0, float("inf"))}) == {"a": None, "b": [1.0, None]}


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="report"):
        report.write(tmp_path / "file" / "x", "t", "e", {}, [])
