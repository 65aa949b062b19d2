from __future__ import annotations

import numpy as np

from livedance import rotations, skeleton
from livedance.dance import body, clearance, idle, idle_footwork, idle_tracks
from livedance.dance.window import LEAD_IN, Trace, Wish
from livedance.messages import COMMIT_SAMPLES, Origin
from tests.unit.dance.dancing import a_request

STEP_S = 1.0 / 32.0


def wished(clock_s: float, step_s: float = STEP_S, seed: int = 1, dancer: int = 0, began_s: float = 0.0) -> Wish:
    return idle.wish(seed, dancer, idle.Standing(since_beat=0.0, clock_s=clock_s, began_s=began_s), step_s)


def shown(
    seconds: float, start: idle_footwork.Stance = idle.HOME, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return roots, rotations and contacts at 32 Hz, with legs and foot lock."""
    standing = idle.Standing(since_beat=0.0, clock_s=0.0, start=start)
    trace, kept = None, []
    for i in range(int(2 * seconds)):
        standing = idle.advance(standing, trace, a_request(float(i), i))
        wish = idle.wish(seed, 0, standing, STEP_S)
        motion, trace = body.finish(wish.motion, wish.feet, trace, float(i), STEP_S, 0.7)
        kept.append(motion)
    parts = [(m.root_position_m, m.joint_rotations_wxyz, m.foot_contact) for m in kept]
    root, turned, contact = (np.concatenate([p[k][:COMMIT_SAMPLES] for p in parts]) for k in range(3))
    return root, turned, contact


def longest_slide_m(joints: np.ndarray, contact: np.ndarray) -> float:
    """Return how far a toe or heel gets from where its contact began, at most."""
    worst = 0.0
    for column, joint in enumerate(skeleton.CONTACT_JOINTS):
        begun = joints[0, joint]
        for i in range(1, len(joints)):
            if contact[i, column] > 0.5:
                begun = joints[i, joint] if contact[i - 1, column] <= 0.5 else begun
                worst = max(worst, float(np.linalg.norm((joints[i, joint] - begun)[[0, 2]])))
    return worst


def loop_share(pose: np.ndarray, rate_hz: float) -> float:
    """Return the largest normalised autocorrelation of a pose vector at lags of 5 to 150 s."""
    pose = pose - pose.mean(axis=0)
    lags = range(int(5 * rate_hz), int(150 * rate_hz))
    pairs = ((pose[:-lag], pose[lag:]) for lag in lags)
    return max(float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))) for a, b in pairs)


def test_alive_but_calm() -> None:
    root, turned, _ = shown(60.0)
    speed = np.linalg.norm(np.diff(skeleton.forward_kinematics(root, turned), axis=0), axis=-1).mean(axis=1) / STEP_S
    assert 0.03 < speed.mean() < 0.15
    assert speed[: 59 * 32].reshape(59, 32).mean(axis=1).min() > 0.008
    assert speed.max() < 0.7


def test_real_steps_no_sliding() -> None:
    root, turned, contact = shown(60.0)
    joints = skeleton.forward_kinematics(root, turned)
    assert longest_slide_m(joints, contact) < 0.01
    in_air = (contact.reshape(-1, 2, 2) < 0.5).all(axis=2)
    assert in_air.any(axis=0).all()
    assert not in_air.all(axis=1).any()
    assert joints[in_air[:, 0], skeleton.INDEX["l_toe"], 1].max() > 0.05


def test_no_loop_is_seen_in_five_minutes() -> None:
    def pose(clock_s: float) -> np.ndarray:
        motion = wished(clock_s, 1.0 / 8.0).motion
        rows = slice(LEAD_IN, LEAD_IN + 32)
        joints = skeleton.forward_kinematics(motion.root_position_m[rows], motion.joint_rotations_wxyz[rows])
        return (joints - joints[:, :1] * np.array([1.0, 0.0, 1.0])).reshape(32, -1)

    five_minutes = np.concatenate([pose(4.0 * i) for i in range(75)])
    looped = np.concatenate([five_minutes[: 8 * 30]] * 10)
    assert loop_share(five_minutes, 8.0) < 0.4
    assert loop_share(looped, 8.0) > 0.9


def test_two_windows_agree_where_they_overlap() -> None:
    for clock_s in (6.0, 17.75, 71.8):
        a, b = wished(clock_s), wished(clock_s + 16 * STEP_S)
        assert np.abs(a.motion.joint_rotations_wxyz[16:] - b.motion.joint_rotations_wxyz[:17]).max() < 1e-9
        assert np.abs(a.motion.root_position_m[16:] - b.motion.root_position_m[:17]).max() < 1e-9
        assert np.abs(a.feet.ankle_m[16:] - b.feet.ankle_m[:17]).max() < 1e-9
        assert np.array_equal(a.motion.foot_contact[16:], b.motion.foot_contact[:17])


def test_the_tempo_does_not_hurry_an_idle_dancer() -> None:
    slow, fast = wished(30.0, 2 * STEP_S), wished(30.0, STEP_S)
    rows = slice(LEAD_IN, LEAD_IN + 16)
    assert np.allclose(slow.motion.root_position_m[rows], fast.motion.root_position_m[LEAD_IN::2])
    assert np.allclose(slow.motion.joint_rotations_wxyz[rows], fast.motion.joint_rotations_wxyz[LEAD_IN::2])


def test_every_dancer_and_every_idle_is_another() -> None:
    mine = wished(20.0).motion.joint_rotations_wxyz
    later = 5 * idle_tracks.CHAPTER_S
    assert np.abs(mine - wished(20.0, dancer=1).motion.joint_rotations_wxyz).max() > 0.02
    assert np.abs(mine - wished(20.0 + later, began_s=later).motion.joint_rotations_wxyz).max() > 0.02
    first, second = (idle.advance(None, None, a_request(beat, 0)) for beat in (64.5, 128.5))
    assert first.began_s != second.began_s


def test_walks_home_and_turns_to_the_audience() -> None:
    away = idle_footwork.stance_at((1.1, -0.4), 2.6, 0.12, 0.1, (0.2, 0.2))
    root, turned, contact = shown(14.0, start=away)
    assert np.linalg.norm(root[0, [0, 2]] - [1.1, -0.4]) < 0.15
    assert np.linalg.norm(root[-1, [0, 2]]) < 0.3
    assert abs(float(rotations.heading(turned[-1, 0]))) < 0.8
    assert longest_slide_m(skeleton.forward_kinematics(root, turned), contact) < 0.01


def test_first_stays_where_the_dance_ended() -> None:
    near = idle_footwork.stance_at((0.3, 0.2), -0.4, 0.15, 0.1, (0.3, 0.1))
    root, turned, contact = shown(6.0, start=near)
    assert (contact > 0.5).all()
    speed = np.linalg.norm(np.diff(skeleton.forward_kinematics(root, turned), axis=0), axis=-1).mean(axis=1) / STEP_S
    assert speed.max() < 0.2


def test_begins_on_the_feet_of_the_body_before() -> None:
    wish = wished(40.0)
    motion, trace = body.finish(wish.motion, wish.feet, None, 10.5, STEP_S)
    del motion
    assert isinstance(trace, Trace)
    standing = idle.advance(None, trace, a_request(11.5, 1))
    row = trace.row_at(11.5)
    assert row is not None
    assert np.allclose(standing.start.ankle_xz, trace.feet.ankle_m[row][:, [0, 2]])


def test_wrists_stay_out_of_the_body() -> None:
    deep = []
    for seed in (1, 2):
        root, turned, _ = shown(72.0, seed=seed)
        deep.append(clearance.depth_m(root, turned).max(axis=1) > 0.02)
    assert np.concatenate(deep).mean() < 0.005


def test_the_generator_idles_in_silence_and_in_music() -> None:
    generator = idle.Idle()
    state = generator.initial_state(1, 0)
    first, state = generator.step(state, a_request(3.5, 0), None)
    second, state = generator.step(state, a_request(4.5, 1, is_silent=True), None)
    assert first.origin == second.origin == Origin.IDLE
    assert first.is_exact
    assert np.allclose(first.motion.root_position_m[16:], second.motion.root_position_m[:17])
