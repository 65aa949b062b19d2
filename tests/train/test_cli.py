import numpy as np
import soundfile

from livedance.cli import call
from livedance.training.beat_clips import is_valid_name
from livedance.training.beat_music import truths
from tests.unit.training.beat_clip import clip

CONFIG = """
[net]
dense = 8
channels = 4
layers = 3
units = 4
[train]
epochs = 1
n_streams = 2
n_hops = 64
"""


def test_train_resume_and_export_from_a_folder_of_clips(tmp_path, capsys):
    names = [f"{k:04d}" for k in range(40)]
    for name in [n for n in names if is_valid_name(n)][:1] + [n for n in names if not is_valid_name(n)][:2]:
        audio = np.random.default_rng(0).standard_normal(4 * 44_100) * 0.1
        soundfile.write(tmp_path / f"{name}.flac", audio, 44_100)
        (tmp_path / f"{name}.json").write_text(truths.dump(clip(seconds=4.0).truth), encoding="utf-8")
    config = tmp_path / "small.toml"
    config.write_text(CONFIG, encoding="utf-8")
    run = tmp_path / "run"
    train = ["train", "beat", "--data", str(tmp_path), "--out", str(run), "--config", str(config)]
    assert call(train) == 0
    assert "livedance export beat" in capsys.readouterr().out
    assert call(train) == 2
    assert "--resume" in capsys.readouterr().err
    assert call([*train, "--resume", "--epochs", "2"]) == 0
    assert (run / "log.jsonl").read_text(encoding="utf-8").count("\n") == 2
    assert call(["export", "beat", "--run", str(run), "--out", str(tmp_path / "model")]) == 0
    assert "largest difference" in capsys.readouterr().out


def test_a_missing_run_is_one_sentence(tmp_path, capsys):
    assert call(["export", "beat", "--run", str(tmp_path)]) == 6
    assert "best.pt" in capsys.readouterr().err
