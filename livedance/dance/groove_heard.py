"""What the music is like over the last bars: energy, brightness, where the low drum falls, how the off-beats swing.

A causal reducer over hops: `step` takes what one hop sounds like and where the beat clock is, and costs a few
microseconds. Nothing is heard twice and nothing is kept but three short histograms, so it cannot grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.style_table import Heard, Kick
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, ClockState, Features, LockState
from livedance.records import replace

Array = NDArray[np.floating]

HOP_S: Final = HOP_SAMPLES / HOP_RATE_HZ
ONSET_LATE_S: Final = 1.9 * HOP_S
"""An onset is strongest in the hop whose window it has just entered, and that it was a peak is known one hop later."""
BASS_RISE_HOPS: Final = 3
"""A kick lifts the bass's level within this many hops. Snares and bass lines make onsets, too, but lift it less."""
HALF_LIFE_BARS: Final = 4.0
SIXTEENTHS: Final = 16
BEAT_BINS: Final = 96
"""Places in the beat for swing: 5 ms at 120 BPM, finer than a hop (peaks are interpolated)."""
LEAST_ONSET: Final = 0.15
"""Weaker peaks are noise between the drums."""
FEW_KICKS, MANY_KICKS = 0.06, 0.25
"""Summed strength of kicks in a bar below which the low drum is hardly there, and above which it surely is."""
BROKEN_EVENNESS, FOUR_EVENNESS = 0.15, 0.40
"""Weakest of the four beats against the strongest place of the bar: below no four on the floor, above surely one..."""
BROKEN_SHARE, FOUR_SHARE = 0.40, 0.65
"""... and the same for the share of kicks that fall on beats."""
SWING_FROM, SWING_TO = 1.0 / 2.0, 2.0 / 3.0
"""Place of the off-beat eighth: straight and triplet."""
SWING_EDGE: Final = 0.04
"""Beats outside of that range in which an off-beat still counts, less and less; sixteenths lie beyond it."""
SWING_SHARE: Final = 0.12
"""Off-beats that hold this share of all onsets say fully what they have to say."""


