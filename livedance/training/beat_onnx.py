"""The beat network as an ONNX graph of one hop, written node by node: the same bytes for the same weights.

inputs   features (1, N_FEATURES), state (1, state_size)
outputs  answer (1, N_OUTPUTS) probabilities, next_state
"""

from __future__ import annotations

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
    g.constant("time_axis", np.array([2], np.int64))
    *pasts, short, long = _add_split(g, config)
    hidden = g.add("Sub", ["features", g.constant("mean", weights["mean"])], "centred")
    hidden = g.add("Mul", [hidden, g.constant("scale", weights["scale"])], "scaled")
    hidden = g.add("Elu", [_add_linear(g, "dense", hidden, weights)], "dense_elu")
    hidden = _add_linear(g, "enter", hidden, weights)
    hidden = g.add("Reshape", [hidden, _shape(g, "column", 1, config.channels, 1)], "entered")
    after = []
    for layer, past in enumerate(pasts):
        hidden, known = _add_reach(g, layer, hidden, past, config, weights)
        after.append(known)
    hidden = g.add("Reshape", [hidden, _shape(g, "row", 1, config.channels)], "reached")
    hidden = g.add("Elu", [hidden], "reached_elu")
    short, long = _add_recurrent(g, hidden, short, long, config, weights)
    g.add("Concat", [*after, short, long], "next_state", axis=1)
    _add_answer(g, g.add("Concat", [hidden, short], "all", axis=1), weights)
    return _serialised(g, config)


def _shape(g: _Graph, name: str, *sizes: int) -> str:
    return g.constant(f"shape_{name}", np.array(sizes, np.int64))


def _add_split(g: _Graph, config: NetConfig) -> list[str]:
    """Take the state apart: the past of each convolution, hidden, cell."""
    sizes = [*(config.channels * n for n in config.pasts), config.units, config.units]
    parts = [f"state_{i}" for i in range(len(sizes))]
    g.add("Split", ["state", g.constant("state_sizes", np.array(sizes, np.int64))], *parts, axis=1)
    return parts


def _add_linear(g: _Graph, name: str, source: str, weights: dict[str, F32], n_rows: int | None = None) -> str:
    weight = g.constant(f"{name}.weight", weights[f"{name}.weight"][:n_rows])
    bias = g.constant(f"{name}.bias", weights[f"{name}.bias"][:n_rows])
    return g.add("Gemm", [source, weight, bias], f"{name}_out", transB=1)


def _add_reach(
    g: _Graph, layer: int, hidden: str, past: str, config: NetConfig, weights: dict[str, F32]
) -> tuple[str, str]:
    """Add a dilated convolution over what is known; returns the sum with its input, and the past for the next hop.

    Of all that is known only the taps are picked and multiplied: one small product instead of a convolution.
    """
    name, n_past = f"reaches.{layer}", config.pasts[layer]
    past = g.add("Reshape", [past, _shape(g, f"past_{layer}", 1, config.channels, n_past)], f"past_{layer}")
    known = g.add("Concat", [past, hidden], f"known_{layer}", axis=2)
    taps = g.constant(f"taps_{layer}", np.arange(0, n_past + 1, 2**layer, dtype=np.int64))
    heard = g.add("Gather", [known, taps], f"heard_{layer}", axis=2)
    heard = g.add("Reshape", [heard, _shape(g, f"taps_{layer}", 1, config.channels * KERNEL)], f"flat_{layer}")
    flat = {f"{name}.{part}.{kind}": weights[f"{name}.{part}.{kind}"] for part in _PARTS for kind in _KINDS}
    for part in _PARTS:
        flat[f"{name}.{part}.weight"] = flat[f"{name}.{part}.weight"].reshape(config.channels, -1)
    added = g.add("Elu", [_add_linear(g, f"{name}.reach", heard, flat)], f"elu_{layer}")
    added = _add_linear(g, f"{name}.mix", added, flat)
    added = g.add("Reshape", [added, "shape_column"], f"added_{layer}")
    first, last = (
        g.constant(f"{end}_{layer}", np.array([at], np.int64)) for end, at in (("from", 1), ("to", n_past + 1))
    )
    rest = g.add("Slice", [known, first, last, "time_axis"], f"rest_{layer}")
    rest = g.add("Reshape", [rest, _shape(g, f"rest_{layer}", 1, config.channels * n_past)], f"rest_flat_{layer}")
    return g.add("Add", [hidden, added], f"reached_{layer}"), rest


_PARTS: Final = ("reach", "mix")
_KINDS: Final = ("weight", "bias")


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
