import csv
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from livedance import skeleton
from livedance.dance import clip_sampler, conditions, pose_features
from livedance.dance.figures import Figures
from livedance.dance.library import MotionLibrary
from livedance.dance.motion_net import MotionNet
from livedance.dance.network import NetworkDance
from livedance.errors import ConfigError, FileError
from livedance.networks import MANIFEST_FILE, MODEL_FILE
from livedance.training import runs
from livedance.training.dance import critics, export, kinematics, losses, roll_out, tracks, train
from livedance.training.dance.critics import CriticConfig
from livedance.training.dance.net import DanceNet, NetConfig
from livedance.training.dance.tracks import track_of
from livedance.training.dance.train import RunConfig, TrainConfig, Trainer
from tests.unit.dance.dancing import Dance

NAMES = ("g1_J_ShortDance14_Disco", "m2m_body-roll", "cmu_131_02_mj", "g1_J_Dance20_DWG")
CONFIG = RunConfig(
    net=NetConfig(width=32, heads=2, listening=1, making=1, codes=4),
    train=TrainConfig(epochs=4, steps=20, batch=16, learning_rate=3e-3, warm_up_steps=5, own_from=20, windows=2),
)
JUDGED = replace(CONFIG, critics=CriticConfig(on=True, warm_up=2, sight_steps=4))


@pytest.fixture(scope="module")
def some() -> list[tracks.Track]:
    library = MotionLibrary.shipped()
    return [track_of(library.clip(name), is_valid=i == 3) for i, name in enumerate(NAMES)]


def trained(out: Path, some: list[tracks.Track], config: RunConfig = CONFIG) -> Trainer:
    trainer = Trainer(config, out, torch.device("cpu"))
    trainer.run(some, lambda _: None)
    return trainer


def rows_of_log(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open() as file:
        return list(csv.DictReader(file))


def test_joints_are_those_of_the_skeleton():
    motion = clip_sampler.sample(MotionLibrary.shipped().clip(NAMES[0]), np.arange(32) / 16)
    rows, _ = pose_features.rows_of(motion)
    walked = pose_features.walk(rows, 0.0, np.zeros(2))
    back = pose_features.motion_of(rows, walked)
    wanted = skeleton.forward_kinematics(back.root_position_m, back.joint_rotations_wxyz)[:, list(kinematics.BODY)]
    found = kinematics.joints_of(torch.from_numpy(rows.astype(np.float32))[None])[0].numpy()
    assert np.abs(found - wanted).max() < 1e-5


def test_a_window_begins_as_the_history_ended():
    torch.manual_seed(0)
    net = DanceNet(CONFIG.net).eval()
    history = 0.1 * torch.randn(3, conditions.HISTORY, pose_features.SIZE).cumsum(1)
    told = (torch.randn(3, conditions.N_TOKENS, conditions.N_PER_TOKEN), torch.randn(3, conditions.N_WHOLE))
    made = net(history, *told, torch.randn(3, conditions.N_BEATS, CONFIG.net.codes))
    wanted = 2.0 * history[:, -1] - history[:, -2]
    assert torch.allclose(made[:, 0], wanted, atol=1e-5)


def test_a_tiny_network_learns(tmp_path, some):
    trained(tmp_path, some, runs.with_epochs(CONFIG, 8))
    log = rows_of_log(tmp_path)
    assert [int(row["epoch"]) for row in log] == list(range(1, 9))
    assert float(log[-1]["rows"]) < 0.85 * float(log[0]["rows"])
    assert float(log[-1]["joints"]) < 0.85 * float(log[0]["joints"])


@pytest.mark.parametrize("config", [CONFIG, JUDGED], ids=["alone", "judged"])
def test_a_stopped_run_goes_on_where_it_was_and_ends_like_one_that_was_not(tmp_path, some, config):
    whole = trained(tmp_path / "whole", some, config)

    class Stopped(Exception):
        pass

    def stop(now: train.Progress) -> None:
        if now.epoch == 2 and now.scores is not None:
            raise Stopped

    with pytest.raises(Stopped):
        Trainer(config, tmp_path / "parts", torch.device("cpu")).run(some, stop)
    second = Trainer(config, tmp_path / "parts", torch.device("cpu"))
    assert second.resume()
    assert second.epoch == 2
    second.run(some, lambda _: None)
    for name, value in whole.kept.state_dict().items():
        assert torch.allclose(value, second.kept.state_dict()[name], atol=1e-4), name


def test_a_lesson_begins_with_another_and_says_so(tmp_path, some):
    first = trained(tmp_path / "first", some, runs.with_epochs(CONFIG, 1))
    second = Trainer(runs.with_epochs(JUDGED, 1), tmp_path / "second", torch.device("cpu"))
    second.begin_with(tmp_path / "first")
    for name, value in first.kept.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name]), name
    second.run(some, lambda _: None)
    assert "1 epochs" in second.before
    assert set(second.eyes) == {"style", "phase", "backwards"}
    other = Trainer(replace(CONFIG, net=NetConfig(width=48, heads=2)), tmp_path / "third", torch.device("cpu"))
    with pytest.raises(ConfigError, match="another network"):
        other.begin_with(tmp_path / "first")
    with pytest.raises(ConfigError, match="to begin with"):
        other.begin_with(tmp_path / "none")


