"""Where in the music we are: section, how far a build has come, which bar of the phrase; a drop at its first beat.

The network names the section and hears the first beats of phrases and drops; the beat line says where those may be.
A drop is called within a quarter second of its first beat, once bass and groove are there, and only out of a break or a
build. It is announced, `build` rising
to 1, when a build runs into the end of an eight-bar phrase.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.beat.bar_pointer import HOP_S
from livedance.messages import Section

F64 = NDArray[np.float64]

PHRASE_BARS: Final = 8
PHRASE_JUMP: Final = 0.01
"""Per bar: belief that goes back to "anywhere"; not everybody counts to eight."""
PHRASE_BASE: Final = 0.45
"""An answer of this speaks neither for a phrase nor against it: less is said at every other bar line."""
PHRASE_GAIN: Final = 1.5
PHRASE_LEAST: Final = -0.3
PHRASE_MOST: Final = 3.0
"""Nepers per bar line; measured on clips of validation."""
PHRASE_SURE: Final = 0.3
"""Belief in another place that moves the count."""
END_SURE: Final = 0.55
"""Belief in the last bar before a phrase that lets a build-up follow it to its end."""
DROP_EVIDENCE: Final = 3.0
"""Nepers for a phrase that begins with a drop."""

SECTION_TAU_S: Final = 0.5
CHANGE: Final = 0.55
"""Smoothed probability that changes the section."""
KEEP: Final = 0.25
"""Or this much, when the present one has less than a third of it."""

TENSE: Final = 0.45
"""Smoothed probability of break and build together that makes a drop possible ..."""
TENSION_S: Final = 2.0
"""... for this long after it ..."""
TENSION_LEAST_S: Final = 2.5
"""... when it has lasted so long."""
DROP: Final = 0.55
"""The network's "drop" on a beat that makes one likely ..."""
DROP_CLEAR: Final = 0.8
"""... and that alone is enough out of a build ..."""
DROP_FROM_BREAK: Final = 0.85
"""... and that is needed when there was no build."""
BASS: Final = 0.7
"""The bass, against its running peak, must be back ..."""
FULL: Final = 0.15
FULL_FROM_BREAK: Final = 0.6
"""... and groove and drop together be so likely, out of a build and out of a break, ..."""
PROOF_S: Final = 0.4
"""... within this time after the beat."""
DROP_BARS: Final = 8
"""A drop lasts so many bars, then it is the groove."""
QUIET_S: Final = 6.0
"""No two drops nearer than this."""

BUILD_TAU_S: Final = 0.4


class PhraseCount:
    """Which bar of eight this one is: a forward filter over the places in the phrase. Mutable; driven once per bar."""

    def __init__(self) -> None:
        self.bar = 0
        """0-7."""
        self.certainty = 1.0 / PHRASE_BARS
        self._belief: F64 = np.full(PHRASE_BARS, 1.0 / PHRASE_BARS)

    def begin(self) -> None:
        """Another piece may begin: any place, but count from here."""
        self.bar = 0
        self._belief[:] = 0.9 / PHRASE_BARS
        self._belief[0] += 0.1

    def pass_bar(self) -> None:
        """Note that the music passes a bar line."""
        self._belief = (1.0 - PHRASE_JUMP) * np.roll(self._belief, 1) + PHRASE_JUMP / PHRASE_BARS
        self.bar = (self.bar + 1) % PHRASE_BARS
        self._decide()

    def hear(self, nepers: float) -> None:
        """Weigh evidence that the present bar is the first."""
        self._belief[0] *= math.exp(nepers)
        self._belief /= self._belief.sum()
        self._decide()

    def drop(self, *, is_ahead: bool) -> None:
        """Weigh that a phrase begins with the present bar, or with the next one."""
        self._belief[PHRASE_BARS - 1 if is_ahead else 0] *= math.exp(DROP_EVIDENCE)
        self._belief /= self._belief.sum()
        self._decide()

    def _decide(self) -> None:
        best = int(self._belief.argmax())
        if best != self.bar and self._belief[best] > PHRASE_SURE:
            self.bar = best
        self.certainty = float(self._belief[self.bar])


def phrase_evidence(activation: float) -> float:
    """Return how much more likely `activation` is where a phrase begins than at other bar lines, in nepers, bounded."""
    p = min(0.999, max(0.001, activation))
    odds = math.log(p / (1.0 - p)) - math.log(PHRASE_BASE / (1.0 - PHRASE_BASE))
    return min(PHRASE_MOST, max(PHRASE_LEAST, PHRASE_GAIN * odds))


