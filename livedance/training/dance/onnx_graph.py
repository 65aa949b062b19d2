"""The dance network as an ONNX graph, written node by node: the same bytes for the same weights.

inputs   history (n, 32, SIZE), per_token (n, 8, N_PER_TOKEN), whole (n, N_WHOLE), chance (n, N_BEATS, codes),
         code (n, N_BEATS, codes), led (n, 1)
outputs  future (n, 32, SIZE), mean_code and spread (n, N_BEATS, codes) of the codes that may follow; those danced lie
         spread * chance away from the mean, or, led, from `code`

Matrices are kept as whole numbers of eight bits with a scale for each output, all else in half precision; both are
widened when the graph is loaded: a quarter of the file. The arithmetic is in single precision.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from livedance.dance import pose_features
from livedance.dance.conditions import FUTURE, HISTORY, N_BEATS, N_PER_TOKEN, N_TOKENS, N_WHOLE, TOKEN
from livedance.training.dance.net import SOFT, SPREAD_LEAST, NetConfig, joins

OPSET: Final = 17
IR_VERSION: Final = 8
"""The oldest that holds opset 17: every onnxruntime that livedance allows reads it."""
Weights = dict[str, np.ndarray]


class _Graph:
    """Nodes and constants in the order in which they are added."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._n = 0

    def number(self, value: float | list[int]) -> str:
        kind = np.int64 if isinstance(value, list) else np.float32
        name = f"constant_{value}"
        self.constants[name] = numpy_helper.from_array(np.array(value, kind), name)
        return name

    def weight(self, name: str, *, turned: bool = False) -> str:
        value = self.weights[name]
        if not is_coarse(name, value):
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value, np.float16), name)
            return self.add("Cast", name, to=TensorProto.FLOAT)
        whole, scale = coarse(value)
        if turned:
            whole, scale = whole.T, scale.T
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(whole), name)
        wide = self.add("Cast", name, to=TensorProto.FLOAT)
        return self.add("Mul", wide, self.exact(f"{name}_scale", scale))

    def exact(self, name: str, value: np.ndarray) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name)
        return name

    def add(self, op: str, *inputs: str, **attributes: object) -> str:
        self._n += 1
        output = f"{op.lower()}_{self._n}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output

    def name(self, x: str, output: str) -> None:
        """Give `x` out as `output`."""
        self.nodes.append(helper.make_node("Identity", [x], [output], name=output))

    def linear(self, name: str, x: str) -> str:
        product = self.add("MatMul", x, self.weight(f"{name}.weight", turned=True))
        return self.add("Add", product, self.weight(f"{name}.bias"))

    def norm(self, name: str, x: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-5)

    def reshape(self, x: str, *shape: int) -> str:
        return self.add("Reshape", x, self.number(list(shape)))

    def gelu(self, x: str) -> str:
        erf = self.add("Erf", self.add("Mul", x, self.number(1.0 / math.sqrt(2.0))))
        return self.add("Mul", self.add("Mul", x, self.number(0.5)), self.add("Add", erf, self.number(1.0)))

    def part(self, x: str, axis: int, first: int, last: int) -> str:
        return self.add("Slice", x, self.number([first]), self.number([last]), self.number([axis]))


