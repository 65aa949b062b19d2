"""Counters of the server and their two faces: JSON for `/healthz`, Prometheus text for `/metrics`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

_UNSAFE = re.compile(r"[^a-zA-Z0-9_]")


class Counters:
    """Counts by (name, label). One thread: the server's loop."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, label: str = "", n: int = 1) -> None:
        """Count `n` more of `name`, told apart by `label`."""
        self._counts[(name, label)] += n

    def get(self, name: str, label: str | None = None) -> int:
        """Return one count, or the sum over all labels."""
        return sum(v for (n, lab), v in self._counts.items() if n == name and label in (None, lab))

    def lines(self) -> list[str]:
        """Return Prometheus lines, one metric family after the other."""
        out: list[str] = []
        for name in sorted({name for name, _ in self._counts}):
            out.append(f"# TYPE livedance_{name}_total counter")
            for (_, label), value in sorted(item for item in self._counts.items() if item[0][0] == name):
                out.append(f"livedance_{name}_total{_label('kind', label)} {value}")
        return out


def numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be shown to everybody who may look: numbers and tables of them.

    Texts stay here: among them are the address with the show's token, and paths of this machine.
    """
    out: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            out[key] = numbers(value)
        elif isinstance(value, bool | int | float):
            out[key] = value
    return out


def gauges(values: Mapping[str, Any], prefix: str = "livedance") -> list[str]:
    """Return Prometheus gauges of every finite number in a nested mapping; names are joined by underscores."""
    out: list[str] = []
    for key, value in values.items():
        name = f"{prefix}_{_UNSAFE.sub('_', str(key))}"
        if isinstance(value, Mapping):
            out += gauges(value, name)
        elif isinstance(value, bool) or (isinstance(value, int | float) and math.isfinite(value)):
            out += [f"# TYPE {name} gauge", f"{name} {float(value):g}"]
    return out


def _label(name: str, value: str) -> str:
    return f'{{{name}="{_UNSAFE.sub("_", value)}"}}' if value else ""
