"""`livedance export NAME`: write trained models for the runtime. There is none in this version."""

from __future__ import annotations

import typer

app = typer.Typer(help="Write models for the runtime.", no_args_is_help=True)
