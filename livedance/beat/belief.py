"""Where the beat is believed to be: a phase-locked oscillator that follows what is heard or sent.

The belief may turn at any speed; nobody sees it. `BeatClock` shows a bounded, monotone version of it.
Positions are music beats, times are stream seconds. Everything is pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from livedance.records import replace

MIN_BEATS_PER_S: Final = 40.0 / 60.0
MAX_BEATS_PER_S: Final = 240.0 / 60.0
DEFAULT_BEATS_PER_S: Final = 2.0
"""What runs before any music: the idle dancer sways at 120 BPM."""

FOLLOW_S: Final = 0.35
"""Time constant of the loop at confidence 1; it grows as confidence falls."""
TEMPO_FOLLOW_S: Final = 0.8
"""The tempo follows more slowly than the phase: the loop is of second order and well damped."""
CUT_BEATS: Final = 0.25
"""A phase error above this is not drift; it is a cut, a mix or a mistake."""
CUT_TEMPO: Final = 0.06
"""Likewise for a relative change of tempo."""
SURE_S: Final = 0.6
"""A cut must be seen for this long (seconds x confidence) before it is believed."""


def clip_rate(beats_per_s: float) -> float:
    """Return `beats_per_s` within 40-240 BPM."""
    return min(MAX_BEATS_PER_S, max(MIN_BEATS_PER_S, beats_per_s))


def wrap(beats: float) -> float:
    """Return the phase error nearest to zero, in [-0.5, 0.5)."""
    return (beats + 0.5) % 1.0 - 0.5


@dataclass(frozen=True, kw_only=True)
class Belief:
    """One line `position(t)`; `shift` is what a person moved it by against what is heard."""

    t_s: float = 0.0
    position: float = 0.0
    beats_per_s: float = DEFAULT_BEATS_PER_S
    shift: float = 0.0
    """Beats added to what is heard (nudge, half beat); 0 = as heard."""
    doubt_s: float = 0.0
    """For how long, weighted by confidence, the sound has contradicted this line."""

    def at(self, t_s: float) -> Belief:
        """Return the same line, written at `t_s`."""
        return replace(self, t_s=t_s, position=self.position + (t_s - self.t_s) * self.beats_per_s)

    def moved(self, beats: float) -> Belief:
        """Return the line after a person moved it: what is heard is moved along with it."""
        return replace(self, position=self.position + beats, shift=wrap(self.shift + beats))

    def seated(self, heard: float, beats_per_s: float) -> Belief:
        """Return the line moved forward, by less than a beat, to the phase of `heard` at once."""
        forward = (heard + self.shift - self.position) % 1.0
        return replace(self, position=self.position + forward, beats_per_s=clip_rate(beats_per_s), doubt_s=0.0)

    def followed(self, heard: float, beats_per_s: float, confidence: float, dt_s: float, *, hold: bool) -> Belief:
        """Return the line after `dt_s` more of hearing the beat at `heard`, going at `beats_per_s`.

        `hold` keeps the tempo (tapped or locked by hand). A contradiction changes nothing until it has lasted.
        """
        error = wrap(heard + self.shift - self.position)
        if abs(error) > CUT_BEATS or abs(beats_per_s / self.beats_per_s - 1.0) > CUT_TEMPO:
            doubt_s = self.doubt_s + confidence * dt_s
            if doubt_s < SURE_S:
                return replace(self, doubt_s=doubt_s)
            return self.seated(heard, self.beats_per_s if hold else beats_per_s)
        gain = min(1.0, confidence * dt_s / FOLLOW_S)
        tempo_gain = 0.0 if hold else min(1.0, confidence * dt_s / TEMPO_FOLLOW_S)
        rate = self.beats_per_s + tempo_gain * (clip_rate(beats_per_s) - self.beats_per_s)
        return replace(
            self,
            position=self.position + gain * error,
            beats_per_s=clip_rate(rate),
            doubt_s=max(0.0, self.doubt_s - 2.0 * dt_s),
        )
