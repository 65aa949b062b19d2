from __future__ import annotations

import numpy as np

from livedance import rotations
from livedance.dance import foot_lock, ik, stance
from livedance.dance.foot_lock import Mode
from livedance.dance.window import LEAD_IN, TRACK_SAMPLES, Feet, FootLocks, Motion, Trace

STEP_S = 1.0 / 32.0
ON, OFF = np.ones((TRACK_SAMPLES, 4)), np.zeros((TRACK_SAMPLES, 4))


def standing(x: np.ndarray | float = 0.0, yaw: np.ndarray | float = 0.0) -> Feet:
    place = np.zeros((TRACK_SAMPLES, 2))
    place[:, 0] = x
    return stance.feet(TRACK_SAMPLES, place, np.asarray(yaw))


def trace(feet: Feet, locks: FootLocks) -> Trace:
    body = Motion(
        root_position_m=np.zeros((TRACK_SAMPLES, 3)),
        joint_rotations_wxyz=np.zeros((TRACK_SAMPLES, 23, 4)),
        foot_contact=ON,
    )
    return Trace(beat_start=0.5, body=body, feet=feet, locks=locks, drop_m=np.zeros(TRACK_SAMPLES))


def test_a_planted_foot_does_not_slide_with_its_motion() -> None:
    slide = np.linspace(0.0, 0.1, TRACK_SAMPLES)
    shown, locks = foot_lock.lock(standing(slide, 2.0 * slide), ON, None, LEAD_IN, STEP_S)
    assert (locks.mode[LEAD_IN:] == Mode.FLAT).all()
    assert np.ptp(shown.ankle_m[LEAD_IN:], axis=0).max() < 1e-9
    assert np.ptp(ik.toes_of(shown)[LEAD_IN:], axis=0).max() < 1e-9


def test_a_free_foot_follows_its_motion() -> None:
    slide = np.linspace(0.0, 0.4, TRACK_SAMPLES)
    feet = standing(slide)
    shown, _ = foot_lock.lock(feet, OFF, None, LEAD_IN, STEP_S)
    assert np.abs(shown.ankle_m - feet.ankle_m)[LEAD_IN:].max() < 1e-9


def test_contact_has_hysteresis() -> None:
    assert foot_lock._wanted(Mode.FREE, 0.5, 0.5) == Mode.FREE
    assert foot_lock._wanted(Mode.FLAT, 0.5, 0.5) == Mode.FLAT
    assert foot_lock._wanted(Mode.FLAT, 0.3, 0.5) == Mode.TOE
    assert foot_lock._wanted(Mode.FREE, 0.7, 0.3) == Mode.HEEL


def test_a_lifted_foot_is_back_in_its_motion_soon_and_without_a_jump() -> None:
    slide = np.linspace(0.0, 0.1, TRACK_SAMPLES)
    feet, contact = standing(slide), ON.copy()
    contact[12:] = 0.0
    shown, _ = foot_lock.lock(feet, contact, None, LEAD_IN, STEP_S)
    back = 12 + int(np.ceil(foot_lock.RELEASE_S / STEP_S)) + 1
    assert np.abs(shown.ankle_m - feet.ankle_m)[back:].max() < 1e-9
    assert np.linalg.norm(np.diff(shown.ankle_m, axis=0), axis=-1).max() < 0.025


def test_a_foot_lifted_far_from_its_motion_does_not_fly_back() -> None:
    first, locks = foot_lock.lock(standing(0.0), ON, None, LEAD_IN, STEP_S)
    away, contact = standing(0.6), ON.copy()
    contact[LEAD_IN + 1 :] = 0.0
    shown, _ = foot_lock.lock(away, contact, trace(first, locks), 17, STEP_S)
    assert np.linalg.norm(np.diff(shown.ankle_m, axis=0), axis=-1).max() / STEP_S < 5.0
    assert np.abs(shown.ankle_m[-1] - away.ankle_m[-1]).max() < 1e-6


def test_a_foot_left_far_behind_steps_one_at_a_time() -> None:
    first, locks = foot_lock.lock(standing(0.0), ON, None, LEAD_IN, STEP_S)
    away = standing(0.25)
    shown, locks = foot_lock.lock(away, ON, trace(first, locks), 17, STEP_S)
    stepping = locks.mode[LEAD_IN:] == Mode.STEP
    assert stepping.any(axis=0).all()
    assert not stepping.all(axis=1).any()
    lift = shown.ankle_m[..., 1].max(axis=0) - shown.ankle_m[LEAD_IN, :, 1]
    assert (lift > 0.02).all()
    assert np.abs(shown.ankle_m - away.ankle_m)[-1].max() < 0.02
    assert np.allclose(shown.ankle_m[LEAD_IN], first.ankle_m[17], atol=1e-9)


def test_a_window_goes_on_exactly_where_the_last_one_is() -> None:
    slide = np.linspace(0.0, 0.1, 2 * TRACK_SAMPLES)
    contact = ON.copy()
    contact[10:14] = 0.0
    first, locks = foot_lock.lock(standing(slide[:TRACK_SAMPLES]), contact, None, LEAD_IN, STEP_S)
    for row in (5, 11, 17, 30):
        later = standing(slide[row - LEAD_IN : row - LEAD_IN + TRACK_SAMPLES])
        shown, _ = foot_lock.lock(later, ON, trace(first, locks), row, STEP_S)
        assert np.allclose(shown.ankle_m[LEAD_IN], first.ankle_m[row], atol=1e-9)
        assert np.linalg.norm(np.diff(shown.ankle_m, axis=0), axis=-1).max() < 0.03


def test_toes_are_never_under_the_floor() -> None:
    feet = standing(0.0)
    sunk = Feet(ankle_m=feet.ankle_m - np.array([0.0, 0.08, 0.0]), rotation_wxyz=feet.rotation_wxyz)
    for contact in (ON, OFF):
        shown, _ = foot_lock.lock(sunk, contact, None, LEAD_IN, STEP_S)
        assert ik.toes_of(shown)[8:, :, 1].min() > foot_lock.TOE_REST_M - 0.005


def test_toe_stays_while_the_heel_lifts() -> None:
    feet = standing(0.0)
    pitch = np.zeros((TRACK_SAMPLES, 3))
    pitch[:, 0] = np.linspace(0.0, 0.7, TRACK_SAMPLES)
    turned = rotations.multiply(feet.rotation_wxyz, rotations.from_rotvec(pitch)[:, None])
    toes = ik.toes_of(feet)
    ankle = toes - rotations.rotate(turned, np.broadcast_to(ik.TOE_OFFSET_M, toes.shape))
    slid = ankle + np.linspace(0.0, 0.08, TRACK_SAMPLES)[:, None, None] * np.array([1.0, 0.0, 0.0])
    contact = ON.copy()
    contact[:, [0, 2]] = 0.0
    shown, locks = foot_lock.lock(Feet(ankle_m=slid, rotation_wxyz=turned), contact, None, LEAD_IN, STEP_S)
    assert (locks.mode[LEAD_IN:] == Mode.TOE).all()
    assert np.ptp(ik.toes_of(shown)[LEAD_IN:], axis=0).max() < 1e-6
    assert np.ptp(shown.ankle_m[LEAD_IN:, :, 1], axis=0).min() > 0.03
