"""Where the beat is, decided by our own onsets; somebody else's beats are proposals.

- Until somebody proposes, and after a cut, the grid comes from the autocorrelation of our onsets (`guess_grid`);
- proposed beats are fitted by a regression over the last of them, modulo half a beat;
- which half is the beat is voted by kick and snare over the last eight beats (`half_beat_vote`), and so is whether
  the grid lies between its halves, where aubio and short memories put it in broken beats (`quarter_beat_vote`);
- a tempo that the last eight seconds deny for four seconds on end (3:2, 4:3, an absurd octave) is given up;
- without rhythm (`rhythm`) nothing is followed: the grid runs on and the confidence falls.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from livedance.beat.fit import MIN_EVENTS, NEAR_BEATS, ahead, fit_events, fit_newest, ramp
from livedance.beat.grid import (
    Grid,
    fold_tempo,
    guess_grid,
    half_beat_vote,
    least_rhythm,
    quarter_beat_vote,
    rhythm,
    rhythms,
)
from livedance.messages import Array

MEASURE_EVERY: Final = 4
"""Hops between two measurements of rhythm and confidence."""
MEASURED_S: Final = (2.5, 5.0)
"""There must be rhythm in the last seconds and before them."""
GUESS_AFTER_S: Final = 1.15
GUESS_EVERY: Final = 8
"""Hops between two guesses (93 ms)."""
GUESS_SPAN_S: Final = 5.0
RELOCK_SPAN_S: Final = 2.6
GUESS_SALIENCE: Final = 0.45
WEAK_SALIENCE: Final = 0.12
GUESSES_AGREE: Final = 3
WEAK_GUESSES_AGREE: Final = 12
"""A guess of little salience (a broken beat) must come this often in a row."""
RELOCKS_AGREE: Final = 4
CONFUSED_TEMPI: Final = (3 / 4, 4 / 3, 2 / 3, 3 / 2)
"""aubio mistakes dotted notes for beats; the onsets then fit one of these multiples of its period better."""
PRESENT: Final = 0.18
"""Rhythm below this is noise or a pad."""
NOISE_RHYTHM: Final = 0.12
SURE_RHYTHM: Final = 0.45
"""Confidence rises from 0 to 1 between these values of `rhythm`: pink noise has 0.05-0.12, music 0.4-0.9."""
YOUNG_S: Final = 8.0
"""Up to here the octave of the tempo may still be corrected; later it stays if it can be danced, right or half."""
DANCED_BPM: Final = (70.0, 178.0)
"""Later the octave is corrected only from outside to inside of this."""
REVIEW_EVERY: Final = 32
"""Hops between two reviews of the tempo (0.37 s)."""
REVIEW_SPAN_S: Final = 8.0
REVIEW_AFTER_S: Final = 4.0
REVIEWS_AGREE: Final = 11
"""So many reviews in a row (4 s) against the tempo end it."""
ON_BEAT_CREDIT: Final = 0.5
OFF_BEAT_PROOF: Final = 1.5
"""The half is changed when this much more has been voted against it: 4 clear beats or 10 doubtful ones."""
BETWEEN: Final = -0.5
"""A quarter-beat vote below this moves a new grid by a quarter."""
PREFERRED: Final = 0.5
"""By so much must the vote for another phase exceed that for the present one. Flat intros have no phase at all."""
RAMP_BEATS: Final = 16
RAMP_AFTER_S: Final = 12.0
"""aubio's first tempi after a lock wander."""
STUCK_STRAYS: Final = 8
"""After so many beats beside a grid that the onsets confirm, aubio is stuck on a wrong phase and starts afresh."""
ELSEWHERE_EVENTS: Final = 6
"""So many beats of aubio show at which tempo it steps."""
MOSTLY_MISSED: Final = 0.5
HIT_BEATS: Final = 0.08
UNPROVEN_HITS: Final = 0.55
"""Where the share of hits starts after a lock: half confident."""


