"""The dance evaluation on the real brain: the probe is on the beat, and the report says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livedance.evaluation import dance
from livedance.evaluation.clicks import click_track
from livedance.evaluation.motion import body
from livedance.evaluation.sync import Track


@pytest.fixture(scope="module")
def probe_row() -> dance.DanceRow:
    samples, beats = click_track(120.0, 14.0)
    return dance.measure(Track(name="clicks", samples=samples, beats_s=beats, tracker=""), dance.EXACT, "probe", 1)


def test_the_probe_is_the_upper_bound(probe_row: dance.DanceRow) -> None:
    assert probe_row.alignment is not None
    assert probe_row.alignment.bas_lift > 0.95
    assert probe_row.alignment.phase_r > 0.98
    assert abs(probe_row.alignment.offset_s) < 0.005
    assert probe_row.alignment.motion_beats == pytest.approx(19, abs=2)


def test_hops_are_dated_at_their_end() -> None:
    made = list(dance.hops(np.zeros(512 * 3 + 100, np.float32)))
    assert [hop.index for hop in made] == [0, 1, 2]
    assert made[-1].t_s == pytest.approx(3 * 512 / 44_100)


def test_the_report_compares_with_the_library(probe_row: dance.DanceRow, tmp_path: Path) -> None:
    t = np.arange(0.0, 10.0, 1 / 30)
    sway = np.zeros((len(t), 23, 3)) + 0.1 * np.sin(2 * np.pi * t)[:, None, None]
    anchor = dance.DanceRow(
        track="library, median", tracker="–", generator="clips", alignment=None, body=body(sway, 30.0)
    )
    dance.write_report([probe_row], [anchor] * 4, tmp_path / "dance")
    text = (tmp_path / "dance.md").read_text()
    assert "| clicks | exact beats | probe |" in text
    assert "| library, median | – | clips |" in text
    assert "lift mean" in dance.summary([probe_row])
