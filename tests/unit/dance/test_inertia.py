"""The offset that hides a jump starts as the jump, goes on with its velocity, and is gone in time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance import rotations
from livedance.dance import inertia
from livedance.dance.inertia import Body


def body(seed: int, near: Body | None = None) -> Body:
    rng = np.random.default_rng(seed)
    turns = rotations.from_rotvec(rng.normal(size=(23, 3)) * (0.01 if near else 1.0))
    if near:
        return Body(near.root_position_m + 0.005, rotations.multiply(turns, near.joint_rotations_wxyz))
    return Body(rng.normal(size=3), turns)


def offset(seed: int, duration_s: float = 0.35):
    before, after = body(seed), body(seed + 1)
    going = inertia.velocity(before, body(seed + 2, before))
    coming = inertia.velocity(after, body(seed + 3, after))
    made = inertia.jump(t_s=5.0, duration_s=duration_s, before=before, going=going, after=after, coming=coming)
    return made, before, after, going, coming


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_it_starts_at_the_pose_before_and_ends_at_the_new_motion(seed):
    made, before, after, *_ = offset(seed)
    start = made.apply(after, 5.0)
    assert np.allclose(start.root_position_m, before.root_position_m)
    aligned = rotations.align_signs(start.joint_rotations_wxyz, before.joint_rotations_wxyz)
    assert np.allclose(aligned, before.joint_rotations_wxyz, atol=1e-9)
    assert made.apply(after, 5.36) is after
    assert np.allclose(made.apply(after, 5.3499).root_position_m, after.root_position_m, atol=1e-6)


def test_the_root_goes_on_with_the_velocity_it_had():
    made, _, after, going, coming = offset(3)
    h = 1e-6
    moved = Body(after.root_position_m + coming.root_m_s * h, after.joint_rotations_wxyz)
    speed = (made.apply(moved, 5.0 + h).root_position_m - made.apply(after, 5.0).root_position_m) / h
    assert np.linalg.norm(going.root_m_s - coming.root_m_s) < inertia.MAX_ROOT_M_S
    assert np.allclose(speed, going.root_m_s, atol=1e-3)


def test_velocities_are_limited_in_length_not_in_direction():
    a = Body(np.zeros(3), np.tile(rotations.IDENTITY, (23, 1)))
    b = Body(np.array([3.0, 4.0, 0.0]), np.tile(rotations.from_rotvec(np.array([0.0, 2.0, 0.0])), (23, 1)))
    found = inertia.velocity(a, b)
    assert np.allclose(found.root_m_s, [1.2, 1.6, 0.0])
    assert np.allclose(found.turn_rad_s, [[0.0, 8.0, 0.0]] * 23)


def test_before_its_time_it_is_the_whole_jump():
    made, before, after, *_ = offset(8)
    assert np.allclose(made.apply(after, 4.0).root_position_m, before.root_position_m)