def test_shipped_configurations_can_be_read_and_a_wrong_key_is_named(tmp_path):
    folder = Path(__file__).parents[2] / "configs" / "train"
    first, second = (
        runs.read_config(folder / name, RunConfig, "train dance") for name in ("live.toml", "live_critics.toml")
    )
    assert first.net == second.net
    assert not first.critics.on
    assert second.critics.on
    (tmp_path / "wrong.toml").write_text("[critics]\nlocale = 3\n")
    with pytest.raises(ConfigError, match="locale"):
        runs.read_config(tmp_path / "wrong.toml", RunConfig, "train dance")


def test_the_exported_network_answers_like_torch_and_dances(tmp_path, some, monkeypatch):
    trainer = trained(tmp_path / "run", some, runs.with_epochs(CONFIG, 1))
    monkeypatch.setattr(tracks, "load", lambda _: some)
    assert export.export(tmp_path / "run", tmp_path, tmp_path / "model", "abc1234") < export.TOLERANCE
    manifest = tomllib.loads((tmp_path / "model" / MANIFEST_FILE).read_text())
    assert manifest["commit"] == "abc1234"
    assert manifest["net"]["width"] == 32
    assert manifest["scores"]["cm"] > 0.0
    data = (tmp_path / "model" / MODEL_FILE).read_bytes()
    export.export(tmp_path / "run", tmp_path, tmp_path / "model", "abc1234")
    assert (tmp_path / "model" / MODEL_FILE).read_bytes() == data
    with torch.no_grad():
        trainer.kept.write.bias += 0.1
    assert export.parity(trainer.kept, MotionNet(tmp_path / "model")) > export.TOLERANCE
    table = Figures.shipped(tmp_path / "model")
    assert set(table.style) == {conditions.STYLES.index(s) for s in ("club", "groove", "jazz")}
    assert not table.goes_on[-1]
    dance = Dance(NetworkDance(net=MotionNet(tmp_path / "model"), table=table), seed=1, is_choreographed=True)
    dance.roll(6, style="club", auto_style="club")
    with pytest.raises(FileError, match="train dance"):
        export.export(tmp_path / "none", tmp_path, tmp_path / "model", "abc1234")


def test_the_price_of_a_code_is_its_distance_from_what_was_expected():
    here, there = (torch.zeros(2, 2, 3), torch.ones(2, 2, 3)), (torch.full((2, 2, 3), 2.0), torch.ones(2, 2, 3))
    assert losses.price(here, here, 0.0) == pytest.approx(0.0)
    assert losses.price(here, there, 0.0) == pytest.approx(6.0)
    assert losses.price(here, here, 0.1) == pytest.approx(0.3)


def test_wrong_conditions_are_of_another_phase_or_style():
    torch.manual_seed(0)
    told = critics.told_of(
        torch.from_numpy(np.stack([conditions.per_token(0.5, 0.5)] * 64)),
        torch.zeros(64, conditions.N_WHOLE),
        torch.arange(64) % len(conditions.STYLES),
    )
    other = critics.wrong(told)
    assert (other != told).flatten(1).any(1).all()
    assert torch.allclose(other[..., :2].norm(dim=-1), torch.ones(64, 8), atol=1e-5)
    unlike = (other[..., :4] - told[..., :4]).abs().amax((1, 2)) > 0.1
    swapped = (other[..., 5:] != told[..., 5:]).flatten(1).any(1)
    assert 10 < int(swapped.sum()) < 40
    assert (unlike ^ swapped).all()


def test_codes_on_stage_are_drawn_or_anothers():
    torch.manual_seed(0)
    guess = (torch.randn(8, 2, 3), torch.ones(8, 2, 3))
    codes = roll_out.codes_on_stage((torch.zeros(8, 2, 3), torch.full((8, 2, 3), 1e-3)), guess)
    assert codes[::2].abs().max() < 0.01
    for i in range(1, 8, 2):
        same = [j for j in range(8) if torch.equal(codes[i], guess[0][j])]
        assert same and same != [i]
