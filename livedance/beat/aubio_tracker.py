"""The tracker on aubio: aubio says where beats may be, our own onsets decide which of them are.

aubio's tempo is right and its beats are precise to a few milliseconds, but it takes 2-3 s to speak, prefers the
off-beat when a hi-hat is loud, goes on through breaks as if nothing had happened and needs 8 s after a cut. So:

- until aubio has spoken, and after a cut, the grid comes from the autocorrelation of our onsets (`guess_grid`);
- aubio's beats are fitted by a regression over the last beats, modulo half a beat;
- which half is the beat is voted by kick and snare over the last eight beats (`half_beat_vote`);
- without rhythm (`rhythm`) nothing is followed: the grid runs on, the confidence falls.

Needs the extra `aubio` (GPL-3, package aubio-ledfx).
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

import numpy as np

from livedance.beat.downbeat import DownbeatVote
from livedance.beat.fit import MIN_EVENTS, NEAR_BEATS, ahead, fit_events, fit_newest, ramp
from livedance.beat.grid import Grid, fold_tempo, guess_grid, half_beat_vote, rhythm
from livedance.beat.onset import FULL, HOP_S, LOW, MID, OnsetMeter
from livedance.errors import MissingExtra
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Hop

AUBIO_LATENCY_S: Final = -0.001
"""Mean lateness of aubio's beats against exact ones, over clicks and music; subtracted."""
SOUND_DB: Final = -60.0
"""Above this there is something to hear."""
FORGET_S: Final = 2.5
"""After this much silence everything starts afresh."""
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
"""Up to here the octave of the tempo may still be corrected; later it stays, right or half."""
ON_BEAT_CREDIT: Final = 0.5
OFF_BEAT_PROOF: Final = 1.5
"""The half is changed when this much more has been voted against it: 4 clear beats or 10 doubtful ones."""
RAMP_BEATS: Final = 16
RAMP_AFTER_S: Final = 12.0
"""aubio's first tempi after a lock wander."""
STUCK_STRAYS: Final = 8
"""After so many beats beside a grid that the onsets confirm, aubio is stuck on a wrong phase and starts afresh."""
HIT_BEATS: Final = 0.08
UNPROVEN_HITS: Final = 0.55
"""Where the share of hits starts after a lock: half confident."""
DITHER: Final = 1e-5
"""-100 dBFS: aubio drops beats that fall into digital silence between two clicks."""


def _import_aubio() -> ModuleType:
    try:
        import aubio
    except ImportError as error:
        raise MissingExtra("the aubio tracker", "aubio") from error
    return aubio  # type: ignore[no-any-return]


class AubioState:
    """Everything one run remembers. aubio keeps its part in C, so the state is changed in place: one run, one state."""

    def __init__(self, tempo: Any) -> None:
        self.tempo = tempo
        self.fed = 0
        """Samples that `tempo` has heard."""
        self.last_beat = 0
        """aubio's last beat in samples since `tempo` began."""
        self.meter = OnsetMeter()
        self.downbeat = DownbeatVote()
        self.hops = 0
        self.sound_s: float | None = None
        """When the sound began."""
        self.quiet_hops = 0
        self.grid: Grid | None = None
        """Where the beat is."""
        self.fitted: Grid | None = None
        """Where aubio's beats are: the same, but late while the tempo changes."""
        self.events: list[float] = []
        """Beats by aubio, newest last, as they came."""
        self.rates: list[tuple[float, float]] = []
        """(time, beats per second) of the newest fits since the lock."""
        self.strays = 0
        """Events in a row that do not fit the grid."""
        self.guesses: list[Grid] = []
        """Guesses in a row that agree."""
        self.on_beat = 0.0
        """Leaky sum of the half-beat votes, at most `ON_BEAT_CREDIT`."""
        self.locked_s = 0.0
        self.rhythm = 0.0
        self.hits = UNPROVEN_HITS
        """Running share of aubio's beats and our guesses that fell on the grid: near 1 on music, 0.2-0.5 on a voice."""
        self.position: float | None = None
        self.confidence = 0.0
        self.calm = True
        """No sound was heard in the last `FORGET_S`."""


