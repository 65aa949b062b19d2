"""`livedance eval NAME`: measure what livedance makes, beside anchors."""

from __future__ import annotations

import typer

app = typer.Typer(help="Measure the dance.", no_args_is_help=True)


@app.callback()
def _eval() -> None:
    """Measure the dance."""
