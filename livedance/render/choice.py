"""Which look a machine shows when nobody asked for one."""

from __future__ import annotations

import logging
import os
from typing import Any, Final

from livedance import registry
from livedance.errors import LookUnavailable, MissingExtra
from livedance.render.look import Look

LOG = logging.getLogger(__name__)
AUTO: Final = "auto"
BEST: Final = "mesh"
EVERYWHERE: Final = "neon"
SOFTWARE_CPUS: Final = 8
"""Processors from which on OpenGL in software leaves enough for the show."""


def auto(gl: Any = None) -> Look:
    """Return `mesh` where this machine can hold it beside the show, else `neon`; the log says which, and why.

    The rule: `mesh` on a GPU; in software (llvmpipe and its like) from `SOFTWARE_CPUS` processors on, for three dancers
    at 1280x720 and 30 pictures a second take about three of them; `neon` elsewhere, and where there is no OpenGL.

    Args:
        gl: the context of the window that will show it; None: it draws in memory.
    """
    name, why = chosen()
    LOG.info("look auto: %s (%s)", name, why)
    look: Look = registry.build("look", name, {"gl": gl} if gl is not None and name == BEST else {})
    return look


def draws_on_card(names: str) -> bool:
    """Return whether the look `names` draws by itself in a window with OpenGL: `mesh` alone, asked for or chosen."""
    return names == BEST or (names == AUTO and chosen()[0] == BEST)


def chosen() -> tuple[str, str]:
    """Return the name of the look that `auto` stands for on this machine, and why in a few words."""
    from livedance.render.mesh.gl import probe

    try:
        renderer, is_software = probe()
    except (LookUnavailable, MissingExtra) as reason:
        return EVERYWHERE, str(reason)
    cpus = usable_cpus()
    if not is_software:
        return BEST, f"{renderer} is a GPU"
    if cpus >= SOFTWARE_CPUS:
        return BEST, f"{renderer} draws in software, on {cpus} processors"
    few = "1 processor" if cpus == 1 else f"{cpus} processors"
    return EVERYWHERE, f"{renderer} draws in software, and {few} are too few for '{BEST}': it takes {SOFTWARE_CPUS}"


def usable_cpus() -> int:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
