"""The one key map of window, page and terminal.

Keys are named as browsers name them (`KeyboardEvent.key`, lower case): "b", " ", "[", "ctrl+q". Some keys concern only
the screen that has the focus (full screen, info) and never travel; `LOCAL` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from livedance.messages import Command

NUDGE_MS: Final = 10.0
DELAY_STEP_MS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key and what it does."""

    key: str
    label: str
    meaning: str
    op: str
    value: float | None = None
    args: dict[str, Any] = field(default_factory=dict)
    is_local: bool = False


def _toggle(name: str) -> dict[str, Any]:
    return {"field": name}


KEYS: Final[tuple[Key, ...]] = (
    Key(key=" ", label="space", meaning="tap the tempo", op="tap"),
    Key(key="b", label="B", meaning="blackout", op="toggle", args=_toggle("blackout")),
    Key(key="f", label="F", meaning="full screen", op="fullscreen", is_local=True),
    Key(key="z", label="Z", meaning="freeze", op="toggle", args=_toggle("freeze")),
    Key(key="x", label="X", meaning="hit", op="hit"),
    Key(key="n", label="N", meaning="new phrase", op="phrase_new"),
    Key(key="h", label="H", meaning="half a beat later", op="half"),
    Key(key="r", label="R", meaning='this is "one"', op="resync"),
    Key(key="[", label="[", meaning="beat 10 ms earlier", op="nudge_ms", value=-NUDGE_MS),
    Key(key="]", label="]", meaning="beat 10 ms later", op="nudge_ms", value=NUDGE_MS),
    Key(key="-", label="−", meaning="less delay", op="add", value=-DELAY_STEP_MS, args=_toggle("delay_ms")),
    Key(key="+", label="+", meaning="more delay", op="add", value=DELAY_STEP_MS, args=_toggle("delay_ms")),
    Key(key="c", label="C", meaning="next camera", op="step", args=_toggle("camera")),
    Key(key="p", label="P", meaning="next palette", op="step", args=_toggle("palette")),
    *(Key(key=str(n), label=str(n), meaning=f"scene {n}", op="set", args={"scene": n}) for n in range(1, 10)),
    Key(key="i", label="I", meaning="info", op="info", is_local=True),
    Key(key="d", label="D", meaning="demo music", op="demo"),
    Key(key="ctrl+q", label="Ctrl-Q", meaning="quit", op="quit", is_local=True),
)

BY_KEY: Final[dict[str, Key]] = {k.key: k for k in KEYS} | {"=": next(k for k in KEYS if k.key == "+")}
"""With "=" as "+" without shift."""


def lookup(key: str) -> Key | None:
    """Return what `key` does, upper or lower case alike, or None."""
    return BY_KEY.get(key.lower())


def command_for(key: str, source: str = "keyboard", output: str | None = None) -> Command | None:
    """Return the command of a key press, None for an unknown or local key.

    `output` is the output whose delay − and + change; without it they change all.
    """
    found = lookup(key)
    if found is None or found.is_local:
        return None
    args = dict(found.args)
    if found.op == "add" and output is not None:
        args["output"] = output
    return Command(op=found.op, value=found.value, args=args, source=source)
