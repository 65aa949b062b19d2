"""Frozen records on the way of every hop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

Record = TypeVar("Record")


def replace(record: Record, /, **changes: Any) -> Record:
    """Return `record` with some fields changed: `dataclasses.replace` at half its price.

    The brain makes ten new records a hop; the standard function walks through all fields in Python each time. For
    dataclasses whose fields are all taken by `__init__`, two or more of them; an unknown name raises `TypeError`.
    """
    kind: type = type(record)
    names, values = _fields(kind)
    now = dict(zip(names, values(record), strict=True))
    now.update(changes)
    made: Record = kind(**now)
    return made


@cache
def _fields(kind: type) -> tuple[tuple[str, ...], Callable[[object], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)
