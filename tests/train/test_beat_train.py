import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from livedance.beat.activation import ActivationNet
from livedance.errors import ConfigError, FileError, ModelError
from livedance.networks import MANIFEST_FILE, MODEL_FILE
from livedance.training import beat_export, beat_train, runs
from livedance.training.beat_clips import is_valid_name
from livedance.training.beat_net import NetConfig
from livedance.training.beat_retime import RetimeConfig
from livedance.training.beat_train import RunConfig, TrainConfig, Trainer
from tests.unit.training.beat_clip import clip

CONFIG = RunConfig(
    net=NetConfig(dense=16, channels=12, layers=5, units=8, dropout=0.0),
    train=TrainConfig(epochs=6, n_streams=4, n_hops=128, learning_rate=2e-2, warm_up_steps=5),
)
NAMES = [f"{k:04d}" for k in range(30)]
HELD = [n for n in NAMES if is_valid_name(n)][:2]
CLIPS = [clip(n, seconds=8.0, bpm=90 + 10 * (k % 5)) for k, n in enumerate([n for n in NAMES if n not in HELD][:10])]
CLIPS += [clip(n, seconds=8.0, bpm=105) for n in HELD]


def trained(out: Path, config: RunConfig = CONFIG) -> Trainer:
    trainer = Trainer(config, out, torch.device("cpu"))
    trainer.run(CLIPS, lambda _: None)
    return trainer


def test_a_tiny_network_learns_beats_that_can_be_seen_and_keeps_the_best(tmp_path):
    trained(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert len(lines) == CONFIG.train.epochs
    assert lines[-1]["loss"] < 0.6 * lines[0]["loss"]
    assert beat_train.load_checkpoint(tmp_path / "best.pt")["scores"]["all"]["beat"] > 0.8


def test_a_stopped_run_goes_on_where_it_was_and_ends_like_one_that_was_not(tmp_path):
    whole = trained(tmp_path / "whole")

    class Stopped(Exception):
        pass

    def stop(now: beat_train.Progress) -> None:
        if now.epoch == 3 and now.scores is not None:
            raise Stopped

    first = Trainer(CONFIG, tmp_path / "parts", torch.device("cpu"))
    with pytest.raises(Stopped):
        first.run(CLIPS, stop)
    second = Trainer(CONFIG, tmp_path / "parts", torch.device("cpu"))
    assert second.resume()
    assert second.epoch == 3
    second.run(CLIPS, lambda _: None)
    for name, value in whole.net.state_dict().items():
        assert torch.allclose(value, second.net.state_dict()[name], atol=1e-5), name


def test_a_run_of_another_network_is_not_gone_on_with(tmp_path):
    trained(tmp_path, runs.with_epochs(CONFIG, 1))
    other = Trainer(replace(CONFIG, net=NetConfig(units=6)), tmp_path, torch.device("cpu"))
    with pytest.raises(ConfigError, match="another network"):
        other.resume()
    assert not Trainer(CONFIG, tmp_path / "none", torch.device("cpu")).resume()


def test_too_few_clips_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="too few"):
        Trainer(CONFIG, tmp_path, torch.device("cpu")).run(CLIPS[:1], lambda _: None)


def test_the_shipped_configuration_can_be_read_and_a_wrong_key_is_named(tmp_path):
    shipped = Path(__file__).parents[2] / "configs" / "train" / "beat.toml"
    assert runs.read_config(shipped, RunConfig, "train beat").train.epochs > 1
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[net]\nunitz = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="unitz"):
        runs.read_config(wrong, RunConfig, "train beat")


def test_the_exported_network_answers_like_torch_and_says_where_it_comes_from(tmp_path):
    trained(tmp_path / "run", runs.with_epochs(CONFIG, 1))
    assert beat_export.export(tmp_path / "run", tmp_path / "model", "abc1234") < beat_export.TOLERANCE
    manifest = tomllib.loads((tmp_path / "model" / MANIFEST_FILE).read_text(encoding="utf-8"))
    assert manifest["commit"] == "abc1234"
    assert manifest["net"]["units"] == 8
    assert 0.0 <= manifest["scores"]["all"]["beat"] <= 1.0
    data = (tmp_path / "model" / MODEL_FILE).read_bytes()
    beat_export.export(tmp_path / "run", tmp_path / "model", "abc1234")
    assert (tmp_path / "model" / MODEL_FILE).read_bytes() == data


def test_a_missing_run_and_a_network_that_is_too_large_are_refused(tmp_path):
    with pytest.raises(FileError, match="train beat"):
        beat_export.export(tmp_path, tmp_path / "model", "abc1234")
    large = replace(runs.with_epochs(CONFIG, 1), net=NetConfig(channels=96, units=96))
    trained(tmp_path / "run", large)
    with pytest.raises(ModelError, match="fewer units"):
        beat_export.export(tmp_path / "run", tmp_path / "model", "abc1234")


def test_parity_finds_a_network_that_is_not_the_same(tmp_path):
    trainer = trained(tmp_path / "run", runs.with_epochs(CONFIG, 1))
    beat_export.export(tmp_path / "run", tmp_path / "model", "abc1234")
    with torch.no_grad():
        trainer.net.answer.bias += 0.1
    assert beat_export.parity(trainer.net, ActivationNet(tmp_path / "model")) > beat_export.TOLERANCE


def test_a_run_can_begin_with_the_weights_of_another_and_says_so(tmp_path):
    first = trained(tmp_path / "first", runs.with_epochs(CONFIG, 2))
    again = replace(CONFIG, net=replace(CONFIG.net, dropout=0.2), retime=RetimeConfig(share=1.0))
    second = Trainer(again, tmp_path / "second", torch.device("cpu"))
    second.begin_with(tmp_path / "first")
    best = beat_train.load_checkpoint(tmp_path / "first" / "best.pt")
    for name, value in best["net"].items():
        assert torch.equal(value, second.net.state_dict()[name]), name
    second.config = runs.with_epochs(again, 1)
    second.run(CLIPS, lambda _: None)
    assert torch.equal(second.net.mean, first.net.mean)
    resumed = Trainer(again, tmp_path / "second", torch.device("cpu"))
    assert resumed.resume()
    assert resumed.before == second.before != ""
    beat_export.export(tmp_path / "second", tmp_path / "model", "0123abc")
    manifest = tomllib.loads((tmp_path / "model" / MANIFEST_FILE).read_text())
    assert manifest["begun_with"] == second.before
    assert manifest["retime"]["share"] == 1.0


def test_it_does_not_begin_with_another_network_or_with_nothing(tmp_path):
    trained(tmp_path / "first", runs.with_epochs(CONFIG, 1))
    other = Trainer(replace(CONFIG, net=replace(CONFIG.net, units=6)), tmp_path / "second", torch.device("cpu"))
    with pytest.raises(ConfigError, match="another network"):
        other.begin_with(tmp_path / "first")
    with pytest.raises(ConfigError, match=r"no best\.pt"):
        other.begin_with(tmp_path / "none")
