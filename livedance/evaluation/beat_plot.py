"""Phase over time: one panel a category, the phase error of some trackers at every true beat of all items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np

from livedance.errors import FileError, MissingExtra
from livedance.evaluation.beat_aggregate import select
from livedance.evaluation.beat_anchors import NAMES as ANCHORS
from livedance.evaluation.beat_eval import Outcome
from livedance.evaluation.beat_peers import BARE

COLOURS: Final = ("#d1495b", "#2e6f95", "#edae49")
REACH_MS: Final = 250.0
"""Larger errors are drawn at the edge."""
PANEL_WIDTH_IN, PANEL_HEIGHT_IN, DPI = 6.0, 2.0, 80


def shown(outcome: Outcome) -> tuple[str, ...]:
    """Return the trackers worth a colour: ours, then the peers that lock best."""
    ours = (outcome.plan.tracker, *outcome.plan.also)
    spare = {*ours, *(name + BARE for name in ours), *ANCHORS}
    groups = {row.group for row in outcome.rows}
    peers = [name for name in outcome.peers if name not in spare]
    peers.sort(key=lambda name: -select(outcome.rows, name, "lock_any", tuple(groups)).value)
    return (outcome.plan.tracker, *peers)[: len(COLOURS)]


def require() -> ModuleType:
    """Return matplotlib's pyplot, without a display; raises `MissingExtra`."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtra("plots", "train") from error
    return pyplot  # type: ignore[no-any-return]


def draw(outcome: Outcome, trackers: Sequence[str], path: Path) -> None:
    """Write the picture; raises `MissingExtra` without matplotlib, `FileError` when it cannot be written."""
    pyplot = require()
    panels = list(dict.fromkeys((p.group, p.category) for p in outcome.phases))
    rows = max(1, (len(panels) + 1) // 2)
    figure, axes = pyplot.subplots(
        rows, 2, figsize=(2 * PANEL_WIDTH_IN, rows * PANEL_HEIGHT_IN), squeeze=False, sharey=True, layout="constrained"
    )
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis, (group, category) in zip(axes.flat, panels, strict=False):
        for tracker, colour in reversed(list(zip(trackers, COLOURS, strict=False))):  # the first on top
            found = [p for p in outcome.phases if (p.group, p.category, p.tracker) == (group, category, tracker)]
            times = np.concatenate([p.beat_s for p in found] or [np.zeros(0)])
            errors = 1e3 * np.concatenate([p.error_s for p in found] or [np.zeros(0)])
            axis.plot(times, np.clip(errors, -REACH_MS, REACH_MS), ".", color=colour, ms=2.5, alpha=0.6, label=tracker)
        axis.axhspan(-50, 50, color="#dddddd", zorder=0)
        axis.set_title(f"{group}: {category}", fontsize=9)
        axis.set_ylim(-1.05 * REACH_MS, 1.05 * REACH_MS)
    axes[0, 0].legend(loc="upper right", fontsize=7, markerscale=3)
    figure.supylabel("phase error, ms (positive = late; grey: lock)", fontsize=9)
    figure.supxlabel("time in the item, s", fontsize=9)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI)
    except OSError as error:
        raise FileError(f"cannot write the picture {path}: {error.strerror}") from error
    finally:
        pyplot.close(figure)