class AubioTracker:
    """Beats by aubio, mended. About 0.15 ms a hop; strictly causal; runs in the caller's thread.

    Args:
        method: aubio's onset function.
        window: its FFT size. Alone, ("complex", 2048) is aubio's best; with the half mended by our vote the default
            is as often right and its bias varies least with the sound (-3 ... +4 ms).
    """

    latency_s: float = AUBIO_LATENCY_S

    def __init__(self, *, method: str = "default", window: int = 1024) -> None:
        self._aubio = _import_aubio()
        self._method = method
        self._window = window
        self._dither = (np.random.default_rng(1).standard_normal(HOP_SAMPLES) * DITHER).astype(np.float32)

    def initial_state(self) -> AubioState:
        """Return the state before any audio."""
        return AubioState(self._new_tempo())

    def step(self, state: AubioState, hop: Hop, features: Features) -> tuple[BeatEstimate, AubioState]:
        """Take one hop of 512 samples; the state given is changed in place and returned."""
        samples = np.clip(np.nan_to_num(hop.samples, posinf=0.0, neginf=0.0), -4.0, 4.0).astype(np.float32)
        state.hops += 1
        onsets = state.meter.step(samples)
        self._notice_sound(state, hop.t_s, samples)
        event = self._hear(state, hop.t_s, samples)
        if state.sound_s is not None and not state.calm:
            self._measure(state, hop.t_s)
            if event is not None:
                self._follow(state, hop.t_s, event)
            if state.hops % GUESS_EVERY == 0:
                self._guess(state, hop.t_s)
        before, state.position = state.position, self._position(state, hop.t_s)
        if state.position is not None:
            state.downbeat.step(state.position, float(onsets[LOW]), float(onsets[MID]))
        crosses = before is not None and state.position is not None and math.floor(state.position) > math.floor(before)
        if crosses:
            self._vote(state, hop.t_s)
        return _estimate(state, hop, features, crosses), state

    # -- hearing ---------------------------------------------------------------------------------------------------

    def _new_tempo(self) -> Any:
        tempo = self._aubio.tempo(self._method, self._window, HOP_SAMPLES, HOP_RATE_HZ)
        tempo.set_silence(-120.0)
        return tempo

    def _restart_aubio(self, state: AubioState) -> None:
        """Forget what aubio heard: it would carry the old tune's beats into the new one for 8 s."""
        state.tempo, state.fed, state.last_beat = self._new_tempo(), 0, 0
        state.events, state.strays = [], 0

    def _notice_sound(self, state: AubioState, t_s: float, samples: F32) -> None:
        """Keep track of when the sound began; after a silence everything but the count is forgotten."""
        if float(np.dot(samples, samples)) / len(samples) > 10.0 ** (SOUND_DB / 10.0):
            if state.calm:
                state.calm, state.sound_s = False, t_s - HOP_S
            state.quiet_hops = 0
            return
        state.quiet_hops += 1
        if not state.calm and state.quiet_hops * HOP_S > FORGET_S:
            state.calm, state.rhythm, state.confidence = True, 0.0, 0.0
            self._restart_aubio(state)
            state.guesses, state.rates, state.locked_s = [], [], 0.0
            state.meter.past[:] = 0.0

    def _hear(self, state: AubioState, t_s: float, samples: F32) -> float | None:
        """Feed aubio; return the time of a new beat."""
        state.tempo(samples + self._dither)
        state.fed += len(samples)
        last = int(state.tempo.get_last())
        if last == state.last_beat:
            return None
        state.last_beat = last
        return t_s - (state.fed - last) / HOP_RATE_HZ - AUBIO_LATENCY_S

    def _measure(self, state: AubioState, t_s: float) -> None:
        """Measure how much rhythm there is on the grid and turn it into confidence."""
        if state.grid is None or state.sound_s is None or state.hops % 4:
            return
        heard_s = t_s - state.sound_s
        state.rhythm = min(
            rhythm(state.meter.past, t_s, state.grid.period_s, span_s=min(span, max(1.0, heard_s)))
            for span in (2.5, 5.0)
        )
        regular = (state.rhythm - NOISE_RHYTHM) / (SURE_RHYTHM - NOISE_RHYTHM)
        target = min(1.0, max(0.0, regular)) * min(1.0, max(0.0, (state.hits - 0.3) / 0.5))
        state.confidence += 0.25 * (target - state.confidence)

    # -- deciding --------------------------------------------------------------------------------------------------

    def _follow(self, state: AubioState, t_s: float, event: float) -> None:
        """Take a beat of aubio: refine the grid with it, or gather evidence against the grid."""
        state.events = [*state.events, event][-16:]
        grid = state.fitted
        if grid is None:
            self._try_events(state, t_s)
            return
        off_grid = abs(wrap_half(grid.position(event)))
        state.hits += 0.15 * (float(off_grid < HIT_BEATS) - state.hits)
        if state.rhythm < PRESENT:
            return
        if off_grid > NEAR_BEATS:
            state.strays += 1
            if state.strays >= MIN_EVENTS:
                self._try_events(state, t_s)
            if state.strays >= STUCK_STRAYS:
                self._restart_aubio(state)
            return
        state.strays = 0
        refined = fit_events(state.events, grid)
        if refined is not None:
            state.fitted = refined
            state.rates = [*state.rates, (t_s, 1.0 / refined.period_s)][-RAMP_BEATS:]
            steady = t_s - state.locked_s > RAMP_AFTER_S
            state.grid = ahead(refined, t_s, ramp(state.rates)) if steady else refined

    def _try_events(self, state: AubioState, t_s: float) -> None:
        """Lock to aubio's newest beats if they agree with each other, and our onsets with them."""
        found = fit_newest(state.events)
        if found is None:
            return
        found = Grid(beat_s=found.beat_s, period_s=fold_tempo(found.period_s))
        there = rhythm(state.meter.past, t_s, found.period_s, span_s=RELOCK_SPAN_S)
        rivals = (rhythm(state.meter.past, t_s, found.period_s * r, span_s=RELOCK_SPAN_S) for r in CONFUSED_TEMPI)
        if (
            there < PRESENT
            or max(rivals) > there + 0.05
            or (state.grid is not None and there < self._here(state, t_s) + 0.03)
        ):
            return
        self._lock(state, t_s, found)

    def _here(self, state: AubioState, t_s: float) -> float:
        assert state.grid is not None
        return rhythm(state.meter.past, t_s, state.grid.period_s, span_s=RELOCK_SPAN_S)

    def _guess(self, state: AubioState, t_s: float) -> None:
        """Guess a grid from our own onsets; lock when several guesses in a row agree and nothing better is known."""
        assert state.sound_s is not None
        heard_s = t_s - state.sound_s
        if heard_s < GUESS_AFTER_S:
            return
        relock = state.grid is not None and state.locked_s > 0.0
        found = guess_grid(state.meter.past, t_s, min(RELOCK_SPAN_S if relock else GUESS_SPAN_S, heard_s + 0.05))
        if found is None or found[1] < WEAK_SALIENCE:
            state.guesses = []
            return
        grid = Grid(beat_s=found[0].beat_s, period_s=fold_tempo(found[0].period_s))
        if state.guesses and not _agree(state.guesses[-1], grid):
            state.guesses = []
        state.guesses = [*state.guesses, grid][-WEAK_GUESSES_AGREE:]
        if not relock:
            needed = GUESSES_AGREE if found[1] >= GUESS_SALIENCE else WEAK_GUESSES_AGREE
            regular = rhythm(state.meter.past, t_s, grid.period_s, span_s=min(GUESS_SPAN_S, heard_s))
            if len(state.guesses) >= needed and regular >= PRESENT:
                self._lock(state, t_s, grid)
            return
        if state.fitted is not None and _agree(state.fitted, grid):
            state.hits += 0.03 * (1.0 - state.hits)
        is_cut = len(state.guesses) >= RELOCKS_AGREE and self._contradicts(state, t_s, grid)
        is_young = heard_s < YOUNG_S and len(state.guesses) >= WEAK_GUESSES_AGREE
        if is_cut or (is_young and self._is_octave_off(state, grid)):
            self._lock(state, t_s, grid)

    def _contradicts(self, state: AubioState, t_s: float, guess: Grid) -> bool:
        """Return whether the guess is so much better than the grid that there must have been a cut."""
        assert state.grid is not None
        if state.strays >= 2 and abs(wrap_half(state.grid.position(guess.beat_s))) > NEAR_BEATS:
            return True
        there = rhythm(state.meter.past, t_s, guess.period_s, span_s=RELOCK_SPAN_S)
        return there > self._here(state, t_s) + 0.12

    def _is_octave_off(self, state: AubioState, guess: Grid) -> bool:
        """Return whether the guess is twice or half as fast: the first seconds may not have shown which is right."""
        assert state.grid is not None
        return abs(abs(math.log2(state.grid.period_s / guess.period_s)) - 1.0) < 0.05

    def _lock(self, state: AubioState, t_s: float, found: Grid) -> None:
        """Seat the grid on `found`, kick and snare choosing the half; the count never goes back."""
        assert state.sound_s is not None
        beats = min(8.0, (t_s - state.sound_s) / found.period_s)
        if half_beat_vote(state.meter.past, t_s, found, beats=beats) < 0.0:
            found = Grid(beat_s=found.beat_s + 0.5 * found.period_s, period_s=found.period_s)
        last = state.position if state.position is not None else 0.0
        forward = (found.position(t_s) - last) % 1.0 + last
        state.grid = Grid(
            beat_s=found.beat_s, period_s=found.period_s, count=float(round(forward - found.position(t_s)))
        )
        state.fitted = state.grid
        if state.locked_s > 0.0:
            self._restart_aubio(state)
        state.strays, state.on_beat, state.guesses, state.rates, state.hits = 0, 0.0, [], [], UNPROVEN_HITS
        if state.locked_s == 0.0:
            state.downbeat.begin(state.grid.position(state.sound_s))
        state.locked_s = t_s
        self._measure(state, t_s)

    def _vote(self, state: AubioState, t_s: float) -> None:
        """Move the grid by half a beat when kick and snare have said so for long enough."""
        if state.grid is None or state.calm or state.rhythm < PRESENT:
            return
        beats = min(8.0, max(2.0, (t_s - (state.sound_s or 0.0)) / state.grid.period_s))
        vote = half_beat_vote(state.meter.past, t_s, state.grid, beats=beats)
        state.on_beat = min(ON_BEAT_CREDIT, state.on_beat + min(0.5, max(-0.5, vote)))
        if state.on_beat < -OFF_BEAT_PROOF:
            state.grid = replace(state.grid, count=state.grid.count + 0.5)
            state.fitted = replace(state.fitted or state.grid, count=(state.fitted or state.grid).count + 0.5)
            state.on_beat = 0.0

    def _position(self, state: AubioState, t_s: float) -> float | None:
        """Return the position now: the grid's, but never less than before."""
        if state.grid is None:
            return None
        return max(state.grid.position(t_s), state.position if state.position is not None else 0.0)


