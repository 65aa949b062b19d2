import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from livedance.cli import call
from livedance.errors import ConfigError
from livedance.training.paper import clips, config, evaluate, losses, report, st_gcn
from livedance.training.paper.clips import Clips, DataConfig
from livedance.training.paper.config import TrainConfig
from livedance.training.paper.content_critic import ContentCritic
from livedance.training.paper.generator import Generator, white_noise
from livedance.training.paper.judge import Judge, bands
from livedance.training.paper.local_critic import LocalCritic
from livedance.training.paper.rows import ROWS
from livedance.training.paper.st_gcn import StGcn, perceptual
from livedance.training.paper.trainer import Trainer, frozen, tensors

SMALL = TrainConfig(width=0.05, steps=6, keep_every=3, batch=4, rate=1e-3)


@pytest.fixture(scope="module")
def some() -> Clips:
    return clips.training(DataConfig(clips=16))


@pytest.fixture(scope="module")
def eyes() -> StGcn:
    torch.manual_seed(0)
    net = StGcn(0.05, 7)
    frozen(net)
    return net


def run(out: Path, some: Clips, name: str, eyes: StGcn | None, train: TrainConfig = SMALL) -> Trainer:
    trainer = Trainer(train, name, 1, out, torch.device("cpu"), eyes)
    trainer.resume()
    trainer.run(some)
    return trainer


def test_networks_have_the_papers_size_at_full_width():
    sizes = [sum(p.numel() for p in net.parameters()) for net in (Generator(1.0), LocalCritic(1.0), ContentCritic(1.0))]
    assert [round(n / 1e6, 2) for n in (*sizes, sum(p.numel() for p in StGcn(1.0, 16).parameters()))] == [
        8.98,
        1.55,
        3.79,
        3.08,
    ]


def test_only_the_mixed_critic_hears_the_songs_of_others(some):
    poses, audio = tensors(some, np.arange(4), torch.device("cpu"))
    other = audio.clone()
    other[1:] = audio[[2, 3, 1]].flip(1)
    for is_mixed in (False, True):
        torch.manual_seed(1)
        critic = ContentCritic(0.1, is_mixed=is_mixed).eval()
        with torch.no_grad():
            moved = (critic(poses, audio)[0] - critic(poses, other)[0]).abs()
        assert (moved > 1e-6) == is_mixed


def test_the_local_critic_sees_half_seconds(some):
    poses, _ = tensors(some, np.arange(2), torch.device("cpu"))
    critic = LocalCritic(0.1).eval()
    other = poses.clone()
    other[:, 20] += 0.1
    with torch.no_grad():
        moved = (critic(poses) - critic(other)).abs().amax(0)
    assert critic(poses).shape == (2, 16)
    assert (moved > 1e-7).nonzero().flatten().tolist() == [6]  # frames 18 to 22; windows begin at 0, 3, ... 45


def test_the_perceptual_loss_is_nothing_for_the_same_and_weighs_early_layers_most(eyes, some):
    poses, _ = tensors(some, np.arange(2), torch.device("cpu"))
    assert perceptual(eyes, poses, poses) == 0.0
    made = (poses + 0.01).requires_grad_()
    perceptual(eyes, made, poses).backward()
    assert made.grad.abs().sum() > 0.0
    assert all(p.grad is None for p in eyes.parameters())
    assert st_gcn.WEIGHTS[:3] == (20.0, 5.0, 1.0)
    near = st_gcn.adjacency()
    assert torch.allclose(near.sum((0, 1)), torch.ones(18))
    assert near[1, 1, 2] > 0.0  # the shoulder hears the neck, which is nearer to the centre
    assert near[2, 2, 1] > 0.0


def test_the_penalty_moves_the_critic_alone(some):
    poses, audio = tensors(some, np.arange(4), torch.device("cpu"))
    critic = ContentCritic(0.1)
    found = losses.penalty(critic, poses, poses + 0.1, critic.hear(audio))
    found.backward()
    assert 0.0 < float(found.detach()) < 2.0
    assert critic.body.sixth.weight.grad.abs().sum() > 0.0


def test_l1_alone_learns(tmp_path, some):
    trainer = run(tmp_path, some, "R1", None, replace(SMALL, steps=60, keep_every=30, rate=3e-3))
    lines = (tmp_path / "log.csv").read_text().splitlines()
    first, last = (float(line.split(",")[3]) for line in (lines[1], lines[-1]))
    assert last < 0.7 * first
    assert trainer.content is None


@pytest.mark.parametrize("name", list(ROWS))
def test_every_row_trains_and_a_stopped_run_goes_on_where_it_was(tmp_path, some, eyes, name):
    looks = eyes if ROWS[name].perceptual != "none" else None
    whole = run(tmp_path / "whole", some, name, looks)
    run(tmp_path / "parts", some, name, looks, replace(SMALL, steps=3))
    parts = run(tmp_path / "parts", some, name, looks)
    assert parts.done == 6
    for one, other in zip(whole.parts, parts.parts, strict=True):
        for key, value in one.state_dict().items():
            assert torch.allclose(value, other.state_dict()[key], atol=1e-5), key
    names = (tmp_path / "whole" / "log.csv").read_text().splitlines()[0].split(",")
    assert ("local_critic" in names) == ROWS[name].is_local
    assert ("content_critic" in names) == (ROWS[name].content != "none")
    assert ("perceptual" in names) == (ROWS[name].perceptual != "none")
    assert ("matching" in names) == ROWS[name].matching


