"""The JSON text messages of `livedance.v1`: small, flat, checked; unknown types and keys are ignored.

Client to server: hello, ping, ack, report, control. Server to client: welcome, pong, state, stats, error.
`parse` takes what a stranger sent and raises `WireError` with one sentence that can be sent back as `error`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from livedance import skeleton
from livedance.errors import WireError
from livedance.messages import Arrangement, ShownDancer

MAX_TEXT_BYTES: Final = 4096
"""Longest text a client may send (the WebSocket itself refuses longer ones)."""


class Text(BaseModel):
    """Base: unknown keys are dropped, numbers are finite, instances do not change."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Hello(Text):
    """A client says what it can and wants; first message of a connection."""

    want: list[str] = Field(
        default_factory=lambda: ["score"], max_length=8, validation_alias=AliasChoices("want", "wants")
    )
    """Streams: score, beat, pose, levels, image, stats."""
    token: str = Field(default="", max_length=128)
    versions: list[int] = Field(default_factory=lambda: [1], max_length=8)
    max_fps: float = Field(default=60.0, ge=1, le=240)
    width: int = Field(default=0, ge=0, le=16384)
    height: int = Field(default=0, ge=0, le=16384)
    name: str = Field(default="", max_length=64)


class Ping(Text):
    """Clock question; `t0` is the client's own clock and comes back unchanged."""

    t0: float


class Ack(Text):
    """An image has been decoded."""

    seq: int = Field(ge=0, le=0xFFFFFFFF)


class Report(Text):
    """How a client is doing: score clients every 2 s, pose clients at 10 Hz."""

    pose_seq: int = Field(default=0, ge=0, le=0xFFFFFFFF)
    fps: float = Field(default=0.0, ge=0, le=1000)
    draw_ms: float = Field(default=0.0, ge=0, le=1e6)
    offset_ms: float = 0.0
    lead_beats: float = 0.0
    """Dance beats of score that still lie ahead."""
    drops: int = Field(default=0, ge=0)
    malformed: int = Field(default=0, ge=0)


class Control(Text):
    """One act of a person; answered once by `id`."""

    id: int = Field(default=0, ge=0, le=0xFFFFFFFF)
    op: str = Field(min_length=1, max_length=32)
    value: float | None = None
    args: dict[str, Any] = Field(default_factory=dict, max_length=16)
    token: str = Field(default="", max_length=128)


FROM_CLIENT: Final[dict[str, type[Text]]] = {
    "hello": Hello,
    "ping": Ping,
    "ack": Ack,
    "report": Report,
    "control": Control,
}


def parse(text: str | bytes) -> Text | None:
    """Return the message in `text`, or None when its type is unknown; raises `WireError` on anything odd."""
    if len(text) > MAX_TEXT_BYTES:
        raise WireError(f"a text message of {len(text)} bytes is longer than {MAX_TEXT_BYTES}")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WireError("a text message is not JSON") from error
    if not isinstance(value, dict):
        raise WireError("a text message is not a JSON object")
    cls = FROM_CLIENT.get(str(value.get("type")))
    if cls is None:
        return None
    try:
        return cls.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WireError(f"{value['type']}.{where}: {first['msg']}") from error


def dump(kind: str, fields: Mapping[str, Any]) -> str:
    """Return the JSON text of a message of type `kind`; numbers that are not finite become null."""
    return json.dumps(_finite({"type": kind, **fields}), separators=(",", ":"), allow_nan=False)


def welcome(*, session: str, boot: str, server_s: float, state: Mapping[str, Any], **more: Any) -> str:
    """Return the first answer to a client: ids, show time, the rig and its rest pose, sticky state."""
    root, rotations = skeleton.rest_pose()
    rest = skeleton.forward_kinematics(root, rotations)
    rig = {
        "id": skeleton.RIG_ID,
        "name": skeleton.NAME,
        "joints": skeleton.JOINT_NAMES,
        "parents": skeleton.PARENTS,
        "rest_offsets_m": skeleton.REST_OFFSETS_M.tolist(),
        "rest_positions_m": rest.round(6).tolist(),
        "units": "m",
        "up": "y",
    }
    fields = {"version": 1, "session": session, "boot": boot, "server_s": server_s, "rig": rig, "state": dict(state)}
    return dump("welcome", {**fields, **more})


def pong(*, t0: float, t1: float, t2: float) -> str:
    """Return the answer to a ping: its `t0`, show time at arrival (t1) and at departure (t2)."""
    return dump("pong", {"t0": t0, "t1": t1, "t2": t2})


def error(*, code: str, message: str, fatal: bool = False) -> str:
    """Return an error message."""
    return dump("error", {"code": code, "message": message, "fatal": fatal})


def arrangement_fields(arrangement: Arrangement) -> dict[str, Any]:
    """Return the JSON form of an arrangement (`state.arrangement`)."""
    keys = ("id", "source", "mirror", "lag_beats", "x_m", "z_m", "yaw_rad")
    return {"beat": arrangement.beat, "dancers": [{k: getattr(d, k) for k in keys} for d in arrangement.dancers]}


class _Shown(Text):
    id: int = Field(ge=0, lt=64)
    source: int = Field(default=0, ge=0, lt=64)
    mirror: bool = False
    lag_beats: float = Field(default=0.0, ge=0, le=8)
    x_m: float = Field(default=0.0, ge=-50, le=50)
    z_m: float = Field(default=0.0, ge=-50, le=50)
    yaw_rad: float = 0.0


class _Arrangement(Text):
    beat: float = 0.0
    dancers: list[_Shown] = Field(max_length=64)


def arrangement_from(value: Any) -> Arrangement:
    """Return the arrangement in a `state` message; raises `WireError` on anything odd."""
    try:
        found = _Arrangement.model_validate(value)
    except ValidationError as error:
        raise WireError(f"state.arrangement is odd: {error.errors()[0]['msg']}") from error
    return Arrangement(beat=found.beat, dancers=tuple(ShownDancer(**d.model_dump()) for d in found.dancers))


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value
