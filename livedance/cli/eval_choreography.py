"""`livedance eval choreography`: measure whether the dance means something, all night long."""

from __future__ import annotations

from dataclasses import replace
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
    parts: Annotated[
        str, typer.Option(help="night, djset, energy, hits, styles, group, load; with commas; empty for all.")
    ] = "",
    style_rounds: Annotated[int, typer.Option(min=1, help="Changes of style that are danced for every pair.")] = 12,
    dancers: Annotated[int, typer.Option(min=2, max=16, help="Dancers of the group.")] = 4,
    drawn: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Draw sets, styles, changes and groups beside the report.")
    ] = True,
    pairs: Annotated[
        Path | None, typer.Option(help="Only write blind pairs to this folder, and their key beside it.")
    ] = None,
    answers: Annotated[
        list[Path] | None, typer.Option(help="A judge's answers to the blind pairs of --pairs; several times.")
    ] = None,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure the choreography beside held-out motion, against its goals.

    Example: livedance eval choreography --minutes 120 --out docs/results/choreography
    """
    from livedance.evaluation import beat_plot, choreography_gallery, choreography_goals, choreography_report
    from livedance.evaluation import choreography as evaluation
    from livedance.evaluation import choreography_pairs as blind
    from livedance.evaluation.choreography_set import load

    def progress(line: str) -> None:
        typer.echo(line, err=True)

    if pairs is not None and not answers:
        beat_plot.require()
        made = blind.make(pairs, load(folder), seed, {}, progress)
        typer.echo(f"{len(made)} pairs in {pairs}, their key is {blind.key_of(pairs)}")
        return
    if out is not None and drawn:
        beat_plot.require()  # now, not after the run
    plan = evaluation.Plan(
        minutes=minutes, seed=seed, tracker=tracker, folder=folder, dancers=dancers,
        style_rounds=style_rounds,
        parts=tuple(part for part in parts.split(",") if part),
    )  # fmt: skip
    outcome = evaluation.run(plan, progress)
    if pairs is not None and answers:
        outcome = replace(outcome, proof=blind.tally(blind.key_of(pairs), answers))
    if out is not None and drawn:
        shown = choreography_gallery.draw(out.with_suffix(""), seed, plan.settings, progress)
        outcome = replace(outcome, pictures=shown)
    choreography_report.write(outcome, out)
    found = choreography_goals.verdicts(outcome.ours, outcome.held_out)
    missed = choreography_goals.not_reached(found)
    lines = [choreography_report.goals_table(found), *(f"not reached: {line}" for line in missed)]
    tell({"ours": outcome.ours, "held_out": outcome.held_out, "not_reached": missed}, lines, out=out, as_json=as_json)
