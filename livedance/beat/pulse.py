"""The line of the beat, to the millisecond: seated where the bar pointer is sure, kept by the beats themselves.

The pointer knows which beat is meant, to a hundredth of a second. The pulse takes the activation's peaks near those
beats, to a fraction of a hop, and lays a line through the last 8-32 of them (beat_fit.py). Only when the pointer is
sure for half a bar that the beat is elsewhere is the line laid anew. Where no rhythm is heard the line simply goes on.
Positions never decrease; a new line is reached by going forward less than a beat.
"""

from __future__ import annotations

import math
from typing import Final

from livedance.beat.bar_pointer import HOP_S, Reading
from livedance.beat.beat_fit import Strike, fit
from livedance.beat.grid import Grid

PEAK_LEAST: Final = 0.1
"""Activation below this is no beat."""
MEMORY: Final = 40
"""Peaks and beats that are kept."""
FAINT: Final = 3.0
FAINT_LEAST: Final = 0.1
"""A peak that is lower than the beats before it, by so many of their mean deviations and by this, is none of them: in
a break the network imagines beats for a while, less and less sure of them."""
HEIGHT_GAIN: Final = 0.1
CATCH_BEATS: Final = 0.10
"""A peak nearer than this to a beat is that beat."""
CATCH_S: Final = 0.055

LOCK_CERTAINTY: Final = 0.25
"""The first lock needs this much belief in one tempo and phase."""
SURE: Final = 0.4
"""So much belief counts against a line that is elsewhere."""
ELSEWHERE_BEATS: Final = 0.14
ELSEWHERE_TEMPO: Final = 0.06
RESEAT_BEATS: Final = 0.8
"""The pointer must have been sure, weighted by its certainty, for so many beats before the line is laid anew ..."""
RESEAT_YOUNG_BEATS: Final = 0.35
"""... and for so many within `YOUNG_S` of the lock."""
YOUNG_S: Final = 6.0

FIT_FROM: Final = 5
"""With fewer beats than this the line follows the pointer in a loop of second order ..."""
LOOP_GAIN: Final = 0.12
"""... closing this share of the gap in each hop, times the pointer's certainty."""

ASTRAY_BEATS: Final = 6.0
ASTRAY_OFF: Final = 0.07
"""The loop also takes over when no beat was caught for so long and the pointer is so far (beats) from the line."""

SIGMA_S: Final = 0.008
"""Scatter of single beats that is assumed at first."""
SIGMA_RANGE_S: Final = (0.002, 0.012)
SIGMA_GAIN: Final = 0.1


