import numpy as np
import pytest

from livedance.errors import ConfigError
from livedance.training.beat_music import clips, dataset
from tests.unit.training.beat_music.tiny_sounds import NOWHERE, RATE


@pytest.mark.parametrize("kind", dataset.KINDS)
def test_every_kind_gives_a_clip_whose_truth_fits(kind):
    audio, truth = dataset.example(11, "train", kind, 10.0, places=NOWHERE)
    assert audio.shape == (10 * RATE,)
    assert audio.dtype == np.float32
    assert np.all(np.isfinite(audio))
    assert np.abs(audio).max() <= 1.0
    assert truth.category == kind
    assert truth.duration_s == pytest.approx(10.0)
    for times in (truth.beat_s, truth.downbeat_s, truth.phrase_s, truth.drop_s):
        assert np.all(np.diff(times) > 0)
        assert np.all((times >= 0) & (times < 10.0))
    assert np.all(np.isin(truth.downbeat_s, truth.beat_s))
    edges = [t for span in truth.rhythm for t in span]
    assert edges == sorted(edges)
    assert [t for t, _ in truth.sections] == sorted(t for t, _ in truth.sections)
    if kind not in ("speech", "silence"):
        assert len(truth.beat_s) >= 5
    if kind == "silence":
        assert len(truth.beat_s) == len(truth.rhythm) == 0


def test_the_same_seed_gives_the_same_clip():
    first, again, other = (dataset.example(s, "train", "steady", 5.0, places=NOWHERE) for s in (3, 3, 4))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1].beat_s, again[1].beat_s)
    assert not np.array_equal(first[0], other[0])


def test_the_kinds_are_shares_of_all_clips():
    assert sum(dataset.KINDS.values()) == pytest.approx(1.0)
    assert set(dataset.KINDS) == set(dataset._MAKERS)


def test_a_seed_of_the_other_split_is_refused():
    with pytest.raises(ConfigError, match="belongs to the split 'train'"):
        dataset.example(5, "held-out", places=NOWHERE)
    with pytest.raises(ConfigError, match="no kind of clip 'loud'"):
        dataset.example(5, "train", "loud", places=NOWHERE)


def _places(tmp_path):
    from dataclasses import replace

    return replace(NOWHERE, cache=tmp_path)


def test_a_folder_of_clips_is_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "CLIP_S", 60.0)
    todo = clips.jobs(0.05, 2, "train", _places(tmp_path))
    assert [job.seed for job in todo] == [20_000, 20_001, 20_002]
    monkeypatch.setattr(
        dataset,
        "example",
        lambda seed, split, kind, places, real=dataset.example: real(seed, split, kind or "steady", 3.0, places=places),
    )
    stem = clips.make_one(todo[1])
    assert [job.seed for job in clips.jobs(0.05, 2, "train", _places(tmp_path))] == [20_000, 20_002]
    audio, truth = clips.read(stem)
    expected, same = dataset.example(20_001, "train", None, places=_places(tmp_path))
    np.testing.assert_allclose(audio, expected, atol=1 / 32_000)
    np.testing.assert_allclose(truth.beat_s, same.beat_s, atol=1e-6)


def test_a_folder_can_be_of_one_kind(tmp_path, monkeypatch):
    asked = []

    def example(seed, split, kind, places, real=dataset.example):
        asked.append(kind)
        return real(seed, split, kind, 3.0, places=places)

    monkeypatch.setattr(dataset, "example", example)
    stem = clips.make_one(clips.jobs(0.02, 3, "train", _places(tmp_path), "silence")[0])
    assert asked == ["silence"]
    assert clips.read(stem)[1].category == "silence"
    with pytest.raises(ConfigError, match="no kind of clip 'quiet'"):
        clips.jobs(0.02, 3, "train", _places(tmp_path), "quiet")


def test_held_out_clips_have_held_out_seeds(tmp_path):
    assert clips.jobs(0.02, 1, "held-out", _places(tmp_path))[0].seed == 1_010_000


@pytest.mark.parametrize(("hours", "seed"), [(1.0, -1), (1.0, 100), (1_000.0, 0)])
def test_seeds_and_hours_that_cannot_be_had(tmp_path, hours, seed):
    with pytest.raises(ConfigError):
        clips.jobs(hours, seed, "train", _places(tmp_path))
