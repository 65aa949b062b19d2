"""`livedance train paper`: the seed paper's generator and its ablation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from livedance.errors import MissingExtra


def paper(
    out: Annotated[Path, typer.Option(help="Folder of the study: looking networks, one folder for each row and seed.")],
    config: Annotated[Path, typer.Option(help="What to train, and how.")] = Path("configs/train/paper.toml"),
    row: Annotated[str, typer.Option(help="Rows instead of the configuration's, with commas: R1, R2, R2f ...")] = "",
    seed: Annotated[str, typer.Option(help="Seeds instead of the configuration's, with commas.")] = "",
    steps: Annotated[int | None, typer.Option(min=1, help="Instead of the configuration's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the study in --out.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Train the paper's 2-D generator, each row of its ablation with each seed. A stopped study goes on with --resume.

    Example: livedance train paper --out ~/paper-study
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("training", "train") from error
    from livedance.cli.run import parse_numbers
    from livedance.training import beat_train
    from livedance.training.paper import study
    from livedance.training.paper.config import chosen, read_config

    seeds = tuple(int(n) for n in parse_numbers("--seed", seed)) if seed else ()
    asked = chosen(read_config(config), tuple(name for name in row.split(",") if name), seeds, steps)
    console = Console()
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        tasks = {}

        def tell(what: str, done: int, total: int, loss: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            text = f"{what}, loss {loss:.2f}" if loss else what
            bar.update(tasks[what], completed=done, description=text)

        study.run(asked, out, beat_train.pick_device(device), resume=resume, tell=tell)
    console.print(f"done: {out}; now: livedance eval paper --study {out}")
