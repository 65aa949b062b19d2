"""A clip of beats for tests of training: levels that show every beat, with a fitting truth."""

import numpy as np

from livedance.beat.bands import N_BANDS
from livedance.messages import Section
from livedance.training.beat_clips import Clip
from livedance.training.beat_frames import HOP_S, frames
from livedance.training.beat_music.piece import Truth


def clip(name: str = "one", *, seconds: float = 12.0, bpm: float = 120.0, category: str = "steady") -> Clip:
    """Return a clip whose every band jumps on the beat, higher on the first of four."""
    n_hops = int(seconds / HOP_S)
    beat_s = np.arange(0.3, seconds, 60.0 / bpm)
    truth = Truth(
        beat_s=beat_s, downbeat_s=beat_s[::4], phrase_s=beat_s[::32], rhythm=((0.3, seconds),),
        sections=((0.0, Section.GROOVE),), drop_s=np.zeros(0), duration_s=seconds, category=category,
    )  # fmt: skip
    levels = np.random.default_rng(len(name)).random((n_hops, N_BANDS)) * 0.05
    for k, beat in enumerate(beat_s):
        fade = np.exp(-np.arange(12) / 4.0)[: n_hops - int(beat / HOP_S), None]
        levels[int(beat / HOP_S) :][:12] += fade * (0.9 if k % 4 == 0 else 0.5)
    target, weight = frames(truth, n_hops)
    return Clip(
        name=name, truth=truth, levels=levels.astype(np.float16), target=target.astype(np.float16), weight=weight > 0.0
    )
