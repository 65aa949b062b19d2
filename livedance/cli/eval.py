"""`livedance eval NAME`: measure what livedance makes, beside anchors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.eval_choreography import choreography
from livedance.cli.eval_match import match
from livedance.cli.eval_network import network
from livedance.cli.eval_paper import paper
from livedance.cli.results import AsJson, Out, tell
from livedance.errors import ConfigError

app = typer.Typer(help="Measure the dance and the beat.", no_args_is_help=True)
app.command()(choreography)
app.command()(match)
app.command()(network)
app.command()(paper)


@app.callback()
def _eval() -> None:
    """Measure the dance and the beat."""


@app.command()
def dance(
    bpm: Annotated[str, typer.Option(help="Tempi of the click tracks.")] = "80,100,120,140,160,180",
    seconds: Annotated[float, typer.Option(help="Length of each track.")] = 40.0,
    tracker: Annotated[str, typer.Option(help="Trackers beside exact beats, with commas; or none.")] = "livedance",
    seed: Annotated[str, typer.Option(help="Seeds; each dances to every track.")] = "1,2",
    generator: Annotated[str, typer.Option(help="Generator.")] = "motion-graph",
    music: Annotated[Path | None, typer.Option(help="Folder with tracks and their beats (index.json).")] = None,
    tracks: Annotated[str, typer.Option(help="Files in that folder.")] = (
        "own_hiphop_92.ogg,own_disco_116.ogg,own_house_124.ogg,own_techno_132.ogg,own_dnb_174.ogg"
    ),
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure the dance against the beat and the body against the library.

    Example: livedance eval dance --bpm 120 --seed 1 --out docs/results/dance
    """
    from livedance.cli.run import parse_numbers
    from livedance.evaluation import dance as evaluation

    rows = evaluation.run(
        bpms=parse_numbers("--bpm", bpm), seconds=seconds, trackers=[t for t in tracker.split(",") if t],
        seeds=[int(number) for number in parse_numbers("--seed", seed)], music=music, music_names=tracks.split(","),
        generator=generator, out=out,
    )  # fmt: skip
    tell({"rows": rows}, [evaluation.summary(rows).strip()], out=out, as_json=as_json)


@app.command()
def beat(
    tracker: Annotated[str, typer.Option(help="Tracker that is measured.")] = "livedance",
    also: Annotated[str, typer.Option(help="Other trackers of livedance, with commas; empty for none.")] = "aubio",
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Compare with aubio as it comes.")] = True,
    reuse_peers: Annotated[
        bool, typer.Option("--reuse-peers", help="Peers need not hear again what they heard in an earlier run.")
    ] = False,
    peer_python: Annotated[
        Path | None, typer.Option(help="An interpreter that can import further peers (madmom).")
    ] = None,
    group: Annotated[str, typer.Option(help="synthetic, non-music, lmms; with commas.")] = "synthetic,non-music",
    folder: Annotated[
        list[Path] | None, typer.Option(help="A folder of audio with .beats files or an index.json; several times.")
    ] = None,
    items: Annotated[int, typer.Option(min=1, help="Items of each synthetic category.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds, other items.")] = 0,
    cache: Annotated[Path | None, typer.Option(help="Where rendered items are kept.")] = None,
    model: Annotated[Path | None, typer.Option(help="A model instead of the one that is shipped.")] = None,
    model_fold: Annotated[
        list[str] | None, typer.Option(help="ARTIST=PATH: a model that never heard that artist; several times.")
    ] = None,
    plots: Annotated[bool, typer.Option("--plots/--no-plots", help="Draw phase over time beside the report.")] = True,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure a beat tracker beside its peers, by category, against its goals.

    Example: livedance eval beat --folder my_music --group non-music --out docs/results/beat
    """
    from livedance.evaluation import beat_eval, beat_plot, beat_report

    plan = beat_eval.Plan(
        tracker=tracker, also=tuple(name for name in also.split(",") if name), with_peers=peers,
        reuse_peers=reuse_peers, peer_python=peer_python, groups=tuple(name for name in group.split(",") if name),
        folders=tuple(folder or ()), n_items=items, seed=seed, cache=cache, model=model,
        fold_models=_fold_models(model_fold or []),
    )  # fmt: skip
    if out is not None and plots:
        beat_plot.require()  # now, not after the run
    outcome = beat_eval.run(plan, lambda line: typer.echo(line, err=True))
    if out is not None:
        picture = out.with_suffix(".png") if plots else None
        beat_report.write(outcome, out, picture.name if picture else None)  # first: a new picture changes the clone
        if picture is not None:
            beat_plot.draw(outcome, beat_plot.shown(outcome), picture)
    tell(beat_report.summary(outcome), [beat_report.goals_markdown(outcome)], out=out, as_json=as_json)


def _fold_models(given: list[str]) -> dict[str, Path]:
    """Return artist -> model from ARTIST=PATH words; raises `ConfigError`."""
    models = {}
    for word in given:
        artist, is_split, path = word.partition("=")
        if not (artist and is_split and path):
            raise ConfigError(f"--model-fold '{word}' cannot be used: write ARTIST=PATH")
        models[artist] = Path(path)
    return models
