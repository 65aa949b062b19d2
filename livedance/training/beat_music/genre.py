"""What a genre is: one record of pools from which every piece draws its own mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from livedance.training.beat_music.piece import Part

Span2 = tuple[float, float]

STRAIGHT: Final[Span2] = (0.5, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Genre:
    """Lines are written as notation.py says; `|` is never needed, a line of several bars is simply longer."""

    bpm: Span2
    """Slowest and fastest usual tempo, as a DJ or dancer counts."""
    kick: tuple[str, ...]
    snare: tuple[str, ...]
    hats: tuple[str, ...]
    perc: tuple[str, ...] = ()
    bass: tuple[str, ...] = ()
    comp: tuple[str, ...] = ()
    """Rhythms of the chords."""
    comp_parts: tuple[Part, ...] = ("chord",)
    meter: int = 4
    steps: int = 4
    """Steps of the lines in a beat: 4 sixteenths, 3 triplets, 6 sixteenths of a dotted beat."""
    swing: Span2 = STRAIGHT
    """Swing of the sixteenths (share of the pair that the first takes)."""
    shuffle: Span2 = STRAIGHT
    """Swing of the eighths."""
    spread_ms: Span2 = (0.0, 1.5)
    """How loosely it is played."""
    modes: tuple[str, ...] = ("minor",)
    sevenths: float = 0.3
    """Share of pieces with chords of four and five notes."""
    song: bool = False
    """Verses and choruses (drummers' fills, no DJ intro) instead of builds and drops."""
    live: bool = False
    """Played by people: the tempo wanders more often."""
    arps: float = 0.4
    """Share of pieces with an arpeggio or a pluck figure."""
    weight: float = 1.0

    @property
    def bar_steps(self) -> int:
        """Steps in a bar."""
        return self.meter * self.steps
