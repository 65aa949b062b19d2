"""What the network hears in one hop: beat, downbeat, rhythm, section, build, drop, phrase.

The network is small and causal: features of one hop and its own state in, probabilities and the next state out. It was
taught to answer `LATENCY_HOPS` late, when the attack stands in the features: the beat that is strongest in the answer
of the hop ending at `t_s` happened at `t_s - LATENCY_S`. The same input gives the same bits: onnxruntime, one thread,
one fixed graph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from livedance import networks
from livedance.beat import bands
from livedance.messages import F32, HOP_RATE_HZ, HOP_SAMPLES, Section
from livedance.paths import model_dir

LATENCY_HOPS: Final = 2
"""By so many hops the network's answers are late; part of what it was taught, checked against the manifest."""
LATENCY_S: Final = (LATENCY_HOPS + 0.5) * HOP_SAMPLES / HOP_RATE_HZ
"""From the END of the hop back to the moment its answer is about: the middle of the hop `LATENCY_HOPS` before."""

MODEL_NAME: Final = "beat"
FORMAT: Final = 2

N_SECTIONS: Final = len(Section)
BEAT, DOWNBEAT, RHYTHM, BUILD, DROP, PHRASE = range(6)
"""Columns of the network's answer; the sections follow them."""
FIRST_SECTION: Final = 6
N_OUTPUTS: Final = FIRST_SECTION + N_SECTIONS


class Activation(NamedTuple):
    """What the network says of the moment `LATENCY_S` before the end of a hop; probabilities 0-1."""

    beat: float
    downbeat: float
    rhythm: float
    """That a pulse can be heard now; low in drumless breaks, speech, noise and silence."""
    section: tuple[float, ...]
    """(5,) probabilities in the order of `Section`, sum 1."""
    build: float
    """How far a build-up has come, 0-1; 0 outside one."""
    drop: float
    """That this is the first beat of a drop."""
    phrase: float
    """That a phrase (mostly 8 bars) begins here."""


KERNEL: Final = 5
"""Taps of each convolution; tap k of layer i looks `k * 2**i` hops back."""


class ActivationState:
    """What the network still needs of the past. Changed in place: one run, one state."""

    def __init__(self, layers: int, channels: int, units: int) -> None:
        self._reach = (KERNEL - 1) * 2 ** (layers - 1)
        """So many hops back looks the last layer."""
        self._memory = np.zeros((2 * self._reach, layers, channels), np.float32)
        """What each layer was given, hop by hop; the newest is at `_now - 1`."""
        self._now = self._reach
        lags = np.arange(KERNEL - 1, 0, -1) << np.arange(layers)[:, None]
        places = (-lags[:, :, None] * layers + np.arange(layers)[:, None, None]) * channels + np.arange(channels)
        self._places = places.reshape(layers, 1, -1)
        """(layers, 1, taps * channels): where the taps lie, from the start of `_now` on."""
        self.short = np.zeros((1, 1, units), np.float32)
        self.long = np.zeros((1, 1, units), np.float32)

    def tap(self, out: F32) -> None:
        """Write what the convolutions look back to into (layers, 1, (KERNEL - 1) * channels), oldest first."""
        # "clip" is never needed; it spares a copy that guards `out` against places outside of the memory.
        self._memory.reshape(-1).take(self._places + self._now * self._memory[0].size, out=out, mode="clip")

    def keep(self, kept: F32, short: F32, long: F32) -> None:
        """Remember one hop: what each layer was given (layers, channels), and the recurrent layer's state; copies."""
        if self._now == len(self._memory):
            self._memory[: self._reach] = self._memory[self._reach :]
            self._now = self._reach
        self._memory[self._now] = kept
        self._now += 1
        self.short[:], self.long[:] = short, long


class ActivationNet:
    """The network in `models/beat`, or in the folder `path`. One thread; adds `LATENCY_S`.

    Raises `ModelError` when the folder, the network or its manifest is missing, damaged or made for other features.
    """

    def __init__(self, path: Path | None = None) -> None:
        folder = model_dir(MODEL_NAME) if path is None else path
        wanted = {
            "format": FORMAT,
            "features_version": bands.VERSION,
            "n_features": bands.N_FEATURES,
            "latency_hops": LATENCY_HOPS,
        }
        session, self._shape = networks.opened(folder, "the beat network", wanted, _shape, "livedance train beat")
        self._call = _Call(session)

    def initial_state(self) -> ActivationState:
        """Return the state before any sound."""
        return ActivationState(*self._shape)

    def step(self, state: ActivationState, features: F32) -> Activation:
        """Take the (N_FEATURES,) features of one hop; `state` is changed."""
        call = self._call
        call.inputs["features"][0] = features
        state.tap(out=call.inputs["taps"])
        call.inputs["short"][:], call.inputs["long"][:] = state.short, state.long
        call.run()
        state.keep(call.outputs["kept"], call.outputs["next_short"], call.outputs["next_long"])
        return _activation(call.outputs["answer"][0].tolist())


class _Call:
    """A session whose inputs and outputs lie in fixed arrays: finding and making them is a fifth of a small call."""

    def __init__(self, session: Any) -> None:
        self._session, self._binding = session, session.io_binding()
        self.inputs = {i.name: np.zeros(i.shape, np.float32) for i in session.get_inputs()}
        self.outputs = {o.name: np.zeros(o.shape, np.float32) for o in session.get_outputs()}
        for name, array in self.inputs.items():
            self._binding.bind_input(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
        for name, array in self.outputs.items():
            self._binding.bind_output(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)

    def run(self) -> None:
        """Turn `inputs` into `outputs`, both in place."""
        self._session.run_with_iobinding(self._binding)


def _activation(answer: list[float]) -> Activation:
    return Activation(
        answer[BEAT],
        answer[DOWNBEAT],
        answer[RHYTHM],
        tuple(answer[FIRST_SECTION:]),
        answer[BUILD],
        answer[DROP],
        answer[PHRASE],
    )


def _shape(session: Any) -> tuple[int, int, int]:
    """Return (layers, channels, units); raises ValueError when the graph is not a beat network."""
    inputs = {i.name: tuple(i.shape) for i in session.get_inputs()}
    outputs = [tuple(o.shape) for o in session.get_outputs()]
    if set(inputs) != {"features", "taps", "short", "long"} or inputs["features"] != (1, bands.N_FEATURES):
        raise ValueError(f"its inputs are {inputs}")
    if len(outputs) != 4 or outputs[0] != (1, N_OUTPUTS):
        raise ValueError(f"its outputs are {outputs}")
    layers, channels = outputs[1]
    return layers, channels, inputs["short"][-1]
