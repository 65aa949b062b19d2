"""`livedance eval paper`: measure the seed paper's generators, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.results import AsJson, Out, tell
from livedance.errors import MissingExtra


def paper(
    study: Annotated[Path, typer.Option(help="Folder made by 'livedance train paper'.")],
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure the paper's generators on held-out takes, beside real dance, random frames, random clips and a mean pose.

    Example: livedance eval paper --study ~/paper-study --out docs/results/paper
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("measuring the paper's generators", "train") from error
    from livedance.training.paper import evaluate, report

    outcome = evaluate.run(study, lambda line: typer.echo(line, err=True))
    if out is not None:
        report.write(outcome, out)
    tell({"lines": outcome.lines, "study": outcome.study}, [report.table(outcome.lines)], out=out, as_json=as_json)
