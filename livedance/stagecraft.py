"""What the director may do at a boundary: more dancers or fewer, a formation, a scene, a palette, another view.

Each function returns the fields of `Controls` that change, none where everything stays. Pure; chance is an argument.
The tables are a design choice: what a careful VJ does with the same knobs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from livedance.control import ops
from livedance.control.scenes import SCENES
from livedance.dance.arrangement import FORMATIONS
from livedance.messages import Controls, Section
from livedance.style_mix import AUTO, parse

Changes = dict[str, Any]

SCENE_PHRASES, SCENE_CHANCE = 4, 0.5
"""A scene lasts for so many phrases at least; then each turn saves the next phrase for another with this chance."""
PALETTE_PHRASES, PALETTE_CHANCE = 2, 0.5
COMPANY_PHRASES, COMPANY_CHANCE = 2, 0.5
JOINED_CHANCE: Final = 0.3
"""How often a groove gets company: mostly one dancer is the show."""

VIEWS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.INTRO: ("front",),
    Section.GROOVE: ("front", "front", "low", "orbit"),
    Section.BREAK: ("close",),
    Section.DROP: ("wide",),
}
"""Where to look from, by chance among a section's. In a build the view stays until the drop widens it."""
COMPANY: Final[Mapping[Section, tuple[int, ...]]] = {
    Section.GROOVE: (2, 3),
    Section.BUILD: (2, 3, 3, 4, 4, 6, 8),
    Section.DROP: (2, 3, 3, 4, 4, 6, 8),
}
"""How many dance together, by chance among those that may be. Who comes in a build is there for the drop."""
PLACES: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.GROOVE: ("unison", "mirror", "canon", "call", "solo", "line", "diagonal", "arc"),
    Section.BREAK: ("solo", "individuals", "circle"),
    Section.BUILD: ("unison", "line", "wedge", "rows", "mirror"),
    Section.DROP: ("unison", "line", "wedge", "rows", "mirror"),
}
"""Formations of several dancers. On the drop they meet in unison, in one shape or another."""
LEAST: Final[Mapping[str, int]] = {"wedge": 3, "arc": 3, "circle": 3, "rows": 4}
"""Dancers that a shape needs to be seen as one."""
COUPLE_STYLE, COUPLE = "salsa", "couple"
FLOOR_STYLES: Final = frozenset({"break"})
"""Styles with floor work: a third of the time hips are under 0.6 m, against 2 % at most of any other."""
FLOOR_SECTIONS: Final = (Section.INTRO, Section.GROOVE)
"""Where it is looked at from low down; a break stays close and a drop wide."""
FLOOR_VIEW, FLOOR_SHARE = "low", 0.5
"""Taken where at least this share of a mix is such a style."""


def company(section: Section, controls: Controls, least: int, most: int, rng: np.random.Generator) -> Changes:
    """Return more dancers, up to `most`, where the section wants them."""
    if section == Section.GROOVE and (controls.dancers > least or rng.random() >= JOINED_CHANCE):
        return {}
    wanted = [n for n in COMPANY.get(section, ()) if controls.dancers < n <= most]
    if not wanted:
        return {}
    n = int(rng.choice(wanted))
    return {"dancers": n, "formation": _place(n, section, controls, rng)}


def left(section: Section, controls: Controls, least: int, phrases: int, rng: np.random.Generator) -> Changes:
    """Return `least` dancers, where the section wants fewer; `phrases` have passed since the drop."""
    if controls.dancers <= least or section in (Section.BUILD, Section.DROP):
        return {}
    stays = section == Section.GROOVE and (phrases < COMPANY_PHRASES or rng.random() >= COMPANY_CHANCE)
    if stays:
        return {}
    return {"dancers": least} | ({"formation": _place(least, section, controls, rng)} if least > 1 else {})


def formation(section: Section, controls: Controls, phrases: int, rng: np.random.Generator) -> Changes:
    """Return another formation of the same dancers, every 16 bars at most."""
    if controls.dancers < 2 or phrases % COMPANY_PHRASES or rng.random() >= COMPANY_CHANCE:
        return {}
    place = _place(controls.dancers, section, controls, rng)
    return {} if place == controls.formation else {"formation": place}


def wants_scene(phrases: int, rng: np.random.Generator) -> bool:
    """Whether the next phrase is for another scene, `phrases` after the last."""
    return phrases >= SCENE_PHRASES and bool(rng.random() < SCENE_CHANCE)


def scene(controls: Controls, rng: np.random.Generator) -> Changes:
    """Return another scene; it brings its palette."""
    return {"scene": int(rng.choice([number for number in SCENES if number != controls.scene]))}


def palette(controls: Controls, phrases: int, rng: np.random.Generator) -> Changes:
    """Return another palette, every 16 bars at most."""
    if phrases % PALETTE_PHRASES or rng.random() >= PALETTE_CHANCE:
        return {}
    others = sorted({int(brought["palette"]) for brought in SCENES.values()} - {controls.palette})
    return {"palette": int(rng.choice(others))}


def view(section: Section, controls: Controls, rng: np.random.Generator) -> Changes:
    """Return another view where the section wants one: a low one for a dance that goes to the floor."""
    views = VIEWS.get(section, ())
    name = str(rng.choice(views)) if views else controls.camera
    if section in FLOOR_SECTIONS and _floor_share(controls) >= FLOOR_SHARE:
        name = FLOOR_VIEW
    return {} if name == controls.camera else {"camera": name}


def is_couple(controls: Controls) -> bool:
    """Whether two dance hand in hand: they part before the style changes."""
    return controls.dancers > 1 and controls.formation == COUPLE


def _place(n: int, section: Section, controls: Controls, rng: np.random.Generator) -> str:
    """Return a formation of `n` dancers for a section."""
    known = frozenset(FORMATIONS) & frozenset(ops.VOCABULARY["formation"])
    if n == 2 and _danced(controls) == COUPLE_STYLE and COUPLE in known:
        return COUPLE
    names = [name for name in PLACES.get(section, ()) if name in known and n >= LEAST.get(name, 2)]
    return str(rng.choice(names or ["unison"]))


def _danced(controls: Controls) -> str:
    """Return the style, or the mix by hand, that is danced; empty before `auto` stands for one."""
    return controls.auto_style if controls.style == AUTO else controls.style


def _floor_share(controls: Controls) -> float:
    """Return how much of the dance may go to the floor, [0, 1]."""
    text = _danced(controls)
    return sum(weight for name, weight in parse(text) if name in FLOOR_STYLES) if text else 0.0
