"""The bench of `render`: real runs, their times, and an error that says what was run."""

import json

import numpy as np
import pytest
import soundfile

from livedance.errors import FileError
from livedance.evaluation import render_time


def test_every_case_is_rendered_and_written(tmp_path):
    track = tmp_path / "two_seconds.wav"
    soundfile.write(track, np.zeros(88_200, np.float32), 44_100)
    found = render_time.run(track, 1, tmp_path / "render")
    assert [t.case for t in found] == list(render_time.CASES)
    assert all(t.audio_s == 2.0 and len(t.wall_s) == 1 and t.speed == pytest.approx(2.0 / t.wall_s[0]) for t in found)
    data = json.loads((tmp_path / "render.json").read_text())
    assert len(data["renders"]) == len(found)


def test_a_failed_run_is_told(tmp_path, monkeypatch):
    track = tmp_path / "short.wav"
    soundfile.write(track, np.zeros(4_410, np.float32), 44_100)
    monkeypatch.setattr(render_time, "CASES", {"wrong": ("--fps", "0")})
    with pytest.raises(FileError, match=r"--fps 0' ended with 2.*cannot be used"):
        render_time.run(track, 1, None)
