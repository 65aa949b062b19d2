"""The form of a piece: scenes of whole bars, each with its section and the layers that play.

Labels are by sound: an outro that is stripped to drums is an INTRO, a chorus after a break or build is a DROP, any
other chorus or verse a GROOVE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from livedance.messages import Section
from livedance.training.beat_music.dice import chance, pick, pick_by, some
from livedance.training.beat_music.patterns import LAYERS as DRUM_LAYERS

FormName = Literal["full", "loop", "break", "intro", "build-drop"]
FORMS: Final[tuple[str, ...]] = get_args(FormName)

_ALL: Final = frozenset({*DRUM_LAYERS, "bass", "chords", "pad", "arp", "lead", "vocal", "guitar"})
CASTS: Final[dict[str, frozenset[str]]] = {
    "full": _ALL,
    "drums": frozenset(DRUM_LAYERS),
    "drums and bass": frozenset({*DRUM_LAYERS, "bass"}),
    "no kick": _ALL - {"kick"},
    "no backbeat": _ALL - {"snare"},
    "kick and bass": frozenset({"kick", "bass"}),
    "hats": frozenset({"hats", "pad", "vocal", "bass"}),
    "percussion": frozenset({"perc", "hats"}),
    "tones": frozenset({"bass", "chords", "arp", "lead", "guitar"}),
    "chords alone": frozenset({"chords"}),
    "voice and claps": frozenset({"vocal", "snare"}),
}
"""Who plays at all: most pieces have everybody, some mislead on purpose."""

_CAST_WEIGHTS: Final = {
    "full": 62.0, "drums": 8.0, "drums and bass": 4.0, "no kick": 4.0, "no backbeat": 6.0, "kick and bass": 2.0,
    "hats": 2.0, "percussion": 3.0, "tones": 5.0, "chords alone": 2.0, "voice and claps": 2.0,
}  # fmt: skip

_DRUMS: Final = frozenset(DRUM_LAYERS)

_Role = Literal["intro", "groove", "break", "build", "drop", "outro"]
_SECTION: Final[dict[str, Section]] = {
    "intro": Section.INTRO, "groove": Section.GROOVE, "break": Section.BREAK, "build": Section.BUILD,
    "drop": Section.DROP, "outro": Section.INTRO,
}  # fmt: skip
_LENGTHS: Final[dict[str, tuple[int, ...]]] = {
    "intro": (4, 8, 8, 8, 16), "groove": (8, 8, 8, 16), "break": (4, 8, 8, 16), "build": (4, 4, 8, 8, 16),
    "drop": (8, 8, 16, 16), "outro": (4, 8, 8, 16),
}  # fmt: skip
_CLUB: Final[tuple[tuple[_Role, ...], ...]] = (
    ("intro", "groove", "break", "build", "drop", "groove", "break", "build", "drop", "outro"),
    ("intro", "build", "drop", "break", "build", "drop", "groove", "outro"),
    ("intro", "groove", "break", "drop", "groove", "break", "build", "drop", "outro"),
    ("intro", "groove", "groove", "break", "build", "drop", "outro"),
    ("break", "build", "drop", "groove", "break", "build", "drop", "outro"),
    ("intro", "groove", "build", "drop", "break", "groove", "build", "drop"),
)
_SONG: Final[tuple[tuple[_Role, ...], ...]] = (
    ("intro", "groove", "groove", "break", "drop", "groove", "groove", "break", "drop", "outro"),
    ("intro", "groove", "groove", "groove", "break", "build", "drop", "groove"),
    ("groove", "groove", "groove", "break", "drop", "groove"),
    ("break", "groove", "groove", "groove", "break", "drop", "outro"),
)
_TEXTURES: Final[dict[frozenset[str], float]] = {
    frozenset({"pad"}): 1.0,
    frozenset({"pad", "vocal"}): 2.0,
    frozenset({"pad", "lead"}): 1.0,
    frozenset({"vocal"}): 0.4,
    frozenset({"pad", "chords"}): 1.0,
    frozenset({"chords", "vocal"}): 0.8,
    frozenset({"pad", "arp"}): 1.8,
    frozenset({"pad", "arp", "vocal"}): 1.0,
    frozenset({"pad", "hats"}): 0.4,
    frozenset({"pad", "perc"}): 0.4,
}
"""Who plays in a break -> weight."""
_DRUMLESS: Final = {texture: w for texture, w in _TEXTURES.items() if not texture & {*DRUM_LAYERS, "arp", "chords"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Some bars with one label and one set of players."""

    role: str
    bars: int
    layers: frozenset[str]

    @property
    def section(self) -> Section:
        """What the network shall call it."""
        return _SECTION[self.role]


def draw_cast(rng: np.random.Generator) -> frozenset[str]:
    """Return the layers of those who play in a piece."""
    name = pick_by(rng, _CAST_WEIGHTS)
    layers = CASTS[name]
    if name == "full":  # not every piece has every instrument
        layers -= {layer for layer in ("arp", "lead", "vocal", "guitar", "perc", "pad", "chords") if chance(rng, 0.3)}
    return layers


