"""`livedance train beat`: shows a training run of the beat network."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from livedance.errors import ConfigError, MissingExtra

_SHOWN = ("beat", "downbeat", "drop", "phrase", "rhythm_auc", "section", "bias_ms")


def train_beat(
    data: Path,
    out: Path,
    config_path: Path,
    *,
    resume: bool,
    epochs: int | None,
    device: str,
    begin_with: Path | None = None,
) -> None:
    """Load the clips, train, show progress and one line per epoch."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("training", "train") from error
    from livedance.training import beat_clips, beat_train, runs

    config = runs.with_epochs(runs.read_config(config_path, beat_train.RunConfig, "train beat"), epochs)
    trainer = beat_train.Trainer(config, out, beat_train.pick_device(device))
    resumed = resume and trainer.resume()
    if not resumed and (out / "checkpoint.pt").exists():
        raise ConfigError(f"{out} holds a run already: add --resume to go on with it, or give another --out")
    if begin_with is not None and not resumed:
        trainer.begin_with(begin_with)
    console = Console()
    columns = (TextColumn("{task.description:40}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console) as bar:
        paths = beat_clips.files(data)
        task = bar.add_task("loading", total=len(paths))
        clips = beat_clips.load(paths, lambda name: bar.update(task, advance=1, description=f"loading {name}"))
        taught = bar.add_task("training", total=None)

        def tell(now: runs.Progress) -> None:
            if now.scores is not None:
                found = "  ".join(f"{name} {now.scores[name]:.3f}" for name in _SHOWN if name in now.scores)
                bar.console.print(f"epoch {now.epoch:3}  loss {now.loss:.4f}  {found}")
                return
            text = f"epoch {now.epoch + 1} of {now.epochs}, loss {now.loss:.4f}"
            bar.update(taught, total=now.steps, completed=now.step, description=text)

        trainer.run(clips, tell)
    console.print(f"done: {out / 'best.pt'}; now: livedance export beat --run {out}")
