"""Frozen records on the way of every hop."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

Record = TypeVar("Record")


def replace(record: Record, /, **changes: Any) -> Record:
    """Return `record` with some fields changed: what `dataclasses.replace` makes, at a tenth of its price.

    The brain makes ten new records a hop; the standard function walks through all fields in Python each time. Records
    that are made every hop are therefore dataclasses without slots: one copy of their dictionary makes another. Those
    with slots or a `__post_init__` are made by `__init__`. An unknown name raises `TypeError`.
    """
    kind: type = type(record)
    if not _is_plain(kind):
        now = {name: getattr(record, name) for name in _names(kind)}
        made: Record = kind(**(now | changes))
        return made
    before = record.__dict__
    values = before | changes
    if len(values) != len(before):
        raise TypeError(f"{kind.__name__} has no field {min(changes.keys() - before.keys())!r}")
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", values)
    return made


@cache
def _is_plain(kind: type) -> bool:
    return not hasattr(kind, "__slots__") and not hasattr(kind, "__post_init__")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
