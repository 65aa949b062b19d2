"""`livedance eval network`: measure the network's dance beside the motion graph and real dance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.results import AsJson, Out, tell


def network(
    beats: Annotated[int, typer.Option(min=16, help="Beats of each dance.")] = 96,
    seeds: Annotated[int, typer.Option(min=1, help="Dances of each style.")] = 2,
    bpm: Annotated[float, typer.Option(min=60.0, max=200.0, help="Tempo of the dances.")] = 120.0,
    minutes: Annotated[float, typer.Option(min=0.0, help="Length of one long dance more; 0 for none.")] = 0.0,
    pictures: Annotated[
        Path | None, typer.Option(help="Also draw sixteen poses over two beats of each style into this folder.")
    ] = None,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure the network that dances beside the motion graph, held-out dance and chance.

    Example: livedance eval network --minutes 30 --out docs/results/network --pictures docs/results/network
    """
    from livedance.evaluation import network as evaluation
    from livedance.evaluation import network_pictures

    def progress(line: str) -> None:
        typer.echo(line, err=True)

    rows = evaluation.run(n_beats=beats, seeds=range(1, seeds + 1), bpm=bpm, minutes=minutes, out=out, tell=progress)
    if pictures is not None:
        network_pictures.draw(pictures, bpm, progress)
    tell({"rows": rows}, evaluation.summary(rows), out=out, as_json=as_json)
