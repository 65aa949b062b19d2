"""Bars, phrases and dance beats: what is counted on top of the music beats. Pure; positions are music beats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from livedance.records import replace

METER: Final = 4
"""Beats in a bar: dance music is in four; other metres need a tracker that knows them."""
PHRASE_BARS: Final = 8

HALF_ABOVE_BPM: Final = 140.0
"""Above this one dance beat lasts two music beats ..."""
HALF_BELOW_BPM: Final = 130.0
"""... until the tempo is back below this: the gap keeps a set around 140 from flapping."""
DOUBLE_BELOW_BPM: Final = 70.0
DOUBLE_ABOVE_BPM: Final = 75.0
BAR_AGREEMENT_S: Final = 2.0
"""A tracker's other bar line must be seen for this long (seconds x confidence) before the bar moves."""


def choose_ratio(ratio: float, tempo_bpm: float) -> float:
    """Return dance beats per music beat for `tempo_bpm`, with hysteresis around the present `ratio`."""
    if tempo_bpm > HALF_ABOVE_BPM or (ratio == 0.5 and tempo_bpm >= HALF_BELOW_BPM):
        return 0.5
    if tempo_bpm < DOUBLE_BELOW_BPM or (ratio == 2.0 and tempo_bpm <= DOUBLE_ABOVE_BPM):
        return 2.0
    return 1.0


@dataclass(frozen=True, kw_only=True)
class Bars:
    """The bar grid and the map from music beats to dance beats."""

    start: int = 0
    """Music beat on which the current bar began."""
    next_start: int = METER
    index: int = 0
    phrase_bar: int = 0
    ratio: float = 1.0
    offset: float = 0.0
    """dance = offset + ratio * music; a multiple of 1/2 such that dance beats fall on music beats."""
    by_hand: bool = False
    """A person said where the one is: no tracker moves it any more."""
    hand_ratio: float | None = None
    other_bar_s: float = 0.0
    """For how long, weighted by confidence, a tracker has heard the one elsewhere."""

    def passed(self, position: float, step: float, tempo_bpm: float) -> Bars:
        """Return the bars once the shown clock has reached `position`, `step` beats after the hop before.

        The ratio changes at bar lines only: to a smaller one at the last hop before the line, to a larger one at the
        first after it, so that the dance position steps forward by a hop or so and never back.
        """
        bars = self
        while position >= bars.next_start:
            line = bars.next_start
            bars = replace(
                bars,
                start=line,
                next_start=line + METER,
                index=bars.index + 1,
                phrase_bar=(bars.phrase_bar + 1) % PHRASE_BARS,
            )
            if (wanted := bars._wanted_ratio(tempo_bpm)) > bars.ratio:
                bars = bars._at_ratio(wanted, line)
        wanted = bars._wanted_ratio(tempo_bpm)
        if wanted < bars.ratio and position + step >= bars.next_start:
            bars = bars._at_ratio(wanted, bars.next_start)
        return bars

    def _wanted_ratio(self, tempo_bpm: float) -> float:
        return self.hand_ratio or choose_ratio(self.ratio, tempo_bpm)

    def _at_ratio(self, ratio: float, line: int) -> Bars:
        """Return the bars with the ratio changed at music beat `line`, where old and new dance position agree."""
        return replace(self, ratio=ratio, offset=self.offset + (self.ratio - ratio) * line)

    def off_the_one(self) -> float:
        """Return the dance beats by which the dance must jump forward so that it falls on the downbeat: 0 or 1/2."""
        return (-(self.offset + self.ratio * self.next_start)) % 1.0

    def one_at(self, position: float) -> Bars:
        """Return the bars after a person said "this is one" at `position`: the nearest beat starts a phrase."""
        beat = round(position)
        bars = replace(self, by_hand=True, other_bar_s=0.0)
        if beat > position:
            return replace(bars, next_start=beat, phrase_bar=PHRASE_BARS - 1)
        return replace(bars, start=beat, next_start=beat + METER, phrase_bar=0, index=self.index + 1)

    def phrase_at(self, position: float) -> Bars:
        """Return the bars with a new phrase at the bar line nearest to `position` (the music dropped there)."""
        if position - self.start < self.next_start - position:
            return replace(self, phrase_bar=0)
        return replace(self, phrase_bar=PHRASE_BARS - 1)

    def heard_phrase(self, phrase_bar: int, bar_phase: float, position: float) -> Bars:
        """Return the bars in the place of the phrase that a tracker hears, once both are well inside the same bar."""
        shown = (position - self.start) / METER
        if self.by_hand or phrase_bar == self.phrase_bar or not 0.2 < bar_phase < 0.8 or abs(shown - bar_phase) > 0.2:
            return self
        return replace(self, phrase_bar=phrase_bar % PHRASE_BARS)

    def scaled(self, factor: float) -> Bars:
        """Return the bars with the dance twice or half as fast by hand, from the next bar line on."""
        return replace(self, hand_ratio=min(2.0, max(0.5, (self.hand_ratio or self.ratio) * factor)))

    def heard_one(self, one: int, position: float, sureness_s: float, *, at_once: bool = False) -> Bars:
        """Return the bars after a tracker heard a bar line at beat `one` (any multiple of four away from it).

        Args:
            one: a music beat of this clock that the tracker takes for a downbeat.
            position: the shown position now; no bar begins after it.
            sureness_s: seconds of this evidence times its confidence.
            at_once: move without waiting (the first lock).
        """
        late = (one - self.start) % METER
        if self.by_hand or late == 0:
            return replace(self, other_bar_s=0.0) if self.other_bar_s else self
        other_bar_s = self.other_bar_s + sureness_s
        if not at_once and other_bar_s < BAR_AGREEMENT_S:
            return replace(self, other_bar_s=other_bar_s)
        line = self.start + late
        if line <= math.floor(position):
            return replace(self, start=line, next_start=line + METER, other_bar_s=0.0)
        return replace(self, next_start=line, other_bar_s=0.0)
