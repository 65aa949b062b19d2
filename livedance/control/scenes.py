"""What the nine scenes set: palette and view. Looks and backgrounds stay, for a picture that is keyed must stay so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_VIEWS: Final = ("front", "close", "wide", "low", "orbit", "front", "close", "low", "orbit")
_PALETTES: Final = (0, 1, 2, 3, 4, 5, 6, 7, 0)

NAMES: Final = ("ultraviolet", "sunset", "acid", "ice", "ember", "orchid", "reef", "moonlight", "carousel")
"""What the scenes are called, from the first on: after their palettes; the last goes round."""

SCENES: Final[Mapping[int, Mapping[str, Any]]] = {
    number: {"palette": palette, "camera": view}
    for number, (palette, view) in enumerate(zip(_PALETTES, _VIEWS, strict=True), start=1)
}
"""Number of a scene -> fields of `Controls` and their values."""
