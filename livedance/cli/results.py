"""What `bench` and `eval` share: figures on the screen, as JSON for programs, and as a report where one is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

Out = Annotated[
    Path | None, typer.Option(help="Also write a report: this name with .md and .json (ours: docs/results/NAME).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of lines.")]


def tell(data: dict[str, Any], lines: Iterable[str], *, out: Path | None, as_json: bool) -> None:
    """Print `data` or `lines` on standard output, and on standard error where the report is."""
    from livedance.evaluation import report

    if as_json:
        typer.echo(json.dumps(report.plain(data), ensure_ascii=False))
    else:
        for line in lines:
            typer.echo(line)
    written = f"report: {out.with_suffix('.md')}" if out else "no report was written: --out NAME writes one"
    typer.echo(written, err=True)
