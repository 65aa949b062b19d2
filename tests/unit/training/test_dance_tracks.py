import tomllib
from pathlib import Path

import numpy as np
import pytest

from livedance.dance import conditions, pose_features
from livedance.errors import ConfigError, FileError
from livedance.messages import SAMPLES_PER_BEAT
from livedance.paths import model_dir
from livedance.training.dance import tracks
from livedance.training.dance.tracks import Track
from livedance.training.dance.windows import Cutter, WindowConfig, path_of

SPLITS = Path(__file__).parents[3] / "configs" / "splits" / "dance.toml"


def a_track(n_beats: int = 12, **changes) -> Track:
    """Return a track that walks ahead and turns to the left; its energy is the number of the beat."""
    rows = np.zeros((n_beats * SAMPLES_PER_BEAT, pose_features.SIZE), np.float32)
    rows[:, pose_features.WAY] = [0.0, 0.5]
    rows[:, pose_features.YAW] = 0.2
    rows[:, 0] = np.arange(len(rows))
    facts = {"id": "x", "style": "jazz", "bpm": 100.0, "confidence": 0.7, "damped": 0.3, "is_valid": False}
    energy = np.arange(n_beats, dtype=np.float32) / n_beats
    return Track(**{**facts, "rows": rows, "energy": energy, **changes})


def test_held_out_takes_are_never_learnt_from_nor_validated_on():
    takes = tomllib.loads((model_dir("motion_library") / "splits.toml").read_text())
    chosen = tracks.chosen(SPLITS)
    assert not set(chosen) & set(takes["held_out"]["clips"])
    assert set(chosen) <= set(takes["train"]["clips"])
    valid = {name for name, is_valid in chosen.items() if is_valid}
    assert valid and valid < set(chosen)
    for name in valid:  # partners of a couple stay together
        if name.startswith("cmu_60_"):
            assert name.replace("cmu_60_", "cmu_61_") in valid


def test_a_split_of_clips_that_are_not_there_is_refused(tmp_path):
    wrong = tmp_path / "splits.toml"
    wrong.write_text('valid = ["cmu_85_12_break"]\nwithout_tags = []\n')
    with pytest.raises(ConfigError, match="cmu_85_12_break"):
        tracks.chosen(wrong)


def test_tracks_come_back_from_their_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tracks, "chosen", lambda _: {"m2m_body-roll": True, "g1_J_ShortDance14_Disco": False})
    made = tracks.make(tmp_path)
    again = tracks.load(tmp_path)
    assert [t.id for t in again] == [t.id for t in made] == ["m2m_body-roll", "g1_J_ShortDance14_Disco"]
    assert [t.is_valid for t in again] == [True, False]
    assert np.array_equal(again[1].rows, made[1].rows)
    assert len(again[1].rows) == SAMPLES_PER_BEAT * len(again[1].energy)
    with pytest.raises(FileError, match="train data"):
        tracks.load(tmp_path / "none")


def test_stretches_are_told_of_themselves():
    cutter = Cutter([a_track()], WindowConfig(off_grid=0.0, style_dropout=0.0, confidence_dropout=0.0), n_steps=2)
    some = cutter.cut(40, np.random.default_rng(0))
    assert some.rows.shape == (40, 32 + 16 + 32, pose_features.SIZE)
    later = some.rows[:, 0, 0] >= SAMPLES_PER_BEAT // 2
    assert later.sum() > 30
    assert np.allclose(some.per_token[later, :, 0, 0], -1.0, atol=1e-5), "windows begin half-way between beats"
    tempo = 120.0 * 2.0 ** some.whole[:, :, conditions.TEMPO]
    assert 88.0 <= tempo.min() < 95.0 and 105.0 < tempo.max() <= 112.0
    assert (some.whole[:, :, conditions.STYLES.index("jazz")] == 1.0).all()
    known = some.whole[:, 0, conditions.PATH_KNOWN] == 1.0
    assert 0 < known.sum() < 40
    is_mirrored = some.rows[:, 0, pose_features.YAW] < 0.0
    assert 0 < is_mirrored.sum() < 40
    turn = some.whole[known, 0, conditions.TURN]
    assert np.allclose(turn, np.where(is_mirrored[known], -0.4, 0.4), atol=1e-5)


def test_energy_is_that_of_the_beat_of_each_token():
    some = Cutter([a_track()], WindowConfig(off_grid=0.0), n_steps=1).every(1)
    first_beat = some.rows[:, 32, 0] / SAMPLES_PER_BEAT
    assert np.allclose(first_beat % 1.0, 0.5)
    assert np.allclose(some.per_token[:, 0, 0, 4] + 0.5, np.floor(first_beat) / 12, atol=1e-6)
    assert np.allclose(some.per_token[:, 0, 2, 4] + 0.5, np.ceil(first_beat) / 12, atol=1e-6)


def test_a_path_is_seen_from_where_it_begins():
    turn, left, ahead = path_of(a_track().rows[:32].astype(float))
    assert turn == pytest.approx(0.4, abs=1e-5)
    assert ahead == pytest.approx(1.0, abs=0.05)
    assert 0.0 < left < 0.3
