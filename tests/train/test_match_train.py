import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from livedance.dance.library import MotionLibrary
from livedance.errors import ConfigError, FileError, ModelError
from livedance.evaluation.match_features import N_MOTION, N_MUSIC, STEPS_PER_BEAT, WINDOW
from livedance.evaluation.match_net import MANIFEST, Encoders
from livedance.training import runs
from livedance.training.beat_music.banks import Banks
from livedance.training.dance import tracks
from livedance.training.match import export, pairs, train
from livedance.training.match.net import MatchNet, NetConfig
from livedance.training.match.pairs import Take
from livedance.training.match.train import RunConfig, TrainConfig, Trainer

CONFIG = RunConfig(
    net=NetConfig(width=8, hidden=24, size=16, dropout=0.0),
    train=TrainConfig(epochs=4, steps=30, takes=6, learning_rate=4e-3, noise=0.0),
)


def a_take(number: int, *, is_valid: bool, n_beats: int = 24) -> Take:
    """Motion that swings with the beat from a place of its own, and music whose first onset says where it is."""
    rng = np.random.default_rng(number)
    phase = 2 * np.pi * np.arange(n_beats * STEPS_PER_BEAT) / STEPS_PER_BEAT
    motion = rng.normal(0.0, 0.1, (len(phase), N_MOTION))
    motion[:, 0] += np.cos(phase)
    motion[:, 1] += np.sin(phase)
    music = rng.normal(0.0, 0.1, (2, len(phase), N_MUSIC))
    music[..., 9], music[..., 10] = np.cos(phase), np.sin(phase)
    return Take(
        id=f"take {number}", group=f"take {number}", is_valid=is_valid, motion=motion.astype(np.float32),
        music=music.astype(np.float32),
    )  # fmt: skip


@pytest.fixture(scope="module")
def some() -> list[Take]:
    return [a_take(i, is_valid=i >= 8) for i in range(12)]


def trained(out: Path, some: list[Take], config: RunConfig = CONFIG) -> Trainer:
    trainer = Trainer(config, out)
    trainer.run(some, lambda _: None)
    return trainer


def test_encoders_learn_the_phase_of_the_beat(tmp_path: Path, some: list[Take]):
    before = train.score(MatchNet(CONFIG.net), [take for take in some if take.is_valid])
    trainer = trained(tmp_path, some)
    after = train.score(trainer.net, [take for take in some if take.is_valid])
    assert after["r1"] > max(0.15, before["r1"])
    assert after["matched"] < after["mismatched"] - 0.2


def test_a_resumed_run_equals_one_that_was_never_stopped(tmp_path: Path, some: list[Take]):
    whole = trained(tmp_path / "whole", some)
    first = Trainer(CONFIG, tmp_path / "parts")

    class Stop(Exception):
        pass

    def stop(now: train.Progress) -> None:
        if now.epoch == 2 and now.scores is not None:
            raise Stop

    with pytest.raises(Stop):
        first.run(some, stop)
    again = Trainer(CONFIG, tmp_path / "parts")
    assert again.resume() and again.epoch == 2
    again.run(some, lambda _: None)
    for one, other in zip(whole.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(one, other)
    assert len((tmp_path / "parts" / "log.csv").read_text().splitlines()) == 5


def test_numpy_answers_like_torch_and_the_manifest_says_where_from(tmp_path: Path, some: list[Take]):
    trained(tmp_path / "run", some, replace(CONFIG, train=replace(CONFIG.train, epochs=1)))
    assert export.export(tmp_path / "run", tmp_path / "model", "abc") < export.TOLERANCE
    manifest = tomllib.loads((tmp_path / "model" / MANIFEST).read_text())
    assert manifest["commit"] == "abc" and manifest["train"]["seed"] == 1 and manifest["net"]["width"] == 8
    assert Encoders.load(tmp_path / "model").music(np.zeros((2, WINDOW, N_MUSIC), np.float32)).shape == (2, 16)


def test_encoders_that_are_too_large_or_were_not_taught_are_refused(tmp_path: Path, some: list[Take]):
    with pytest.raises(FileError):
        export.export(tmp_path / "nothing", tmp_path / "model", "abc")
    wide = RunConfig(net=NetConfig(width=96, hidden=192), train=TrainConfig(epochs=1, steps=1, takes=6))
    trained(tmp_path / "run", some, wide)
    with pytest.raises(ModelError, match="narrower"):
        export.export(tmp_path / "run", tmp_path / "model", "abc")


def test_windows_of_one_take_in_a_batch_are_out_of_phase():
    rng = np.random.default_rng(0)
    for _ in range(50):
        phases = np.sort(train.starts_apart(80, 4, rng) % STEPS_PER_BEAT)
        assert np.diff(phases).tolist() == [2, 2, 2]


def test_partners_of_a_couple_never_meet_in_a_batch(some: list[Take]):
    couple = [replace(some[0], group="couple"), replace(some[1], group="couple"), some[2]]
    motion, music = train.batch(couple, 24, 2, np.random.default_rng(0))
    assert motion.shape == (4, WINDOW, N_MOTION) and music.shape == (4, WINDOW, N_MUSIC)


def test_held_out_takes_are_not_learnt_from():
    names = {clip.id for clip, _ in pairs.wanted(tracks.SPLITS)}
    assert names and not names & {"cmu_60_03_salsa", "cmu_61_03_salsa", "cmu_indian_06", "g1_J_Dance7_Party"}


def test_music_is_made_once_and_again_where_it_differs(tmp_path: Path):
    clip = MotionLibrary.shipped().clip("m2m_body-roll")

    def make(seed: int) -> np.ndarray:
        (take,) = pairs.make(tmp_path, [(clip, False)], pieces=2, seed=seed, banks=Banks())
        assert take.motion.shape == (8 * clip.n_beats, N_MOTION)
        return take.music

    first = make(1)
    (path,) = (tmp_path / pairs.FOLDER).iterdir()
    stamp = path.stat().st_mtime_ns
    assert np.array_equal(make(1), first) and path.stat().st_mtime_ns == stamp
    assert not np.array_equal(make(2), first)


def test_a_configuration_with_an_unknown_key_is_refused(tmp_path: Path):
    assert runs.read_config(Path("configs/train/match.toml"), RunConfig, "train match").train.takes == 24
    (tmp_path / "x.toml").write_text("[train]\nstep = 3\n")
    with pytest.raises(ConfigError, match="step"):
        runs.read_config(tmp_path / "x.toml", RunConfig, "train match")
