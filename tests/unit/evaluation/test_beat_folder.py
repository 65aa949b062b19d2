"""Any folder of audio with beats becomes items."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from livedance.errors import FileError
from livedance.evaluation import beat_folder
from livedance.evaluation.clicks import click_track, write_wav


def sound(path: Path, seconds: float = 4.0) -> np.ndarray:
    samples, beats = click_track(120.0, seconds)
    write_wav(path, samples)
    return beats


def test_a_list_of_beats_beside_a_sound(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    beats = sound(tmp_path / "set" / "a.wav")
    lines = [f"{t:.4f}\t{k % 4 + 1}" for k, t in enumerate([*beats, 99.0])]
    (tmp_path / "set" / "a.beats").write_text("\n".join(lines) + "\n\n")
    sound(tmp_path / "no_beats.wav")
    (item,) = beat_folder.items(tmp_path)
    assert (item.name, item.group, item.category) == ("set/a", "tracks", "given")
    heard = item.load()
    assert len(heard.audio) == 4 * 44_100 and heard.audio.dtype == np.float32
    assert heard.truth.beat_s == pytest.approx(beats, abs=1e-4)  # the one after the end is left out
    assert heard.truth.downbeat_s == pytest.approx(beats[::4], abs=1e-4)


def test_times_alone_know_no_downbeats(tmp_path: Path) -> None:
    beats = sound(tmp_path / "a.wav")
    (tmp_path / "a.beats").write_text("\n".join(str(t) for t in beats[::-1]))
    truth = beat_folder.items(tmp_path)[0].load().truth
    assert truth.beat_s == pytest.approx(beats) and len(truth.downbeat_s) == 0


def test_an_index_with_breaks_and_with_estimated_beats(tmp_path: Path) -> None:
    beats = sound(tmp_path / "a.wav", 12.0)
    sound(tmp_path / "b.wav")
    layers = [[0.5, "kh"], [2.5, "ksh"], [4.5, "pa"], [9.5, "k"]]
    entries = [
        {
            "file": "a.wav",
            "beats": list(beats),
            "downbeats": list(beats[::4]),
            "beats_are": "exact",
            "sections": layers,
        },
        {"file": "b.wav", "beats": [0.5, 1.0], "beats_are": "machine-estimated"},
    ]
    (tmp_path / "index.json").write_text(json.dumps(entries))
    exact, estimated = beat_folder.items(tmp_path)
    assert exact.category == "exact" and exact.group == "tracks"
    assert exact.load().truth.rhythm == ((0.5, 4.5), (9.5, 12.0))
    assert estimated.group == "tracks, machine-estimated"
    assert estimated.load().truth.rhythm == ((0.5, 4.0),)


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no audio with beats"):
        beat_folder.items(tmp_path)
    sound(tmp_path / "a.wav")
    (tmp_path / "a.beats").write_text("one two three")
    with pytest.raises(FileError, match=r"a\.beats"):
        beat_folder.items(tmp_path)[0].load()
    (tmp_path / "index.json").write_text("[{}]")
    with pytest.raises(FileError, match=r"index\.json"):
        beat_folder.items(tmp_path)
