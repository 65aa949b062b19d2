"""What every dance generator in the registry must do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from livedance import registry, skeleton
from livedance.dance.generator import DanceGenerator, WindowRequest
from livedance.dance.library import MotionLibrary
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT, WINDOW_SAMPLES, MotionWindow, Section

BPM = 110.0
STEP_S = 60.0 / BPM / SAMPLES_PER_BEAT
FASTEST_M_S = 9.0
"""No joint of the library moves faster for two samples running; a jump does."""


@pytest.fixture(scope="module")
def library() -> MotionLibrary:
    return MotionLibrary.load()


@pytest.fixture(params=registry.names("generator"))
def generator(request: pytest.FixtureRequest, library: MotionLibrary) -> DanceGenerator:
    made: DanceGenerator = registry.find("generator", request.param)(library)
    return made


def a_request(i: int, *, seed: int = 3, dancer: int = 0, **changes: Any) -> WindowRequest:
    wishes: dict[str, Any] = {
        "beat_start": i - 0.5,
        "dancer": dancer,
        "plan": i,
        "seed": seed,
        "dance_bpm": BPM,
        "bar_beat": (i - 0.5) % 4.0,
        "phrase_bar": (i // 4) % 8,
        "energy": 0.3 + 0.5 * ((i // 8) % 2),
        "brightness": 0.5,
        "confidence": 0.9,
        "section": Section.GROOVE,
        "build": 0.0,
        "is_silent": 20 <= i < 26,
        "heard": True,
        "style": "auto",
        "groove": 0.35,
        "hit": i == 12,
        "new_phrase": i == 14,
    }
    return WindowRequest(**{**wishes, **changes})


def roll(generator: DanceGenerator, n: int = 40, seed: int = 3, dancer: int = 0, **changes: Any) -> list[MotionWindow]:
    state, windows = generator.initial_state(seed, dancer), []
    for i in range(n):
        window, state = generator.step(state, a_request(i, seed=seed, dancer=dancer, **changes))
        windows.append(window)
    return windows


def bytes_of(windows: list[MotionWindow]) -> list[bytes]:
    return [
        w.root_position_m.tobytes() + w.joint_rotations_wxyz.tobytes() + w.foot_contact.tobytes() + w.hands.tobytes()
        for w in windows
    ]


def committed(windows: list[MotionWindow]) -> np.ndarray:
    root = np.concatenate([w.root_position_m[:COMMIT_SAMPLES] for w in windows])
    turned = np.concatenate([w.joint_rotations_wxyz[:COMMIT_SAMPLES] for w in windows])
    return skeleton.forward_kinematics(root, turned)


def test_windows_are_whole_finite_and_where_they_were_asked_for(generator: DanceGenerator) -> None:
    for i, window in enumerate(roll(generator)):
        assert window.beat_start == i - 0.5
        assert window.plan == i
        assert len(window.root_position_m) == WINDOW_SAMPLES
        assert np.isfinite(window.root_position_m).all()
        assert np.abs(np.linalg.norm(window.joint_rotations_wxyz, axis=-1) - 1.0).max() < 1e-6
        assert window.foot_contact.min() >= 0.0
        assert window.foot_contact.max() <= 1.0


def test_leaves_stay_at_rest_and_bones_keep_their_length(generator: DanceGenerator) -> None:
    windows = roll(generator, 12)
    joints = committed(windows)
    for parent, joint in skeleton.BONES:
        length = np.linalg.norm(joints[:, joint] - joints[:, parent], axis=-1)
        assert np.abs(length - np.linalg.norm(skeleton.REST_OFFSETS_M[joint])).max() < 1e-9
    leaves = [j for j in skeleton.LEAVES if j not in skeleton.WRISTS]
    turned = np.concatenate([w.joint_rotations_wxyz for w in windows])
    assert np.abs(turned[:, leaves, 1:]).max() < 1e-6


def test_same_seed_same_bytes(generator: DanceGenerator, library: MotionLibrary) -> None:
    again = type(generator)(library)  # type: ignore[call-arg]
    assert bytes_of(roll(generator)) == bytes_of(roll(again))


def test_another_dancer_changes_nothing(generator: DanceGenerator) -> None:
    alone = bytes_of(roll(generator, 16))
    states = [generator.initial_state(3, dancer) for dancer in (0, 1)]
    together = []
    for i in range(16):
        for dancer in (1, 0):
            window, states[dancer] = generator.step(states[dancer], a_request(i, dancer=dancer))
        together.append(window)
    assert bytes_of(together) == alone


def test_windows_depend_on_nothing_that_comes_later(generator: DanceGenerator) -> None:
    state = generator.initial_state(3, 0)
    for i in range(10):
        _, state = generator.step(state, a_request(i))
    first, _ = generator.step(state, a_request(10))
    generator.step(state, a_request(10, energy=1.0, style="auto", new_phrase=True, groove=1.0))
    second, _ = generator.step(state, a_request(10))
    assert bytes_of([first]) == bytes_of([second])


def test_stays_on_the_stage_and_over_the_floor(generator: DanceGenerator) -> None:
    windows = roll(generator, 120)
    root = np.concatenate([w.root_position_m for w in windows])
    assert np.abs(root[:, 0]).max() <= 1.65
    assert np.abs(root[:, 2]).max() <= 1.15
    low = committed(windows)[..., 1].min(axis=1)
    assert np.mean(low < 0.035 - 0.01) <= 0.01


def test_seams_do_not_jump(generator: DanceGenerator) -> None:
    joints = committed(roll(generator, 60))
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed.max() < FASTEST_M_S


@pytest.mark.parametrize("beat_start", [7.75, 8.0, 8.25])
def test_a_window_may_be_taken_up_early(generator: DanceGenerator, beat_start: float) -> None:
    state = generator.initial_state(3, 0)
    for i in range(9):
        last, state = generator.step(state, a_request(i))
    window, _ = generator.step(state, a_request(9, beat_start=beat_start, new_phrase=True))
    cut = round((beat_start - last.beat_start) * SAMPLES_PER_BEAT)
    root = np.concatenate([last.root_position_m[:cut], window.root_position_m])
    turned = np.concatenate([last.joint_rotations_wxyz[:cut], window.joint_rotations_wxyz])
    joints = skeleton.forward_kinematics(root, turned)
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed.max() < FASTEST_M_S


def test_goes_on_from_another_generators_window(generator: DanceGenerator, library: MotionLibrary) -> None:
    other = registry.find("generator", "probe")(library)
    last = roll(other, 6)[-1]
    window, _ = generator.step(generator.resume(3, 0, last), a_request(6))
    joints = skeleton.forward_kinematics(
        np.concatenate([last.root_position_m[:COMMIT_SAMPLES], window.root_position_m]),
        np.concatenate([last.joint_rotations_wxyz[:COMMIT_SAMPLES], window.joint_rotations_wxyz]),
    )
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed[: COMMIT_SAMPLES + 2].max() < FASTEST_M_S


def test_a_jump_is_left_to_the_player(generator: DanceGenerator) -> None:
    state = generator.initial_state(3, 0)
    _, state = generator.step(state, a_request(0))
    window, _ = generator.step(state, a_request(1, beat_start=30.5))
    assert window.seam_samples > 0
