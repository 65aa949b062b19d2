"""The dancers for the page: the same figures as `models/dancers`, with fewer triangles, as glTF that any tool opens.

One file a dancer: a skin with all bones, meshes `near`, `middle` and `far`. Positions are whole tenths of a millimetre;
the inverse bind matrices bring them to metres (`KHR_mesh_quantization`). `_WORN` is a row of `figure.MATERIALS`, and
how open a vertex lies to light from everywhere, of 255.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livedance import skeleton
from livedance.render.mesh import figure
from livedance.training.character.simplify import thinned

LEVELS: Final = {"near": 7_200, "middle": 3_200, "far": 1_300}
"""Name of a mesh -> its most triangles."""
CARE: Final = {"glove": 6.0, "helmet": 5.0, "face": 5.0, "hood": 3.0, "shoe": 2.0}
"""How much more an error counts there than on cloth."""
PARENTS: Final = {
    "spine": "hips", "chest": "spine", "neck": "chest", "head": "neck",
    **{f"{s}_{a}": b if b in ("hips", "neck") else f"{s}_{b}" for s in "lr" for a, b in (
        ("shoulder", "neck"), ("elbow", "shoulder"), ("wrist", "elbow"),
        ("hip", "hips"), ("knee", "hip"), ("ankle", "knee"), ("toe", "ankle"),
    )},
    **{f"{s}_{f}_root": f"{s}_wrist" for s in "lr" for f in figure.FINGERS},
    **{f"{s}_{f}_tip": f"{s}_{f}_root" for s in "lr" for f in figure.FINGERS},
}  # fmt: skip
"""What each bone hangs on; only the hips hang on nothing."""
_VERTEX: Final = np.dtype(
    {
        "names": ["POSITION", "NORMAL", "JOINTS_0", "WEIGHTS_0", "_WORN"],
        "formats": ["<3i2", "3i1", "4u1", "4u1", "2u1"],
        "offsets": [0, 8, 12, 16, 20],
        "itemsize": 24,
    }
)
_BYTE, _UBYTE, _SHORT, _USHORT, _FLOAT = 5120, 5121, 5122, 5123, 5126
_KINDS: Final = {
    "POSITION": (_SHORT, "VEC3", False), "NORMAL": (_BYTE, "VEC3", True), "JOINTS_0": (_UBYTE, "VEC4", False),
    "WEIGHTS_0": (_UBYTE, "VEC4", True), "_WORN": (_UBYTE, "VEC2", False),
}  # fmt: skip


def make(dancers: Path, out: Path) -> Iterator[Path]:
    """Write a .glb into `out` for every .npz in `dancers`; yields each path when it is written (some ten seconds)."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(dancers.glob("*.npz")):
        figure.read(path)  # says what is wrong with a file that is none
        with np.load(path, allow_pickle=False) as arrays:
            data = glb({name: arrays[name] for name in arrays.files})
        target = out / f"{path.stem}.glb"
        target.write_bytes(data)
        yield target


def rest_m() -> NDArray[np.float64]:
    """Return where each bone begins in the rest pose (B, 3), as `mesh.rig` has it."""
    joints = skeleton.forward_kinematics(*skeleton.rest_pose())
    out = np.zeros((len(figure.BONES), 3))
    for name, row in figure.ROW.items():
        if name in skeleton.INDEX:
            out[row] = joints[skeleton.INDEX[name]]
    out[figure.ROW["spine"]] = 0.5 * (joints[0] + joints[skeleton.INDEX["chest"]])
    for side, sign in (("l", 1.0), ("r", -1.0)):
        for finger, (root, tip) in zip(figure.FINGERS, figure.FINGER_M, strict=True):
            out[figure.ROW[f"{side}_{finger}_root"]] = root * [sign, 1.0, 1.0]
            out[figure.ROW[f"{side}_{finger}_tip"]] = 0.5 * (root + tip) * [sign, 1.0, 1.0]
    return out


def digest(arrays: dict[str, NDArray[Any]]) -> str:
    """Return what names a dancer's arrays: the page's file holds it, and a test compares."""
    told = hashlib.sha256()
    for name in sorted(arrays):
        told.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return told.hexdigest()[:16]


