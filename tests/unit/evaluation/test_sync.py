"""The parts of the sync bench that need no show."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from livedance.errors import FileError
from livedance.evaluation import sync
from livedance.evaluation.clicks import metronome, write_wav
from livedance.evaluation.pulse_rig import RigError
from livedance.evaluation.timing import timing

BEATS = np.arange(1.0, 21.0, 0.5)


def test_the_socket_and_its_token_come_from_the_page() -> None:
    url = "http://127.0.0.1:8765/#token=abc_-1"
    assert sync.socket_url(url) == "ws://127.0.0.1:8765/ws"
    assert sync.token_of(url) == "abc_-1"
    assert sync.token_of("http://127.0.0.1:8765/") == ""


def test_a_failed_measurement_is_repeated_and_then_given_up() -> None:
    tries = []

    def measure() -> int:
        tries.append(1)
        if len(tries) < sync.TRIES:
            raise RigError("lost")
        return 7

    assert sync.again(measure) == 7

    def never() -> int:
        raise RigError("lost")

    with pytest.raises(RigError):
        sync.again(never)


def test_music_comes_with_its_beats_cut_to_length(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.zeros(44_100 * 10, np.float32))
    (tmp_path / "index.json").write_text(json.dumps([{"file": "a.wav", "beats": [0.5, 1.0, 3.0, 6.0]}]))
    (track,) = sync.music_tracks(tmp_path, ["a.wav"], 4.0, "aubio")
    assert (track.name, track.seconds, track.beats_s.tolist()) == ("a", 4.0, [0.5, 1.0, 3.0])


def test_music_without_beats_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no music with beats"):
        sync.music_tracks(tmp_path, ["a.wav"], 4.0, "aubio")


def test_a_dancer_of_fixed_tempo_drifts_through_the_beat() -> None:
    assert timing(metronome(BEATS, 97.0), BEATS).phase_r < 0.3
    assert timing(metronome(BEATS, 120.0), BEATS).phase_r == pytest.approx(1.0)


def test_the_report_holds_every_row_and_what_failed(tmp_path: Path) -> None:
    rows = [sync.Row(track="clicks 120", tracker="click", output="OSC poses", found=timing(BEATS + 0.012, BEATS))]
    offset = {"median_ms": 9.0, "sd_ms": 1.0, "clicks": 20.0}
    sync.write_report(rows, offset, 20.0, ["own_house: the rig lost sound"], tmp_path / "sync")
    text = (tmp_path / "sync.md").read_text()
    assert "| clicks 120 | click | OSC poses | 40 | 12.0 | 3.00 |" in text
    assert "Not measured: own_house" in text and "9.0 ms late" in text
    assert json.loads((tmp_path / "sync.json").read_text())["rows"][0]["found"]["mean_ms"] == pytest.approx(12.0)
