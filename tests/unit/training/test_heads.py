"""Heads that the capture lost are put back on their necks; those that only look about are left alone."""

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.training import heads, solve, source_clip
from tests.unit.training import raw_clips


def looking(n=240):
    """Rotations whose head nods and looks about by half a radian."""
    root, q = raw_clips.dance(n=n)
    t = np.arange(n) / 30.0
    q[:, heads.HEAD] = rotations.from_rotvec(0.5 * np.stack([np.sin(t), np.sin(0.7 * t), 0 * t], axis=-1))
    return root, q


@pytest.fixture
def read(tmp_path):
    return lambda root, q: source_clip.read(raw_clips.write(tmp_path / "c.npz", "made", root, q))


def error_deg(clip, true):
    away = rotations.multiply(
        rotations.conjugate(solve.rigid_head(true.positions_m)), solve.rigid_head(clip.positions_m)
    )
    return np.degrees(np.linalg.norm(rotations.to_rotvec(away), axis=-1))


def test_a_sound_clip_is_left_alone(read):
    clip = read(*looking())
    same, n = heads.repair(clip)
    assert n == 0 and same is clip


def test_a_short_loss_is_bridged(read):
    root, q = looking()
    true = read(root, q)
    q = q.copy()
    q[100:110, heads.HEAD] = rotations.from_rotvec(np.array([2.2, 0.0, 0.0]))
    made, n = heads.repair(read(root, q))
    assert 10 <= n <= 30
    assert error_deg(made, true).max() < 25.0
    assert error_deg(made, true)[:90].max() < 0.1


def test_a_head_upside_down_is_turned_as_a_whole_and_keeps_its_looks(read):
    root, q = looking()
    true = read(root, q)
    q = q.copy()
    flip = np.broadcast_to(rotations.from_rotvec(np.array([0.0, 0.0, np.pi])), (140, 4))
    q[100:, heads.HEAD] = rotations.multiply(q[100:, heads.HEAD], flip)
    made, n = heads.repair(read(root, q))
    assert 135 <= n <= 160
    looks, wanted = (rotations.to_rotvec(heads.against_trunk(c.positions_m)) for c in (made, true))
    for axis in (0, 1):  # it still nods and turns in its own time
        assert np.corrcoef(looks[110:, axis], wanted[110:, axis])[0, 1] > 0.9
    assert np.degrees(np.abs(looks - wanted)).mean() < 15.0


def test_a_jump_of_the_head_is_bridged(read):
    root, q = looking()
    q = q.copy()
    q[120, heads.HEAD] = rotations.multiply(q[120, heads.HEAD], rotations.about_y(0.9))
    made, n = heads.repair(read(root, q))
    head = heads.against_trunk(made.positions_m)
    step = np.linalg.norm(rotations.to_rotvec(rotations.multiply(rotations.conjugate(head[:-1]), head[1:])), axis=-1)
    assert 3 <= n <= 8 and step.max() * 30.0 < heads.WHIP_RAD_S


def test_a_head_that_was_captured_too_high_is_bent_down(read):
    clip = read(*looking())
    made, n = heads.repair(clip, down_rad=0.3)
    before, after = (rotations.rotate(solve.rigid_head(c.positions_m), np.array([0.0, 0.0, 1.0])) for c in (clip, made))
    assert n == 0
    assert np.allclose(error_deg(made, clip), np.degrees(0.3), atol=0.01)
    assert (after[:, 1] < before[:, 1]).mean() > 0.95


def test_only_the_face_is_moved(read):
    root, q = looking()
    q[100:, heads.HEAD] = rotations.from_rotvec(np.array([0.0, 0.0, 3.0]))
    clip = read(root, q)
    made, _ = heads.repair(clip)
    others = [j for j in range(skeleton.N_JOINTS) if j not in heads.FACE]
    assert np.array_equal(made.positions_m[:, others], clip.positions_m[:, others])
