"""`livedance train beat-data`: render the training music of the beat network into a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


def beat_data(
    hours: Annotated[float, typer.Option(help="Hours of music.")] = 6.0,
    seed: Annotated[int, typer.Option(help="0 to 99: each seed is other music.")] = 1,
    cache: Annotated[Path | None, typer.Option(help="Folder to fill; the user's cache without it.")] = None,
    oneshots: Annotated[Path | None, typer.Option(help="A further folder of drum one-shots.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; all cores without it.")] = None,
    held_out: Annotated[bool, typer.Option("--held-out", help="Music for evaluation instead of training.")] = False,
    kind: Annotated[str | None, typer.Option(help="Only clips of this kind: steady, break, sparse ...")] = None,
    songs: Annotated[bool, typer.Option(help="Also the demo songs of LMMS that may be used.")] = True,
) -> None:
    """Render music with exact beats: composed, played through real samples, heard in rooms; resumes where it stopped.

    Example: livedance train beat-data --hours 6 --seed 1 --cache ~/beat-music
    """
    from livedance.training.beat_music import banks, clips, lmms_songs

    console = Console()
    n_workers = workers or os.cpu_count() or 1
    places = banks.Places(oneshots=oneshots, cache=cache)
    banks.check(places)
    todo = clips.jobs(hours, seed, "held-out" if held_out else "train", places, kind)
    wanted = [] if held_out or not songs else lmms_songs.wanted(places.cache_dir)
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("clips (notes first)", total=len(todo))
        for stem in clips.make(todo, n_workers):
            bar.update(task, advance=1, description=f"clip {stem.name}")
        task = bar.add_task("songs", total=len(wanted))
        for name in lmms_songs.make(wanted, n_workers):
            bar.update(task, advance=1, description=name[:24])
    console.print(f"{len(todo)} clips and {len(wanted)} songs made; all are in {places.cache_dir / 'clips'}")
