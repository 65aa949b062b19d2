"""What a dance generator is: a window of motion in beat time from the state and one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from livedance.messages import MotionWindow, Section


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
    brightness: float
    confidence: float
    section: Section
    build: float
    is_silent: bool
    """Nothing is heard: idle."""
    heard: bool
    """False while the audio device is lost."""
    style: str
    """A style name or "auto"."""
    groove: float
    hit: bool = False
    new_phrase: bool = False
    hold: bool = False
    room: float = 1.0
    """Share of the stage that this dancer may use; less where dancers who do not move alike stand side by side."""


class DanceGenerator(Protocol):
    """Makes windows. Runs in the brain's thread (and, as the standby, in the stage's)."""

    def initial_state(self, seed: int, dancer: int) -> Any:
        """Return the state before the first window; RNG is keyed by (seed, dancer, phrase)."""

    def resume(self, seed: int, dancer: int, last: MotionWindow) -> Any:
        """Return a state that continues from `last`, another generator's window."""

    def step(self, state: Any, request: WindowRequest) -> tuple[MotionWindow, Any]:
        """Return 32 samples from `request.beat_start`; groove, IK and seams are baked in."""
