"""Who follows whom: voice, mirror and partner of each dancer, by the formation and the place in it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livedance.dance import formation
from livedance.dance.arrangement import room_for
from livedance.dance.generator import WindowRequest
from livedance.messages import SEAM_PHASE, Controls, Section

LEAD: Final = 0
"""The voice that everybody follows unless the formation says otherwise."""
REST: Final = 1000
"""The voice of those who groove low while another has the floor."""
PAIR: Final = 2000
"""The voice of couples."""
TURNS: Final = ("call", "solo")
"""Formations in which one group or soloist has the floor..."""
TURN_BEATS: Final = 16
"""... for so long."""
MIDDLE_M: Final = 0.05
"""Places further to the right than this are on the mirrored side."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which voice a dancer follows at a time."""

    voice: int
    is_mirrored: bool = False
    half: int | None = None
    """In a couple: 0 leads, 1 follows..."""
    partner: int | None = None
    """... and the other dancer."""


def part_of(controls: Controls, dancer: int, place: int, n: int, request: WindowRequest) -> Part:
    """Return which voice a dancer at the formation's `place` follows from `request.beat_start` on; pure."""
    if n == 1:
        return Part(LEAD)
    if controls.formation == "individuals":
        return Part(dancer)
    if controls.formation == formation.COUPLE:
        return Part(PAIR, half=place % 2) if place + 1 < n or place % 2 == 1 else Part(LEAD)
    if controls.formation in TURNS and request.section != Section.DROP:
        has_floor = place == 0 if controls.formation == "solo" else place % 2 == turn(request) % 2
        return Part(LEAD if has_floor else REST)
    is_right = formation.slots(controls.formation, n, room_for(controls))[place, 0] > MIDDLE_M
    return Part(LEAD, is_mirrored=controls.formation == "mirror" and bool(is_right))


def couples_of(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return leader and follower of every couple."""
    return [(i, part.partner) for i, part in enumerate(parts) if part.half == 0 and part.partner is not None]


def turn(request: WindowRequest) -> int:
    """Return whose turn it is where dancers take turns: a number that goes up."""
    return math.floor((request.beat_start + SEAM_PHASE) / TURN_BEATS)