class GridLock:
    """Finds, follows and doubts the beat grid. Mutable, one per run; driven hop by hop by a tracker.

    Args:
        past: the onset memory (`OnsetMeter.past`), kept up to date by the tracker before each step.
    """

    def __init__(self, past: Array) -> None:
        self._past = past
        self._hops = 0
        self.sound_s: float | None = None
        """When the sound began; None while there is none."""
        self.grid: Grid | None = None
        """Where the beat is."""
        self.fitted: Grid | None = None
        """Where the proposed beats are: the same, but late while the tempo changes."""
        self.events: list[float] = []
        """Proposed beats, newest last, as they came."""
        self.rates: list[tuple[float, float]] = []
        """(time, beats per second) of the newest fits since the lock."""
        self.strays = 0
        """Events in a row that do not fit the grid."""
        self.guesses: list[Grid] = []
        """Guesses in a row that agree."""
        self.on_beat = 0.0
        """Leaky sum of the half-beat votes, at most `ON_BEAT_CREDIT`."""
        self.on_half = 0.0
        """Leaky sum of the quarter-beat votes, at most `ON_BEAT_CREDIT`."""
        self.reviews: list[Grid] = []
        """Reviews in a row that deny the tempo and agree with each other."""
        self.locked_s = 0.0
        """When the grid was last seated; 0 before, and after a silence."""
        self.rhythm = 0.0
        self.hits = UNPROVEN_HITS
        """Running share of proposals and own guesses that fell on the grid: near 1 on music, 0.2-0.5 on a voice."""
        self.position: float | None = None
        """Music beats at the last step, never decreasing; None before the first lock."""
        self.confidence = 0.0
        self.first_lock = False
        """True for the step in which the first lock since a silence happened."""
        self.distrusts = False
        """True when whoever proposes beats should forget what it heard; the tracker clears it."""

    def step(self, t_s: float, event: float | None) -> bool:
        """Take one hop that ends at `t_s` and a beat proposed in it; return whether a beat was passed."""
        self._hops += 1
        self.first_lock = False
        if self.sound_s is not None:
            if self._hops % MEASURE_EVERY == 0:
                self._measure(t_s)
            if event is not None:
                self._follow(t_s, event)
            if self._hops % GUESS_EVERY == 0:
                self._guess(t_s)
            if self._hops % REVIEW_EVERY == 0:
                self._review(t_s)
        before = self.position
        if self.grid is not None:
            self.position = max(self.grid.position(t_s), before if before is not None else 0.0)
        crosses = before is not None and self.position is not None and math.floor(self.position) > math.floor(before)
        if crosses:
            self._vote(t_s)
        return crosses

    def begin(self, t_s: float) -> None:
        """Note that the sound began at `t_s`; what was thought to be sound before it was noise."""
        newest = self._past[-1].copy()
        self.forget()
        self._past[-1] = newest
        self.sound_s = t_s

    def forget(self) -> None:
        """Forget everything but the count: there has been silence, and what follows may be another tune."""
        self.sound_s = None
        self.rhythm, self.confidence, self.locked_s = 0.0, 0.0, 0.0
        self.guesses, self.rates, self.reviews = [], [], []
        self._past[:] = 0.0
        self._distrust()

    def _distrust(self) -> None:
        """Drop the proposals of the old tune and ask for a fresh start."""
        self.events, self.strays, self.distrusts = [], 0, True

    def _measure(self, t_s: float) -> None:
        """Measure how much rhythm there is on the grid and turn it into confidence."""
        if self.grid is None or self.sound_s is None:
            return
        heard_s = t_s - self.sound_s
        spans_s = [min(span_s, max(1.0, heard_s)) for span_s in MEASURED_S]
        self.rhythm = least_rhythm(self._past, self.grid.period_s, spans_s=spans_s)
        regular = (self.rhythm - NOISE_RHYTHM) / (SURE_RHYTHM - NOISE_RHYTHM)
        target = min(1.0, max(0.0, regular)) * min(1.0, max(0.0, (self.hits - 0.3) / 0.5))
        self.confidence += 0.25 * (target - self.confidence)

    def _follow(self, t_s: float, event: float) -> None:
        """Take a beat of aubio: refine the grid with it, or gather evidence against the grid."""
        self.events = [*self.events, event][-16:]
        grid = self.fitted
        if grid is None:
            self._try_events(t_s)
            return
        if self._is_elsewhere(grid):
            self._distrust()
            return
        off_grid = abs(_wrap_half(grid.position(event)))
        self.hits += 0.15 * (float(off_grid < HIT_BEATS) - self.hits)
        if self.rhythm < PRESENT:
            return
        if off_grid > NEAR_BEATS:
            self.strays += 1
            if self.strays >= MIN_EVENTS:
                self._try_events(t_s)
            if self.strays >= STUCK_STRAYS:
                self._distrust()
            return
        self.strays = 0
        refined = fit_events(self.events, grid)
        if refined is not None:
            self.fitted = refined
            self.rates = [*self.rates, (t_s, 1.0 / refined.period_s)][-RAMP_BEATS:]
            steady = t_s - self.locked_s > RAMP_AFTER_S
            self.grid = ahead(refined, t_s, ramp(self.rates)) if steady else refined

    def _is_elsewhere(self, grid: Grid) -> bool:
        """Return whether aubio steps at another tempo than the grid, which the onsets confirm.

        As long as every second of such beats meets the grid they still serve; then the odd hit would bend it.
        """
        if self.hits >= MOSTLY_MISSED or len(self.events) < ELSEWHERE_EVENTS:
            return False
        gap_s = float(np.median(np.diff(self.events[-ELSEWHERE_EVENTS:])))
        if abs(_wrap_half(gap_s / grid.period_s)) < NEAR_BEATS or gap_s <= 0.0:
            return False
        here, there = rhythms(self._past, [grid.period_s, fold_tempo(gap_s)], span_s=RELOCK_SPAN_S)
        return here >= max(there, PRESENT)

    def _try_events(self, t_s: float) -> None:
        """Lock to aubio's newest beats if they agree with each other, and our onsets with them."""
        found = fit_newest(self.events)
        if found is None:
            return
        found = Grid(beat_s=found.beat_s, period_s=fold_tempo(found.period_s))
        there = rhythm(self._past, found.period_s, span_s=RELOCK_SPAN_S)
        rivals = rhythms(self._past, [found.period_s * r for r in CONFUSED_TEMPI], span_s=RELOCK_SPAN_S)
        if there < PRESENT or max(rivals) > there + 0.05 or (self.grid is not None and there < self._here() + 0.03):
            return
        if self.fitted is not None and _same_tempo(self.fitted, found) and not self._is_better_seated(t_s, found):
            self._distrust()  # nothing but aubio speaks for this phase
            return
        self._lock(t_s, found)

    def _here(self) -> float:
        assert self.grid is not None
        return rhythm(self._past, self.grid.period_s, span_s=RELOCK_SPAN_S)

    def _guess(self, t_s: float) -> None:
        """Guess a grid from our own onsets; lock when several guesses in a row agree and nothing better is known."""
        assert self.sound_s is not None
        heard_s = t_s - self.sound_s
        if heard_s < GUESS_AFTER_S:
            return
        relock = self.grid is not None and self.locked_s > 0.0
        found = guess_grid(self._past, t_s, min(RELOCK_SPAN_S if relock else GUESS_SPAN_S, heard_s + 0.05))
        if found is None or found[1] < WEAK_SALIENCE:
            self.guesses = []
            return
        grid = Grid(beat_s=found[0].beat_s, period_s=fold_tempo(found[0].period_s))
        if self.guesses and not _agree(self.guesses[-1], grid):
            self.guesses = []
        self.guesses = [*self.guesses, grid][-WEAK_GUESSES_AGREE:]
        if not relock:
            needed = GUESSES_AGREE if found[1] >= GUESS_SALIENCE else WEAK_GUESSES_AGREE
            regular = rhythm(self._past, grid.period_s, span_s=min(GUESS_SPAN_S, heard_s))
            if len(self.guesses) >= needed and regular >= PRESENT:
                self._lock(t_s, grid)
            return
        if self.fitted is not None and _agree(self.fitted, grid):
            self.hits += 0.03 * (1.0 - self.hits)
        is_cut = len(self.guesses) >= RELOCKS_AGREE and self._contradicts(t_s, grid)
        is_young = heard_s < YOUNG_S and len(self.guesses) >= WEAK_GUESSES_AGREE
        if is_cut or (is_young and self._is_octave_off(grid)):
            self._lock(t_s, grid)

    def _review(self, t_s: float) -> None:
        """Hold the tempo against the last eight seconds; give it up when they deny it for long enough."""
        if self.fitted is None or self.sound_s is None or t_s - self.sound_s < REVIEW_AFTER_S:
            return
        found = guess_grid(self._past, t_s, min(REVIEW_SPAN_S, t_s - self.sound_s + 0.05))
        denied = found is not None and found[1] >= WEAK_SALIENCE and self.rhythm >= PRESENT
        if not denied or found is None:
            self.reviews = []
            return
        grid = Grid(beat_s=found[0].beat_s, period_s=fold_tempo(found[0].period_s))
        if not _denies(self.fitted, grid):
            self.reviews = []
            return
        if self.reviews and abs(self.reviews[-1].period_s / grid.period_s - 1.0) > 0.02:
            self.reviews = []
        self.reviews.append(grid)
        if len(self.reviews) >= REVIEWS_AGREE:
            self._lock(t_s, grid)

    def _is_better_seated(self, t_s: float, rival: Grid) -> bool:
        """Return whether the onsets clearly prefer the phase of `rival`, up to half a beat, to that of the grid."""
        assert self.grid is not None
        there, here = (quarter_beat_vote(self._past, t_s, g) for g in (rival, self.grid))
        return there > here + PREFERRED

    def _contradicts(self, t_s: float, guess: Grid) -> bool:
        """Return whether the guess is so much better than the grid that there must have been a cut."""
        assert self.grid is not None
        if self.strays >= 2 and abs(_wrap_half(self.grid.position(guess.beat_s))) > NEAR_BEATS:
            return not _same_tempo(self.grid, guess) or self._is_better_seated(t_s, guess)
        there = rhythm(self._past, guess.period_s, span_s=RELOCK_SPAN_S)
        return there > self._here() + 0.12

    def _is_octave_off(self, guess: Grid) -> bool:
        """Return whether the guess is twice or half as fast: the first seconds may not have shown which is right."""
        assert self.grid is not None
        return abs(abs(math.log2(self.grid.period_s / guess.period_s)) - 1.0) < 0.05

    def _lock(self, t_s: float, found: Grid) -> None:
        """Seat the grid on `found`, kick and snare choosing the half; the count never goes back."""
        found = self._seated(t_s, found)
        last = self.position if self.position is not None else 0.0
        forward = (found.position(t_s) - last) % 1.0 + last
        self.grid = Grid(
            beat_s=found.beat_s, period_s=found.period_s, count=float(round(forward - found.position(t_s)))
        )
        self.fitted = self.grid
        if self.locked_s > 0.0:
            self._distrust()
        self.strays, self.on_beat, self.on_half, self.hits = 0, 0.0, 0.0, UNPROVEN_HITS
        self.guesses, self.rates, self.reviews = [], [], []
        self.first_lock = self.locked_s == 0.0
        self.locked_s = t_s
        self._measure(t_s)

    def _seated(self, t_s: float, found: Grid) -> Grid:
        """Return `found` moved by the quarter and the half beat that kick and snare vote for."""
        assert self.sound_s is not None
        beats = min(8.0, (t_s - self.sound_s) / found.period_s)
        if quarter_beat_vote(self._past, t_s, found, beats=beats) < BETWEEN:
            found = replace(found, beat_s=found.beat_s + 0.25 * found.period_s)
        if half_beat_vote(self._past, t_s, found, beats=beats) < 0.0:
            found = replace(found, beat_s=found.beat_s + 0.5 * found.period_s)
        return found

    def _vote(self, t_s: float) -> None:
        """Move the grid by a quarter or half a beat when kick and snare have said so for long enough."""
        if self.grid is None or self.sound_s is None or self.rhythm < PRESENT:
            return
        beats = min(8.0, max(2.0, (t_s - self.sound_s) / self.grid.period_s))
        vote = half_beat_vote(self._past, t_s, self.grid, beats=beats)
        self.on_beat = min(ON_BEAT_CREDIT, self.on_beat + min(0.5, max(-0.5, vote)))
        between = quarter_beat_vote(self._past, t_s, self.grid, beats=beats)
        clear = 0.0 if abs(between) < PREFERRED else between
        self.on_half = min(ON_BEAT_CREDIT, 0.9 * self.on_half + min(0.5, max(-0.5, clear)))
        if self.on_half < -OFF_BEAT_PROOF:
            self._lock(t_s, replace(self.grid, beat_s=self.grid.time(round(self.grid.position(t_s))), count=0.0))
        elif self.on_beat < -OFF_BEAT_PROOF:
            self.grid = replace(self.grid, count=self.grid.count + 0.5)
            self.fitted = replace(self.fitted or self.grid, count=(self.fitted or self.grid).count + 0.5)
            self.on_beat = 0.0


def _wrap_half(position: float) -> float:
    """Return the distance in beats from the nearest half beat, signed."""
    return (position + 0.25) % 0.5 - 0.25


def _denies(grid: Grid, review: Grid) -> bool:
    """Return whether `review` has another tempo than `grid` and not merely another octave that can be danced."""
    octaves = math.log2(grid.period_s / review.period_s)
    if abs(octaves - round(octaves)) > 0.05:
        return True
    low, high = DANCED_BPM
    return round(octaves) != 0 and not low <= grid.tempo_bpm <= high and low <= review.tempo_bpm <= high


def _same_tempo(a: Grid, b: Grid) -> bool:
    return abs(a.period_s / b.period_s - 1.0) <= 0.04


def _agree(a: Grid, b: Grid) -> bool:
    """Return whether two guesses mean the same beats, up to half a beat."""
    if not _same_tempo(a, b):
        return False
    halves = 2.0 * a.position(b.beat_s)
    return abs(halves - round(halves)) < 0.2
