"""`livedance train match`: music for the training takes, and the two encoders of the cross-modal evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from livedance.errors import ConfigError, MissingExtra


def match(
    out: Annotated[Path, typer.Option(help="Folder of the run: music, checkpoints, log.")],
    config: Annotated[Path, typer.Option(help="What to train, and how.")] = Path("configs/train/match.toml"),
    splits: Annotated[Path, typer.Option(help="Which takes are for validation.")] = Path("configs/splits/dance.toml"),
    oneshots: Annotated[
        Path | None, typer.Option(help="A folder of drum one-shots to play; without it drums are synthesised.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last epoch in --out.")] = False,
    epochs: Annotated[int | None, typer.Option(help="Instead of the configuration's.")] = None,
) -> None:
    """Train the encoders that match dance and music, for measuring only (held-out takes: never).

    First music is written on the beats of the training takes (minutes; what is there already is kept), then the
    encoders are taught. A stopped run goes on with --resume.

    Example: livedance train match --out ~/match-run
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("training", "train") from error
    from livedance.training import runs
    from livedance.training.dance import soundtrack
    from livedance.training.match import pairs, train

    asked = runs.with_epochs(runs.read_config(config, train.RunConfig, "train match"), epochs)
    trainer = train.Trainer(asked, out)
    resumed = resume and trainer.resume()
    if not resumed and (out / train.EPOCH_FILES[0]).exists():
        raise ConfigError(f"{out} holds a run already: add --resume to go on with it, or give another --out")
    console = Console()
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console) as bar:
        clips = pairs.wanted(splits)
        written = bar.add_task("music", total=len(clips))
        takes = pairs.make(
            out, clips, pieces=asked.music.pieces, seed=asked.music.seed, banks=soundtrack.sounds(oneshots),
            tell=lambda name: bar.update(written, advance=1, description=name),
        )  # fmt: skip
        steps = asked.train.steps
        taught = bar.add_task("training", total=asked.train.epochs * steps, completed=trainer.epoch * steps)

        def tell(now: runs.Progress) -> None:
            if now.scores is not None:
                found = "  ".join(f"{name} {value:.3f}" for name, value in now.scores.items())
                bar.console.print(f"epoch {now.epoch:3}  loss {now.loss:.4f}  {found}")
                return
            text = f"epoch {now.epoch + 1} of {asked.train.epochs}, loss {now.loss:.4f}"
            bar.update(taught, completed=now.epoch * steps + now.step, description=text)

        trainer.run(takes, tell)
    console.print(f"done: {out}; now: livedance export match --run {out}")
