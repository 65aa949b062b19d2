"""`livedance eval NAME`: measure what livedance makes, beside anchors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Measure the dance.", no_args_is_help=True)


@app.callback()
def _eval() -> None:
    """Measure the dance."""


@app.command()
def dance(
    bpm: Annotated[str, typer.Option(help="Tempi of the click tracks.")] = "80,100,120,140,160,180",
    seconds: Annotated[float, typer.Option(help="Length of each track.")] = 40.0,
    tracker: Annotated[str, typer.Option(help="Trackers beside exact beats, with commas; empty for none.")] = "aubio",
    seed: Annotated[str, typer.Option(help="Seeds; each dances to every track.")] = "1,2",
    generator: Annotated[str, typer.Option(help="Generator.")] = "motion-graph",
    music: Annotated[Path | None, typer.Option(help="Folder with tracks and their beats (index.json).")] = None,
    tracks: Annotated[str, typer.Option(help="Files in that folder.")] = (
        "own_hiphop_92.ogg,own_disco_116.ogg,own_house_124.ogg,own_techno_132.ogg,own_dnb_174.ogg"
    ),
    out: Annotated[Path, typer.Option(help="Report without its ending.")] = Path("docs/results/dance"),
) -> None:
    """Measure the dance against the beat and the body against the library.

    Example: livedance eval dance --bpm 120 --seed 1
    """
    from livedance.evaluation import dance as evaluation

    rows = evaluation.run(
        bpms=[float(text) for text in bpm.split(",")], seconds=seconds, trackers=[t for t in tracker.split(",") if t],
        seeds=[int(text) for text in seed.split(",")], music=music, music_names=tracks.split(","), generator=generator,
        out=out,
    )  # fmt: skip
    typer.echo(evaluation.summary(rows).strip())
    typer.echo(f"report: {out.with_suffix('.md')}")
