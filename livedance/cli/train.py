"""`livedance train NAME`: the commands that make what `models/` holds, from data that is given by its path."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from livedance.cli.train_beat_data import beat_data
from livedance.cli.train_dance import dance, data
from livedance.cli.train_match import match
from livedance.cli.train_paper import paper

app = typer.Typer(help="Make the models and libraries that ship with livedance.", no_args_is_help=True)
app.command("beat-data")(beat_data)
app.command()(data)
app.command()(dance)
app.command()(match)
app.command()(paper)


@app.callback()
def _train() -> None:
    """Make the models and libraries that ship with livedance."""


@app.command()
def library(
    data: Annotated[Path, typer.Option(help="Folder of the raw dance data; holds dance/*.npz.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/motion_library"),
    report: Annotated[Path | None, typer.Option(help="Folder for a report of what was reached (minutes).")] = None,
) -> None:
    """Make the motion library: rotations, contacts, energy and beat maps of all clips in one compact file.

    Example: livedance train library --data ~/dance-data
    """
    from livedance.dance import entry_file
    from livedance.dance.library import MotionLibrary
    from livedance.evaluation.report import commit
    from livedance.training import library_files, motion_library

    console = Console()
    total = len(list((data / "dance").glob("*.npz")))
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("reading", total=total)
        made = motion_library.make_all(data, lambda name: bar.update(task, advance=1, description=name))
    library_files.write(made, out, commit())
    entry_file.write(MotionLibrary.load(out))
    if report is not None:
        from livedance.training import library_report

        with console.status("measuring") as status:
            library_report.write(made, report, status.update)
    size = sum(f.stat().st_size for f in out.iterdir()) / 1e6
    seconds = sum(m.clip.duration_s for m in made)
    console.print(f"{len(made)} clips, {seconds / 60:.1f} minutes, {size:.1f} MB in {out}")


@app.command()
def entries(
    library: Annotated[Path, typer.Option(help="Folder of a motion library.")] = Path("models/motion_library"),
) -> None:
    """Make the table of phrase entries again, which lies beside a motion library.

    Example: livedance train entries
    """
    from livedance.dance import entry_file
    from livedance.dance.library import MotionLibrary

    path = entry_file.write(MotionLibrary.load(library))
    typer.echo(f"{path}  {path.stat().st_size / 1e3:.0f} kB")


@app.command()
def dancers(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("models/dancers"),
) -> None:
    """Make the dressed dancers of the look 'mesh' from their cuts: cloth and body are solids, cut into triangles.

    Example: livedance train dancers
    """
    from livedance.training.character.make import make

    for name, made in make(out):
        size = (out / f"{name}.npz").stat().st_size / 1e3
        typer.echo(f"{name}  {len(made.position_m)} vertices, {len(made.triangles)} triangles, {size:.0f} kB")


@app.command("page-dancers")
def page_dancers(
    dancers: Annotated[Path, typer.Option(help="Folder of the dancers.")] = Path("models/dancers"),
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("livedance/assets/viewer"),
) -> None:
    """Make the dancers for the page from those of the look 'mesh': the same, with fewer triangles, as glTF.

    Example: livedance train page-dancers
    """
    from livedance.training.character.gltf import make

    for path in make(dancers, out):
        typer.echo(f"{path}  {path.stat().st_size / 1e3:.0f} kB")


@app.command()
def beat(
    data: Annotated[Path, typer.Option(help="Folder of clips, made by 'livedance train beat-data'.")],
    out: Annotated[Path, typer.Option(help="Folder of the run: checkpoints, log, configuration.")],
    config: Annotated[Path, typer.Option(help="What to train, and how.")] = Path("configs/train/beat.toml"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last epoch in --out.")] = False,
    epochs: Annotated[int | None, typer.Option(help="Instead of the configuration's.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    begin_with: Annotated[
        Path | None, typer.Option(help="Begin with the best weights of another run of the same network.")
    ] = None,
) -> None:
    """Train the beat network; prints the validation after every epoch. A stopped run goes on with --resume.

    Example: livedance train beat --data ~/beat-data --out ~/beat-run
    """
    from livedance.cli.train_beat import train_beat

    train_beat(data, out, config, resume=resume, epochs=epochs, device=device, begin_with=begin_with)
