"""A picture of the cross-modal evaluation: the share of partners found, with its interval, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livedance.errors import FileError
from livedance.evaluation import match_gallery
from livedance.evaluation.beat_plot import require
from livedance.evaluation.match import Row

COLOURS = {"to_music_r1": ("#2e6f95", "dance → music"), "to_dance_r1": ("#d1495b", "music → dance")}

__all__ = ["draw", "require"]


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write R@1 of all rows, both directions, with the line of chance; raises `FileError`, `MissingExtra`."""
    pyplot = require()
    figure, axes = pyplot.subplots(figsize=(9.0, 0.42 * len(rows) + 1.2), dpi=100)
    for offset, (name, (colour, label)) in zip((-0.17, 0.17), COLOURS.items(), strict=True):
        for i, row in enumerate(rows):
            share = getattr(row.found, name)
            axes.barh(i + offset, 100 * share.value, 0.32, color=colour, label=None if i else label)
            axes.plot([100 * share.low, 100 * share.high], [i + offset] * 2, color="black", lw=1)
    axes.axvline(100 * match_gallery.chance(1), color="black", ls="--", lw=1, label="chance")
    axes.axvline(500 * match_gallery.chance(1), color="grey", ls=":", lw=1, label="5 × chance")
    axes.set_yticks(range(len(rows)), [f"{row.dance}; {row.music}" for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("R@1 of 32, %, with 95 % intervals")
    axes.legend(loc="lower right")
    figure.tight_layout()
    try:
        figure.savefig(path)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from error
    pyplot.close(figure)
