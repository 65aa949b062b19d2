from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance import energy
from livedance.dance.window import TRACK_SAMPLES, Motion, sample_beats

ELBOW = skeleton.INDEX["l_elbow"]
KNEE = skeleton.INDEX["l_knee"]


def swinging(beats: np.ndarray, reach: float = 0.4) -> np.ndarray:
    vectors = np.zeros((len(beats), skeleton.N_JOINTS, 3))
    vectors[:, [ELBOW, KNEE], 0] = (0.3 + reach * np.sin(np.pi * beats))[:, None]
    return rotations.from_rotvec(vectors)


def amplified(gain: float, reach: float = 0.4) -> np.ndarray:
    motion = Motion(
        root_position_m=np.zeros((TRACK_SAMPLES, 3)),
        joint_rotations_wxyz=swinging(sample_beats(4.5), reach),
        foot_contact=np.zeros((TRACK_SAMPLES, 4)),
    )
    mean = energy.running_mean(swinging(energy.coarse_beats(4.5), reach))
    out = energy.amplify(motion, mean, gain)
    return rotations.to_rotvec(out.joint_rotations_wxyz)[..., 0]


def test_gain_grows_with_energy_and_is_bounded() -> None:
    gains = [energy.gain_for(e) for e in (0.0, 0.3, 0.6, 1.0)]
    assert gains == sorted(gains)
    assert gains[0] == energy.GAIN_LEAST
    assert gains[-1] == energy.GAIN_MOST


def test_gain_one_changes_nothing() -> None:
    assert np.allclose(amplified(1.0)[:, ELBOW], 0.3 + 0.4 * np.sin(np.pi * sample_beats(4.5)), atol=1e-9)


def test_the_swing_is_scaled_about_its_mean_and_legs_are_left() -> None:
    for gain in (0.7, 1.2):
        assert np.isclose(np.ptp(amplified(gain)[:, ELBOW]), gain * 0.8, rtol=0.05)
        assert np.isclose(amplified(gain)[:, ELBOW].mean(), amplified(1.0)[:, ELBOW].mean(), atol=0.03)
        assert np.allclose(amplified(gain)[:, KNEE], amplified(1.0)[:, KNEE])


def test_what_is_wide_already_is_not_made_wider() -> None:
    assert np.ptp(amplified(1.2, reach=1.7)[:, ELBOW]) < 3.4 * 1.05


def test_what_is_added_is_soft_and_straight_ways_stay_straight() -> None:
    straight = np.linspace(0.0, 2.0, TRACK_SAMPLES)[:, None]
    assert np.allclose(energy.softened(straight), straight)
    jolt = np.zeros((TRACK_SAMPLES, 1))
    jolt[16] = 1.0
    soft = energy.softened(jolt)
    assert np.isclose(soft.sum(), 1.0)
    assert soft.max() < 0.3
    assert np.argmax(soft) == 16
