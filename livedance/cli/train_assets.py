"""`livedance train assets`: make the packaged demo music from the prepared data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance.paths import ASSETS


def assets(
    data: Annotated[Path, typer.Argument(help="The prepared data folder (it holds music/index.json).")],
    out: Annotated[Path, typer.Argument(help="Where the tracks go.")] = ASSETS / "music",
) -> None:
    """Encode the demo tracks into the package. Example: livedance train assets ../data."""
    from livedance.training.assets import make_music

    for entry in make_music(data, out):
        typer.echo(f"{entry['file']}  {entry['seconds']:.0f} s  {entry['bpm']:.0f} BPM  {entry['licence']}")
