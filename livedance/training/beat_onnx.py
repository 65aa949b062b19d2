"""The beat network as an ONNX graph of one hop, written node by node: the same bytes for the same weights.

inputs   features (1, N_FEATURES), taps (layers, 1, (KERNEL - 1) * channels), short and long (1, 1, units)
outputs  answer (1, N_OUTPUTS) probabilities, kept (layers, channels), next_short, next_long

For one hop a dilated convolution is a product with what its taps find. All but the newest of them are known before the
hop: `taps`, each layer's oldest first, which the caller finds among the `kept` of earlier hops. Their products are
taken for all layers at once, and what is left of a layer are two small products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from livedance.beat.activation import FIRST_SECTION, KERNEL, N_OUTPUTS
from livedance.beat.bands import N_FEATURES
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
    layers = [_Layer.of(weights, layer) for layer in range(config.layers)]
    lifts = np.cumsum([np.zeros(config.channels, np.float32), *(one.mix_bias for one in layers)], axis=0)
    known = _add_known(g, layers, lifts)
    hidden = _add_entry(g, weights)
    entered: list[str] = []
    for i, layer in enumerate(layers):
        entered.append(hidden)
        hidden = _add_reach(g, i, hidden, known[i], layer)
    low = g.add("Concat", entered, "kept_low", axis=0)
    g.add("Add", [low, g.constant("kept_lift", lifts[:-1])], "kept")
    hidden = g.add("Add", [hidden, g.constant("reached_lift", lifts[-1:])], "reached_high")
    hidden = g.add("Elu", [hidden], "reached")
    short = _add_recurrent(g, hidden, config, weights)
    _add_answer(g, g.add("Concat", [hidden, short], "all", axis=1), weights)
    return _serialised(g, config)


class _Layer(NamedTuple):
    """Weights of one convolution as products with rows."""

    earlier: F32
    """((KERNEL - 1) * channels, channels): of the taps but the newest, oldest first."""
    now: F32
    """(channels, channels)"""
    bias: F32
    mix: F32
    """(channels, channels)"""
    mix_bias: F32

    @classmethod
    def of(cls, weights: dict[str, F32], layer: int) -> _Layer:
        name = f"reaches.{layer}"
        kernel = weights[f"{name}.reach.weight"]  # (out, in, tap)
        return cls(
            earlier=kernel[:, :, :-1].transpose(2, 1, 0).reshape(-1, len(kernel)),
            now=kernel[:, :, -1].T,
            bias=weights[f"{name}.reach.bias"],
            mix=weights[f"{name}.mix.weight"][:, :, 0].T,
            mix_bias=weights[f"{name}.mix.bias"],
        )


def _add_known(g: _Graph, layers: list[_Layer], lifts: F32) -> list[str]:
    """Add what each convolution owes to earlier hops and to its bias; returns a (1, channels) for each layer.

    Inside the graph the residual path runs without the biases of `mix`, their sum so far being its lift: here is where
    the lift of the newest tap comes in.
    """
    earlier = g.constant("earlier.weight", np.stack([layer.earlier for layer in layers]))
    biases = [layer.bias + lift @ layer.now for layer, lift in zip(layers, lifts[:-1], strict=True)]
    products = g.add("MatMul", ["taps", earlier], "earlier_deep")
    products = g.add("Squeeze", [products, g.constant("rows_axis", _numbers([1]))], "earlier_flat")
    products = g.add("Add", [products, g.constant("earlier.bias", np.stack(biases))], "earlier")
    known = [f"known_{layer}" for layer in range(len(layers))]
    g.add("Split", [products, g.constant("known_sizes", _numbers([1] * len(layers)))], *known, axis=0)
    return known


def _add_entry(g: _Graph, weights: dict[str, F32]) -> str:
    """Add the layers in front; mean and scale of the features go into the weights of the first."""
    weight = weights["dense.weight"] * weights["scale"]
    bias = weights["dense.bias"] - weight @ weights["mean"]
    dense = _add_linear(g, "dense", "features", {"dense.weight": weight, "dense.bias": bias})
    return _add_linear(g, "enter", g.add("Elu", [dense], "dense_elu"), weights)


def _add_reach(g: _Graph, i: int, hidden: str, known: str, layer: _Layer) -> str:
    """Add a convolution; returns the sum with its input, without the bias of `mix`."""
    reach = g.add("Gemm", [hidden, g.constant(f"reaches.{i}.now", layer.now), known], f"reach_{i}")
    bent = g.add("Elu", [reach], f"elu_{i}")
    return g.add("Gemm", [bent, g.constant(f"reaches.{i}.mix", layer.mix), hidden], f"reached_{i}")


def _add_linear(g: _Graph, name: str, source: str, weights: dict[str, F32], n_rows: int | None = None) -> str:
    weight = g.constant(f"{name}.weight", weights[f"{name}.weight"][:n_rows])
    bias = g.constant(f"{name}.bias", weights[f"{name}.bias"][:n_rows])
    return g.add("Gemm", [source, weight, bias], f"{name}_out", transB=1)


def _numbers(values: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.asarray(values, np.int64)


def _add_recurrent(g: _Graph, source: str, config: NetConfig, weights: dict[str, F32]) -> str:
    """Return the new hidden state, which for one hop is the layer's output; (1, units)."""
    first = g.constant("first_axis", _numbers([0]))
    inner = g.constant("recurrent.w", _gates(weights["recurrent.weight_ih_l0"])[None])
    outer = g.constant("recurrent.r", _gates(weights["recurrent.weight_hh_l0"])[None])
    biases = [_gates(weights[f"recurrent.bias_{kind}_l0"]) for kind in ("ih", "hh")]
    bias = g.constant("recurrent.b", np.concatenate(biases)[None])
    deep = g.add("Unsqueeze", [source, first], f"{source}_deep")
    inputs = [deep, inner, outer, bias, "", "short", "long"]
    g.add("LSTM", inputs, "", "next_short", "next_long", hidden_size=config.units)
    return g.add("Squeeze", ["next_short", first], "hidden")


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


def _values(shapes: dict[str, list[int]]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def _serialised(g: _Graph, config: NetConfig) -> bytes:
    unit_shape = [1, 1, config.units]
    inputs = {
        "features": [1, N_FEATURES],
        "taps": [config.layers, 1, (KERNEL - 1) * config.channels],
        "short": unit_shape,
        "long": unit_shape,
    }
    outputs = {
        "answer": [1, N_OUTPUTS],
        "kept": [config.layers, config.channels],
        "next_short": unit_shape,
        "next_long": unit_shape,
    }
    built = helper.make_graph(g.nodes, "livedance_beat", _values(inputs), _values(outputs), g.constants)
    model = helper.make_model(
        built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="livedance"
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
