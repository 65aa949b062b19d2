"""What a dance generator is: wished motion in beat time from the state and one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from livedance.dance.direction import GROOVE, Direction, PhraseNote
from livedance.dance.style_table import Heard
from livedance.dance.window import Trace, Wish
from livedance.messages import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRequest:
    """Everything a generator may know when it is asked; all of it was heard by then."""

    beat_start: float
    """Dance beats; k + 0.5, or earlier for a re-plan."""
    dancer: int
    plan: int
    seed: int
    dance_bpm: float
    """Tempo of the dance (after the ratio)."""
    bar_beat: float
    """Dance beats since the downbeat, at `beat_start` ([0, 4) for meter 4)."""
    phrase_bar: int
    energy: float
    """[0, 1]."""
    sounds: Heard
    """What the music is like, for the choice of a style."""
    section: Section
    build: float
    is_silent: bool
    """Nothing is heard: idle."""
    heard: bool
    """False while the audio device is lost."""
    style: str
    """A style, a mix, or "auto"."""
    groove: float
    auto_style: str = ""
    """What "auto" stands for, where the director has decided it."""
    by_hand: bool = False
    """Whether a person holds the energy."""
    floats: bool = False
    """Nobody has heard the beat for long."""
    hit_beat: float | None = None
    """Dance beat of the last hit that a person asked for."""
    new_phrase: bool = False
    hold: bool = False
    room: float = 1.0
    """Share of the stage that this dancer may use; less where dancers who do not move alike stand side by side."""
    direction: Direction = GROOVE
    """What the choreographer asks for."""


class DanceGenerator(Protocol):
    """Wishes motion about the dancer's own home; the performer makes it a body. Runs in the brain's thread (and, as the
    standby, in a thread of the stage's).
    """

    dances_in_silence: bool
    """Whether it is asked while nothing is heard too: then nobody idles."""

    def initial_state(self, seed: int, voice: int) -> Any:
        """Return the state before the first wish; RNG is keyed by (seed, voice, phrase)."""

    def resume(self, seed: int, voice: int, plan: int) -> Any:
        """Return a state that continues after window `plan` of another generator; what was danced is in `past`."""

    def step(self, state: Any, request: WindowRequest, past: Trace | None) -> tuple[Wish, Any]:
        """Return 33 rows around `request.beat_start` (one lead-in row, 32 samples) and the state after them.

        `past` is what is shown of this dance so far, about the same home; None at the start. Seams, groove, life, foot
        lock and legs are not the generator's business.
        """

    def notes(self, state: Any) -> PhraseNote | None:
        """Return what is danced at the moment, for reports; None where a generator has no phrases."""
