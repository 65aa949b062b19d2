"""From a folder of clicks to a report, through the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from livedance.cli.eval import app
from livedance.evaluation import beat_eval, beat_goals, beat_plot, beat_report, beat_suite
from livedance.evaluation.beat_eval import Outcome, Phases, Plan, Row
from livedance.evaluation.beat_scores import NAMES, Scores
from livedance.evaluation.clicks import click_track, write_wav
from livedance.evaluation.exact_tracker import exact_beats

pytest.importorskip("mir_eval")


def outcome(ours: float, aubio: float) -> Outcome:
    rows = tuple(
        Row(item=f"{category} 1", group="synthetic", category=category, genre="house", tracker=tracker, scores=Scores(
            f=value, lock_any=value, cpu=0.02, worst_ms=3.0, worst_cpu_ms=3.0,
        ))
        for category in ("steady", "cut")
        for tracker, value in (("livedance", ours), ("livedance (bare)", 1.0), (beat_goals.NEVER_BELOW, aubio))
    )  # fmt: skip
    phases = tuple(
        Phases(group=r.group, category=r.category, tracker=r.tracker, beat_s=np.arange(9.0), error_s=np.zeros(9))
        for r in rows
    )
    peers = ("livedance", "livedance (bare)", beat_goals.NEVER_BELOW)
    return Outcome(plan=Plan(), peers=peers, rows=rows, phases=phases, audio_s=90.0, wall_s=1.0)


def test_goals_stand_beside_ours_and_the_best_peer() -> None:
    lines = {line["goal"]: line for line in beat_report.goal_table(outcome(0.97, 0.90))}
    f = lines["F, synthetic"]
    assert f["reached"] and f["peer"] == beat_goals.NEVER_BELOW and f["ratio"] == pytest.approx(0.97 / 0.90)
    assert lines["lock at any octave, ramps"]["reached"] is None


def test_what_is_not_reached_is_said_with_its_categories() -> None:
    said = beat_report.not_reached(outcome(0.80, 0.90))
    assert any(line.startswith("F, synthetic: 0.80, goal ≥ 0.95; ") and "cut 0.80" in line for line in said)
    assert any(line == "F on synthetic, cut: 0.80, aubio complex/2048 0.90." for line in said)
    assert beat_report.not_reached(outcome(0.99, 0.90)) == []


def test_a_report_holds_every_tracker_and_category(tmp_path: Path) -> None:
    found = outcome(0.8, 0.9)
    beat_report.write(found, tmp_path / "beat", "beat.png")
    text = (tmp_path / "beat.md").read_text()
    for part in (
        "| F, synthetic | ≥ 0.95 | 0.80 |",
        "livedance (bare)",
        "| tracker | steady | cut |",
        "![phase",
        "house",
    ):
        assert part in text, part
    data = json.loads((tmp_path / "beat.json").read_text())
    assert data["figures"]["synthetic"]["cut"]["livedance"]["f"]["value"] == 0.8
    assert {"commit", "machine", "not_reached", "goals"} <= set(data) and len(data["items"]) == len(found.rows)


def test_the_plot_is_one_small_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found = outcome(0.8, 0.9)
    assert beat_plot.shown(found) == ("livedance", beat_goals.NEVER_BELOW)
    beat_plot.draw(found, beat_plot.shown(found), tmp_path / "beat.png")
    assert 1_000 < (tmp_path / "beat.png").stat().st_size < 300_000


def test_every_goal_is_a_measure_and_a_known_group() -> None:
    known = {beat_suite.SYNTHETIC, beat_suite.NON_MUSIC, beat_suite.LMMS, beat_suite.TRACKS}
    for goal in beat_goals.GOALS:
        assert goal.measure in NAMES and set(goal.groups) <= known


def test_the_command_scores_a_folder(tmp_path: Path) -> None:
    samples, beats = click_track(120.0, 12.0)
    write_wav(tmp_path / "clicks.wav", samples)
    (tmp_path / "clicks.beats").write_text("\n".join(str(t) for t in beats))
    with exact_beats(beats) as name:
        words = ["beat", "--tracker", name, "--also", "", "--no-peers", "--group", "", "--no-plots", "--json"]
        done = CliRunner().invoke(app, [*words, "--folder", str(tmp_path), "--out", str(tmp_path / "out" / "beat")])
    assert done.exit_code == 0, done.output
    goals = {line["goal"]: line for line in json.loads(done.stdout.splitlines()[-1])["goals"]}
    assert goals["F, real"]["ours"]["value"] == 1.0 and goals["F, synthetic"]["reached"] is None
    assert "clicks" in (tmp_path / "out" / "beat.json").read_text()


def test_a_fold_is_heard_by_the_model_that_never_heard_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> beat_suite.Heard:
        return beat_suite.beatless("silence", 0)

    class Fake:
        def __init__(self, tracker: str, options: dict[str, Path]) -> None:
            self.name, self.model = tracker, options.get("model", Path("shipped"))

    items = [beat_suite.Item(name=n, group="lmms", category=n, load=load, fold=n) for n in ("a", "b")]
    used = []

    def measure(item: beat_suite.Item, heard: object, peers: list[Fake]) -> tuple[list[Row], list[Phases]]:
        used.append((item.name, str(peers[0].model)))
        row = Row(item=item.name, group="lmms", category="a", genre="", tracker="livedance", scores=Scores())
        return [row], []

    monkeypatch.setattr(beat_eval, "RegistryPeer", Fake)
    monkeypatch.setattr(beat_eval, "items_of", lambda plan: items)
    monkeypatch.setattr(beat_eval, "measure", measure)
    monkeypatch.setattr(beat_eval.registry, "find_target", lambda kind, name: "")
    beat_eval.run(Plan(tracker="livedance", also=(), with_peers=False, fold_models={"b": Path("fold_b")}))
    assert used == [("a", "shipped"), ("b", "fold_b")]


def test_neither_torch_nor_the_training_extra_is_needed_to_begin() -> None:
    words = "import sys, livedance.evaluation.beat_report; sys.exit(any(m in sys.modules for m in ('torch', 'scipy')))"
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


def test_bad_words_are_refused() -> None:
    done = CliRunner().invoke(app, ["beat", "--model-fold", "artist"])
    assert "ARTIST=PATH" in str(done.exception)
    done = CliRunner().invoke(app, ["beat", "--group", "jazz", "--no-peers", "--tracker", "click"])
    assert "jazz" in str(done.exception)
