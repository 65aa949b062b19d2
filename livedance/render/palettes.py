"""Colour sets. Written as RGB hex for people, used as BGR in pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Bgr = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Three lights and the dark body that they fall on."""

    name: str
    left: Bgr
    """Light on the left edge of every limb, trails of the left hand."""
    right: Bgr
    core: Bgr
    """Seams, visor and beat rings."""
    body: Bgr
    haze: Bgr
    """Beams and floor of the stage."""


def _bgr(hex_rgb: str) -> Bgr:
    r, g, b = (float(int(hex_rgb[i : i + 2], 16)) for i in (0, 2, 4))
    return b, g, r


def _palette(name: str, left: str, right: str, core: str, body: str, haze: str) -> Palette:
    return Palette(
        name=name, left=_bgr(left), right=_bgr(right), core=_bgr(core), body=_bgr(body), haze=_bgr(haze)
    )  # fmt: skip


PALETTES: Final[tuple[Palette, ...]] = (
    _palette("ultraviolet", "18D8FF", "FF1FA8", "8FF3FF", "140B2A", "6A1FD0"),
    _palette("sunset", "FF7A1A", "FF2266", "FFD27A", "200A16", "C02A50"),
    _palette("acid", "B4FF1A", "11E0A0", "F0FF8A", "08180E", "2A9A3A"),
    _palette("ice", "2E8CFF", "4FD8FF", "B4E8FF", "081226", "1F5AC8"),
    _palette("ember", "FF3B1F", "FFA818", "FFD880", "1C0806", "B03010"),
    _palette("orchid", "A04CFF", "FF5CC8", "FFA8E8", "190A26", "8A30C0"),
    _palette("reef", "12CDB6", "FF5F40", "FFCF90", "0A1420", "107C8C"),
    _palette("moonlight", "7C94D4", "5870B8", "A8BCEC", "0C0E16", "50608C"),
)
"""Key P steps through them."""


def pick(index: int) -> Palette:
    """Return palette `index`; any integer is fine, they repeat."""
    return PALETTES[index % len(PALETTES)]


def for_dancer(palette: Palette, dancer: int) -> Palette:
    """Return the palette's variation for the dancer number `dancer`: the lights change places."""
    if dancer % 3 == 0:
        return palette
    mixed = mix(palette.core, palette.left, 0.3)
    left, right = (palette.right, mixed) if dancer % 3 == 1 else (mixed, palette.left)
    return Palette(
        name=palette.name, left=left, right=right, core=palette.core, body=palette.body, haze=palette.haze
    )  # fmt: skip


def mix(a: Bgr, b: Bgr, share: float) -> Bgr:
    """Return `a` moved towards `b` by `share` (0-1)."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def scaled(colour: Bgr, gain: float) -> Bgr:
    """Return `colour` times `gain`, at most 255 in each channel."""
    return min(255.0, colour[0] * gain), min(255.0, colour[1] * gain), min(255.0, colour[2] * gain)
