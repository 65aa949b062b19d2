import os

import numpy as np
import pytest
import soundfile

from livedance.beat import bands
from livedance.errors import FileError
from livedance.training import beat_clips
from livedance.training.beat_music import truths
from tests.unit.training.beat_clip import clip


def write(folder, name="0001", rate=44_100, seconds=1.0):
    folder.mkdir(parents=True, exist_ok=True)
    audio = np.random.default_rng(0).standard_normal(int(rate * seconds)) * 0.1
    soundfile.write(folder / f"{name}.flac", audio, rate)
    (folder / f"{name}.json").write_text(truths.dump(clip().truth), encoding="utf-8")
    return folder / f"{name}.flac"


def test_a_clip_has_the_runtimes_levels_and_a_cache_that_follows_the_audio(tmp_path):
    path = write(tmp_path / "train")
    (found,) = beat_clips.load(beat_clips.files(tmp_path))
    audio, _ = soundfile.read(path, dtype="float32")
    assert np.array_equal(found.levels, bands.BandExtractor().levels(audio).astype(np.float16))
    cache = path.with_suffix(f".bands{bands.VERSION}.npy")
    np.save(cache, np.zeros_like(found.levels))
    assert beat_clips.load_one(path).levels.max() == 0.0
    os.utime(cache, (1, 1))
    assert np.array_equal(beat_clips.load_one(path).levels, found.levels)


def test_audio_without_truth_and_held_out_clips_are_not_learnt_from(tmp_path):
    write(tmp_path / "clips" / "held-out")
    soundfile.write(tmp_path / "alone.flac", np.zeros(100), 44_100)
    with pytest.raises(FileError, match="beat-data"):
        beat_clips.files(tmp_path)
    kept = write(tmp_path / "clips" / "train")
    assert beat_clips.files(tmp_path) == [kept]


def test_bad_files_are_named(tmp_path):
    path = write(tmp_path, rate=22_050)
    with pytest.raises(FileError, match="22050"):
        beat_clips.load_one(path)
    path.with_suffix(".json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileError, match=r"0001\.json"):
        beat_clips.load_one(path)


def test_one_clip_in_ten_is_for_validation_and_always_the_same():
    names = [f"{k:07d}" for k in range(2_000)]
    held = {n for n in names if beat_clips.is_valid_name(n)}
    assert 150 < len(held) < 250
    assert held == {n for n in names if beat_clips.is_valid_name(n)}


def test_a_song_at_all_its_tempi_is_on_one_side():
    for name in (f"song{k}" for k in range(40)):
        assert len({beat_clips.is_valid_name(f"{name}@{bpm}") for bpm in (100, 120, 140)}) == 1
