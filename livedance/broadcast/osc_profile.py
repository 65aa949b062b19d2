"""What an OSC profile is: a fixed set of addresses, and frames turned into datagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from livedance.broadcast.osc_template import OscField, Template
from livedance.broadcast.osc_values import SHOW, SHOW_SLOT, BeatHit, OscFrame, ShowValues
from livedance.errors import ConfigError
from livedance.messages import ClockState

PREFIX: Final = "/livedance"
MAX_DANCERS: Final = 64


class OscProfile(Protocol):
    """A dialect of OSC. Built once per output; used from one thread."""

    fields: tuple[OscField, ...]
    """Every message that the profile can send, for the address table."""

    def encode(self, frame: OscFrame) -> list[bytes]:
        """Return the datagrams of one frame, each at most 1,400 bytes."""

    def encode_hit(self, clock: ClockState, t_s: float) -> list[bytes]:
        """Return the short datagram of a music beat at the first call on or after it, else nothing."""


class PackedProfile:
    """A profile whose datagrams are a template over `ShowValues`, plus one short datagram on each beat."""

    def __init__(
        self, *, show: Sequence[OscField], dancers: Sequence[Sequence[OscField]], hit: OscField, lead_ms: float
    ) -> None:
        self.fields = (*show, hit, *(field for fields in dancers for field in fields))
        self._values = ShowValues(len(dancers))
        self._template = Template([show, *dancers])
        self._hit_template = Template([[hit]])
        self._hit = BeatHit(lead_ms)

    def encode(self, frame: OscFrame) -> list[bytes]:
        """Return the datagrams of one frame."""
        return self._template.fill(self._values.fill(frame))

    def encode_hit(self, clock: ClockState, t_s: float) -> list[bytes]:
        """Return the short datagram of a music beat at the first call on or after it, else nothing."""
        in_bar = self._hit.step(clock, t_s)
        return [] if in_bar is None else self._hit_template.fill(np.array([float(in_bar)]))


def check(n_dancers: int, prefix: str) -> str:
    """Return the prefix without a last slash; raises `ConfigError` for what no receiver could take."""
    if not 1 <= n_dancers <= MAX_DANCERS:
        raise ConfigError(f"OSC output has places for {n_dancers} dancers; choose 1 to {MAX_DANCERS}")
    if not prefix.startswith("/") or any(c in prefix for c in " #*,?[]{}"):
        raise ConfigError(
            f"OSC prefix '{prefix}' is not an address; begin it with '/' and leave out spaces and *?,#[]{{}}"
        )
    return prefix.rstrip("/")


def show_fields(prefix: str, *, types: str | None = None) -> list[OscField]:
    """Return one field per scalar of the show; `types` overrides the type of all."""
    return [
        OscField(
            address=f"{prefix}/{path}",
            types=types or tag,
            slots=(SHOW_SLOT[path],),
            pattern=f"{prefix}/{path}",
            span=span,
            meaning=meaning,
        )
        for path, (tag, span, meaning) in SHOW.items()
    ]


def hit_field(prefix: str, types: str) -> OscField:
    """Return the field that is sent once per beat; its only value is slot 0 of its own template."""
    address = f"{prefix}/beat/hit"
    meaning = "sent once per beat (`lead_ms` early if set), its value the beat in the bar"
    return OscField(address=address, types=types, slots=(0,), pattern=address, span="1–4", meaning=meaning)