def wrap_half(position: float) -> float:
    """Return the distance in beats from the nearest half beat, signed."""
    return (position + 0.25) % 0.5 - 0.25


def _agree(a: Grid, b: Grid) -> bool:
    """Return whether two guesses mean the same beats, up to half a beat."""
    if abs(a.period_s / b.period_s - 1.0) > 0.04:
        return False
    halves = 2.0 * a.position(b.beat_s)
    return abs(halves - round(halves)) < 0.2


def _estimate(state: AubioState, hop: Hop, features: Features, is_beat: bool) -> BeatEstimate:
    position, grid = state.position, state.grid
    if position is None or grid is None:
        return BeatEstimate(
            index=hop.index,
            t_s=hop.t_s,
            tempo_bpm=0.0,
            confidence=0.0,
            beat_position=None,
            bar_phase=0.0,
            bar_index=0,
            phrase_bar=0,
            is_beat=False,
            is_downbeat=False,
            next_beat_s=None,
            onset_strength=float(state.meter.past[-1, FULL]),
        )
    bar = (position - state.downbeat.one) / 4.0
    is_downbeat = is_beat and (math.floor(position) - state.downbeat.one) % 4 == 0
    return BeatEstimate(
        index=hop.index,
        t_s=hop.t_s,
        tempo_bpm=grid.tempo_bpm,
        confidence=state.confidence,
        beat_position=position,
        bar_phase=bar % 1.0,
        bar_index=math.floor(bar),
        phrase_bar=math.floor(bar) % 8,
        is_beat=is_beat,
        is_downbeat=is_downbeat,
        next_beat_s=max(grid.time(math.floor(position) + 1.0), math.nextafter(hop.t_s, math.inf)),
        onset_strength=float(state.meter.past[-1, FULL]),
    )
