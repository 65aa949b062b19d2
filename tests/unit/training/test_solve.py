import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.errors import FileError
from livedance.training import solve, source_clip

sys.path.insert(0, str(Path(__file__).parent))
from tests.unit.training import raw_clips


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    root, q = raw_clips.dance()
    path = raw_clips.write(tmp_path_factory.mktemp("raw") / "clip.npz", "made", root, q)
    return root, q, source_clip.read(path)


def turn_between(a, b):
    return np.linalg.norm(rotations.to_rotvec(rotations.multiply(rotations.conjugate(a), b)), axis=-1)


def test_positions_are_reached(truth):
    _, _, clip = truth
    root, q = solve.solve(clip)
    error = np.linalg.norm(skeleton.forward_kinematics(root, q) - clip.positions_m, axis=-1)
    assert error.max() < 0.005
    assert np.allclose(np.linalg.norm(q, axis=-1), 1.0)


def test_twist_of_the_limbs_is_the_true_one_whatever_the_rest_of_the_source(truth):
    _, wanted, clip = truth
    _, q = solve.solve(clip)
    got, true = skeleton.world_rotations(q), skeleton.world_rotations(wanted)
    for name in ("l_elbow", "r_elbow", "l_knee", "r_knee", "l_hip", "r_hip", "l_ankle"):
        assert np.median(turn_between(got[:, skeleton.INDEX[name]], true[:, skeleton.INDEX[name]])) < 0.1, name


def test_elbows_and_knees_bend_on_their_hinges(truth):
    _, _, clip = truth
    _, q = solve.solve(clip)
    for name, hinge in (("l_elbow", [0, -1, 0]), ("r_elbow", [0, 1, 0]), ("l_knee", [1, 0, 0]), ("r_knee", [1, 0, 0])):
        vector = rotations.to_rotvec(q[:, skeleton.INDEX[name]])
        assert ((vector @ hinge) / np.linalg.norm(vector, axis=-1)).min() > 0.9, name


def test_leaves_stay_at_identity_and_signs_do_not_flip(truth):
    _, _, clip = truth
    _, q = solve.solve(clip)
    leaves = [j for j in skeleton.LEAVES if j not in skeleton.WRISTS]
    assert np.allclose(q[:, leaves], rotations.IDENTITY)
    assert (np.sum(q[1:] * q[:-1], axis=-1) > 0).all()


def test_refining_never_goes_further_away(truth):
    _, _, clip = truth
    p = clip.positions_m.copy()
    shoulders = [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]
    p[:, shoulders] += [0.0, 0.03, 0.02]  # a shrug: our shoulders hang rigidly on the neck joint
    shrugged = replace(clip, positions_m=p)
    root, local = p[:, 0], solve.to_local(solve.first_guess(shrugged))
    first = np.linalg.norm(skeleton.forward_kinematics(root, local) - p, axis=-1).mean()
    root, local = solve.refine(p, root, local)
    after = np.linalg.norm(skeleton.forward_kinematics(root, local) - p, axis=-1).mean()
    assert after < 0.9 * first
    assert after < 0.012


def test_jacobian_is_the_derivative(truth):
    root, q, _ = truth
    root, q = root[:1], q[:1]
    reached = skeleton.forward_kinematics(root, q)
    jacobian = solve._jacobian(reached)
    world = skeleton.world_rotations(q)
    elbow = skeleton.INDEX["l_shoulder"]
    column = 3 + 3 * solve._TURNING.index(elbow)
    small = np.array([[1e-6, 0.0, 0.0]])
    parent = world[:, skeleton.PARENTS[elbow]]
    turned = q.copy()
    local_turn = rotations.multiply(
        rotations.multiply(rotations.conjugate(parent), rotations.from_rotvec(small)), parent
    )
    turned[:, elbow] = rotations.multiply(local_turn, q[:, elbow])
    moved = (skeleton.forward_kinematics(root, turned) - reached) / 1e-6
    assert np.allclose(jacobian[..., column], moved, atol=1e-4)


@pytest.mark.parametrize("far_power", [0, solve.FAR_POWER])
def test_curvature_is_the_derivative_of_the_pull(far_power):
    residual = np.random.default_rng(1).normal(0.0, 0.03, (1, skeleton.N_JOINTS, 3))
    _, curvature = solve._pull(residual, far_power)
    for axis, small in enumerate(1e-7 * np.eye(3)):
        ahead, _ = solve._pull(residual + small, far_power)
        behind, _ = solve._pull(residual - small, far_power)
        assert np.allclose(curvature[..., axis], (ahead - behind) / 2e-7, rtol=1e-4, atol=1e-4)


def test_a_joint_at_the_wall_pulls_twice_as_hard_as_its_square():
    residual = np.zeros((1, skeleton.N_JOINTS, 3))
    residual[..., 1] = solve.FAR_M
    plain, _ = solve._pull(residual, 0)
    walled, _ = solve._pull(residual, solve.FAR_POWER)
    assert np.allclose(walled, 2.0 * plain)


def test_steps_settle_instead_of_swinging(truth, monkeypatch):
    _, _, clip = truth
    p = clip.positions_m.copy()
    p[:, [skeleton.INDEX["l_shoulder"], skeleton.INDEX["r_shoulder"]]] += [0.0, 0.05, 0.0]
    start = p[:, 0], solve.to_local(solve.first_guess(replace(clip, positions_m=p)))
    shipped = skeleton.forward_kinematics(*solve.refine(p, *start))
    monkeypatch.setattr(solve, "REFINE_STEPS", solve.REFINE_STEPS + 1)
    one_more = skeleton.forward_kinematics(*solve.refine(p, *start))
    assert np.linalg.norm(shipped - one_more, axis=-1).mean() < 0.0001


def test_a_file_of_another_kind_is_named(tmp_path):
    path = tmp_path / "song.npz"
    np.savez(path, samples=np.zeros(3))
    with pytest.raises(FileError, match=r"song\.npz"):
        source_clip.read(path)
