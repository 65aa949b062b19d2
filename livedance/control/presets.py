"""Presets: named settings of the show, as people keep them from night to night. Pure; the file is read elsewhere.

A preset holds how the show looks and dances (`FIELDS`), never what belongs to the moment or to the room: blackout,
freeze, hold, tempo and delays stay as they are. Recalling one is a single `set`.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from livedance.config import toml_value
from livedance.control import ops
from livedance.errors import ConfigError, near
from livedance.messages import Command, Controls
from livedance.records import replace

Values = Mapping[str, Any]
"""Fields of `Controls` that a preset sets, with their values; what is missing stays as it is."""
Presets = Mapping[str, Values]
"""Name -> values, in the order in which people see and number them."""

FIELDS: Final = (
    "director", "style", "energy", "groove", "dancers", "formation", "mirror", "look", "scene", "palette",
    "camera", "camera_yaw_deg", "camera_dist_m", "camera_x_m", "camera_y_m",
)  # fmt: skip
MAX_PRESETS: Final = 64
MAX_NAME: Final = 40
"""Characters of a name."""
MAX_BYTES: Final = 65_536
"""Size of the file."""
MUSIC: Final = "music"
"""Stands in the file for "follows the music": TOML has no word for nothing."""
TABLE: Final = "preset"
_TURNS_TEXT: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Invisible marks that make a name read otherwise than it is written."""
_NEVER: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_HEAD: Final = "# Presets of livedance, in the order of their numbers. Written anew whenever one changes.\n"


def values_of(controls: Controls) -> Values:
    """Return what a preset keeps of `controls`."""
    return {name: value for name in FIELDS if (value := getattr(controls, name)) != ""}


def recalled(presets: Presets, name: str) -> Command:
    """Return the one `set` that recalls a preset which is there."""
    return Command(op="set", args=dict(presets[name]), source="preset")


def check(command: Command, names: Sequence[str]) -> Command:
    """Return an operation on presets with the exact names it means; `names` are those that there are.

    Raises `ConfigError` where it cannot be done: an unknown preset, a name that cannot be used or is taken, too many.
    """
    wanted = command.args.get("value", command.value)
    if command.op == "preset_save":
        name, overwrites = name_of(wanted), command.args.get("overwrite") is True
        if name in names and not overwrites:
            raise ConfigError(f"there is a preset '{name}' already: choose another name, or overwrite it")
        if name not in names and len(names) >= MAX_PRESETS:
            raise ConfigError(f"there are {MAX_PRESETS} presets already: delete or overwrite one")
        return replace(command, value=None, args={"value": name, "overwrite": overwrites})
    name = find(wanted, names)
    if command.op != "preset_rename":
        return replace(command, value=None, args={"value": name})
    to = name_of(command.args.get("to"))
    if to in names and to != name:
        raise ConfigError(f"there is a preset '{to}' already: choose another name")
    return replace(command, value=None, args={"value": name, "to": to})


def find(wanted: object, names: Sequence[str]) -> str:
    """Return the name that is meant: as it is written, in other case, or by its number from 1. Raises `ConfigError`."""
    if isinstance(wanted, str):
        name = _normal(wanted)
        alike = [known for known in names if known.casefold() == name.casefold()]
        if name in names:
            return name
        if len(alike) == 1:
            return alike[0]
    number = _number(wanted)
    if number is not None and 1 <= number <= len(names):
        return names[number - 1]
    said = _short(wanted)
    if not names:
        raise ConfigError(f"there is no preset '{said}': none has been saved yet")
    listed = ", ".join(f"{i} {name}" for i, name in enumerate(names[:8], start=1)) + (" ..." if len(names) > 8 else "")
    raise ConfigError(f"there is no preset '{said}'{near(said, names)} There are: {listed}")


def name_of(wanted: object) -> str:
    """Return a name for a preset: any script, one line. Raises `ConfigError`."""
    name = _normal(wanted) if isinstance(wanted, str) else ""
    if not name:
        raise ConfigError("a preset needs a name")
    if len(name) > MAX_NAME:
        raise ConfigError(f"'{_short(name)}' is too long for a preset: at most {MAX_NAME} characters")
    if any(unicodedata.category(c) in _NEVER or unicodedata.bidirectional(c) in _TURNS_TEXT for c in name):
        raise ConfigError("the name of a preset is one line of text, without control characters")
    return name


def edited(presets: Presets, command: Command, controls: Controls) -> Presets:
    """Return the presets after a checked save, rename or delete; `controls` is what a save keeps.

    Raises `ConfigError` where it cannot be done with these presets, which may have changed since the check.
    """
    args = check(command, tuple(presets)).args
    name = args["value"]
    if name != command.args.get("value"):
        # A checked command names it exactly: it has been renamed or deleted since, and a number may mean another.
        raise ConfigError(f"there is no preset '{_short(command.args.get('value'))}' any more")
    match command.op:
        case "preset_save":
            return {**presets, name: values_of(controls)}
        case "preset_rename":
            return {(args["to"] if known == name else known): values for known, values in presets.items()}
        case _:
            return {known: values for known, values in presets.items() if known != name}


def to_toml(presets: Presets) -> str:
    """Return the file's text. Raises `ConfigError` where it would be longer than what is read."""
    parts = [_HEAD]
    for name, values in presets.items():
        lines = [f"[[{TABLE}]]", f"name = {toml_value(name)}"]
        lines += [f"{key} = {toml_value(MUSIC if value is None else value)}" for key, value in values.items()]
        parts.append("\n".join(lines) + "\n")
    text = "\n".join(parts)
    if len(text.encode()) > MAX_BYTES:
        raise ConfigError(f"the presets take more than {MAX_BYTES // 1024} KB: delete one")
    return text


def from_toml(text: str) -> Presets:
    """Return the presets in the file's text. Raises `ConfigError` for the first fault."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"it is not valid TOML: {error}") from error
    rows = tree.pop(TABLE, [])
    if tree:
        raise ConfigError(f"there is no key '{_short(next(iter(tree)))}': presets are [[{TABLE}]] tables")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"presets are [[{TABLE}]] tables")
    if len(rows) > MAX_PRESETS:
        raise ConfigError(f"it holds {len(rows)} presets, more than {MAX_PRESETS}")
    presets: dict[str, Values] = {}
    for number, row in enumerate(rows, start=1):
        try:
            name = name_of(row.pop("name", None))
            if name in presets:
                raise ConfigError("the name is taken by another")
            presets[name] = {key: _value(key, value) for key, value in row.items()}
        except ConfigError as error:
            raise ConfigError(f"preset {number}: {error}") from error
    return presets


def _value(key: str, value: object) -> Any:
    """Return a value of the file as `Controls` has it. Styles and looks are checked when they are recalled."""
    if key not in FIELDS:
        raise ConfigError(f"a preset has no '{_short(key)}'{near(key, FIELDS)}")
    op = ops.BY_NAME[key]
    if isinstance(value, str) and not value.isprintable():
        raise ConfigError(f"'{key}' is one line of text, without control characters")
    return ops.value_of(op, None if op.nullable and value == MUSIC else value)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _number(wanted: object) -> int | None:
    try:
        number = float(wanted)  # type: ignore[arg-type]
        return int(number) if number == int(number) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _short(said: object) -> str:
    """Return what somebody said, as a part of one sentence."""
    text = "".join(c if c.isprintable() else "?" for c in (f"{said:g}" if isinstance(said, float) else str(said)))
    return text if len(text) <= MAX_NAME else text[:MAX_NAME] + "..."