def plan(
    rng: np.random.Generator, *, song: bool, form: str, bars: int, bar_s: float, cast: frozenset[str]
) -> tuple[Scene, ...]:
    """Return scenes that fill exactly `bars` bars. Raises ValueError on an unknown form."""
    if form == "loop":
        roles: list[tuple[str, int]] = [("groove", n) for n in _split(bars, 8)]
    elif form == "break":
        roles = _around_break(rng, bars, bar_s)
    elif form == "intro":
        intro = min(bars, pick(rng, (4, 8, 8, 16)))
        roles = [("intro", intro), *(("groove", n) for n in _split(bars - intro, 8))]
    elif form == "build-drop":
        build = max(1, min(pick(rng, (4, 8, 8, 16)), bars // 3))
        before = max(1, min(pick(rng, (4, 8)), bars // 3))
        roles = [(pick(rng, ("break", "groove")), before), ("build", build), ("drop", bars - before - build)]
    elif form == "full":
        roles = _whole(rng, song, bars)
    else:
        raise ValueError(f"form {form!r} is unknown: use one of {', '.join(FORMS)}")
    drumless = form == "break" and chance(rng, 0.7)
    return tuple(_scenes(rng, _cut(roles, bars), cast, drumless=drumless))


def _cut(roles: Sequence[tuple[str, int]], bars: int) -> list[tuple[str, int]]:
    """Return `roles` without empty ones, ended where they exceed `bars`."""
    kept: list[tuple[str, int]] = []
    for role, length in roles:
        length = min(length, bars)
        bars -= length
        if length > 0:
            kept.append((role, length))
    return kept


def _split(bars: int, by: int) -> list[int]:
    """Return `bars` as a sum of `by`s and a rest."""
    return [by] * (bars // by) + ([bars % by] if bars % by else [])


def _around_break(rng: np.random.Generator, bars: int, bar_s: float) -> list[tuple[str, int]]:
    """Return groove, a break of about eight seconds, and the groove (or a drop) again."""
    length = max(1, min(round(float(rng.uniform(6.5, 10.5)) / bar_s), bars - 2))
    before = max(1, (bars - length) // 2)
    if before > 8 and chance(rng, 0.7):
        before -= before % 4
    back = pick(rng, ("drop", "groove"))
    return [("groove", before), ("break", length), (back, bars - before - length)]


def _whole(rng: np.random.Generator, song: bool, bars: int) -> list[tuple[str, int]]:
    """Return a whole form in phrases of mostly eight bars, made to hold a drop if `bars` allow, cut at `bars`."""
    names = pick(rng, _SONG if song else _CLUB)
    lengths = [pick(rng, _LENGTHS[name]) for name in names]
    if chance(rng, 0.12):  # not everybody counts to eight
        lengths[int(rng.integers(len(lengths)))] += pick(rng, (-2, -1, 1, 2))
    first = _made_to_fit(rng, lengths, names.index("drop"), bars)
    roles: list[tuple[str, int]] = []
    left, i = bars, first
    while left:
        at = i if i < len(names) else 1 + (i - len(names)) % (len(names) - 1)
        roles.append((names[at], min(left, lengths[at])))
        left -= roles[-1][1]
        i += 1
    return roles


def _made_to_fit(rng: np.random.Generator, lengths: list[int], drop: int, bars: int) -> int:
    """Return with which role to begin so that the first drop ends within `bars`.

    Until it does, the longest role before it is halved (in `lengths`, never below four bars) or the first one left out.
    """
    first = 0
    while first < drop and sum(lengths[first : drop + 1]) > bars:
        longest = first + int(np.argmax(lengths[first : drop + 1]))
        if lengths[longest] >= 8 and chance(rng, 0.6):
            lengths[longest] //= 2
        else:
            first += 1
    return first


def _scenes(
    rng: np.random.Generator, roles: Sequence[tuple[str, int]], cast: frozenset[str], *, drumless: bool
) -> list[Scene]:
    """Return a scene for every role; parts come and go from phrase to phrase."""
    scenes: list[Scene] = []
    for i, (role, bars) in enumerate(roles):
        layers = cast
        if role in ("intro", "outro"):
            layers = _stripped(rng, cast)
        elif role == "groove" and len(cast) > 4:
            absent = some(rng, ("arp", "lead", "vocal", "pad", "chords", "perc", "guitar", "bass"), 0, 4)
            layers = cast - frozenset(absent)
        elif role == "break":
            layers = pick_by(rng, _DRUMLESS if drumless else _TEXTURES)
        elif role == "drop" and (len(cast & _DRUMS) < 2 or ("kick" not in cast and chance(rng, 0.7))):
            layers = cast | {"kick", "snare", "hats"}  # whatever came before, a drop brings drums
        elif role == "build":
            before = scenes[-1].layers if scenes else frozenset({"pad"})
            layers = before - ({"bass"} if chance(rng, 0.5) else frozenset())
            layers -= {"kick", "snare"} if chance(rng, 0.7) else frozenset()
        if role == "groove" and i and roles[i - 1][0] == "groove" and chance(rng, 0.35):
            layers = scenes[-1].layers
        scenes.append(Scene(role=role, bars=bars, layers=layers or cast))
    return scenes


def _stripped(rng: np.random.Generator, cast: frozenset[str]) -> frozenset[str]:
    """Return what a DJ mixes with (drums), or how a song begins (a few tones)."""
    kinds = (
        {"kick", "hats"}, {"kick", "hats", "perc"}, set(DRUM_LAYERS), {"hats", "perc"}, {"kick", "hats", "bass"},
        {"kick"}, {"pad", "kick"}, {"arp"}, {"chords", "guitar"}, {"pad", "vocal"}, {"chords", "hats"},
    )  # fmt: skip
    return frozenset(pick(rng, kinds)) & cast or cast & _DRUMS or cast
