"""`bench` and `eval` print figures; they write only where they are told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from livedance.cli import bench
from livedance.cli import eval as evaluations
from livedance.evaluation import dance, kills, report

KILL = kills.Kill(gap_s=0.02, usual_gap_s=0.018, back_s=1.5, speed=0.7, usual_speed=0.9)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder; killing brains takes no time."""

    def run(times: int, out: Path | None) -> list[kills.Kill]:
        report.write(out, "A killed brain", "", {"kills": [KILL] * times}, [])
        return [KILL] * times

    monkeypatch.setattr(kills, "run", run)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_figures_are_printed_and_nothing_is_written(place: Path) -> None:
    done = CliRunner().invoke(bench.app, ["kills", "--times", "2"])
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == 2
    assert "new window after 1.50 s" in done.stdout and "--out NAME" in done.stderr
    assert list(place.iterdir()) == []


def test_json_is_all_of_the_output(place: Path) -> None:
    done = CliRunner().invoke(bench.app, ["kills", "--times", "1", "--json"])
    assert json.loads(done.stdout)["kills"][0]["back_s"] == 1.5


def test_a_report_is_written_where_it_is_wanted(place: Path) -> None:
    done = CliRunner().invoke(bench.app, ["kills", "--times", "1", "--out", "results/kills"])
    assert done.exit_code == 0 and "results/kills.md" in done.stderr
    assert sorted(path.name for path in (place / "results").iterdir()) == ["kills.json", "kills.md"]


def test_the_dance_is_told_as_json_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(dance, "run", lambda **how: asked.append(how["out"]) or [])
    monkeypatch.setattr(dance, "summary", lambda rows: "nothing was danced")
    assert json.loads(CliRunner().invoke(evaluations.app, ["dance", "--json"]).stdout) == {"rows": []}
    assert CliRunner().invoke(evaluations.app, ["dance"]).stdout == "nothing was danced\n"
    assert asked == [None, None]
