"""OSC-in addresses: what each does to the show and how it reads back. One exact-match table, no wildcards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from livedance import style_mix
from livedance.control import ops
from livedance.control.ops import Kind
from livedance.errors import ConfigError
from livedance.messages import Command, Controls
from livedance.osc_codec import Arg

PREFIX: Final = "/livedance"
PARAM_PREFIX: Final = f"{PREFIX}/param/"
FOLLOW: Final = -1.0
"""Written for a control that follows the music (energy None), and taken as that when below 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OscRow:
    """One address: an operation of the table of operations, or a refusal."""

    address: str
    op: str = ""
    refusal: str = ""
    """Why nothing can be done with it, instead of an operation: the answer to the sender."""
    note: str = ""
    blends: bool = False
    """True where two choices and the share of the second are taken."""

    @property
    def types(self) -> str:
        """Arguments it takes, for people."""
        if not self.op:
            return "f"
        if self.blends:
            return "a b f: s or i, s or i, f"
        op = ops.BY_NAME[self.op]
        if op.names:
            return "s or i"
        return {
            Kind.TRIGGER: "– or 0/1", Kind.SWITCH: "0/1", Kind.FLOAT: "f", Kind.INT: "i", Kind.CHOICE: "s or i",
            Kind.PRESET: "s or i", Kind.NAME: "s",
        }[op.kind]  # fmt: skip

    @property
    def span(self) -> str:
        """Range, for people."""
        return ops.BY_NAME[self.op].span if self.op else "number"

    @property
    def meaning(self) -> str:
        """What it does, for people."""
        return self.note or self.refusal or ops.BY_NAME[self.op].meaning


def _row(path: str, op: str, note: str = "") -> OscRow:
    return OscRow(address=f"{PREFIX}/{path}", op=op, note=note)


def _refused(path: str, why: str) -> OscRow:
    return OscRow(address=f"{PREFIX}/{path}", refusal=f"{PREFIX}/{path} has no effect: {why}", note=f"refused: {why}")


ROWS: Final[tuple[OscRow, ...]] = (
    _row("style", "style"),
    OscRow(
        address=f"{PREFIX}/style/mix", op="style", blends=True, note="mix of two styles, f = share of b, 0–1: by turns"
    ),
    _row("style/auto", "auto_style"),
    _row("director", "director"),
    _row("energy", "energy", "energy set by hand, 0–1; below 0 follows the music"),
    _row("groove", "groove"),
    _refused("smooth", "no generator knows smoothness yet"),
    _refused("variation", "no generator knows variation yet"),
    _row("camera/preset", "camera"),
    _row("camera/yaw", "camera_yaw_deg"),
    _refused("camera/pitch", "the camera is always level, so that dancers stand upright"),
    _row("camera/dist", "camera_dist_m"),
    _row("camera/x", "camera_x_m"),
    _row("camera/y", "camera_y_m"),
    _row("freeze", "freeze"),
    _row("blackout", "blackout"),
    _row("blackout/fade_ms", "blackout_fade_ms"),
    _row("reset", "reset"),
    _row("tap", "tap"),
    _row("beat/nudge_ms", "nudge_ms"),
    _row("beat/half", "half"),
    _row("beat/resync", "resync"),
    _row("tempo", "tempo"),
    _row("tempo/double", "double"),
    _row("tempo/halve", "halve"),
    _row("tempo/lock", "tempo_lock"),
    _row("tempo/source", "tempo_source"),
    _row("preset", "preset"),
    _row("scene", "scene"),
    _row("hit", "hit"),
    _row("phrase/new", "phrase_new"),
    _row("hold", "hold"),
    _row("drop", "drop"),
    _row("formation", "formation"),
    _row("dancers", "dancers"),
    _row("look", "look"),
    _row("palette", "palette"),
    _row("mirror", "mirror"),
    _row("delay_ms", "delay_ms", "extra delay of all outputs"),
)

BY_ADDRESS: Final[dict[str, OscRow]] = {row.address: row for row in ROWS}

QUERIES: Final[tuple[tuple[str, str, str], ...]] = (
    (f"{PREFIX}/get", "s or –", "answers with the value of one control, or of all; so does `?` as the argument of any"),
    (f"{PREFIX}/subscribe", "i or –", "sends every change to the sender, at this port or its own; −1 ends it"),
    (f"{PREFIX}/ping", "–", f"answers `{PREFIX}/pong` with the version of the controls"),
)
"""Addresses that answer instead of changing anything: (address, arguments, meaning)."""

TEMPO_ADDRESSES: Final[dict[str, str]] = {
    "/bpm/current": "tempo",
    "/bpm": "tempo",
    "/beat": "beat",
    "/beat/1": "ramp",
}
"""What rkbx_link sends; heard only while the tempo source is `osc`."""


def command_for(address: str, args: tuple[Arg, ...]) -> Command | None:
    """Return the command of one message, None where it does nothing (unknown address, a trigger's release).

    Surplus arguments are ignored. Values are not checked here: `controls.reduce` and `controls.check` do that.
    Raises `ConfigError` for an address that is known and can do nothing.
    """
    row = BY_ADDRESS.get(address)
    value = args[0] if args else None
    if row is None:
        name = address.removeprefix(PARAM_PREFIX)
        if name == address or not name or value is None:
            return None
        return _set({"extra": {name: value}})
    if row.refusal:
        raise ConfigError(row.refusal)
    if row.blends:
        return _set({row.op: list(args[:3])})
    return _operate(row.op, value)


def _operate(name: str, value: Arg) -> Command | None:
    op = ops.BY_NAME[name]
    if op.kind is Kind.TRIGGER:
        return Command(op=name, source="osc") if value is None or ops.value_of(op, value) else None
    if op.kind is Kind.SWITCH:  # by its own name: the beat clock, too, listens for tempo_lock
        return Command(op=name, value=None if value is None else float(bool(ops.value_of(op, value))), source="osc")
    if value is None:
        return None
    if op.name in ops.PRESET_ACTS:
        return Command(op=name, args={"value": value}, source="osc")
    if not op.is_field:
        number = ops.value_of(op, value)
        return Command(op=name, value=None if number is None else float(number), source="osc")
    if op.nullable and isinstance(value, (int, float)) and value < 0:
        return _set({name: None})
    return _set({name: value})


def _set(args: dict[str, Any]) -> Command:
    return Command(op="set", args=args, source="osc")


def readback(controls: Controls) -> Mapping[str, tuple[Arg, ...]]:
    """Return address -> arguments of everything that can be read: state of the controls as OSC writes it."""
    found: dict[str, tuple[Arg, ...]] = {}
    for row in ROWS:
        if row.refusal:
            continue
        if row.blends:
            found |= _blend_of(row, getattr(controls, row.op))
            continue
        if row.op == "delay_ms":
            found[row.address] = (controls.delay_ms.get("*", 0.0),)
        elif ops.BY_NAME[row.op].is_field:
            found[row.address] = _as_args(getattr(controls, row.op))
    for name, value in controls.extra.items():
        found[PARAM_PREFIX + name] = _as_args(value)
    return found


def _blend_of(row: OscRow, text: str) -> Mapping[str, tuple[Arg, ...]]:
    """Return what a fader between two styles stands at; nothing where it is not two that are mixed."""
    mix = style_mix.parse(text) if style_mix.is_mix(text) else ()
    return {row.address: (mix[0][0], mix[1][0], mix[1][1])} if len(mix) == 2 else {}


def _as_args(value: Any) -> tuple[Arg, ...]:
    if value is None:
        return (FOLLOW,)
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