_Hop = tuple[float, float, float]
"""Low onset, stronger one of the mid and high onsets, level of the bass."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GrooveHeard:
    """Running strengths of onsets. Immutable: `step` returns the next one."""

    low: Array
    """(16,) summed strength of kicks at the sixteenths of the bar, fading."""
    off: Array
    """(96,) the same of mid and high onsets over the beat."""
    energy: float = 0.0
    brightness: float = 0.0
    """Summed over bars, fading."""
    bars: float = 0.0
    """Bars that went into the sums, fading alike: sum / bars is the mean."""
    beat: float | None = None
    """Music beats at the last hop; None before the first."""
    faded_at: float = 0.0
    """Music beats up to which everything has faded."""
    recent: tuple[_Hop, ...] = ((0.0, 0.0, 0.0),) * (BASS_RISE_HOPS + 1)
    """The last hops, oldest first: a peak is known one hop late."""

    @classmethod
    def initial(cls) -> GrooveHeard:
        """Return the state before any sound."""
        return cls(low=np.zeros(SIXTEENTHS), off=np.zeros(BEAT_BINS))

    def step(self, features: Features, clock: ClockState) -> GrooveHeard:
        """Take one hop; `clock` is the beat clock after it."""
        beat = clock.position_at(features.t_s)
        hop = (features.onset_low, max(features.onset_mid, features.onset_high), features.levels.bass)
        recent = (*self.recent[1:], hop)
        if self.beat is None or clock.state in (LockState.SEARCHING, LockState.FREE_WHEEL) or not features.heard:
            return replace(self, beat=beat, faded_at=beat, recent=recent)
        # Over a jump of the clock, and while nothing is heard, nothing fades.
        gone = min(max(beat - self.beat, 0.0), 1.0) if not features.is_silent else 0.0
        bars = gone / clock.meter
        kept = GrooveHeard(
            low=self.low,
            off=self.off,
            energy=self.energy + bars * features.levels.energy,
            brightness=self.brightness + bars * features.brightness,
            bars=self.bars + bars,
            beat=beat,
            faded_at=self.faded_at + beat - self.beat - gone,
            recent=recent,
        )
        low, off = (_peak(recent[-3][band], recent[-2][band], hop[band]) for band in (0, 1))
        if low is None and off is None:
            return kept
        if low is not None:
            low = (low[0] * max(0.0, hop[2] ** 2 - recent[0][2] ** 2), low[1])
        return kept._faded(beat, clock)._struck(low, off, beat, clock)

    def heard(self, clock: ClockState) -> Heard:
        """Return what the last bars were like, for the style table."""
        bars = max(self.bars, 1e-9)
        return Heard(
            tempo=clock.tempo_bpm * clock.dance_ratio,
            energy=self.energy / bars,
            brightness=self.brightness / bars,
            kick=self.kick,
            swing=self.swing,
        )

    @property
    def kick(self) -> Kick:
        """What the low drum does; all three alike while nothing is known."""
        if self.bars < 0.5:
            return Kick()
        strength = self.low / self.bars
        there = _rise(float(strength.sum()), FEW_KICKS, MANY_KICKS)
        most = float(strength.max())
        # A drum between two bins (a late clock) counts for the beat, too.
        beats = strength[0::4] + np.roll(strength, 1)[0::4] + np.roll(strength, -1)[0::4]
        even = float(beats.min()) / most if most > 0.0 else 0.0
        share = float(beats.sum() / strength.sum()) if most > 0.0 else 0.0
        four = there * _rise(even, BROKEN_EVENNESS, FOUR_EVENNESS) * _rise(share, BROKEN_SHARE, FOUR_SHARE)
        return Kick(four=four, broken=there - four, sparse=1.0 - there)

    @property
    def swing(self) -> float:
        """How far the off-beats have moved from straight (0) to triplets (1): eighths, or the sixteenths between."""
        # What lies between the drums everywhere says nothing about where they are.
        off = np.maximum(self.off - 2.0 * float(np.median(self.off)), 0.0)
        whole = float(off.sum())
        if whole <= 0.0:
            return 0.0
        eighths = _swing(off, whole)
        halves = off.reshape(2, -1).sum(axis=0)
        sixteenths = _swing(np.repeat(halves, 2) / 2.0, whole)
        return max(eighths, sixteenths)

    def _faded(self, beat: float, clock: ClockState) -> GrooveHeard:
        keep = 0.5 ** (max(0.0, beat - self.faded_at) / (clock.meter * HALF_LIFE_BARS))
        faded = {name: getattr(self, name) * keep for name in ("low", "off", "energy", "brightness", "bars")}
        return replace(self, faded_at=beat, **faded)

    def _struck(
        self, low: tuple[float, float] | None, off: tuple[float, float] | None, beat: float, clock: ClockState
    ) -> GrooveHeard:
        """Count peaks given as (strength, hops after the middle one); the arrays are this state's own."""
        at = beat - clock.beats_per_s * ONSET_LATE_S
        if low is not None:
            since = at + low[1] * HOP_S * clock.beats_per_s - clock.bar_start_beat
            self.low[round(since * SIXTEENTHS / clock.meter) % SIXTEENTHS] += low[0]
        if off is not None:
            place = (at + off[1] * HOP_S * clock.beats_per_s) % 1.0
            self.off[int(place * BEAT_BINS) % BEAT_BINS] += off[0]
        return self


def _peak(before: float, middle: float, after: float) -> tuple[float, float] | None:
    """Return (strength, hops from the middle to the top of the parabola), or None where the middle is no peak."""
    if middle < LEAST_ONSET or middle < before or middle <= after:
        return None
    bend = before - 2.0 * middle + after
    return middle, (0.5 * (before - after) / bend if bend < 0.0 else 0.0)


def _rise(value: float, low: float, high: float) -> float:
    """Return 0 below `low`, 1 above `high`, a smooth step between."""
    u = min(1.0, max(0.0, (value - low) / (high - low)))
    return u * u * (3.0 - 2.0 * u)


_PLACES: Final = (np.arange(BEAT_BINS) + 0.5) / BEAT_BINS
_COUNTS: Final = np.clip(1.0 - np.maximum(SWING_FROM - _PLACES, _PLACES - SWING_TO) / SWING_EDGE, 0.0, 1.0)
_MOVED: Final = np.clip((_PLACES - SWING_FROM) / (SWING_TO - SWING_FROM), 0.0, 1.0)


def _swing(off: Array, whole: float) -> float:
    """Return how far the onsets between straight and triplet off-beat have moved, less where there are hardly any."""
    counted = off * _COUNTS
    total = float(counted.sum())
    if total <= 0.0:
        return 0.0
    return float((counted * _MOVED).sum()) / total * min(1.0, total / (SWING_SHARE * whole))
