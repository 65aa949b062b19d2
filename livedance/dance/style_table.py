"""Which styles suit what is heard: a written table (TOML), and the choice of one style for the next form.

`styles.toml` beside this file is the one that ships; `dance.style_table` in the configuration names another.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from livedance import paths
from livedance.errors import ConfigError, FileError, near
from livedance.style_mix import AUTO, Mix, is_mix, normalised, parse, text_of

__all__ = ["AUTO", "Heard", "Kick", "Mix", "StyleTable", "is_mix", "load", "parse", "pick", "text_of"]

SHIPPED: Final = paths.PACKAGE / "dance" / "styles.toml"
LEAST_SHARE: Final = 0.04
"""Styles below this share of a mix are left out: nobody would see why they came."""
NO_FIT: Final = 1e-12
"""Below it no row says anything about the music, and all of them count alike."""

MEMORY: Final = 0.95
"""How much of an earlier form still counts one form later: proportions hold over about twenty."""
STAY_FORMS: Final = 2
"""Forms of eight bars for which a style is kept, so that an evening is no sampler..."""
STAY_SHARE: Final = LEAST_SHARE
"""... while the mix still has any of it."""
RIVALS: Final = 0.5
"""Chance decides among the styles that are owed at least this part of what the first is owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kick:
    """How much the low drum is four on the floor, broken, or hardly there: sum 1."""

    four: float = 1.0 / 3.0
    broken: float = 1.0 / 3.0
    sparse: float = 1.0 / 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the music is like, over some bars."""

    tempo: float
    """Dance BPM."""
    energy: float = 0.5
    brightness: float = 0.5
    kick: Kick = field(default_factory=Kick)
    swing: float = 0.0
    """0 straight, 1 triplets."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Soft = Annotated[float, Field(gt=0.0, le=1.0)]
Bpm = Annotated[float, Field(gt=0.0, le=400.0)]
Weight = Annotated[float, Field(gt=0.0, le=1000.0)]


class Softness(_Table):
    """How far outside its range a row still counts by half."""

    tempo_percent: Annotated[float, Field(gt=0.0, le=50.0)] = 5.0
    energy: Soft = 0.12
    brightness: Soft = 0.10
    swing: Soft = 0.15


class Row(_Table):
    """One kind of music and the styles that suit it; a range that is left out fits everything."""

    name: str
    why: str = ""
    weight: Weight = 1.0
    tempo: tuple[Bpm, Bpm] | None = None
    energy: tuple[Unit, Unit] | None = None
    brightness: tuple[Unit, Unit] | None = None
    kick: tuple[Literal["four", "broken", "sparse"], ...] = ("four", "broken", "sparse")
    swing: tuple[Unit, Unit] | None = None
    styles: Annotated[dict[str, Weight], Field(min_length=1)]

    @model_validator(mode="after")
    def _ranges_rise(self) -> Self:
        for axis in ("tempo", "energy", "brightness", "swing"):
            span = getattr(self, axis)
            if span is not None and span[0] > span[1]:
                raise ValueError(f"the range of {axis} in the row '{self.name}' falls: write [low, high]")
        return self

    def fit(self, heard: Heard, soft: Softness) -> float:
        """Return how well the music fits, [0, 1]; each range falls off like a bell outside."""
        octave = math.log2(1.0 + soft.tempo_percent / 100.0)
        tempo = None if self.tempo is None else (math.log2(self.tempo[0]), math.log2(self.tempo[1]))
        out = _inside(math.log2(max(heard.tempo, 1.0)), tempo, octave)
        out *= _inside(heard.energy, self.energy, soft.energy)
        out *= _inside(heard.brightness, self.brightness, soft.brightness)
        out *= _inside(heard.swing, self.swing, soft.swing)
        kicks: dict[str, float] = {"four": heard.kick.four, "broken": heard.kick.broken, "sparse": heard.kick.sparse}
        return out * sum(kicks[name] for name in set(self.kick))

    def parts(self) -> Mix:
        """Return the row's own mix."""
        return normalised(self.styles.items())