class Structure:
    """Section, build and phrase of one run. Mutable; driven once per hop, and told of beats and bar lines."""

    def __init__(self) -> None:
        self.section = Section.INTRO
        self.build = 0.0
        self.phrase = PhraseCount()
        self._shares: F64 = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
        self._tension_s = 0.0
        """For how long break or build were heard."""
        self._since_tension_s = math.inf
        self._since_drop_s = math.inf
        self._drop_bars = 0
        self._proof_s = 0.0
        """For how long the candidate may still be proven; 0 without one."""
        self._drop, self._bass, self._full = 0.0, 0.0, 0.0
        """The most that was heard of each since the candidate."""

    def begin(self) -> None:
        """Another tune begins after a silence."""
        self.section, self.build = Section.INTRO, 0.0
        self._shares[:] = (1.0, 0.0, 0.0, 0.0, 0.0)
        self._tension_s, self._since_tension_s = 0.0, math.inf
        self.phrase.begin()

    def step(
        self,
        section: tuple[float, ...],
        build: float,
        drop: float,
        bass: float,
        *,
        beat_is_near: bool,
        bar_phase: float,
    ) -> bool:
        """Take one hop; return whether a drop begins.

        Args:
            section: (5,) probabilities.
            build: how far a build has come, 0-1.
            drop: probability that this is the first beat of a drop.
            bass: its level, 0-1 against its running peak.
            beat_is_near: whether the moment that these are about is a beat.
            bar_phase: of the present moment.
        """
        self._shares += HOP_S / SECTION_TAU_S * (np.array(section) - self._shares)
        self._since_drop_s += HOP_S
        tense = float(self._shares[Section.BREAK] + self._shares[Section.BUILD]) > TENSE
        if tense:
            self._tension_s = self._tension_s + HOP_S if self._since_tension_s < TENSION_S else HOP_S
            self._since_tension_s = 0.0
        else:
            self._since_tension_s += HOP_S
        if beat_is_near and drop > DROP and self._proof_s == 0.0 and self._could_drop():
            self._proof_s, self._drop, self._bass, self._full = PROOF_S, 0.0, 0.0, 0.0
        is_drop = self._is_proven(section, drop, bass)
        if is_drop:
            self._call_drop()
        else:
            self._follow()
        self._raise_build(build, bar_phase)
        return is_drop

    def begin_phrase(self, *, is_ahead: bool) -> None:
        """A drop begins a phrase: at the last bar line, or at the next one when the beat `is_ahead` of it."""
        self.phrase.drop(is_ahead=is_ahead)

    def pass_bar(self) -> None:
        """Note that the music passes a bar line."""
        self.phrase.pass_bar()
        self._drop_bars += 1
        if self.section == Section.DROP and self._drop_bars >= DROP_BARS:
            self.section = Section.GROOVE

    def _could_drop(self) -> bool:
        lasted = self._since_tension_s < TENSION_S and self._tension_s > TENSION_LEAST_S
        return lasted and self._since_drop_s >= QUIET_S

    def _is_proven(self, section: tuple[float, ...], drop: float, bass: float) -> bool:
        """Return whether the beat that may begin a drop has brought the bass and the groove with it."""
        if self._proof_s <= 0.0:
            return False
        self._proof_s = max(0.0, self._proof_s - HOP_S)
        self._drop, self._bass = max(self._drop, drop), max(self._bass, bass)
        self._full = max(self._full, section[Section.GROOVE] + section[Section.DROP])
        if self._bass < BASS:
            return False
        if self._shares[Section.BUILD] > self._shares[Section.BREAK]:
            return self._drop > DROP_CLEAR or self._full > FULL
        return self._drop > DROP_FROM_BREAK and self._full > FULL_FROM_BREAK

    def _call_drop(self) -> None:
        self.section, self._since_drop_s, self._drop_bars = Section.DROP, 0.0, 0
        self._shares[:] = 0.0
        self._shares[Section.DROP] = 1.0
        self._tension_s, self._since_tension_s, self._proof_s = 0.0, math.inf, 0.0

    def _follow(self) -> None:
        """Let the smoothed sections change the shown one; a drop that was not called is the groove."""
        shares = self._shares.copy()
        if self.section == Section.DROP:
            shares[Section.DROP] += shares[Section.GROOVE]
            shares[Section.GROOVE] = 0.0
        else:
            shares[Section.GROOVE] += shares[Section.DROP]
            shares[Section.DROP] = 0.0
        best = int(shares.argmax())
        if best == self.section:
            return
        if shares[best] > CHANGE or (shares[best] > KEEP and shares[self.section] < shares[best] / 3.0):
            self.section = Section(best)

    def _raise_build(self, build: float, bar_phase: float) -> None:
        target = 0.0
        if self.section == Section.BUILD or (self.section == Section.BREAK and build > 0.2):
            target = min(1.0, max(0.0, build))
            if self.phrase.bar == PHRASE_BARS - 1 and self.phrase.certainty > END_SURE and build > 0.4:
                target = max(target, bar_phase)
        self.build += HOP_S / BUILD_TAU_S * (target - self.build)
        if target == 0.0 and self.build < 0.01:
            self.build = 0.0
