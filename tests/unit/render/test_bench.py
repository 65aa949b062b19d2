"""The bench measures every look on moving dancers."""

import numpy as np

from livedance.render import bench


def test_measures():
    result = bench.measure("skeleton", size=(320, 180), frames=5)
    assert (result.look, result.frames, result.dancers) == ("skeleton", 5, 1)
    assert 0 < result.p50_ms <= result.p99_ms and 0 < result.wall_p50_ms <= result.wall_p99_ms


def test_swaying_moves_with_the_beat_and_repeats_every_four():
    a, b, c = bench.swaying(0.0, 2), bench.swaying(0.4, 2), bench.swaying(2.0, 2)
    assert np.abs(a.joint_positions_m - b.joint_positions_m).max() > 0.1
    assert np.allclose(a.joint_positions_m, c.joint_positions_m)


def test_skinning_is_measured_apart():
    bones_ms, skin_ms, vertices = bench.skinning(repeats=5)
    assert bones_ms > 0.0 and skin_ms > 0.0 and vertices > 5_000
