"""`livedance eval match`: how often a dance is found by its music, and the music by its dance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.results import AsJson, Out, tell


def match(
    seeds: Annotated[int, typer.Option(min=1, help="Pieces of music for each held-out take.")] = 3,
    generator: Annotated[str, typer.Option(help="Generators, with commas; empty for none.")] = "motion-graph,network",
    train_takes: Annotated[int, typer.Option(min=0, help="Training takes that are measured too.")] = 14,
    model: Annotated[Path | None, typer.Option(help="Other encoders than those that ship.")] = None,
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw the shares beside the report.")] = True,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure cross-modal retrieval: dance found by music and music by dance, beside real dance and chance.

    Example: livedance eval match --out docs/results/match
    """
    from livedance.evaluation import match as evaluation
    from livedance.evaluation import match_plot

    if out is not None and plots:
        match_plot.require()  # now, not after the run
    rows = evaluation.run(
        seeds=range(1, seeds + 1), generators=[name for name in generator.split(",") if name],
        n_train=train_takes, model=model, out=out, tell=lambda line: typer.echo(line, err=True),
    )  # fmt: skip
    if out is not None and plots:
        match_plot.draw(rows, out.with_suffix(".png"))
    tell({"rows": rows}, evaluation.summary(rows), out=out, as_json=as_json)