def graph(config: NetConfig, weights: Weights) -> bytes:
    """Return the serialised model of a network's `weights` (names and shapes of its torch state_dict)."""
    g = _Graph(weights)
    d, size, codes = config.width, pose_features.SIZE, config.codes
    mean, scale = g.exact("mean", weights["mean"]), g.exact("scale", weights["scale"])
    rows = g.add("Div", g.add("Sub", "history", mean), scale)
    tokens = g.linear("read_past", g.reshape(rows, -1, HISTORY // TOKEN, TOKEN * size))
    whole = g.reshape(g.linear("read_whole", "whole"), -1, 1, d)
    x = g.add("Add", g.add("Concat", whole, tokens, axis=1), g.weight("past_place"))
    for i in range(config.listening):
        x = _layer(g, f"listening.{i}", x, None, config)
    memory = g.norm("heard", x)
    told = g.add(
        "Concat",
        g.add("ReduceMean", memory, axes=[1], keepdims=0),
        g.reshape(g.part(memory, 1, HISTORY // TOKEN, HISTORY // TOKEN + 1), -1, d),
        g.reshape("per_token", -1, N_TOKENS * N_PER_TOKEN),
        axis=1,
    )
    bell = g.reshape(g.linear("prior.2", g.gelu(g.linear("prior.0", told))), -1, N_BEATS, 2 * codes)
    mean_code, spread = _bell(g, bell, codes)
    away = g.add("Mul", g.reshape("led", -1, 1, 1), g.add("Sub", "code", mean_code))
    drawn = g.add("Sum", mean_code, away, g.add("Mul", spread, "chance"))
    each = g.reshape(g.linear("read_code", drawn), -1, N_BEATS, 1, d)
    each = g.add("Tile", each, g.number([1, 1, N_TOKENS // N_BEATS, 1]))
    x = g.add("Add", g.reshape(each, -1, N_TOKENS, d), g.linear("read_token", "per_token"))
    x = g.add("Add", x, g.weight("place"))
    for i in range(config.making):
        x = _layer(g, f"making.{i}", x, memory, config)
    made = g.reshape(g.linear("write", g.norm("made", x)), -1, FUTURE, size)
    last = g.add("Mul", g.part(rows, 1, HISTORY - 1, HISTORY), g.weight("carry"))
    future = g.add("Add", g.add("Mul", _soft(g, rows, g.add("Add", made, last)), scale), mean)
    g.name(future, "future")
    return _serialised(g, config)


def rounded(weights: Weights) -> Weights:
    """Return the weights as the graph holds them."""
    return {name: _as_held(name, value) for name, value in weights.items()}


def is_coarse(name: str, value: np.ndarray) -> bool:
    """Return whether a weight is kept in eight bits: the matrices of layers."""
    return value.ndim == 2 and name.endswith(".weight")


def coarse(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (whole numbers int8, scale (outputs, 1)) of a matrix (outputs, inputs)."""
    scale = np.maximum(np.abs(value).max(axis=1, keepdims=True), 1e-8).astype(np.float32) / np.float32(127.0)
    return np.clip(np.round(value / scale), -127, 127).astype(np.int8), scale


def _as_held(name: str, value: np.ndarray) -> np.ndarray:
    if name in ("mean", "scale"):
        return value
    if is_coarse(name, value):
        whole, scale = coarse(value)
        return whole.astype(np.float32) * scale
    return value.astype(np.float16).astype(np.float32)


def _soft(g: _Graph, before: str, made: str) -> str:
    """Return each made row as the mean of those around it, beginning as the history ended: see `DanceNet.make`."""
    reach = len(SOFT) // 2
    end = g.part(made, 1, FUTURE - 1, FUTURE)
    around = g.add("Concat", g.part(before, 1, HISTORY - reach, HISTORY), made, *[end] * reach, axis=1)
    shares = [g.add("Mul", g.part(around, 1, i, i + FUTURE), g.number(share)) for i, share in enumerate(SOFT)]
    soft = g.add("Sum", *shares)
    last = g.part(before, 1, HISTORY - 1, HISTORY)
    pace = g.add("Sub", last, g.part(before, 1, HISTORY - 2, HISTORY - 1))
    first = g.part(soft, 1, 0, 1)
    jump = g.add("Sub", g.add("Add", last, pace), first)
    change = g.add("Sub", pace, g.add("Sub", g.part(soft, 1, 1, 2), first))
    jumps, changes = (g.exact(name, x.numpy()) for name, x in zip(("jumps", "changes"), joins(), strict=True))
    return g.add("Sum", soft, g.add("Mul", jump, jumps), g.add("Mul", change, changes))


def _bell(g: _Graph, bell: str, codes: int) -> tuple[str, str]:
    """Return mean and spread of a bell (n, N_BEATS, 2 codes), named as outputs: see `DanceNet._bell`."""
    mean, raw = g.part(bell, 2, 0, codes), g.part(bell, 2, codes, 2 * codes)
    soft = g.add("Softplus", g.add("Add", raw, g.number(0.5)))
    spread = g.add("Add", soft, g.number(SPREAD_LEAST))
    g.name(mean, "mean_code")
    g.name(spread, "spread")
    return mean, spread


def _layer(g: _Graph, name: str, x: str, memory: str | None, config: NetConfig) -> str:
    y = g.norm(f"{name}.first", x)
    x = g.add("Add", x, _attention(g, f"{name}.among", y, y, config))
    if memory is not None:
        x = g.add("Add", x, _attention(g, f"{name}.back", g.norm(f"{name}.second", x), memory, config))
    inner = g.gelu(g.linear(f"{name}.widen", g.norm(f"{name}.third", x)))
    return g.add("Add", x, g.linear(f"{name}.narrow", inner))


def _attention(g: _Graph, name: str, x: str, memory: str, config: NetConfig) -> str:
    d, heads = config.width, config.heads
    query = g.add("Transpose", g.reshape(g.linear(f"{name}.query", x), 0, -1, heads, d // heads), perm=[0, 2, 1, 3])
    both = g.linear(f"{name}.key_value", memory)
    key = g.reshape(g.part(both, 2, 0, d), 0, -1, heads, d // heads)
    value = g.reshape(g.part(both, 2, d, 2 * d), 0, -1, heads, d // heads)
    score = g.add("MatMul", query, g.add("Transpose", key, perm=[0, 2, 3, 1]))
    share = g.add("Softmax", g.add("Mul", score, g.number(1.0 / math.sqrt(d // heads))), axis=-1)
    taken = g.add("MatMul", share, g.add("Transpose", value, perm=[0, 2, 1, 3]))
    return g.linear(f"{name}.out", g.reshape(g.add("Transpose", taken, perm=[0, 2, 1, 3]), 0, -1, d))


def _serialised(g: _Graph, config: NetConfig) -> bytes:
    shapes = {
        "history": ["n", HISTORY, pose_features.SIZE],
        "per_token": ["n", N_TOKENS, N_PER_TOKEN],
        "whole": ["n", N_WHOLE],
        "chance": ["n", N_BEATS, config.codes],
        "code": ["n", N_BEATS, config.codes],
        "led": ["n", 1],
        "future": ["n", FUTURE, pose_features.SIZE],
        "mean_code": ["n", N_BEATS, config.codes],
        "spread": ["n", N_BEATS, config.codes],
    }
    values = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    inputs = [values[name] for name in ("history", "per_token", "whole", "chance", "code", "led")]
    outputs = [values[name] for name in ("future", "mean_code", "spread")]
    built = helper.make_graph(g.nodes, "livedance_dance", inputs, outputs, list(g.constants.values()))
    model = helper.make_model(
        built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="livedance"
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data
