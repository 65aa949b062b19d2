"""`livedance eval choreography`: measure whether the dance means something, all night long."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.results import AsJson, Out, tell


def choreography(
    minutes: Annotated[float, typer.Option(min=1.0, help="Length of the mixed set.")] = 20.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the set and of the dance.")] = 1,
    tracker: Annotated[str, typer.Option(help="A tracker's name instead of exact beats.")] = "exact beats",
    folder: Annotated[
        Path | None, typer.Option(help="Folder with tracks and their beats (index.json) instead of the demo tracks.")
    ] = None,
    parts: Annotated[str, typer.Option(help="Parts, with commas; empty for all.")] = "",
    dancers: Annotated[int, typer.Option(min=2, max=16, help="Dancers of the group.")] = 4,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure the choreography beside held-out motion, against its goals.

    Example: livedance eval choreography --minutes 120 --out docs/results/choreography
    """
    from livedance.evaluation import choreography as evaluation
    from livedance.evaluation import choreography_goals, choreography_report

    plan = evaluation.Plan(
        minutes=minutes, seed=seed, tracker=tracker, folder=folder, dancers=dancers,
        parts=tuple(part for part in parts.split(",") if part) or evaluation.PARTS,
    )  # fmt: skip
    outcome = evaluation.run(plan, lambda line: typer.echo(line, err=True))
    found = choreography_goals.verdicts(outcome.ours, outcome.held_out)
    choreography_report.write(outcome, out)
    missed = choreography_goals.not_reached(found)
    lines = [choreography_report.goals_table(found), *(f"not reached: {line}" for line in missed)]
    tell({"ours": outcome.ours, "held_out": outcome.held_out, "not_reached": missed}, lines, out=out, as_json=as_json)
