"""The tracker on aubio: aubio proposes beats, our own onsets decide which of them are (grid_lock.py).

aubio's tempo is right and its beats are precise to a few milliseconds, but it takes 2-3 s to speak, prefers the
off-beat when a hi-hat is loud, goes on through breaks as if nothing had happened and needs 8 s after a cut.

Needs the extra `aubio` (GPL-3, package aubio-ledfx).
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, Final

import numpy as np

from livedance.beat.downbeat import METER, DownbeatVote
from livedance.beat.grid_lock import GridLock
from livedance.beat.onset import FULL, HOP_S, LOW, MID, OnsetMeter
from livedance.errors import MissingExtra
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, BeatEstimate, Features, Hop

AUBIO_LATENCY_S: Final = -0.001
"""Mean lateness of aubio's beats against exact ones, over clicks and music; subtracted."""
SOUND_DB: Final = -60.0
"""Above this there is something to hear."""
FORGET_S: Final = 2.5
"""After this much silence everything but the count starts afresh."""
UNSURE: Final = 0.3
"""Confidence below this is no beat."""
NOISE_LEAST_S: Final = 1.0
"""What grows within this time is the same sound."""
DITHER: Final = 1e-5
"""-100 dBFS: aubio drops beats that fall into digital silence between two clicks."""
SAMPLE_MOST: Final = 4.0
"""Samples beyond this (12 dB over full scale) are garbage."""
AUBIO_SILENCE_DB: Final = -120.0


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
        self.lock = GridLock(self.meter.past)
        self.downbeat = DownbeatVote()
        self.quiet_hops = 0


class AubioTracker:
    """Beats by aubio, mended. About 0.15 ms a hop; strictly causal; runs in the caller's thread.

    Args:
        method: aubio's onset function.
        window: its FFT size. Alone, ("complex", 2048) is aubio's best; with the half mended by our vote the default
            is as often right and its bias varies least with the sound (-3 ... +4 ms).
    """

    latency_s: float = AUBIO_LATENCY_S
    knows_structure: bool = False

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
        samples = _mended(hop.samples)
        onsets = state.meter.step(samples, features.spectrum if samples is hop.samples else None)
        lock = state.lock
        if _notice_sound(state, hop.t_s, samples):
            self._start_afresh(state)
        is_beat = lock.step(hop.t_s, self._hear(state, hop.t_s, samples))
        if lock.first_lock and lock.grid is not None and lock.sound_s is not None:
            state.downbeat.begin(lock.grid.position(lock.sound_s))
        if lock.position is not None:
            state.downbeat.step(lock.position, float(onsets[LOW]), float(onsets[MID]))
        if lock.distrusts:
            self._start_afresh(state)
        return _estimate(state, hop, is_beat), state

    def _start_afresh(self, state: AubioState) -> None:
        """Let aubio forget: a tempo heard in silence or in another tune biases its next beats for seconds."""
        state.tempo, state.fed, state.last_beat = self._new_tempo(), 0, 0
        state.lock.distrusts = False

    def _new_tempo(self) -> Any:
        tempo = self._aubio.tempo(self._method, self._window, HOP_SAMPLES, HOP_RATE_HZ)
        tempo.set_silence(AUBIO_SILENCE_DB)
        return tempo

    def _hear(self, state: AubioState, t_s: float, samples: F32) -> float | None:
        """Feed aubio; return the time of a new beat."""
        state.tempo(samples + self._dither)
        state.fed += len(samples)
        last = int(state.tempo.get_last())
        if last == state.last_beat:
            return None
        state.last_beat = last
        return t_s - (state.fed - last) / HOP_RATE_HZ - AUBIO_LATENCY_S


def _mended(samples: F32) -> F32:
    """Return the samples without NaN, infinities and absurd peaks; as they are when they have none."""
    if np.abs(samples).max() <= SAMPLE_MOST:  # false for NaN
        return samples
    return np.clip(np.nan_to_num(samples, posinf=0.0, neginf=0.0), -SAMPLE_MOST, SAMPLE_MOST).astype(np.float32)


def _notice_sound(state: AubioState, t_s: float, samples: F32) -> bool:
    """Keep track of when the sound began and when it has gone; return whether it began in this hop.

    Sound far louder than anything before, while no beat is known, is a beginning too: music over a noise floor.
    """
    if float(np.dot(samples, samples)) / len(samples) > 10.0 ** (SOUND_DB / 10.0):
        state.quiet_hops = 0
        lock = state.lock
        if lock.sound_s is None or (
            state.meter.louder and lock.confidence < UNSURE and t_s - lock.sound_s > NOISE_LEAST_S
        ):
            state.lock.begin(t_s - HOP_S)
            return True
        return False
    state.quiet_hops += 1
    if state.lock.sound_s is not None and state.quiet_hops * HOP_S > FORGET_S:
        state.lock.forget()
    return False


def _estimate(state: AubioState, hop: Hop, is_beat: bool) -> BeatEstimate:
    position, grid = state.lock.position, state.lock.grid
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
    bar = (position - state.downbeat.one) / METER
    is_downbeat = is_beat and (math.floor(position) - state.downbeat.one) % METER == 0
    return BeatEstimate(
        index=hop.index,
        t_s=hop.t_s,
        tempo_bpm=grid.tempo_bpm,
        confidence=state.lock.confidence,
        beat_position=position,
        bar_phase=bar % 1.0,
        bar_index=math.floor(bar),
        phrase_bar=math.floor(bar) % 8,
        is_beat=is_beat,
        is_downbeat=is_downbeat,
        next_beat_s=max(grid.time(math.floor(position) + 1.0), math.nextafter(hop.t_s, math.inf)),
        onset_strength=float(state.meter.past[-1, FULL]),
    )
