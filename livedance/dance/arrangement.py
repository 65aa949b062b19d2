"""Who is shown where: unison, mirrored pairs, canon or individuals, from the controls."""

from __future__ import annotations

from typing import Final

from livedance.errors import ConfigError, near
from livedance.messages import Arrangement, Controls, ShownDancer

FORMATIONS: Final = ("unison", "mirror", "canon", "individuals")
APART: Final = ("mirror", "canon", "individuals")
"""Where neighbours do not move alike."""
SPACING_M: Final = 1.0
"""Between neighbours who dance the same and so never meet."""
SPACING_APART_M: Final = 1.6
"""Between neighbours who do not."""
CANON_LAG_BEATS: Final = 2.0
LAG_MOST_BEATS: Final = 8.0
ROOM_APART: Final = 0.4
"""Share of the stage that dancers use who might meet: they stay within 0.6 m of their places."""
BACK_ROW_M: Final = 0.45
"""Every other dancer stands this far back, so that a line is not flat."""


def source_count(controls: Controls) -> int:
    """Return how many source dancers the formation needs."""
    return max(1, controls.dancers) if controls.formation == "individuals" else 1


def room_for(controls: Controls) -> float:
    """Return the share of the stage that each source dancer may use."""
    return ROOM_APART if controls.dancers > 1 and controls.formation in APART else 1.0


def arrangement_for(controls: Controls, beat: float) -> Arrangement:
    """Return the shown dancers from dance beat `beat` on; pure. Raises `ConfigError` for an unknown formation."""
    if controls.formation not in FORMATIONS:
        known = ", ".join(FORMATIONS)
        hint = near(controls.formation, FORMATIONS)
        raise ConfigError(f"there is no formation '{controls.formation}'{hint} There are: {known}")
    n = max(1, controls.dancers)
    return Arrangement(beat=beat, dancers=tuple(_dancer(controls, i, n) for i in range(n)))


def _dancer(controls: Controls, i: int, n: int) -> ShownDancer:
    apart = controls.formation in APART
    place = i - 0.5 * (n - 1)
    return ShownDancer(
        id=i,
        source=i if controls.formation == "individuals" else 0,
        mirror=controls.mirror != (controls.formation == "mirror" and place > 0),
        lag_beats=min(CANON_LAG_BEATS * i, LAG_MOST_BEATS) if controls.formation == "canon" else 0.0,
        x_m=place * (SPACING_APART_M if apart else SPACING_M),
        z_m=-BACK_ROW_M * (i % 2) if n > 2 else 0.0,
    )
