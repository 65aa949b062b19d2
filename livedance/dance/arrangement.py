"""Who is shown: every dancer has a source of its own, already at its place on the stage."""

from __future__ import annotations

from typing import Final

from livedance.errors import ConfigError, near
from livedance.messages import Arrangement, Controls, ShownDancer

FORMATIONS: Final = (
    "unison", "mirror", "canon", "individuals", "call", "solo", "couple",
    "line", "wedge", "circle", "arc", "rows", "diagonal",
)  # fmt: skip
"""How they dance together; from `line` on: in unison, in that shape."""
APART: Final = ("mirror", "canon", "individuals", "call", "solo")
"""Where neighbours do not move alike."""
CANON_LAG_BEATS: Final = 2.0
LAG_MOST_BEATS: Final = 8.0
COUPLE: Final = "couple"
ROOM_APART: Final = 0.28
"""Share of the stage that dancers use who might meet: they stay within 0.45 m of their places."""


def room_for(controls: Controls) -> float:
    """Return the share of the stage that each source dancer may use."""
    is_apart = controls.formation in APART or (controls.formation == COUPLE and controls.dancers > 2)
    return ROOM_APART if controls.dancers > 1 and is_apart else 1.0


def arrangement_for(controls: Controls, beat: float) -> Arrangement:
    """Return the shown dancers from dance beat `beat` on; pure. Raises `ConfigError` for an unknown formation."""
    if controls.formation not in FORMATIONS:
        known = ", ".join(FORMATIONS)
        hint = near(controls.formation, FORMATIONS)
        raise ConfigError(f"there is no formation '{controls.formation}'{hint} There are: {known}")
    canon = controls.formation == "canon"
    dancers = [
        ShownDancer(id=i, source=i, lag_beats=min(CANON_LAG_BEATS * i, LAG_MOST_BEATS) if canon else 0.0)
        for i in range(max(1, controls.dancers))
    ]
    return Arrangement(beat=beat, dancers=tuple(dancers))
