"""`livedance config`: make a configuration, or check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from livedance import config as configs
from livedance.cli.run import check_names
from livedance.errors import FileError
from livedance.paths import config_dir

app = typer.Typer(help="Make or check a configuration.", no_args_is_help=True)


@app.command()
def init(
    path: Annotated[Path | None, typer.Argument(help="Where; default: the user's own configuration.")] = None,
) -> None:
    """Write a configuration with every default; never over an existing file.

    Example: livedance config init show.toml
    """
    target = path or config_dir() / "livedance.toml"
    if target.exists():
        raise FileError(f"'{target}' is there already and stays as it is: choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(configs.to_toml(configs.LiveConfig()), encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write '{target}': {error.strerror}") from error
    typer.echo(f"wrote {target}")


@app.command()
def check(path: Annotated[Path, typer.Argument(help="A TOML file.")]) -> None:
    """Check a configuration; prints every value that it sets.

    Example: livedance config check show.toml
    """
    config = configs.load(path)
    check_names(config)
    typer.echo(configs.to_toml(config), nl=False)
    typer.echo(f"# {path} is good")
