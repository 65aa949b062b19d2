"""A set at a glance: energy, section, phrases and style over time, in one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance.errors import FileError
from livedance.evaluation.accents import joint_speed, smooth
from livedance.evaluation.beat_plot import require
from livedance.evaluation.choreography_dance import Danced
from livedance.evaluation.choreography_track import FPS, shown
from livedance.messages import Section

DPI: Final = 80
SIZE_IN: Final = (20.0, 10.0)
SECTION_COLOURS: Final = {
    Section.INTRO: "#d9d9d9",
    Section.GROOVE: "#a8d5ba",
    Section.BREAK: "#9ecae1",
    Section.BUILD: "#fdd49e",
    Section.DROP: "#ef9a9a",
}
THEME_ROWS: Final = 8
"""Themes are numbered on; rows are used again."""
MINUTES_SHOWN: Final = 8.0
"""Of a long set only the beginning is drawn: its phrases could not be told apart."""


def draw(danced: Danced, title: str, path: Path) -> None:
    """Write the picture (png); raises `MissingExtra` without matplotlib, `FileError` when it cannot be written."""
    pyplot = require()
    figure, axes = pyplot.subplots(4, 1, figsize=SIZE_IN, sharex=True, layout="constrained", height_ratios=(2, 2, 6, 2))
    end_s = min(60.0 * MINUTES_SHOWN, danced.audio_s)
    for axis in axes:
        _sections(axis, danced)
        axis.tick_params(labelsize=7)
    _energy(axes[0], danced)
    _speed(axes[1], danced)
    _phrases(axes[2], danced)
    _styles(axes[3], danced)
    axes[0].set_title(title, fontsize=10)
    axes[-1].set(xlabel="s", xlim=(0.0, end_s))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI)
    except OSError as error:
        raise FileError(f"cannot write the picture {path}: {error.strerror}") from error
    finally:
        pyplot.close(figure)


def _sections(axis: Any, danced: Danced) -> None:
    log = danced.log
    edges = np.flatnonzero(np.diff(log.section, prepend=-1))
    stops = [*log.t_s[edges[1:]], danced.audio_s]
    for start, stop, section in zip(log.t_s[edges], stops, log.section[edges], strict=True):
        axis.axvspan(start, stop, color=SECTION_COLOURS[Section(section)], lw=0)
        if axis.get_subplotspec().rowspan.start == 0:
            axis.text(start, 1.02, Section(section).name.lower(), fontsize=7)


def _energy(axis: Any, danced: Danced) -> None:
    axis.plot(danced.log.t_s, danced.log.energy, color="black", lw=1, label="energy heard")
    axis.plot(danced.log.t_s, danced.log.build, color="tab:red", lw=1, label="build")
    track = danced.tracks[0]
    notes = danced.notes_of(0)
    if notes:
        at_s = np.interp([note.beat for note in notes], track.beats, track.t_s)
        axis.step(at_s, [note.energy for note in notes], where="post", color="tab:blue", lw=1, label="of the phrase")
    axis.set(ylim=(0, 1.15), ylabel="energy")
    axis.legend(loc="upper right", fontsize=7, ncol=3)


def _speed(axis: Any, danced: Danced) -> None:
    seen = shown(danced.tracks[0])
    axis.plot(seen.t_s[::6], smooth(joint_speed(seen.positions_m, FPS), FPS / 3)[::6], color="black", lw=0.8)
    axis.set(ylabel="joint speed, m/s", ylim=(0, None))


def _phrases(axis: Any, danced: Danced) -> None:
    """Draw each phrase as a bar in the row of its theme; the colour is its clip."""
    track = danced.tracks[0]
    colours: dict[str, int] = {}
    for note in danced.notes_of(0):
        start, stop = np.interp([note.beat, note.beat + note.beats], track.beats, track.t_s)
        colour = f"C{colours.setdefault(note.clip, len(colours)) % 10}"
        row = note.theme % THEME_ROWS if note.theme >= 0 else -1
        axis.barh(row, stop - start, left=start, height=0.9, color=colour, ec="black", lw=0.4)
        role = f"{note.role.name.lower()}{', mirrored' if note.mirrored else ''}"
        mark = f"{note.clip.removeprefix('g1_').removeprefix('cmu_')}\n{note.clip_beat:g}, {role}"
        axis.text(start, row - 0.42, mark, fontsize=6, rotation=28, clip_on=True)
    axis.set_yticks([-1, *range(THEME_ROWS)], ["once", *("" for _ in range(THEME_ROWS))], fontsize=7)
    axis.set(ylabel="phrase: theme (row), clip (colour), clip beat", ylim=(-1.6, THEME_ROWS + 0.6))


def _styles(axis: Any, danced: Danced) -> None:
    track = danced.tracks[0]
    notes = danced.notes_of(0)
    names = sorted({note.style for note in notes})
    for note in notes:
        start, stop = np.interp([note.beat, note.beat + note.beats], track.beats, track.t_s)
        axis.barh(names.index(note.style), stop - start, left=start, height=0.8, color="#555555")
    axis.set_yticks(range(len(names)), names, fontsize=7)
    axis.set(ylabel="style")
