"""Our own tracker: bands -> network -> decoder. Strictly causal, NumPy and onnxruntime; about 0.25 ms a hop.

Features are taken from the sound (bands.py), a small network hears beat, downbeat, rhythm and section in them
(activation.py), and the decoder makes one line of beats, bars and phrases of it (decoder.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livedance.beat.activation import Activation, ActivationNet, ActivationState
from livedance.beat.bands import BandExtractor, BandState
from livedance.beat.decoder import BIAS_S, Decoder
from livedance.messages import BeatEstimate, Features, Hop

DEAF: Final = Activation(0.0, 0.0, 0.0, (1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0)
"""What stands for the network's answer to audio that was lost: no rhythm, so the line goes on."""


@dataclass(slots=True, kw_only=True)
class TrackerState:
    """Everything one run remembers. It is changed in place: one run, one state."""

    bands: BandState
    net: ActivationState
    decoder: Decoder


class LivedanceTracker:
    """Beats, bars and sections by our own network. One thread; state in, state out.

    `model` is a folder with another network than the one that is shipped. Raises `ModelError` when the network is
    missing or damaged.
    """

    latency_s: float = BIAS_S
    knows_structure: bool = True

    def __init__(self, model: Path | None = None) -> None:
        self._bands = BandExtractor()
        self._net = ActivationNet(model)

    def initial_state(self) -> TrackerState:
        """Return the state before any audio."""
        return TrackerState(bands=self._bands.initial_state(), net=self._net.initial_state(), decoder=Decoder())

    def step(self, state: TrackerState, hop: Hop, features: Features) -> tuple[BeatEstimate, TrackerState]:
        """Take one hop of 512 samples; the state given is changed in place and returned."""
        answer = DEAF
        if hop.heard:
            bands, state.bands = self._bands.step(state.bands, hop.samples, features.spectrum)
            answer = self._net.step(state.net, bands)
        return decode(state.decoder, hop, answer, features), state


def decode(decoder: Decoder, hop: Hop, answer: Activation, features: Features) -> BeatEstimate:
    """Return the estimate for one hop given what the network said; `decoder` is changed."""
    decoder.step(hop.t_s, answer, features.rms_db, features.levels.bass)
    grid, position = decoder.pulse.grid, decoder.pulse.position
    is_known = grid is not None and position is not None
    return BeatEstimate(
        index=hop.index,
        t_s=hop.t_s,
        tempo_bpm=grid.tempo_bpm if grid is not None else 0.0,
        confidence=decoder.confidence if is_known else 0.0,
        beat_position=position,
        bar_phase=decoder.bars.phase(position) if position is not None else 0.0,
        bar_index=decoder.bars.index,
        phrase_bar=decoder.structure.phrase.bar,
        is_beat=decoder.is_beat,
        is_downbeat=decoder.is_downbeat,
        next_beat_s=_next_beat_s(decoder, hop.t_s),
        onset_strength=features.onset_low,
        section=decoder.structure.section,
        build=decoder.structure.build,
        epoch=decoder.pulse.epoch,
        knows_bars=True,
    )


def _next_beat_s(decoder: Decoder, t_s: float) -> float | None:
    grid, position = decoder.pulse.grid, decoder.pulse.position
    if grid is None or position is None:
        return None
    return max(grid.time(math.floor(position) + 1.0), math.nextafter(t_s, math.inf))