class Pulse:
    """The beat line of one run. Mutable; driven once per hop."""

    def __init__(self) -> None:
        self.grid: Grid | None = None
        self.position: float | None = None
        """Music beats at the last step, never decreasing; None before the first lock."""
        self.locked_s = -math.inf
        """When the line was last laid anew."""
        self.epoch = 0
        """How often the line was laid anew."""
        self.doubt_beats = 0.0
        self.sigma_s = SIGMA_S
        self._peaks: list[tuple[float, float]] = []
        """(time, activation) of all peaks lately, on the beat or not."""
        self._strikes: list[Strike] = []
        self._height = 0.0
        """Mean height of the beats ..."""
        self._height_off = 0.0
        """... and mean distance from it."""
        self._last: tuple[float, float] = (0.0, 0.0)
        """Activations two hops and one hop ago."""

    def forget(self) -> None:
        """After a silence another tune may begin: the next lock seats at once. The count goes on."""
        self.locked_s, self.doubt_beats, self.sigma_s = -math.inf, 0.0, SIGMA_S
        self._peaks, self._strikes = [], []

    @property
    def is_locked(self) -> bool:
        """Whether there is a line that stands for the present tune."""
        return self.grid is not None and self.locked_s > -math.inf

    def step(
        self, t_s: float, heard_s: float, activation: float, reading: Reading | None, *, is_clear: bool = True
    ) -> bool:
        """Take one hop; return whether a beat was passed.

        Args:
            t_s: END of the hop.
            heard_s: the moment that `activation` is about.
            activation: the network's "beat", 0-1.
            reading: what the pointer believes of `heard_s`; None while there is no rhythm.
            is_clear: whether there is so much rhythm that the line may be moved.
        """
        peak = self._peak(heard_s, activation)
        if reading is not None:
            if peak is not None:
                self._peaks = [*self._peaks, peak][-MEMORY:]
                if is_clear:
                    self._catch(*peak)
            if is_clear or not self.is_locked:
                self._compare(heard_s, reading)
        return self._advance(t_s)

    def agrees(self, heard_s: float, reading: Reading) -> bool:
        """Return whether the pointer's best guess is this line."""
        if self.grid is None:
            return False
        off = (reading.phase - self.grid.position(heard_s) + 0.5) % 1.0 - 0.5
        tempo = reading.period_s / self.grid.period_s - 1.0
        return abs(off) < ELSEWHERE_BEATS and abs(tempo) < ELSEWHERE_TEMPO

    def _peak(self, heard_s: float, activation: float) -> tuple[float, float] | None:
        """Return (time, height) when the hop before was a peak; the time by a parabola through three logarithms."""
        before, middle = self._last
        self._last = (middle, activation)
        if middle < PEAK_LEAST or middle < before or middle <= activation:
            return None
        a, b, c = (math.log(max(x, 1e-3)) for x in (before, middle, activation))
        bend = a - 2.0 * b + c
        offset = 0.5 * (a - c) / bend if bend < 0.0 else 0.0
        return heard_s - HOP_S + min(0.5, max(-0.5, offset)) * HOP_S, middle

    def _catch(self, t_s: float, height: float) -> None:
        """Take a peak for the beat that it is near to, and refit the line."""
        if self.grid is None or not self.is_locked or self._is_faint(height):
            return
        position = self.grid.position(t_s)
        count = float(round(position))
        off_s = (position - count) * self.grid.period_s
        if abs(off_s) > min(CATCH_S, CATCH_BEATS * self.grid.period_s):
            return
        if self._strikes and self._strikes[-1].beat == count:
            if self._strikes[-1].weight >= height:
                return
            self._strikes.pop()
        self._strikes = [*self._strikes, Strike(count, t_s, height)][-MEMORY:]
        self._learn_height(height)
        self._refit()

    def _is_faint(self, height: float) -> bool:
        return height < self._height - max(FAINT_LEAST, FAINT * self._height_off)

    def _learn_height(self, height: float) -> None:
        self._height_off += HEIGHT_GAIN * (abs(height - self._height) - self._height_off)
        self._height += HEIGHT_GAIN * (height - self._height)

    def coast(self, since_s: float) -> None:
        """Go on by the beats before `since_s` alone: those after it were imagined."""
        kept = [strike for strike in self._strikes if strike.t_s < since_s]
        if len(kept) >= FIT_FROM and len(kept) < len(self._strikes):
            self._strikes = kept
            self._refit()

    def _refit(self) -> None:
        if self.grid is None or len(self._strikes) < FIT_FROM:
            return
        found = fit(self._strikes, self.grid, self.sigma_s)
        if found is not None:
            self.grid = found.grid
            low, high = SIGMA_RANGE_S
            self.sigma_s = min(high, max(low, self.sigma_s + SIGMA_GAIN * (found.scatter_s - self.sigma_s)))

    def _compare(self, heard_s: float, reading: Reading) -> None:
        """Lock for the first time, or gather evidence that the beat is elsewhere."""
        if not self.is_locked:
            if reading.certainty >= LOCK_CERTAINTY:
                self._lay(heard_s, reading.phase, reading.period_s)
            return
        beats = HOP_S / reading.period_s
        if self.agrees(heard_s, reading):
            self.doubt_beats = max(0.0, self.doubt_beats - 2.0 * beats)
            if self._is_astray(heard_s, reading):
                self._strikes = []
            if len(self._strikes) < FIT_FROM:
                self._follow(heard_s, reading)
            return
        if reading.certainty < SURE:
            self.doubt_beats = max(0.0, self.doubt_beats - 0.5 * beats)
            return
        self.doubt_beats += beats * reading.certainty
        is_young = heard_s - self.locked_s < YOUNG_S
        needed = RESEAT_YOUNG_BEATS if is_young else RESEAT_BEATS
        if self.doubt_beats > needed:
            self._lay(heard_s, reading.phase, reading.period_s)

    def _is_astray(self, heard_s: float, reading: Reading) -> bool:
        """Return whether the line has caught no beat for a while and the pointer is a little beside it."""
        assert self.grid is not None
        position = self.grid.position(heard_s)
        off = (reading.phase - position + 0.5) % 1.0 - 0.5
        return bool(self._strikes) and position - self._strikes[-1].beat > ASTRAY_BEATS and abs(off) > ASTRAY_OFF

    def _follow(self, heard_s: float, reading: Reading) -> None:
        """Close a part of the gap to the pointer, in phase and in tempo."""
        assert self.grid is not None
        gain = LOOP_GAIN * reading.certainty
        position = self.grid.position(heard_s)
        off = (reading.phase - position + 0.5) % 1.0 - 0.5
        period_s = self.grid.period_s + gain * (reading.period_s - self.grid.period_s)
        self.grid = Grid(beat_s=heard_s, period_s=period_s, count=position + gain * off)

    def change_octave(self, heard_s: float, factor: float, phase: float) -> None:
        """Lay the line anew at `factor` times its tempo, at `phase` (0-1) now."""
        assert self.grid is not None
        self._lay(heard_s, phase, self.grid.period_s / factor)

    def _lay(self, heard_s: float, phase: float, period_s: float) -> None:
        """Lay a line at `phase` now, then through the peaks that lie on it; the count goes forward only."""
        beat_s = heard_s - phase * period_s
        last = self.position if self.position is not None else -1.0
        before = self.grid
        grid = Grid(beat_s=beat_s, period_s=period_s)
        if before is not None:
            forward = (grid.position(heard_s) - before.position(heard_s)) % 1.0 + before.position(heard_s)
            grid = Grid(beat_s=beat_s, period_s=period_s, count=float(math.ceil(forward - phase - 0.5)))
        else:
            grid = Grid(beat_s=beat_s, period_s=period_s, count=float(max(0, math.ceil(last))))
        self.locked_s, self.doubt_beats, self.sigma_s = heard_s, 0.0, SIGMA_S
        self.epoch += 1
        self._strikes = _on_grid(self._peaks, grid)
        heights = [s.weight for s in self._strikes] or [0.0]
        self._height = sum(heights) / len(heights)
        self._height_off = sum(abs(h - self._height) for h in heights) / len(heights)
        self.grid = grid
        self._refit()

    def _advance(self, t_s: float) -> bool:
        if self.grid is None:
            return False
        before = self.position
        now = self.grid.position(t_s)
        self.position = now if before is None else max(now, before)
        return self.is_locked and before is not None and math.floor(self.position) > math.floor(before)


def _on_grid(peaks: list[tuple[float, float]], grid: Grid) -> list[Strike]:
    """Return those of the last peaks that lie on beats of `grid`, back to where two beats in a row have none."""
    best: dict[float, Strike] = {}
    newest = grid.position(peaks[-1][0]) if peaks else 0.0
    for t_s, height in reversed(peaks):
        position = grid.position(t_s)
        count = float(round(position))
        oldest = min(best, default=newest)
        if oldest - count > 2.5 or newest - count > 8.0:
            break
        if abs(position - count) < CATCH_BEATS and (count not in best or best[count].weight < height):
            best[count] = Strike(count, t_s, height)
    return [best[count] for count in sorted(best)]
