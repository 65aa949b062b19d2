"""The golden files are what the committed command writes, up to the last digits of a platform's sine."""

import base64
import json
from pathlib import Path

import numpy as np

from livedance.evaluation import golden

FOLDER = Path(__file__).parents[2] / "golden"


def test_the_files_are_up_to_date(tmp_path):
    golden.main(["--out", str(tmp_path)])
    for name in ("player.json", "wire.json"):
        stored, made = (json.loads((folder / name).read_text("utf-8")) for folder in (FOLDER, tmp_path))
        _same(stored, made, name)


def _same(a, b, where):
    assert type(a) is type(b), where
    if isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            _same(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, list):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            _same(x, y, f"{where}[{i}]")
    elif isinstance(a, float) or (isinstance(a, int) and not isinstance(a, bool)):
        assert abs(a - b) <= max(1.0 if isinstance(a, int) else 0.0, 1e-5), where
    elif where.endswith(".positions"):
        x, y = (np.frombuffer(base64.b64decode(v), "<f4") for v in (a, b))
        assert np.abs(x - y).max(initial=0.0) < 1e-5, where
    elif where.endswith(".bytes"):
        assert len(a) == len(b), where
    else:
        assert a == b, where