def test_a_row_without_its_eyes_and_an_unknown_row_say_so(tmp_path, some):
    with pytest.raises(ConfigError, match="looks with"):
        run(tmp_path, some, "R4", None)
    with pytest.raises(ConfigError, match="R2f"):
        config.chosen(config.PaperConfig(), ("R2ff",))


def test_noise_makes_other_dances_to_the_same_music(some):
    torch.manual_seed(0)
    net = Generator(0.05).eval()
    two = evaluate.danced(net, some, 2)
    assert two.shape == (2, 16, 50, 36)
    assert np.abs(two[0] - two[1]).max() > 1e-4
    assert np.array_equal(two, evaluate.danced(net, some, 2))
    assert white_noise(2000, 1).std() == pytest.approx(0.33, abs=0.01)


def test_batch_norms_settle_on_what_they_are_shown(some):
    torch.manual_seed(0)
    net = Generator(0.05).eval()
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            part.running_mean += 3.0
    far = evaluate.danced(net, some, 1)
    evaluate.settle(net, some)
    near = evaluate.danced(net, some, 1)
    with torch.no_grad():
        _, audio = tensors(some, np.arange(16), torch.device("cpu"))
        code = net.train().music.frame[:2](audio.reshape(-1, 1, 1600))
    assert code.mean(dim=(0, 2)).abs().max() < 1e-4
    assert torch.allclose(net.eval().music.frame[:2](audio.reshape(-1, 1, 1600)), code, atol=1e-2)
    assert np.abs(near - far).max() > 0.01
    assert not net.training


def test_the_judge_hears_strokes_when_they_fall():
    audio = torch.zeros(1, 50, 1600)
    audio[0, 10, 800:900] = 20_000.0
    level = bands(audio)[0].view(50, 4, 2, 8)
    assert level[:, :, 1].sum((1, 2)).argmax() == 10
    assert level[10, :, 1].sum(1).argmax() == 2
    assert Judge(8, 7).hear(audio).shape == (1, 32)


def test_shipped_configurations_can_be_read_and_a_wrong_key_is_named(tmp_path):
    folder = Path(__file__).parents[2] / "configs" / "train"
    small, full = (config.read_config(folder / name) for name in ("paper.toml", "paper_full.toml"))
    assert small.train.width < full.train.width == 1.0
    assert small.train.rows == full.train.rows == tuple(ROWS)
    (tmp_path / "wrong.toml").write_text("[train]\nwide = 3\n")
    with pytest.raises(ConfigError, match="wide"):
        config.read_config(tmp_path / "wrong.toml")


def test_a_study_from_the_command_line_to_the_report(tmp_path, capsys):
    (tmp_path / "tiny.toml").write_text(
        "[data]\nclips = 64\n[look]\nsteps = 2\nbatch = 8\n[judge]\nsteps = 2\nbatch = 8\nwidth = 8\n"
        '[train]\nrows = ["R1"]\nseeds = [1]\nwidth = 0.05\nsteps = 2\nkeep_every = 2\nbatch = 4\n'
    )
    study, out = tmp_path / "study", tmp_path / "report"
    train = ["train", "paper", "--config", str(tmp_path / "tiny.toml"), "--out", str(study)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "DataConfig", lambda **facts: DataConfig(**{**facts, "clips": 200}))  # for anchor A2
        assert call(train) == 0
        assert call(train) == 2
        assert "--resume" in capsys.readouterr().err
        assert call([*train, "--resume", "--row", "R1,R2", "--steps", "3"]) == 0
        assert call(["eval", "paper", "--study", str(study), "--out", str(out)]) == 0
    found = json.loads(out.with_suffix(".json").read_text())
    assert [line["name"] for line in found["lines"]] == ["A0", "A1", "A2", "A3", "R1", "R2"]
    assert [line["steps"] for line in found["lines"]] == [0, 0, 0, 0, 3, 3]
    real = found["lines"][0]
    assert real["jerk"] == 1.0
    assert real["l1"] == 0.0
    text = out.with_suffix(".md").read_text()
    assert "row R5" in text  # not run, and said so
    assert out.with_suffix(".png").stat().st_size > 1000
    assert call(["eval", "paper", "--study", str(tmp_path / "none")]) == 2


def test_what_was_expected_is_counted_by_seed():
    def line(name: str, seed: int, fpd: float) -> evaluate.Line:
        values = dict.fromkeys(("cross_modal", "fpd_spread", "jerk", "align", "chance", "lift", "r1", "r5"), 0.0)
        rest = dict.fromkeys(("diversity", "multimodality", "c2st", "l1", "l1_running"), 0.0)
        return evaluate.Line(name=name, says="", seed=seed, steps=1, fpd=fpd, **values, **rest)

    lines = [line("R1", 1, 5.0), line("R1", 2, 5.0), line("R5", 1, 4.0), line("R5", 2, 6.0)]
    found = next(row for row in report.expectations(lines).splitlines() if "FPD: R1 > R5" in row)
    assert "1 of 2" in found
    assert "**no**" in found
    found = next(row for row in report.expectations(lines[::2]).splitlines() if "FPD: R1 > R5" in row)
    assert "1 of 1" in found
    assert "so far" in found
