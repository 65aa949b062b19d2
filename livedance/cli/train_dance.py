"""`livedance train data` and `livedance train dance`: what the dance network learns from, and a run of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from livedance.errors import ConfigError, MissingExtra

_SHOWN = ("worth", "cm", "mean_cm", "speed", "jerk", "slide")


def data(
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    splits: Annotated[Path, typer.Option(help="Which takes are for validation.")] = Path("configs/splits/dance.toml"),
) -> None:
    """Make what the dance network learns from: the training clips of the motion library in beat time (held-out: never).

    Example: livedance train data --out ~/dance-tracks
    """
    from livedance.training.dance import tracks

    console = Console()
    with console.status("reading") as status:
        made = tracks.make(out, splits, status.update)
    beats, valid = (sum(len(t.energy) for t in made if t.is_valid == which) for which in (False, True))
    console.print(f"{len(made)} clips in {out}: {beats} beats to learn from, {valid} for validation")


def dance(
    data: Annotated[Path, typer.Option(help="Folder made by 'livedance train data'.")],
    out: Annotated[Path, typer.Option(help="Folder of the run: checkpoints, log.")],
    config: Annotated[Path, typer.Option(help="What to train, and how.")] = Path("configs/train/live.toml"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last epoch in --out.")] = False,
    epochs: Annotated[int | None, typer.Option(help="Instead of the configuration's.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    begin_with: Annotated[
        Path | None, typer.Option(help="Begin with the weights of another run of the same network.")
    ] = None,
) -> None:
    """Train the network that dances; prints the validation after every epoch. A stopped run goes on with --resume.

    Example: livedance train dance --data ~/dance-tracks --out ~/dance-run
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("training", "train") from error
    from livedance.training import beat_train, runs
    from livedance.training.dance import tracks, train

    asked = runs.with_epochs(runs.read_config(config, train.RunConfig, "train dance"), epochs)
    trainer = train.Trainer(asked, out, beat_train.pick_device(device))
    resumed = resume and trainer.resume()
    if not resumed and (out / "checkpoint.pt").exists():
        raise ConfigError(f"{out} holds a run already: add --resume to go on with it, or give another --out")
    if begin_with is not None and not resumed:
        trainer.begin_with(begin_with)
    console = Console()
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console) as bar:
        all_steps = asked.train.epochs * asked.train.steps
        taught = bar.add_task("training", total=all_steps, completed=trainer.epoch * asked.train.steps)

        def tell(now: runs.Progress) -> None:
            if now.scores is not None:
                found = "  ".join(f"{name} {now.scores[name]:.3f}" for name in _SHOWN)
                bar.console.print(f"epoch {now.epoch:3}  loss {now.loss:.4f}  {found}")
                return
            text = f"epoch {now.epoch + 1} of {now.epochs}, loss {now.loss:.4f}"
            bar.update(taught, completed=now.epoch * now.steps + now.step, description=text)

        trainer.run(tracks.load(data), tell)
    console.print(f"done: {out}; now: livedance export dance --run {out} --data {data}")
