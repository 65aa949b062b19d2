"""The one reducer of `Controls`: what a command changes. Pure; the same in stage, brain and tests.

Commands that change state:  `set` (args: field -> value), `toggle` (args: field), `step` (args: field; value: how far,
round and round), `add` (args: field, output; value), or the name of a field with the value itself (a switch without a
value toggles). A scene brings its own fields (`scenes`), but for those that the same command names. Every other
operation of the table is an act (for brain, window or presets), checked here and otherwise left alone.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Final

from livedance.control import ops, presets
from livedance.control.ops import Kind, Op, Vocabulary
from livedance.control.scenes import SCENES
from livedance.errors import ConfigError
from livedance.messages import Command, Controls
from livedance.records import replace

ALL_OUTPUTS: Final = "*"
CAMERA_AT_HOME: Final = {"camera_yaw_deg": 0.0, "camera_dist_m": 0.0, "camera_x_m": 0.0, "camera_y_m": 0.0}
"""What choosing a view sets, but for those of them that the same command names."""
MAX_EXTRA: Final = 64
"""Free parameters kept in `Controls.extra`; more are refused, so that a flood of names cannot fill memory."""


def reduce(controls: Controls, command: Command, vocabulary: Vocabulary = ops.VOCABULARY) -> Controls:
    """Return the controls after `command`; `version` goes up when something changed.

    Raises `ConfigError` (the answer to the sender) for an unknown operation or a value that cannot be used.
    """
    changes = _changes(controls, command, vocabulary)
    changes = {**SCENES.get(changes.get("scene", 0), {}), **changes}
    if "camera" in changes:
        changes = {**CAMERA_AT_HOME, **changes}
    changes = {name: value for name, value in changes.items() if getattr(controls, name) != value}
    return replace(controls, version=controls.version + 1, **changes) if changes else controls


def check(command: Command, vocabulary: Vocabulary = ops.VOCABULARY, controls: Controls | None = None) -> Command:
    """Return the command ready for any reducer: values clamped, indices turned into the names of `vocabulary`.

    Raises `ConfigError`, also where it could not be applied to `controls` (bounds of free parameters).
    """
    if command.op in ops.PRESET_ACTS:
        return presets.check(command, vocabulary.get("preset", ()))
    if is_act(command):
        value = ops.value_of(ops.find(command.op), command.value, vocabulary)
        return replace(command, value=None if value is None else float(value))
    after = reduce(controls or Controls(), command, vocabulary)
    if command.op != "set":
        return command
    plain = {name: getattr(after, name) for name in command.args if name not in ("delay_ms", "extra")}
    return replace(command, args={**command.args, **plain})


def is_act(command: Command) -> bool:
    """Whether the command is an act (tap, hit, ...) rather than a change of `Controls`."""
    return command.op in ops.BY_NAME and not ops.BY_NAME[command.op].is_field


def changed_fields(before: Controls, after: Controls) -> dict[str, Any]:
    """Return the fields that differ, with their new values: the `args` of the `set` that makes the same change."""
    names = (f.name for f in fields(Controls) if f.name != "version")
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def delay_of(controls: Controls, output: str) -> float:
    """Return the extra delay in ms of one output: its own plus that of all outputs."""
    return controls.delay_ms.get(ALL_OUTPUTS, 0.0) + controls.delay_ms.get(output, 0.0)


def _changes(controls: Controls, command: Command, vocabulary: Vocabulary) -> dict[str, Any]:
    args = command.args
    match command.op:
        case "set":
            return {name: _set_value(controls, name, value, vocabulary) for name, value in args.items()}
        case "toggle":
            op = _field(args.get("field"))
            if op.kind is not Kind.SWITCH:
                raise ConfigError(f"control '{op.name}' is no switch and cannot be toggled")
            return {op.name: not getattr(controls, op.name)}
        case "step":
            op = _field(args.get("field"))
            return {op.name: _stepped(controls, op, _amount(command, 1.0), vocabulary)}
        case "add":
            op = _field(args.get("field"))
            return {op.name: _added(controls, op, _amount(command, 0.0), str(args.get("output", ALL_OUTPUTS)))}
    op = ops.find(command.op)
    if op.name in ops.PRESET_ACTS:
        return {}
    if not op.is_field:
        ops.value_of(op, command.value, vocabulary)
        return {}
    value = args.get("value", command.value)
    if value is None and op.kind is Kind.SWITCH:
        return {op.name: not getattr(controls, op.name)}
    return {op.name: _set_value(controls, op.name, value, vocabulary)}


def _field(name: object) -> Op:
    op = ops.find(str(name))
    if not op.is_field:
        raise ConfigError(f"control '{op.name}' is an act, not a setting; send it as its own operation")
    return op


def _set_value(controls: Controls, name: str, value: object, vocabulary: Vocabulary) -> Any:
    if name == "delay_ms":
        given = value if isinstance(value, dict) else {ALL_OUTPUTS: value}
        delays = controls.delay_ms | {
            str(k)[: ops.MAX_NAME]: ops.value_of(ops.BY_NAME[name], v) for k, v in given.items()
        }
        return _bounded(name, delays)
    if name == "extra":
        if not isinstance(value, dict):
            raise ConfigError("control 'extra' takes a table of names and values")
        return _bounded(name, controls.extra | {str(k)[: ops.MAX_NAME]: _plain(v) for k, v in value.items()})
    return ops.value_of(_field(name), value, vocabulary)


def _stepped(controls: Controls, op: Op, amount: float, vocabulary: Vocabulary) -> Any:
    current = getattr(controls, op.name)
    if op.kind is Kind.INT:
        low, count = int(op.low), int(op.high - op.low) + 1
        return low + (current - low + round(amount)) % count
    names = vocabulary.get(op.name, ops.VOCABULARY.get(op.name, ()))
    if op.kind is not Kind.CHOICE or not names:
        raise ConfigError(f"control '{op.name}' has no list of choices to step through")
    index = names.index(current) if current in names else -1
    return names[(index + round(amount)) % len(names)]


def _added(controls: Controls, op: Op, amount: float, output: str) -> Any:
    if op.name == "delay_ms":
        now = controls.delay_ms.get(output, 0.0)
        return _set_value(controls, op.name, {output: now + amount}, ops.VOCABULARY)
    if op.kind not in (Kind.FLOAT, Kind.INT):
        raise ConfigError(f"control '{op.name}' is no number and cannot be added to")
    return ops.value_of(op, (getattr(controls, op.name) or 0.0) + amount)


def _amount(command: Command, default: float) -> float:
    amount = default if command.value is None else float(command.value)
    if not math.isfinite(amount):
        raise ConfigError(f"control '{command.op}' takes a finite number, not {amount}")
    return amount


def _plain(value: object) -> float | str | list[float]:
    if isinstance(value, str):
        return value[: ops.MAX_NAME]
    values: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
    try:
        numbers = [float(v) for v in values[:16]]
    except (TypeError, ValueError, OverflowError):
        numbers = [math.nan]
    if not all(math.isfinite(n) for n in numbers):
        raise ConfigError(f"a free parameter takes numbers or a name, not {str(value)[: ops.MAX_NAME]!r}")
    return numbers if isinstance(value, (list, tuple)) else numbers[0]


def _bounded(name: str, table: dict[str, Any]) -> dict[str, Any]:
    if len(table) > MAX_EXTRA:
        raise ConfigError(f"control '{name}' keeps at most {MAX_EXTRA} entries")
    return table