class StyleTable(_Table):
    """A checked table. Immutable; `mix` is pure."""

    format: Literal[1] = 1
    soft: Softness = Softness()
    row: Annotated[tuple[Row, ...], Field(min_length=1)]

    def mix(self, heard: Heard) -> Mix:
        """Return the styles that suit `heard` with their weights: sum 1, sorted by name."""
        fits = [(row, row.weight * row.fit(heard, self.soft)) for row in self.row]
        if sum(fit for _, fit in fits) <= NO_FIT:
            fits = [(row, row.weight) for row in self.row]
        shares = normalised((style, fit * part) for row, fit in fits for style, part in row.parts())
        return normalised((style, share) for style, share in shares if share >= LEAST_SHARE)

    @property
    def styles(self) -> tuple[str, ...]:
        """Every style that some row names, sorted."""
        return tuple(sorted({style for row in self.row for style in row.styles}))


def load(path: Path | None = None, known: Collection[str] = ()) -> StyleTable:
    """Return the table at `path` (None: the one that ships), checked against the `known` styles if there are any.

    Raises `FileError` when it cannot be read, `ConfigError` with one sentence for the first fault in it.
    """
    source = SHIPPED if path is None else path
    try:
        tree = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"cannot read the style table {source}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the style table {source} is not valid TOML: {error}") from error
    try:
        table = StyleTable.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"the style table {source}: {_sentence(error)}") from error
    for style in table.styles if known else ():
        if style not in known:
            names = ", ".join(sorted(known))
            raise ConfigError(f"the style table {source}: no style '{style}'{near(style, known)} There are: {names}")
    return table


def pick(mix: Mix, recent_styles: Sequence[str], rng: np.random.Generator) -> str:
    """Return the style of the next form of eight bars.

    Over twenty forms each style comes in proportion to its weight: the one is picked that is owed most, by chance among
    near equals. A style stays for `STAY_FORMS` forms.

    Args:
        mix: weights, as of now.
        recent_styles: styles of the forms before, oldest first, those of this pick's dancer or show.
        rng: keyed by seed and form.
    """
    weights = dict(mix)
    if recent_styles and weights.get(recent_styles[-1], 0.0) >= STAY_SHARE and _run(recent_styles) < STAY_FORMS:
        return recent_styles[-1]
    had: dict[str, float] = {}
    for age, style in enumerate(reversed(recent_styles)):
        had[style] = had.get(style, 0.0) + MEMORY**age
    forms = STAY_FORMS + sum(had.values())
    owed = {style: weight * forms - had.get(style, 0.0) for style, weight in mix}
    most = max(owed.values())
    rivals = [style for style, debt in owed.items() if debt >= RIVALS * most] or [max(owed, key=lambda s: owed[s])]
    debts = np.array([max(owed[style], 1e-9) for style in rivals])
    return rivals[int(rng.choice(len(rivals), p=debts / debts.sum()))]


def _run(styles: Sequence[str]) -> int:
    """Return how many times in a row the last style has come."""
    run = 0
    for style in reversed(styles):
        if style != styles[-1]:
            break
        run += 1
    return run


def _inside(value: float, span: tuple[float, float] | None, half_at: float) -> float:
    """Return 1 inside `span`, 1/2 at `half_at` outside, falling like a bell."""
    if span is None:
        return 1.0
    outside = max(span[0] - value, value - span[1], 0.0)
    return float(0.5 ** ((outside / half_at) ** 2))


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "table"
    if first["type"] == "extra_forbidden":
        known = sorted({*Row.model_fields, *Softness.model_fields, *StyleTable.model_fields})
        return f"there is no key '{key}'{near(str(first['loc'][-1]), known)}"
    if first["type"] == "missing":
        return f"the key '{key}' is missing"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    return f"{key} = {str(first['input'])[:60]!r} cannot be used: {first['msg'][0].lower()}{first['msg'][1:]}"
