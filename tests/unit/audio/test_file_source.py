from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from livedance.audio.file_source import FileSource
from livedance.audio.source import SourceHealth
from livedance.errors import FileError
from livedance.messages import AudioBlock

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.audio.sounds import write_tone


def read_all(source: FileSource) -> list[AudioBlock]:
    found = []
    while (block := source.read(1.0)) is not None:
        found.append(block)
    return found


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_plays_every_format_to_its_end(tmp_path: Path, suffix: str) -> None:
    source = FileSource(write_tone(tmp_path / f"tone.{suffix}"), paced=False)
    source.open()
    got = read_all(source)
    samples = np.concatenate([b.samples for b in got])
    assert source.health() is SourceHealth.ENDED
    assert abs(len(samples) - 22_050) <= (2_500 if suffix == "mp3" else 0)
    assert 0.45 < np.abs(samples).max() < 0.6
    assert got[3].t_s == 3 * 256 / 44_100
    assert got[0].device_t_s is None
    source.close()
    source.close()


def test_names_rate_and_channels(tmp_path: Path) -> None:
    source = FileSource(write_tone(tmp_path / "a.wav", rate=48_000, n_channels=1))
    source.open()
    assert (source.info.sample_rate_hz, source.info.n_channels, source.info.name) == (48_000, 1, "a.wav")
    assert source.playing()["title"] == "a"
    source.close()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.wav", None, "there is no audio file"),
        ("empty.wav", b"", "empty"),
        ("text.wav", b"this is no sound at all" * 50, "cannot be read"),
        ("cut.ogg", b"OggS\x00\x02" + b"\x00" * 30, "cannot be read"),
    ],
)
def test_a_file_that_is_none_says_so_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=words) as caught:
        FileSource(path).open()
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 6


def test_zero_seconds(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "zero.wav", np.zeros((0, 2)), 44_100)
    with pytest.raises(FileError, match="0 seconds"):
        FileSource(tmp_path / "zero.wav").open()


def test_not_a_number(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "nan.wav", np.full((5_000, 1), np.nan, np.float32), 44_100, subtype="FLOAT")
    with pytest.raises(FileError, match="NaN"):
        FileSource(tmp_path / "nan.wav").open()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no audio file"):
        FileSource(tmp_path).open()


def test_a_torn_file_ends_where_it_is_torn(tmp_path: Path) -> None:
    whole = write_tone(tmp_path / "whole.flac", seconds=6.0)
    torn = tmp_path / "torn.flac"
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    source = FileSource(torn, paced=False)
    source.open()
    n = sum(len(b.samples) for b in read_all(source))
    assert 66_000 < n < 264_600
    assert source.health() is SourceHealth.ENDED


def test_loops_without_a_gap(tmp_path: Path) -> None:
    source = FileSource(write_tone(tmp_path / "a.wav", seconds=0.1, n_channels=1), paced=False, loop=True)
    source.open()
    samples = np.concatenate([source.read(1.0).samples for _ in range(40)])[:, 0]  # type: ignore[union-attr]
    assert np.array_equal(samples[:4410], samples[4410:8820])
    assert source.health() is SourceHealth.OK
    assert source.playing()["t0_stream_s"] == pytest.approx(0.2)


def test_paced_blocks_carry_the_time_at_which_they_are_due(tmp_path: Path) -> None:
    source = FileSource(write_tone(tmp_path / "a.wav", seconds=0.3))
    source.open()
    start = time.monotonic()
    got = read_all(source)
    assert time.monotonic() - start > 0.29
    due = [b.device_t_s - b.t_s for b in got]  # type: ignore[operator]
    assert max(due) - min(due) < 1e-9


def test_a_paced_read_gives_up_in_time(tmp_path: Path) -> None:
    source = FileSource(write_tone(tmp_path / "a.wav"), block_samples=4096)
    source.open()
    assert source.read(0.001) is None
    assert source.health() is SourceHealth.OK
