from __future__ import annotations

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import groove, stance
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Motion


def standing() -> Motion:
    turned = np.broadcast_to(stance.pose(), (TRACK_SAMPLES, 23, 4)).copy()
    root = np.zeros((TRACK_SAMPLES, 3))
    root[:, 1] = stance.HIPS_HEIGHT_M
    return Motion(root_position_m=root, joint_rotations_wxyz=turned, foot_contact=np.ones((TRACK_SAMPLES, 4)))


def bounced(amount: float, pattern_beat: float = 0.5) -> Motion:
    return groove.bounce(standing(), 0.5, pattern_beat, amount, np.zeros(TRACK_SAMPLES))


@pytest.mark.parametrize("depth", [0.2, 0.55, 0.8])
def test_dwell_keeps_beats_and_half_beats_and_never_goes_back(depth: float) -> None:
    beats = np.arange(0.0, 4.0, 1 / 64)
    read = groove.dwell(beats, depth)
    assert np.allclose(read[::32], beats[::32], atol=1e-12)
    rate = np.gradient(read, beats)
    assert rate.min() > 0.1
    assert rate.max() < 1.3
    assert np.argmin(rate[32:96]) == 32


def test_no_groove_changes_nothing() -> None:
    assert groove.depth_for(0.0, 100.0) == 0.0
    still = standing()
    assert groove.bounce(still, 0.5, 0.5, 0.0, np.zeros(TRACK_SAMPLES)) is still


def test_the_hips_are_lowest_exactly_on_each_beat() -> None:
    height = bounced(0.5).root_position_m[LEAD_IN:, 1]
    on_beat = [8, 24]
    for i in on_beat:
        assert height[i] == height[i - 4 : i + 5].min()
    assert height[0] > height[8] + 0.01


def test_the_body_is_slowest_exactly_on_the_beat() -> None:
    motion = bounced(0.5)
    joints = skeleton.forward_kinematics(motion.root_position_m, motion.joint_rotations_wxyz)[LEAD_IN:]
    speed = np.linalg.norm(joints[2:] - joints[:-2], axis=-1).sum(axis=1)
    assert np.argmin(speed[:15]) + 1 == 8
    assert np.argmin(speed[15:]) + 16 == 24


def test_not_every_beat_is_alike() -> None:
    drops = {round(float(bounced(1.0, k + 0.5).root_position_m[LEAD_IN + 8, 1]), 6) for k in range(8)}
    assert len(drops) >= 5


def test_the_amount_may_change_within_a_window() -> None:
    amount = np.linspace(0.0, 1.0, TRACK_SAMPLES)
    moved = groove.bounce(standing(), 0.5, 0.5, amount, np.zeros(TRACK_SAMPLES))
    drop = stance.HIPS_HEIGHT_M - moved.root_position_m[:, 1]
    assert drop[LEAD_IN] == 0.0
    assert drop[LEAD_IN + 24] > 1.5 * drop[LEAD_IN + 8] > 0.0


def test_nobody_bounces_in_the_air() -> None:
    jump = Motion(
        root_position_m=standing().root_position_m,
        joint_rotations_wxyz=standing().joint_rotations_wxyz,
        foot_contact=np.zeros((TRACK_SAMPLES, 4)),
    )
    moved = groove.bounce(jump, 0.5, 0.5, 1.0, np.zeros(TRACK_SAMPLES))
    assert np.array_equal(moved.root_position_m, jump.root_position_m)


def test_a_pause_takes_one_beat_and_leaves_what_was_before_it() -> None:
    beats = np.arange(0.0, 8.0, 1 / 64)
    read = groove.paused(beats, (3.0,))
    rate = np.gradient(read, beats)
    before, after = beats < 3.0 - groove.PAUSE_AHEAD, beats > 3.0 + groove.PAUSE_REST + groove.PAUSE_OUT
    assert np.allclose(read[before], beats[before])
    assert np.allclose(read[after], beats[after] - 1.0)
    assert rate.min() > -1e-9, "nothing is danced backwards"
    assert rate[np.abs(beats - 3.0).argmin()] < 0.05
    assert rate[np.abs(beats - 3.4).argmin()] < 0.25


def test_two_pauses_take_two_beats_and_stay_in_order() -> None:
    beats = np.arange(0.0, 10.0, 1 / 64)
    read = groove.paused(beats, (3.0, 5.0))
    assert np.isclose(read[-1], beats[-1] - 2.0)
    assert np.diff(read).min() > -1e-9


def test_strong_beats_are_dwelt_on_longer_and_half_time_longest() -> None:
    depth = groove.depths(0.35, 124.0, np.arange(8.0))
    assert depth[0] == depth.max() > depth[1]
    assert np.all(groove.depths(0.35, 124.0, np.arange(8.0), rate=0.5) > depth)
    assert not groove.depths(0.0, 124.0, np.arange(8.0)).any()
    between = groove.depths(0.35, 124.0, np.arange(0.0, 8.0, 1 / 16))
    assert np.abs(np.diff(between)).max() < 0.03
    assert groove.depths(1.0, 60.0, np.arange(8.0), rate=0.5).max() <= groove.DWELL_DEEPEST
