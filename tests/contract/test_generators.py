"""What every dance generator in the registry must do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from livedance import registry, skeleton
from livedance.dance.generator import DanceGenerator
from livedance.dance.library import MotionLibrary
from livedance.messages import COMMIT_SAMPLES, SAMPLES_PER_BEAT, WINDOW_SAMPLES, Controls, MotionWindow
from tests.unit.dance.dancing import Dance, a_request, committed

BPM = 110.0
STEP_S = 60.0 / BPM / SAMPLES_PER_BEAT
FASTEST_M_S = 10.5
"""No joint of the library, danced large, moves faster for two samples running; a jump does."""


@pytest.fixture(scope="module")
def library() -> MotionLibrary:
    return MotionLibrary.load()


@pytest.fixture(params=registry.names("generator"))
def generator(request: pytest.FixtureRequest, library: MotionLibrary) -> DanceGenerator:
    made: DanceGenerator = registry.find("generator", request.param)(library)
    return made


def wishes_at(i: int) -> dict[str, Any]:
    """Return what changes on the way: energy, a silence, a hit, a new phrase."""
    return {
        "dance_bpm": BPM,
        "energy": 0.3 + 0.5 * ((i // 8) % 2),
        "is_silent": 20 <= i < 26,
        "hit_beat": 12.2 if i >= 12 else None,
        "new_phrase": i == 14,
    }


def roll(generator: DanceGenerator, n: int = 40, seed: int = 3, n_dancers: int = 1) -> list[MotionWindow]:
    dance = Dance(generator, seed=seed)
    for i in range(n):
        dance.at(i - 0.5, Controls(dancers=n_dancers, formation="individuals"), **wishes_at(i))
    return dance.windows


def bytes_of(windows: list[MotionWindow]) -> list[bytes]:
    return [
        w.root_position_m.tobytes() + w.joint_rotations_wxyz.tobytes() + w.foot_contact.tobytes() + w.hands.tobytes()
        for w in windows
    ]


def joints_of(windows: list[MotionWindow]) -> np.ndarray:
    return skeleton.forward_kinematics(*committed(windows))


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
    joints = joints_of(windows)
    for parent, joint in skeleton.BONES:
        length = np.linalg.norm(joints[:, joint] - joints[:, parent], axis=-1)
        assert np.abs(length - np.linalg.norm(skeleton.REST_OFFSETS_M[joint])).max() < 1e-9
    leaves = [j for j in skeleton.LEAVES if j not in skeleton.WRISTS]
    turned = np.concatenate([w.joint_rotations_wxyz for w in windows])
    assert np.abs(turned[:, leaves, 1:]).max() < 1e-6


def test_same_seed_same_bytes(generator: DanceGenerator, library: MotionLibrary) -> None:
    again = type(generator)(library)  # type: ignore[call-arg]
    assert bytes_of(roll(generator)) == bytes_of(roll(again))


def test_another_dancer_changes_nothing_but_the_place(generator: DanceGenerator) -> None:
    two = [w for w in roll(generator, 16, n_dancers=2) if w.dancer == 0]
    three = [w for w in roll(generator, 16, n_dancers=3) if w.dancer == 0]
    for a, b in zip(two, three, strict=True):
        assert np.array_equal(a.joint_rotations_wxyz[:, 1:10], b.joint_rotations_wxyz[:, 1:10]) or a.style != "idle"
        assert a.style == b.style


def test_wishes_depend_on_nothing_that_comes_later(generator: DanceGenerator) -> None:
    state = generator.initial_state(3, 0)
    for i in range(10):
        _, state = generator.step(state, a_request(i - 0.5, i), None)
    first, _ = generator.step(state, a_request(9.5, 10), None)
    generator.step(state, a_request(9.5, 10, energy=1.0, style="auto", new_phrase=True, groove=1.0), None)
    second, _ = generator.step(state, a_request(9.5, 10), None)
    assert np.array_equal(first.motion.joint_rotations_wxyz, second.motion.joint_rotations_wxyz)
    assert np.array_equal(first.feet.ankle_m, second.feet.ankle_m)


def test_stays_on_the_stage_and_over_the_floor(generator: DanceGenerator) -> None:
    windows = roll(generator, 120)
    root = np.concatenate([w.root_position_m for w in windows])
    assert np.abs(root[:, 0]).max() <= 1.65
    assert np.abs(root[:, 2]).max() <= 1.15
    low = joints_of(windows)[..., 1].min(axis=1)
    assert np.mean(low < 0.035 - 0.01) <= 0.01


def test_seams_do_not_jump(generator: DanceGenerator) -> None:
    joints = joints_of(roll(generator, 60))
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed.max() < FASTEST_M_S


@pytest.mark.parametrize("beat_start", [7.75, 8.0, 8.25])
def test_a_window_may_be_taken_up_early(generator: DanceGenerator, beat_start: float) -> None:
    dance = Dance(generator, seed=3)
    for i in range(9):
        (last,) = dance.at(i - 0.5, **wishes_at(i))
    (window,) = dance.at(beat_start, **{**wishes_at(9), "new_phrase": True})
    cut = round((beat_start - last.beat_start) * SAMPLES_PER_BEAT)
    root = np.concatenate([last.root_position_m[:cut], window.root_position_m])
    turned = np.concatenate([last.joint_rotations_wxyz[:cut], window.joint_rotations_wxyz])
    joints = skeleton.forward_kinematics(root, turned)
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed.max() < FASTEST_M_S


def test_goes_on_from_another_generators_window(generator: DanceGenerator, library: MotionLibrary) -> None:
    last = roll(registry.find("generator", "probe")(library), 6)[-1]
    dance = Dance(generator, seed=3)
    dance.cast.resume([last])
    (window,) = dance.at(5.5, **wishes_at(6))
    joints = skeleton.forward_kinematics(
        np.concatenate([last.root_position_m[:COMMIT_SAMPLES], window.root_position_m]),
        np.concatenate([last.joint_rotations_wxyz[:COMMIT_SAMPLES], window.joint_rotations_wxyz]),
    )
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1) / STEP_S
    assert speed[: COMMIT_SAMPLES + 2].max() < FASTEST_M_S


def test_a_jump_is_left_to_the_player(generator: DanceGenerator) -> None:
    dance = Dance(generator, seed=3)
    dance.at(-0.5)
    (window,) = dance.at(30.5)
    assert window.seam_samples > 0
