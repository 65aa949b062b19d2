"""How rhythms are written in the genre tables: one character per step.

Drums: `X` accent, `x` hit, `o` soft, `g` ghost, `?` a soft hit in half of the bars, `r` two and `t` three hits within
the step, `.` nothing. A groove is several lines, each after the letter of its drum: `k:x...x... s:....x...`.
Tones: `1`-`9` play that degree of the chord (8 = the root an octave up), `x` the whole chord, `-` holds, `.` rests.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from livedance.training.beat_music.piece import Drum

LETTERS: Final[dict[str, Drum]] = {
    "k": "kick", "s": "snare", "c": "clap", "r": "rim",
    "h": "hat", "o": "open_hat", "p": "pedal_hat", "d": "ride", "y": "crash", "e": "shaker", "m": "tambourine",
    "b": "cowbell", "n": "conga", "q": "perc", "1": "tom_low", "2": "tom_mid", "3": "tom_high",
}  # fmt: skip
"""Letter of every drum in the tables."""

_STRENGTH: Final = {"X": 1.0, "x": 0.85, "o": 0.6, "g": 0.3, "?": 0.5, "r": 0.6, "t": 0.55}
_PARTS_OF_STEP: Final = {"r": 2, "t": 3}


class Stroke(NamedTuple):
    """One hit of a drum line: position in steps from the start of the line, strength 0-1, chance to sound."""

    step: float
    velocity: float
    chance: float


class Cell(NamedTuple):
    """One note of a tone line, in steps: start, length, degree of the chord (0: the whole chord)."""

    step: float
    steps: float
    degree: int


@cache
def strokes(line: str) -> tuple[Stroke, ...]:
    """Return the hits of one drum line. Raises ValueError on a character that means nothing."""
    found: list[Stroke] = []
    for step, letter in enumerate(line):
        if letter == ".":
            continue
        if letter not in _STRENGTH:
            raise ValueError(
                f"drum line {line!r} has {letter!r} at step {step}: use one of {''.join(_STRENGTH)} or '.'"
            )
        parts = _PARTS_OF_STEP.get(letter, 1)
        share = 0.5 if letter == "?" else 1.0
        found += [Stroke(step + i / parts, _STRENGTH[letter], share) for i in range(parts)]
    return tuple(found)


@cache
def groove_lines(groove: str) -> tuple[tuple[Drum, str], ...]:
    """Return (drum, line) for every line of a groove. Raises ValueError on an unknown letter."""
    lines: list[tuple[Drum, str]] = []
    for word in groove.split():
        letter, _, line = word.partition(":")
        if letter not in LETTERS or not line:
            raise ValueError(f"groove {groove!r} has {word!r}: write LETTER:LINE with a letter of {''.join(LETTERS)}")
        lines.append((LETTERS[letter], line))
    return tuple(lines)


@cache
def cells(line: str) -> tuple[Cell, ...]:
    """Return the notes of one tone line. Raises ValueError on a character that means nothing."""
    found: list[Cell] = []
    for step, letter in enumerate(line):
        if letter == "-" and found:
            found[-1] = found[-1]._replace(steps=step + 1 - found[-1].step)
        elif letter in "123456789x":
            found.append(Cell(step, 1.0, 0 if letter == "x" else int(letter)))
        elif letter not in ".-":
            raise ValueError(f"tone line {line!r} has {letter!r} at step {step}: use 1-9, x, '-' or '.'")
    return tuple(found)
