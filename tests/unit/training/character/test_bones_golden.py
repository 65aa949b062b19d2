"""The page moves bones as the look 'mesh' does: both are held against tests/golden/bones.json."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.records import replace
from livedance.render.mesh import figure, rig
from tests.unit.render.test_mesh import posed

GOLDEN = Path(__file__).parents[3] / "golden" / "bones.json"


def dancers():
    """Three people who bend everything, hands in all poses."""
    rng = np.random.default_rng(6)
    for hands in ((0, 1), (2, 3), (4, 0)):
        turns = {name: tuple(rng.normal(0.0, 0.5, 3)) for name in skeleton.JOINT_NAMES[:18]}
        pose = posed(**turns)
        yield replace(pose, hands=np.array([hands], np.uint8))


def told() -> dict:
    rows = []
    for pose in dancers():
        motions = rig.motions(pose, rig.bent(pose.hands))[0]
        rows.append(
            {
                "places": np.round(pose.joint_positions_m[0], 6).ravel().tolist(),
                "worlds": np.round(skeleton.world_rotations(pose.joint_rotations_wxyz)[0], 6).ravel().tolist(),
                "hands": pose.hands[0].tolist(),
                "motions": np.round(motions.astype(float), 5).ravel().tolist(),
            }
        )
    return {"names": list(figure.BONES), "dancers": rows}


def test_the_golden_bones_are_those_of_the_rig():
    golden, ours = json.loads(GOLDEN.read_text()), told()
    assert golden["names"] == ours["names"]
    for a, b in zip(golden["dancers"], ours["dancers"], strict=True):
        assert a["hands"] == b["hands"]
        for key in ("places", "worlds", "motions"):
            assert a[key] == pytest.approx(b[key], abs=2e-5)
    assert rotations.IDENTITY[0] == 1.0


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(told(), separators=(",", ":")) + "\n")
