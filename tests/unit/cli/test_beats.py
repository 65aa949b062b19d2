"""`livedance beats`: the contract's keys, causality at any hop size, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from livedance.cli.beats import beats, cut, read_mono
from livedance.errors import ConfigError, FileError

pytest.importorskip("aubio")

KEYS = {
    "t_s", "beat_position", "tempo_bpm", "confidence", "bar_phase", "is_beat", "is_downbeat", "next_beat_s", "section",
    "build", "source",
}  # fmt: skip
RATE = 48_000


def groove(seconds: float, rate: int = RATE) -> np.ndarray:
    audio = np.zeros(int(seconds * rate) + rate, np.float32)
    t = np.arange(rate // 8) / rate
    kick = np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-t * 30)))) * np.exp(-t * 18)
    for at_s in np.arange(0.25, seconds, 0.5):
        start = round(at_s * rate)
        audio[start : start + len(kick)] += 0.7 * kick.astype(np.float32)
    return audio[: int(seconds * rate)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "groove.wav"
    soundfile.write(path, np.stack([groove(8.0)] * 2, axis=1), RATE)
    return path


def lines(file: Path, capsys: pytest.CaptureFixture[str], hop_size: int = 512) -> list[dict[str, object]]:
    beats(file, "aubio", hop_size)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_line_a_hop_with_the_contracts_keys(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = lines(file, capsys)
    assert len(out) == 8 * 44_100 // 512
    assert all(set(line) == KEYS for line in out)
    assert out[9]["t_s"] == pytest.approx(10 * 512 / 44_100, abs=1e-8)
    assert out[0]["beat_position"] is None and out[0]["next_beat_s"] is None
    assert {line["section"] for line in out} <= {"intro", "groove", "break", "build", "drop"}


def test_beats_are_where_they_are(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = lines(file, capsys)
    late = [line for line in out if line["t_s"] > 4.0]
    for line in late:
        assert line["next_beat_s"] > line["t_s"]
        assert abs((line["next_beat_s"] - 0.25 + 0.25) % 0.5 - 0.25) < 0.04
    assert sum(line["is_beat"] for line in late) == 8
    assert sum(line["is_downbeat"] for line in late) == 2
    assert late[-1]["source"] == "audio"
    assert late[-1]["tempo_bpm"] == pytest.approx(120.0, abs=0.5)


def test_beat_counts_do_not_depend_on_the_hop_size(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = {n: sum(bool(line["is_beat"]) for line in lines(file, capsys, n)) for n in (128, 512, 2_048)}
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize("hop_size", [0, -1, 100_000])
def test_useless_hop_size(file: Path, hop_size: int) -> None:
    with pytest.raises(ConfigError, match=str(hop_size)):
        beats(file, "aubio", hop_size)


def test_unknown_tracker_lists_what_there_is(file: Path) -> None:
    with pytest.raises(ConfigError, match="aubio"):
        beats(file, "abio", 512)


@pytest.mark.parametrize("content", [b"", b"this is no sound", None])
def test_unreadable_files(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=r"bad\.wav"):
        beats(path, "aubio", 512)


def test_samples_that_are_not_numbers(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.full(4_410, np.nan, np.float32), 44_100, subtype="FLOAT")
    with pytest.raises(FileError, match="not numbers"):
        list(read_mono(path))


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_every_rate_comes_out_at_44100_in_time(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "click.wav"
    audio = np.zeros(rate, np.float32)
    audio[rate // 2] = 0.9
    soundfile.write(path, audio, rate)
    mono = np.concatenate(list(read_mono(path)))
    assert len(mono) == pytest.approx(44_100, abs=2)
    assert int(np.abs(mono).argmax()) == pytest.approx(22_050, abs=2)


def test_cut_drops_the_rest() -> None:
    blocks = [np.arange(5, dtype=np.float32), np.arange(4, dtype=np.float32)]
    assert [len(b) for b in cut(iter(blocks), 4)] == [4, 4]
