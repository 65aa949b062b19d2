"""The beat network as an ONNX graph of one hop, written node by node: the same bytes for the same weights.

inputs   features (1, N_FEATURES), state (1, state_size)
outputs  answer (1, N_OUTPUTS) probabilities, next_state
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from livedance.beat.activation import FIRST_SECTION, N_OUTPUTS
from livedance.beat.bands import N_FEATURES
from livedance.messages import F32
from livedance.training.beat_net import KERNEL, NetConfig

OPSET: Final = 17
IR_VERSION: Final = 8
"""The oldest that holds opset 17: every onnxruntime that livedance allows reads it."""


class _Graph:
    """Nodes and constants in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: list[str], *outputs: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, list(outputs), name=outputs[-1], **attributes))
        return outputs[0]


def graph(config: NetConfig, weights: dict[str, F32]) -> bytes:
    """Return the serialised model of a network's `weights` (names and shapes of its torch state_dict)."""
    g = _Graph()
    rests, short, long = _add_rests(g, config)
    taps = _add_taps(g, config)
    hidden = g.add("Sub", ["features", g.constant("mean", weights["mean"])], "centred")
    hidden = g.add("Mul", [hidden, g.constant("scale", weights["scale"])], "scaled")
    hidden = g.add("Elu", [_add_linear(g, "dense", hidden, weights)], "dense_elu")
    hidden = _add_linear(g, "enter", hidden, weights)
    kept: list[str] = []
    for layer in range(config.layers):
        kept += [rests[layer], hidden]
        hidden = _add_reach(g, layer, hidden, taps[layer], weights)
    hidden = g.add("Elu", [hidden], "reached")
    short, long = _add_recurrent(g, hidden, short, long, config, weights)
    g.add("Concat", [*kept, short, long], "next_state", axis=1)
    _add_answer(g, g.add("Concat", [hidden, short], "all", axis=1), weights)
    return _serialised(g, config)


def _add_rests(g: _Graph, config: NetConfig) -> tuple[list[str], str, str]:
    """Take the state apart; returns the past of each convolution but for its oldest hop, hidden and cell.

    The past of a layer lies there hop by hop, oldest first; with the newest hop behind it, the rest is the next past.
    """
    c = config.channels
    sizes = [size for n in config.pasts for size in (c, (n - 1) * c)] + [config.units, config.units]
    rests = [f"rest_{layer}" for layer in range(config.layers)]
    parts = [part for layer, rest in enumerate(rests) for part in (f"oldest_{layer}", rest)]
    g.add("Split", ["state", g.constant("state_sizes", _numbers(sizes))], *parts, "short", "long", axis=1)
    return rests, "short", "long"


def _add_taps(g: _Graph, config: NetConfig) -> list[str]:
    """Pick the hops that each convolution looks back to, for all layers at once."""
    c, starts = config.channels, np.cumsum([0, *config.pasts[:-1]])
    hops = [start + tap * 2**layer for layer, start in enumerate(starts.tolist()) for tap in range(KERNEL - 1)]
    places = (np.array(hops)[:, None] * c + np.arange(c)).reshape(-1)
    picked = g.add("Gather", ["state", g.constant("tap_places", _numbers(places))], "picked", axis=1)
    taps = [f"taps_{layer}" for layer in range(config.layers)]
    g.add("Split", [picked, g.constant("tap_sizes", _numbers([c * (KERNEL - 1)] * config.layers))], *taps, axis=1)
    return taps


def _add_reach(g: _Graph, layer: int, hidden: str, taps: str, weights: dict[str, F32]) -> str:
    """Add a dilated convolution, which for one hop is a product with its taps; returns the sum with its input."""
    name = f"reaches.{layer}"
    heard = g.add("Concat", [taps, hidden], f"heard_{layer}", axis=1)
    kernel = weights[f"{name}.reach.weight"]  # (out, in, tap); taps come hop by hop
    flat = {
        f"{name}.reach.weight": kernel.transpose(0, 2, 1).reshape(len(kernel), -1),
        f"{name}.reach.bias": weights[f"{name}.reach.bias"],
        f"{name}.mix.weight": weights[f"{name}.mix.weight"][:, :, 0],
        f"{name}.mix.bias": weights[f"{name}.mix.bias"],
    }
    added = g.add("Elu", [_add_linear(g, f"{name}.reach", heard, flat)], f"elu_{layer}")
    return g.add("Add", [hidden, _add_linear(g, f"{name}.mix", added, flat)], f"reached_{layer}")


def _add_linear(g: _Graph, name: str, source: str, weights: dict[str, F32], n_rows: int | None = None) -> str:
    weight = g.constant(f"{name}.weight", weights[f"{name}.weight"][:n_rows])
    bias = g.constant(f"{name}.bias", weights[f"{name}.bias"][:n_rows])
    return g.add("Gemm", [source, weight, bias], f"{name}_out", transB=1)


def _numbers(values: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.asarray(values, np.int64)


def _add_recurrent(
    g: _Graph, source: str, short: str, long: str, config: NetConfig, weights: dict[str, F32]
) -> tuple[str, str]:
    """Return the new hidden state, which for one hop is the layer's output, and the new cell; (1, units) each."""
    first = g.constant("first_axis", np.array([0], np.int64))
    inner = g.constant("recurrent.w", _gates(weights["recurrent.weight_ih_l0"])[None])
    outer = g.constant("recurrent.r", _gates(weights["recurrent.weight_hh_l0"])[None])
    biases = [_gates(weights[f"recurrent.bias_{kind}_l0"]) for kind in ("ih", "hh")]
    bias = g.constant("recurrent.b", np.concatenate(biases)[None])
    source, short, long = (g.add("Unsqueeze", [x, first], f"{x}_deep") for x in (source, short, long))
    inputs = [source, inner, outer, bias, "", short, long]
    g.add("LSTM", inputs, "", "hidden_deep", "cell_deep", hidden_size=config.units)
    return g.add("Squeeze", ["hidden_deep", first], "hidden"), g.add("Squeeze", ["cell_deep", first], "cell")


def _gates(rows: F32) -> F32:
    """Return rows in ONNX's order of gates (input, output, forget, cell); torch's is input, forget, cell, output."""
    taken, forgotten, cell, given = np.split(rows, 4)
    return np.concatenate((taken, given, forgotten, cell))


def _add_answer(g: _Graph, source: str, weights: dict[str, F32]) -> None:
    """Phases, which were only taught, are cut off."""
    logits = _add_linear(g, "answer", source, weights, N_OUTPUTS)
    sizes = g.constant("answer_sizes", np.array([FIRST_SECTION, N_OUTPUTS - FIRST_SECTION], np.int64))
    g.add("Split", [logits, sizes], "moment_logits", "section_logits", axis=1)
    moments = g.add("Sigmoid", ["moment_logits"], "moments")
    sections = g.add("Softmax", ["section_logits"], "sections", axis=1)
    g.add("Concat", [moments, sections], "answer", axis=1)


def _serialised(g: _Graph, config: NetConfig) -> bytes:
    state_shape = [1, config.state_size]
    shapes = {"features": [1, N_FEATURES], "state": state_shape, "answer": [1, N_OUTPUTS], "next_state": state_shape}
    values = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    inputs, outputs = [values["features"], values["state"]], [values["answer"], values["next_state"]]
    built = helper.make_graph(g.nodes, "livedance_beat", inputs, outputs, g.constants)
    model = helper.make_model(
        built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="livedance"
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
