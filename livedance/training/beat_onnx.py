"""The beat network as an ONNX graph of one hop, written node by node: the same bytes for the same weights.

inputs   features (1, N_FEATURES), state (2 * layers, 1, units)
outputs  answer (1, N_OUTPUTS) probabilities, next_state
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from livedance.beat.activation import FIRST_SECTION, N_OUTPUTS
from livedance.beat.bands import N_BANDS, N_FEATURES
from livedance.messages import F32
from livedance.training.beat_net import NetConfig

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
    centred = g.add("Sub", ["features", g.constant("mean", weights["mean"])], "centred")
    hidden = g.add("Mul", [centred, g.constant("scale", weights["scale"])], "scaled")
    if config.conv:
        hidden = _add_convolution(g, hidden, config, weights)
    hidden = g.add("Relu", [_add_linear(g, "dense", hidden, weights)], "heard")
    first = g.constant("first_axis", np.array([0], np.int64))
    hidden = g.add("Unsqueeze", [hidden, first], "sequence")
    states = [f"state_{i}" for i in range(2 * config.layers)]
    g.add("Split", ["state", g.constant("ones", np.ones(len(states), np.int64))], *states, axis=0)
    after: list[str] = []
    for layer in range(config.layers):
        hidden = _add_lstm(g, layer, hidden, states[2 * layer : 2 * layer + 2], config, weights)
        after += [hidden, f"cell_{layer}"]
    g.add("Concat", after, "next_state", axis=0)
    _add_answer(g, g.add("Squeeze", [hidden, first], "last"), weights)
    return _serialised(g, config)


def _add_linear(g: _Graph, name: str, source: str, weights: dict[str, F32], n_rows: int | None = None) -> str:
    weight = g.constant(f"{name}.weight", weights[f"{name}.weight"][:n_rows])
    bias = g.constant(f"{name}.bias", weights[f"{name}.bias"][:n_rows])
    return g.add("Gemm", [source, weight, bias], f"{name}_out", transB=1)


def _add_convolution(g: _Graph, source: str, config: NetConfig, weights: dict[str, F32]) -> str:
    """Levels and rises are the two channels of one line of bands."""
    lines = g.add("Reshape", [source, g.constant("lines_shape", np.array([1, 2, N_BANDS], np.int64))], "lines")
    kernel = [g.constant(f"conv.{part}", weights[f"conv.{part}"]) for part in ("weight", "bias")]
    seen = g.add("Conv", [lines, *kernel], "convolved", kernel_shape=[5], strides=[2], pads=[2, 2])
    seen = g.add("Relu", [seen], "seen")
    flat = g.add("Reshape", [seen, g.constant("flat_shape", np.array([1, -1], np.int64))], "flat")
    return g.add("Concat", [source, flat], "with_seen", axis=1)


def _add_lstm(g: _Graph, layer: int, source: str, state: list[str], config: NetConfig, weights: dict[str, F32]) -> str:
    """Return the new hidden state, which for one hop is the layer's output; the cell is `cell_{layer}`."""
    name = f"recurrent.{layer}"
    inner = g.constant(f"{name}.w", _gates(weights[f"{name}.weight_ih_l0"])[None])
    outer = g.constant(f"{name}.r", _gates(weights[f"{name}.weight_hh_l0"])[None])
    biases = [_gates(weights[f"{name}.bias_{kind}_l0"]) for kind in ("ih", "hh")]
    bias = g.constant(f"{name}.b", np.concatenate(biases)[None])
    inputs = [source, inner, outer, bias, "", *state]
    g.add("LSTM", inputs, "", f"hidden_{layer}", f"cell_{layer}", hidden_size=config.units)
    return f"hidden_{layer}"


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
    state_shape = [2 * config.layers, 1, config.units]
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