def glb(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return one dancer's file, from the arrays of its .npz."""
    tree: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "livedance", "extras": {"source": digest(arrays)}},
        "extensionsUsed": ["KHR_mesh_quantization"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "scene": 0,
        "nodes": _nodes(),
        "meshes": [],
        "accessors": [],
        "bufferViews": [],
    }
    body = bytearray()
    care = np.array([CARE.get(name, 1.0) for name in figure.MATERIALS])[arrays["material"]]
    triangles = arrays["triangles"].astype(np.int32)
    for name, most in LEVELS.items():
        triangles = thinned(arrays["position"] * figure.STEP_M, triangles, care, most)
        tree["meshes"].append({"name": name, "primitives": [_primitive(tree, body, arrays, triangles)]})
        tree["nodes"].append({"name": name, "mesh": len(tree["meshes"]) - 1, "skin": 0})
    bind = np.tile(np.diag([figure.STEP_M] * 3 + [1.0]), (len(figure.BONES), 1, 1))
    bind[:, :3, 3] = -rest_m()
    at = _accessor(tree, body, bind.transpose(0, 2, 1).astype("<f4").tobytes(), len(bind), (_FLOAT, "MAT4", False))
    tree["skins"] = [{"joints": list(range(len(figure.BONES))), "inverseBindMatrices": at, "skeleton": 0}]
    tree["scenes"] = [{"nodes": [0, *range(len(figure.BONES), len(tree["nodes"]))]}]
    tree["buffers"] = [{"byteLength": len(body)}]
    return _packed(tree, bytes(body))


def _nodes() -> list[dict[str, Any]]:
    rest = rest_m()
    nodes: list[dict[str, Any]] = []
    for name, row in figure.ROW.items():
        above = rest[figure.ROW[PARENTS[name]]] if name in PARENTS else np.zeros(3)
        nodes.append({"name": name, "translation": [round(float(v), 5) for v in rest[row] - above]})
    for name, parent in PARENTS.items():
        nodes[figure.ROW[parent]].setdefault("children", []).append(figure.ROW[name])
    return nodes


def _primitive(
    tree: dict[str, Any], body: bytearray, arrays: dict[str, NDArray[Any]], triangles: NDArray[np.int32]
) -> dict[str, Any]:
    """Add the vertices that `triangles` use, and these; returns the primitive that names them."""
    used, index = np.unique(triangles, return_inverse=True)
    vertex = np.zeros(len(used), _VERTEX)
    sources = {"POSITION": "position", "NORMAL": "normal", "JOINTS_0": "bone", "WEIGHTS_0": "weight"}
    for name, source in sources.items():
        vertex[name] = arrays[source][used]
    vertex["_WORN"] = np.stack([arrays["material"], arrays["open"]], axis=1)[used]
    vertex["JOINTS_0"][vertex["WEIGHTS_0"] == 0] = 0
    view = _view(tree, body, vertex.tobytes(), {"byteStride": _VERTEX.itemsize, "target": 34962})
    attributes = {}
    for name, kind in _KINDS.items():
        extra: dict[str, Any] = {"bufferView": view, "byteOffset": _VERTEX.fields[name][1] if _VERTEX.fields else 0}
        if name == "POSITION":
            extra |= {"min": vertex[name].min(axis=0).tolist(), "max": vertex[name].max(axis=0).tolist()}
        attributes[name] = _told(tree, len(used), kind, extra)
    order = index.reshape(-1).astype("<u2")
    faces = _view(tree, body, order.tobytes(), {"target": 34963})
    indices = _told(tree, len(order), (_USHORT, "SCALAR", False), {"bufferView": faces})
    return {"attributes": attributes, "indices": indices}


def _accessor(tree: dict[str, Any], body: bytearray, data: bytes, count: int, kind: tuple[int, str, bool]) -> int:
    return _told(tree, count, kind, {"bufferView": _view(tree, body, data, {})})


def _told(tree: dict[str, Any], count: int, kind: tuple[int, str, bool], extra: dict[str, Any]) -> int:
    component, shape, normalized = kind
    entry = {"componentType": component, "type": shape, "count": count, **extra}
    tree["accessors"].append(entry | ({"normalized": True} if normalized else {}))
    return len(tree["accessors"]) - 1


def _view(tree: dict[str, Any], body: bytearray, data: bytes, extra: dict[str, Any]) -> int:
    tree["bufferViews"].append({"buffer": 0, "byteOffset": len(body), "byteLength": len(data), **extra})
    body += data + bytes(-len(data) % 4)
    return len(tree["bufferViews"]) - 1


def _packed(tree: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(tree, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(body)
    head = struct.pack("<4sII", b"glTF", 2, total) + struct.pack("<I4s", len(text), b"JSON")
    return head + text + struct.pack("<I4s", len(body), b"BIN\0") + body
