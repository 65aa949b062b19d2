"""Open Sound Control 1.0 as bytes: build one message or bundle, and take any datagram apart.

Pure; no sockets, no state. `decode` is meant for the open network: whatever the bytes are, it returns messages or
raises `WireError`, in time and memory bounded by the size of the datagram. Time tags are written as "immediately" and
ignored when read: receivers that obey them sleep (the timing of the show is in the data).
Source: the OSC 1.0 specification (M. Wright, 2002), with the argument types of OSC 1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livedance.errors import WireError

Arg = int | float | str | bytes | bool | None

BUNDLE_HEADER: Final = b"#bundle\0" + (1).to_bytes(8, "big")
"""Identifier and the time tag "immediately"."""
MAX_NESTING: Final = 4
"""Bundles inside bundles that `decode` follows; real senders use one."""

_WIDTH: Final = {"i": 4, "f": 4, "d": 8, "h": 8, "t": 8, "c": 4, "r": 4, "m": 4}
_FORMAT: Final = {"i": ">i", "f": ">f", "d": ">d", "h": ">q", "t": ">Q", "c": ">i", "r": ">I", "m": ">I"}
_CONSTANT: Final[dict[str, Arg]] = {"T": True, "F": False, "N": None, "I": True}


@dataclass(frozen=True, slots=True)
class OscMessage:
    """One address with its arguments."""

    address: str
    args: tuple[Arg, ...] = ()


def padded(text: str) -> bytes:
    """Return `text` as an OSC string: UTF-8, ended by one to four zero bytes, a multiple of four long."""
    raw = text.encode("utf-8", "replace").replace(b"\0", b"")
    return raw + b"\0" * (4 - len(raw) % 4)


def message(address: str, *args: Arg) -> bytes:
    """Return one OSC message. Booleans go out as 0/1 integers, which every receiver understands."""
    tags, body = ",", b""
    for arg in args:
        tag, data = _argument(arg)
        tags += tag
        body += data
    return padded(address) + padded(tags) + body


def bundle(messages: Sequence[bytes]) -> bytes:
    """Return a bundle of ready messages, for now ("immediately")."""
    return BUNDLE_HEADER + b"".join(len(m).to_bytes(4, "big") + m for m in messages)


def decode(datagram: bytes) -> list[OscMessage]:
    """Return the messages of a datagram, bundles taken apart. Raises `WireError` for anything that is not OSC."""
    if len(datagram) % 4:
        raise WireError(f"not an OSC datagram of {len(datagram)} bytes: their number is a multiple of four")
    found: list[OscMessage] = []
    try:
        _walk(bytes(datagram), 0, found)
    except (struct.error, IndexError, ValueError) as problem:
        raise WireError(f"not an OSC datagram of {len(datagram)} bytes: {problem}") from None
    return found


def _argument(arg: Arg) -> tuple[str, bytes]:
    if isinstance(arg, (bool, int)):
        return "i", struct.pack(">i", max(-(2**31), min(2**31 - 1, int(arg))))
    if isinstance(arg, float):
        return "f", struct.pack(">f", arg)
    if isinstance(arg, bytes):
        return "b", len(arg).to_bytes(4, "big") + arg + b"\0" * (-len(arg) % 4)
    if arg is None:
        return "N", b""
    return "s", padded(str(arg))


def _walk(data: bytes, depth: int, found: list[OscMessage]) -> None:
    if not data.startswith(b"#bundle\0"):
        found.append(_message(data))
        return
    if depth >= MAX_NESTING:
        raise WireError(f"an OSC bundle is nested more than {MAX_NESTING} deep")
    at = 16
    if len(data) < at:
        raise WireError("an OSC bundle ends before its time tag")
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if size < 0 or size % 4 or at + size > len(data):
            raise WireError(f"an OSC bundle element claims {size} bytes of {len(data) - at}")
        if size:
            _walk(data[at : at + size], depth + 1, found)
        at += size


def _message(data: bytes) -> OscMessage:
    address, at = _string(data, 0)
    if not address.startswith("/"):
        raise WireError("an OSC address does not begin with '/'")
    if at >= len(data):
        return OscMessage(address)
    tags, at = _string(data, at)
    if not tags.startswith(","):
        raise WireError(f"OSC message {address!r} has no type tags")
    args: list[Arg] = []
    for tag in tags[1:]:
        if tag in "[]":
            continue
        arg, at = _read(data, at, tag)
        args.append(arg)
    return OscMessage(address, tuple(args))


def _read(data: bytes, at: int, tag: str) -> tuple[Arg, int]:
    if tag in _CONSTANT:
        return _CONSTANT[tag], at
    if tag in "sS":
        return _string(data, at)
    if tag == "b":
        (size,) = struct.unpack_from(">i", data, at)
        if size < 0 or at + 4 + size > len(data):
            raise WireError(f"an OSC blob claims {size} bytes")
        return data[at + 4 : at + 4 + size], at + 4 + size + (-size % 4)
    if tag not in _FORMAT:
        raise WireError(f"OSC argument type {tag!r} is not known")
    (value,) = struct.unpack_from(_FORMAT[tag], data, at)
    return value, at + _WIDTH[tag]


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode("utf-8", "replace"), end + 4 - end % 4
