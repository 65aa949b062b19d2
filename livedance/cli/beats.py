"""`livedance beats`: what is known of the beat at the end of every hop of a file, as JSON lines; strictly causal.

`beat_position`, `tempo_bpm`, `bar_phase` and `next_beat_s` are those of the beat clock: what the show dances to.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr

from livedance.audio.features import FeatureExtractor
from livedance.audio.file_source import open_sound
from livedance.beat.bars import METER
from livedance.beat.beat_clock import BeatClock
from livedance.beat.choice import choose_tracker
from livedance.errors import ConfigError, FileError
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, ClockState, Hop, LockState

READ_FRAMES: Final = 1 << 16
MAX_HOP_SIZE: Final = HOP_RATE_HZ


def beats(file: Path, tracker: str, hop_size: int) -> None:
    """Print one line per `hop_size` samples of `file` (44,100 Hz mono).

    Raises `ConfigError` for an unknown tracker or a useless hop size, `FileError` when the file cannot be played.
    """
    if not 1 <= hop_size <= MAX_HOP_SIZE:
        raise ConfigError(f"--hop-size {hop_size} cannot be used: give 1 to {MAX_HOP_SIZE} samples (512 is usual)")
    listener = Listener(tracker)
    try:
        for block in cut(read_mono(file), hop_size):
            sys.stdout.write(json.dumps(listener.hear(block)) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # `livedance beats FILE | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_mono(file: Path) -> Iterator[F32]:
    """Yield the file's sound as mono blocks at 44,100 Hz; raises `FileError`."""
    with open_sound(file) as sound:
        resampler = (
            None
            if sound.samplerate == HOP_RATE_HZ
            else soxr.ResampleStream(sound.samplerate, HOP_RATE_HZ, 1, dtype="float32", quality="HQ")
        )
        done = 0
        while done < sound.frames:
            samples = sound.read(READ_FRAMES, dtype="float32", always_2d=True)
            done += len(samples)
            is_last = len(samples) < READ_FRAMES or done >= sound.frames
            mono: F32 = samples.mean(axis=1, dtype=np.float32)
            if not np.isfinite(mono).all():
                raise FileError(f"the audio file '{file}' holds samples that are not numbers: export it again")
            yield mono if resampler is None else resampler.resample_chunk(mono, last=is_last)
            if is_last:
                return


def cut(blocks: Iterator[F32], size: int) -> Iterator[F32]:
    """Yield blocks of exactly `size` samples; a shorter rest is dropped."""
    rest: F32 = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate((rest, block))
        whole = len(rest) - len(rest) % size
        yield from (rest[i : i + size] for i in range(0, whole, size))
        rest = rest[whole:]


class Listener:
    """Features, tracker and beat clock, fed with blocks of any size."""

    def __init__(self, tracker: str) -> None:
        self._tracker = choose_tracker(tracker).tracker
        self._extractor = FeatureExtractor()
        self._tracked = self._tracker.initial_state()
        self._heard = self._extractor.initial_state()
        self._clock = BeatClock.initial()
        self._pending: F32 = np.zeros(0, np.float32)
        self._n_heard = 0
        self._hop_index = 0
        self._beat: int | None = None
        """The last beat that was passed; None before the first lock."""

    @property
    def clock_state(self) -> ClockState:
        """What the show would dance to."""
        return self._clock.state

    def hear(self, block: F32) -> dict[str, Any]:
        """Take the next samples; return the line for their end."""
        self._n_heard += len(block)
        self._pending = np.concatenate((self._pending, block))
        while len(self._pending) >= HOP_SAMPLES:
            self._step(self._pending[:HOP_SAMPLES])
            self._pending = self._pending[HOP_SAMPLES:]
        return self._line(self._n_heard / HOP_RATE_HZ)

    def _step(self, samples: F32) -> None:
        self._hop_index += 1
        t_s = self._hop_index * HOP_SAMPLES / HOP_RATE_HZ
        hop = Hop(index=self._hop_index - 1, t_s=t_s, samples=samples)
        features, self._heard = self._extractor.step(self._heard, hop)
        estimate, self._tracked = self._tracker.step(self._tracked, hop, features)
        self._clock = self._clock.step(estimate, features)

    def _line(self, t_s: float) -> dict[str, Any]:
        clock, state = self._clock, self._clock.state
        locked = self._beat is not None or state.state != LockState.SEARCHING
        position = state.position_at(t_s)
        beat = math.floor(position)
        is_beat = locked and self._beat is not None and beat > self._beat
        self._beat = beat if locked else None
        return {
            "t_s": round(t_s, 9),
            "beat_position": round(position, 6) if locked else None,
            "tempo_bpm": round(60.0 * clock.belief.beats_per_s, 3) if locked else 0.0,
            "confidence": round(clock.confidence, 4),
            "bar_phase": round((position - state.bar_start_beat) / METER % 1.0, 6) if locked else 0.0,
            "is_beat": is_beat,
            "is_downbeat": is_beat and (beat - round(state.bar_start_beat)) % METER == 0,
            "next_beat_s": round(state.time_at(beat + 1.0) + 1e-9, 9) if locked else None,
            "section": state.section.name.lower(),
            "build": round(state.build, 4),
            "source": state.source.name.lower().replace("_", "-"),
        }
