"""The page's dancers are those of the look 'mesh', with fewer triangles."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livedance import paths
from livedance.render.mesh import figure, rig
from livedance.training.character import gltf
from livedance.training.character.simplify import thinned
from tests.unit.render.test_mesh import posed

PAGE = Path(paths.__file__).parent / "assets" / "viewer"
NAMES = sorted(path.stem for path in paths.model_dir(figure.NAME).glob("*.npz"))
DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, total, length, kind = struct.unpack("<4sIII4s", data[:20])
    assert (magic, version, total, kind) == (b"glTF", 2, len(data), b"JSON")
    return json.loads(data[20 : 20 + length]), data[20 + length + 8 :]


def values(tree: dict[str, Any], body: bytes, index: int) -> np.ndarray:
    """Return one accessor (count, width)."""
    told = tree["accessors"][index]
    view = tree["bufferViews"][told["bufferView"]]
    dtype, width = np.dtype(DTYPES[told["componentType"]]), WIDTHS[told["type"]]
    stride = view.get("byteStride", dtype.itemsize * width)
    start = view["byteOffset"] + told.get("byteOffset", 0)
    return np.ndarray((told["count"], width), dtype, body, start, (stride, dtype.itemsize))


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_file_is_made_from_the_dancer(name):
    with np.load(paths.model_dir(figure.NAME) / f"{name}.npz") as arrays:
        source = gltf.digest({key: arrays[key] for key in arrays.files})
    tree, _ = opened((PAGE / f"{name}.glb").read_bytes())
    assert tree["asset"]["extras"]["source"] == source, "run 'livedance train page-dancers' and commit"


def test_there_is_one_for_every_dancer():
    assert sorted(path.stem for path in PAGE.glob("*.glb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_vertex_is_one_of_the_dancers_own(name):
    tree, body = opened((PAGE / f"{name}.glb").read_bytes())
    worn = figure.load(name)
    own = {tuple(p): i for i, p in enumerate(np.round(worn.position_m / figure.STEP_M).astype(int).tolist())}
    for mesh in tree["meshes"]:
        primitive = mesh["primitives"][0]
        read = {key: values(tree, body, index) for key, index in primitive["attributes"].items()}
        rows = [own[tuple(p)] for p in read["POSITION"].tolist()]
        weights = np.zeros((len(rows), len(figure.BONES)), np.float32)
        np.add.at(weights, (np.arange(len(rows))[:, None], read["JOINTS_0"]), read["WEIGHTS_0"] / 255.0)
        # Two pieces may have a vertex at one place: most are alone there.
        alike = np.abs(weights - worn.weights[rows]).max(axis=1) < 0.02
        assert alike.mean() > 0.98
        triangles = values(tree, body, primitive["indices"]).reshape(-1, 3)
        assert triangles.max() == len(rows) - 1
        assert len(triangles) <= gltf.LEVELS[mesh["name"]]


@pytest.mark.parametrize("name", NAMES)
def test_the_fine_mesh_lies_on_the_dancers_surface(name):
    """Every vertex that was left out lies on a triangle that stayed."""
    tree, body = opened((PAGE / f"{name}.glb").read_bytes())
    near = next(mesh for mesh in tree["meshes"] if mesh["name"] == "near")["primitives"][0]
    places = values(tree, body, near["attributes"]["POSITION"]) * figure.STEP_M
    corners = places[values(tree, body, near["indices"]).reshape(-1, 3)]
    shares = np.array([(i, j, 5 - i - j) for i in range(6) for j in range(6 - i)]) / 5
    samples = np.einsum("si,fik->fsk", shares, corners).reshape(-1, 3)
    for p in figure.load(name).position_m[::151]:
        assert np.linalg.norm(samples - p, axis=1).min() < 0.022


def test_bones_rest_where_the_rig_puts_them():
    """A pose at rest moves no bone: what the page subtracts is what the rig adds."""
    motion = rig.motions(posed(), np.zeros((1, 2, 5, 3)))[0]
    rest = gltf.rest_m()
    moved = np.einsum("bij,bj->bi", motion[..., :3], rest) + motion[..., 3]
    assert moved == pytest.approx(rest, abs=1e-3)
    tree, body = opened((PAGE / f"{NAMES[0]}.glb").read_bytes())
    skin = tree["skins"][0]
    bind = values(tree, body, skin["inverseBindMatrices"]).reshape(-1, 4, 4)
    assert -bind[:, 3, :3] == pytest.approx(rest, abs=1e-4)
    assert [tree["nodes"][i]["name"] for i in skin["joints"]] == list(figure.BONES)


def test_thinning_keeps_a_sphere_round():
    """A round body with a tenth of its triangles still has its size."""
    u, v = np.meshgrid(np.linspace(0, np.pi, 33)[1:-1], np.linspace(0, 2 * np.pi, 64, endpoint=False), indexing="ij")
    points = np.stack([np.sin(u) * np.cos(v), np.cos(u), np.sin(u) * np.sin(v)], axis=-1).reshape(-1, 3)
    points = np.concatenate([points, [[0, 1, 0], [0, -1, 0]]])
    rows, columns = 31, 64
    faces = []
    for i in range(rows - 1):
        for j in range(columns):
            a, b, c, d = i * columns + j, i * columns + (j + 1) % columns, (i + 1) * columns + j, 0
            d = (i + 1) * columns + (j + 1) % columns
            faces += [[a, b, c], [b, d, c]]
    top, bottom = rows * columns, rows * columns + 1
    faces += [[top, (j + 1) % columns, j] for j in range(columns)]
    faces += [[bottom, (rows - 1) * columns + j, (rows - 1) * columns + (j + 1) % columns] for j in range(columns)]
    triangles = np.array(faces)
    few = thinned(points, triangles, np.ones(len(points)), len(triangles) // 10)
    assert len(triangles) // 10 - 2 <= len(few) <= len(triangles) // 10

    def volume(f: np.ndarray) -> float:
        return abs(float(np.einsum("ij,ij->i", points[f[:, 0]], np.cross(points[f[:, 1]], points[f[:, 2]])).sum())) / 6

    assert volume(few) == pytest.approx(volume(triangles), rel=0.06)
