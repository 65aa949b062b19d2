"""Pre-packed OSC datagrams: addresses and type tags are laid out once, only numbers change.

A python-osc builder needs 63-600 µs for a frame of one dancer; filling a template needs a few, with the same bytes.
Every OSC item is a multiple of four bytes, so all datagrams of a profile share one buffer and two scattered
assignments (big-endian floats, big-endian integers) fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.osc_codec import BUNDLE_HEADER, padded

MAX_DATAGRAM_BYTES: Final = 1_400
"""Stays in one Ethernet frame, also through tunnels: a lost fragment would lose the whole bundle."""
INT_LIMIT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OscField:
    """One message of a profile, and its row in the address table."""

    address: str
    types: str
    """Type tags without the comma, "f" and "i" only."""
    slots: tuple[int, ...]
    """For each argument its place in the vector of values."""
    pattern: str
    """The address as the table shows it, with `N` and `<joint>` in place of each dancer and joint."""
    span: str
    """Range and unit, for people."""
    meaning: str

    def packed(self) -> bytes:
        """Return the message with zeros in place of its numbers."""
        return padded(self.address) + padded("," + self.types) + bytes(4 * len(self.types))


class Template:
    """Datagrams of at most `MAX_DATAGRAM_BYTES`, filled from one vector of values.

    Each group of fields starts a new bundle and is split where it would grow too long. The layout is fixed at
    construction. Not thread-safe: one template belongs to one sender.
    """

    def __init__(self, groups: Sequence[Sequence[OscField]]) -> None:
        self._cuts: list[tuple[int, int]] = []
        floats: list[tuple[int, int]] = []
        integers: list[tuple[int, int]] = []
        packed = bytearray()
        for fields in (part for group in groups for part in _split(group)):
            start = len(packed)
            packed += BUNDLE_HEADER
            for field in fields:
                body = field.packed()
                packed += len(body).to_bytes(4, "big") + body
                first = len(packed) // 4 - len(field.types)
                for place, (tag, slot) in enumerate(zip(field.types, field.slots, strict=True)):
                    (floats if tag == "f" else integers).append((first + place, slot))
            self._cuts.append((start, len(packed)))
        self._packed = packed
        self._floats = np.frombuffer(packed, dtype=">f4")
        self._integers = np.frombuffer(packed, dtype=">i4")
        self._float_at, self._float_slot = _columns(floats)
        self._integer_at, self._integer_slot = _columns(integers)

    def fill(self, values: NDArray[np.float64]) -> list[bytes]:
        """Return the datagrams holding `values`; integers are truncated and kept within 32 bits."""
        self._floats[self._float_at] = values[self._float_slot]
        if len(self._integer_at):
            self._integers[self._integer_at] = np.clip(values[self._integer_slot], -INT_LIMIT, INT_LIMIT)
        packed = self._packed
        return [bytes(packed[start:end]) for start, end in self._cuts]


def _split(group: Sequence[OscField]) -> list[list[OscField]]:
    parts: list[list[OscField]] = []
    size = MAX_DATAGRAM_BYTES
    for field in group:
        needed = 4 + len(field.packed())
        if len(BUNDLE_HEADER) + needed > MAX_DATAGRAM_BYTES:
            raise ConfigError(f"OSC address '{field.address[:60]}...' is too long for one datagram; shorten the prefix")
        if size + needed > MAX_DATAGRAM_BYTES:
            parts.append([])
            size = len(BUNDLE_HEADER)
        parts[-1].append(field)
        size += needed
    return parts


def _columns(pairs: list[tuple[int, int]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    table = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
