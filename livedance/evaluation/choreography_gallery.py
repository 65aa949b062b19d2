"""The pictures of the report: the DJ set at a glance, styles and their changes, break, build, drop, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance import config as configs
from livedance.evaluation import choreography_anchor as anchor
from livedance.evaluation import choreography_pictures as pictures
from livedance.evaluation import choreography_timeline as timeline
from livedance.evaluation import choreography_trials as trials
from livedance.evaluation.choreography_dance import UNDIRECTED, Danced, Night, dance
from livedance.evaluation.choreography_figure import with_dance
from livedance.evaluation.choreography_set import clicks, in_a_row, load
from livedance.messages import Command, Section

DJ_SET: Final = "own_djset_122_128"
STYLE_SET: Final = "own_house_124"
MOMENTS: Final = (Section.BREAK, Section.BUILD, Section.DROP)
RUN_UP_BEATS: Final = 2.0
STYLE_BEAT: Final = 24.0
"""A style is shown from the first 1 of an eight after this."""
GROUP_PX: Final = (196, 120)
GROUP_WISH_BEATS: Final = 32.0

Shown = tuple[str, str]
"""Title and file name of a picture."""


def draw(folder: Path, seed: int, settings: Mapping[str, Any], tell: Callable[[str], None]) -> list[Shown]:
    """Write all pictures into `folder`; return titles and paths beside the report, which lies beside the folder."""
    made = []
    for title, name in _all(folder, seed, settings):
        tell(f"picture: {title}")
        made.append((title, f"{folder.name}/{name}"))
    return made


def _all(folder: Path, seed: int, settings: Mapping[str, Any]) -> Iterator[Shown]:
    music = in_a_row(DJ_SET, load(names=(DJ_SET,)))
    timeline.draw(dance(Night(music=music, seed=seed, settings=settings)), DJ_SET, folder / "djset.png")
    yield "The DJ set: energy, section, phrase and style over time", "djset.png"
    alone = configs.merge(settings, UNDIRECTED)
    danced = dance(Night(music=music, seed=seed, settings=alone))
    for section in MOMENTS:
        beat = _entered(danced, section)
        if beat is not None:
            name = f"{section.name.lower()}.png"
            title = f"{section.name.capitalize()} of the DJ set, from two beats before on"
            pictures.save(pictures.sheet(danced.tracks[:1], beat - RUN_UP_BEATS, beats=16.0), folder / name)
            yield title, name
    house = in_a_row(STYLE_SET, load(names=(STYLE_SET,)))
    for style in anchor.library().styles:
        night = Night(music=house, seed=seed, settings=with_dance(alone, style=style))
        styled = dance(night)
        ones = styled.log.beat[(styled.log.count == 0) & (styled.log.beat >= STYLE_BEAT)]
        pictures.save(pictures.sheet(styled.tracks[:1], float(ones[0])), folder / f"style_{style}.png")
        yield f"Style {style}", f"style_{style}.png"
    yield from _pairs(folder, seed, alone)
    yield from _group(folder, seed, alone)


def _pairs(folder: Path, seed: int, settings: Mapping[str, Any]) -> Iterator[Shown]:
    """Draw every change from one style to another: a beat before the new style's phrase begins and a beat after."""
    styles = anchor.library().styles
    order = list(trials.tour(styles, 0))
    rows: dict[str, list[pictures.Image]] = {style: [] for style in styles}
    music = clicks(trials.CLICK_BPM, trials.BEAT_S * trials.STYLE_BEATS * (len(order) + 1))
    wishes = [(trials.BEAT_S * trials.STYLE_BEATS * i, style) for i, style in enumerate(order)]
    acts = [(t, Command(op="set", args={"style": style})) for t, style in wishes]
    danced = dance(Night(music=music, seed=seed, acts=acts, settings=settings))
    width_px = pictures.SMALL_PX[0] * pictures.PICTURES
    for (before, after), beat in zip(*trials.changes_of(danced, wishes), strict=True):
        rows[before].append(pictures.labelled(f"{before} to {after}", width_px))
        rows[before].append(pictures.strip(danced.tracks[:1], round(beat + 0.5) - 1.0, 2.0, pictures.SMALL_PX))
    for style, strips in rows.items():
        if strips:
            pictures.save(np.vstack(strips), folder / f"from_{style}.png")
            yield f"From {style} to every other style, over two beats", f"from_{style}.png"


def _group(folder: Path, seed: int, settings: Mapping[str, Any]) -> Iterator[Shown]:
    for to, other in pairwise(("unison", "mirror", "individuals")):
        acts = [(trials.BEAT_S * GROUP_WISH_BEATS, Command(op="set", args={"formation": other}))]
        night = Night(
            music=clicks(trials.CLICK_BPM, 30.0), seed=seed, acts=acts,
            settings=with_dance(settings, dancers=4, formation=to),
        )  # fmt: skip
        tracks = dance(night).tracks
        rows = [pictures.strip(tracks, GROUP_WISH_BEATS + start, 8.0, GROUP_PX, n=8) for start in (-2.0, 6.0)]
        rows.append(pictures.plots(tracks, GROUP_WISH_BEATS - 2.0, 16.0, rows[0].shape[1]))
        pictures.save(np.vstack(rows), folder / f"formation_{to}_{other}.png")
        yield f"From {to} to {other}, sixteen beats", f"formation_{to}_{other}.png"


def _entered(danced: Danced, section: Section) -> float | None:
    """Return the dance beat on which a section was first entered after the beginning."""
    found = np.flatnonzero((danced.log.section[1:] == section) & (danced.log.section[:-1] != section)) + 1
    later = [float(danced.log.beat[i]) for i in found if danced.log.beat[i] > RUN_UP_BEATS]
    return later[0] if later else None
