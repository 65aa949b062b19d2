"""`livedance config`: make a configuration, or check one."""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

import typer
from pydantic import BaseModel

from livedance import config as configs
from livedance.cli.run import check_names
from livedance.errors import FileError
from livedance.paths import config_dir

app = typer.Typer(help="Make or check a configuration.", no_args_is_help=True)


@app.command()
def init(
    path: Annotated[Path | None, typer.Argument(help="Where; default: the user's own configuration.")] = None,
) -> None:
    """Write a configuration with every key, its default and what it means; never over an existing file.

    Example: livedance config init show.toml
    """
    target = path or config_dir() / "livedance.toml"
    if target.exists():
        raise FileError(f"'{target}' is there already and stays as it is: choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(template(), encoding="utf-8")
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


def template() -> str:
    """Return every key with its default and what it means; keys without a default are there as comments."""
    default, notes = configs.LiveConfig(), _notes()
    own = [name for name, value in default if not isinstance(value, BaseModel | list)]
    lines = ["# Every setting with its default. Check it with: livedance config check FILE", ""]
    lines += _lines(default, own, notes)
    for name, value in default:
        for table in value if isinstance(value, list) else [value] if isinstance(value, BaseModel) else []:
            head = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            lines += ["", f"# {notes.get(type(table).__name__, '')}", head]
            lines += _lines(table, list(type(table).model_fields), notes)
    return "\n".join(lines) + "\n"


def _lines(table: BaseModel, names: list[str], notes: dict[str, str]) -> list[str]:
    lines = []
    for name in names:
        note = notes.get(f"{type(table).__name__}.{name}", "").replace("None", "unset")
        annotation = type(table).model_fields[name].annotation
        if get_origin(annotation) is Literal:
            note = f"{', '.join(get_args(annotation))}. {note}".strip()
        lines += [f"# {line}" for line in textwrap.wrap(note, 100)]
        value = getattr(table, name)
        lines.append(f"# {name} =" if value is None else f"{name} = {configs.toml_value(value)}")
    return lines


def _notes() -> dict[str, str]:
    """Return "Class" and "Class.key" -> the text that the configuration's source has for it."""
    notes: dict[str, str] = {}
    for cls in ast.parse(inspect.getsource(configs)).body:
        if not isinstance(cls, ast.ClassDef):
            continue
        notes[cls.name] = ast.get_docstring(cls) or ""
        for field, text in zip(cls.body, cls.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                notes[f"{cls.name}.{ast.unparse(field.target)}"] = " ".join(str(text.value.value).split())
    return notes
