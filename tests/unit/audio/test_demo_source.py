from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from livedance.audio.demo_source import CROSS_FADE_S, DemoSource
from livedance.audio.music import MUSIC_DIR, Track, demo_tracks
from livedance.audio.source import SourceHealth
from livedance.errors import FileError

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.audio.sounds import write_tone


def track(path: Path, seconds: float) -> Track:
    return Track(
        path=path, title=path.stem, licence="CC0 1.0", bpm=120.0, duration_s=seconds, beats_s=(), downbeats_s=()
    )


def sound(source: DemoSource, n: int) -> np.ndarray:
    return np.concatenate([source.read(1.0).samples for _ in range(n)])  # type: ignore[union-attr]


def test_the_packaged_tracks_are_small_complete_and_attributed() -> None:
    tracks = demo_tracks()
    assert len(tracks) >= 4
    assert sum(p.stat().st_size for p in MUSIC_DIR.iterdir()) <= 3_000_000
    for t in tracks:
        assert t.title
        assert t.licence.startswith("CC0")
        info = soundfile.info(t.path)
        assert info.samplerate == 44_100
        assert info.duration == pytest.approx(t.duration_s, abs=0.01)
        beats = np.array(t.beats_s)
        assert np.all(np.diff(beats) > 0)
        assert beats[-1] < t.duration_s
        assert set(t.downbeats_s) <= set(t.beats_s)


def test_the_exact_beats_are_where_the_kicks_are() -> None:
    house = next(t for t in demo_tracks() if "house" in t.path.name)
    samples, rate = soundfile.read(house.path, always_2d=True)
    mono = np.abs(samples.mean(axis=1))
    before = [mono[int((b - 0.03) * rate) : int((b - 0.005) * rate)].mean() for b in house.beats_s[20:60]]
    after = [mono[int(b * rate) : int((b + 0.025) * rate)].mean() for b in house.beats_s[20:60]]
    assert np.median(np.array(after) / np.array(before)) > 2.0


def test_plays_real_music_from_the_first_block() -> None:
    source = DemoSource(paced=False)
    assert source.health() is SourceHealth.OPENING
    source.open()
    assert source.health() is SourceHealth.OK
    heard = sound(source, 400)
    assert heard.shape == (400 * 256, 2)
    assert np.abs(heard).max() > 0.1
    assert "CC0" in source.playing()["title"]
    source.close()
    source.close()


def test_tracks_fade_into_each_other_for_ever(tmp_path: Path) -> None:
    a = track(write_tone(tmp_path / "a.wav", seconds=5.0, hz=200), 5.0)
    b = track(write_tone(tmp_path / "b.wav", seconds=4.0, hz=300, n_channels=1), 4.0)
    source = DemoSource(paced=False, tracks=[a, b])
    source.open()
    titles = []
    blocks = []
    for _ in range(int(14 * 44_100 / 256)):
        blocks.append(source.read(1.0))
        titles.append(source.track.title)  # type: ignore[union-attr]
    assert titles[0] == "a"
    assert titles.index("b") * 256 / 44_100 == pytest.approx(5.0 - CROSS_FADE_S, abs=0.01)
    assert titles[-1] in ("a", "b")
    assert titles.count("a") > 6 * 44_100 / 256
    heard = np.concatenate([x.samples for x in blocks])  # type: ignore[union-attr]
    level = np.sqrt(np.square(heard[: len(heard) // 4410 * 4410]).reshape(-1, 4410, 2).mean(axis=(1, 2)))
    assert level.min() > 0.2  # no hole, not even in the fades
    assert np.abs(np.diff(heard[:, 0])).max() < 0.1  # no click
    assert source.playing()["t0_stream_s"] > 3.0


def test_does_not_depend_on_the_block_size(tmp_path: Path) -> None:
    a = track(write_tone(tmp_path / "a.wav", seconds=3.0, hz=200), 3.0)
    b = track(write_tone(tmp_path / "b.wav", seconds=2.5, hz=300), 2.5)
    runs = []
    for size in (64, 1000, 4096):
        source = DemoSource(paced=False, tracks=[a, b], block_samples=size)
        source.open()
        runs.append(sound(source, 200_000 // size + 1)[:200_000])
    assert np.array_equal(runs[0], runs[1])
    assert np.array_equal(runs[0], runs[2])


def test_a_track_shorter_than_the_fade(tmp_path: Path) -> None:
    a = track(write_tone(tmp_path / "a.wav", seconds=0.5), 0.5)
    source = DemoSource(paced=False, tracks=[a])
    source.open()
    assert np.abs(sound(source, 600)).max() > 0.4


def test_a_missing_track_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no audio file"):
        DemoSource(tracks=[track(tmp_path / "none.ogg", 1.0)]).open()
