"""The network that dances, with the network that ships and with ones that fail."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import network, pose_features
from livedance.dance.direction import Direction, Role
from livedance.dance.figures import Figures, Sought, choose
from livedance.dance.motion_net import Answer, MotionNet
from livedance.dance.network import NetworkDance
from livedance.dance.reel import Course, on_the_beat, reel_of
from livedance.errors import ConfigError, ModelError
from livedance.messages import Origin
from tests.unit.dance.dancing import Dance, a_request, committed


@pytest.fixture(scope="module")
def net() -> MotionNet:
    return MotionNet()


class Broken:
    """A network that answers well until it is told to fail."""

    def __init__(self, net: MotionNet, value: float, column: int = 0) -> None:
        self.net, self.codes, self.value, self.column, self.fails = net, net.codes, value, column, False

    def run(self, *given: Any) -> Answer:
        answer = self.net.run(*given)
        if not self.fails:
            return answer
        future = answer.future.copy()
        future[:, 5, self.column] = self.value
        return answer._replace(future=future)


def a_slot(slot: int, start: float, beats: int = 8, **changes: Any) -> Direction:
    return Direction(slot=slot, start=start, beats=beats, style="club", **changes)


def joints_of(dance: Dance) -> np.ndarray:
    return skeleton.forward_kinematics(*committed(dance.windows))


@pytest.mark.parametrize("bpm", [60.0, 97.3, 150.0, 200.0])
def test_dances_at_every_tempo(net, bpm):
    dance = Dance(NetworkDance(net=net), seed=2, is_choreographed=True)
    dance.roll(24, dance_bpm=bpm, style="groove", auto_style="groove")
    joints = joints_of(dance)
    assert np.isfinite(joints).all()
    assert all(w.origin == Origin.NETWORK for w in dance.windows)
    assert np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean() * 16 > 0.05, "metres a beat"


def test_seeds_dance_differently_and_voices_too(net):
    generator = NetworkDance(net=net)

    def danced(seed: int, voice: int) -> np.ndarray:
        state = generator.initial_state(seed, voice)
        for i in range(6):
            wish, state = generator.step(state, a_request(i - 0.5, i, style="jazz"), None)
        return wish.motion.joint_rotations_wxyz

    assert np.array_equal(danced(1, 0), danced(1, 0))
    assert np.abs(danced(1, 0) - danced(2, 0)).max() > 0.01
    assert np.abs(danced(1, 0) - danced(1, 1)).max() > 0.01


@pytest.mark.parametrize(
    ("value", "column"),
    [(np.nan, 0), (np.inf, pose_features.HEIGHT), (3.0, pose_features.HEIGHT), (50.0, pose_features.WAY.start)],
)
def test_what_is_no_motion_of_a_body_is_danced_by_the_motion_graph_and_counted(net, value, column):
    broken = Broken(net, value, column)
    generator = NetworkDance(net=broken)
    dance = Dance(generator, seed=3)
    for i in range(12):
        broken.fails = 4 <= i < 7
        (window,) = dance.at(i - 0.5, dance_bpm=110.0, style="club")
        assert window.origin == (Origin.MOTION_GRAPH if broken.fails else Origin.NETWORK)
    assert network.refused(dance.cast.voice_state(0)) == 3
    speed = np.linalg.norm(np.diff(joints_of(dance), axis=0), axis=-1).max(axis=1) / (60.0 / 110.0 / 16)
    assert speed.max() < 10.5


def test_what_it_has_not_learnt_is_danced_by_the_motion_graph(net):
    dance = Dance(NetworkDance(net=net), seed=3)
    origins = [dance.at(i - 0.5, style="club" if i < 4 or i >= 8 else "break")[0].origin for i in range(12)]
    assert origins == [Origin.NETWORK] * 4 + [Origin.MOTION_GRAPH] * 4 + [Origin.NETWORK] * 4
    assert network.refused(dance.cast.voice_state(0)) == 0


@pytest.mark.parametrize("first", [-0.5, 3.5])
def test_a_window_may_be_taken_up_where_the_last_one_begins(net, first):
    dance = Dance(NetworkDance(net=net), seed=3)
    for style in ("break", "club"):  # the first is the motion graph's, so the second begins with what was shown
        (window,) = dance.at(first, style=style)
        assert np.isfinite(window.root_position_m).all()
    assert window.origin == Origin.NETWORK


def test_an_unknown_style_is_named(net):
    with pytest.raises(ConfigError, match="clubb"):
        Dance(NetworkDance(net=net)).at(-0.5, style="clubb")


def test_nobody_who_floats_has_accents_of_the_network(net):
    generator = NetworkDance(net=net)
    request = a_request(-0.5, 0, direction=a_slot(0, -0.5, role=Role.FLOAT))
    wish, state = generator.step(generator.initial_state(1, 0), request, None)
    assert wish.origin != Origin.NETWORK
    assert state.reel is None


def test_a_theme_is_led_through_the_same_figures_again_and_mirrored(net):
    generator = NetworkDance(net=net)
    state, led = generator.initial_state(4, 0), {}
    slots = [(0, 7, False), (1, 8, False), (2, 7, True)]
    for number, theme, turned in slots:
        rows = []
        for k in range(8):
            beat = 8 * number + k - 0.5
            slot = a_slot(number, 8 * number - 0.5, theme=theme, mirrored=turned)
            _, state = generator.step(state, a_request(beat, 8 * number + k, direction=slot), None)
            rows.append(state.lead.row)
        led[number] = rows
    assert led[0] == led[2]
    assert led[0] != led[1]


def test_a_held_pose_stands_still_and_goes_on_from_there(net):
    generator = NetworkDance(net=net)
    state = generator.initial_state(4, 0)
    poses = []
    for i in range(10):
        slot = a_slot(0, -0.5, 64, hold_from=4.0 if i < 8 else None)
        request = a_request(i - 0.5, i, direction=slot, hold=i < 8, groove=0.0)
        wish, state = generator.step(state, request, None)
        poses.append(wish.motion.joint_rotations_wxyz[1:17])
    assert np.ptp(poses[6], axis=0).max() < 1e-6
    assert np.abs(poses[9] - poses[6]).max() > 0.01
    assert np.abs(poses[8][0] - poses[7][-1]).max() < 0.1


class Echo:
    """A network that stays in the last pose, and keeps what it was asked."""

    codes = 16

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []

    def run(self, history: np.ndarray, per_token: Any, whole: Any, chance: np.ndarray, *led: Any) -> Answer:
        self.asked.append(history[0])
        future = np.repeat(history[:, -1:], 32, axis=1)
        return Answer(future, np.zeros_like(chance), np.ones_like(chance))


def test_a_mirrored_slot_is_danced_in_the_mirror():
    wishes, asked = [], []
    for turned in (False, True):
        echo = Echo()
        generator = NetworkDance(net=echo, is_led=False)
        slot = a_slot(0, -0.5, theme=1, mirrored=turned)
        wishes.append(generator.step(generator.initial_state(5, 0), a_request(-0.5, 0, direction=slot), None)[0])
        asked.append(echo.asked[0])
    assert np.allclose(asked[1], pose_features.mirrored(asked[0]), atol=1e-6)
    assert np.abs(asked[1] - asked[0]).max() > 0.01
    one, other = (w.motion.joint_rotations_wxyz for w in wishes)
    assert np.allclose(one, other, atol=1e-6), "what stays as it is in the mirror stays as it is"


def test_a_course_rests_on_pauses_and_keeps_its_rate():
    course = Course(slot=1, dance_beat=3.5, reel_beat=7.5, pauses=(5.0,))
    assert course.at(3.5) == 7.5
    assert course.at(4.5) == pytest.approx(8.5)
    assert course.at(8.5) == pytest.approx(11.5), "one beat is rested"
    half = Course(slot=1, dance_beat=3.5, reel_beat=7.5, rate=0.5)
    assert half.at(7.5) == pytest.approx(9.5)
    held = replace(course, pauses=(), hold_from=5.0)
    assert held.at(9.0) == pytest.approx(9.04)
    assert on_the_beat(7.3, 10.5) == 7.5


def test_a_reel_keeps_what_was_danced(net):
    generator = NetworkDance(net=net)
    state = generator.initial_state(1, 0)
    _, state = generator.step(state, a_request(-0.5, 0), None)
    wish, state = generator.step(state, a_request(0.5, 1, groove=0.0), None)
    assert state.reel is not None
    again = state.reel.sample(0.5 + np.arange(16) / 16)
    assert np.abs(again.root_position_m[:, 1] - wish.motion.root_position_m[1:17, 1]).max() < 1e-9
    stood = reel_of(wish.motion, 3.0)
    assert stood.end == pytest.approx(3.0 - 1 / 16)
    before = stood.sample(np.array([-0.5, 0.0]))
    assert np.allclose(before.joint_rotations_wxyz[0], before.joint_rotations_wxyz[1])


def a_table(**changes: Any) -> Figures:
    n = 4
    columns: dict[str, Any] = {
        "codes": np.zeros((n, 2, 3), np.float32),
        "style": np.array([0, 0, 3, 3], np.uint8),
        "energy": np.array([0.2, 0.8, 0.2, 0.8], np.float32),
        "bpm": np.full(n, 120.0, np.float32),
        "crisp": np.ones(n, np.float32),
        "path": np.zeros((n, 3), np.float32),
        "clip": np.array([0, 1, 2, 3], np.int16),
        "goes_on": np.zeros(n, bool),
        "is_held": np.zeros(n, bool),
    }
    return Figures(**{**columns, **changes})


def sought(**changes: Any) -> Sought:
    wanted: dict[str, Any] = {
        "mean": np.zeros((2, 3)), "spread": np.ones((2, 3)), "shares": {"": 1.0}, "energy": 0.8, "bpm": 120.0,
        "path": None, "beat": 100.0,
    }  # fmt: skip
    return Sought(**{**wanted, **changes})


def chosen(table: Figures, wanted: Sought) -> set[int]:
    return {choose(table, wanted, np.random.default_rng(seed)) for seed in range(12)}


def test_figures_are_chosen_by_style_energy_likelihood_and_memory():
    assert chosen(a_table(), sought(shares={"jazz": 1.0})) == {3}
    assert chosen(a_table(), sought(energy=0.2)) == {0, 2}
    unlikely = a_table(codes=np.array([0, 9, 0, 0], np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32))
    assert chosen(unlikely, sought()) == {3}
    assert chosen(a_table(), sought(begun=((1, 99.0),))) == {3}
    assert chosen(a_table(is_held=np.array([0, 1, 0, 0], bool)), sought()) == {3}
    turning = a_table(path=np.array([[0, 0, 0], [2.5, 0, 0], [0, 0, 0], [0, 0, 0]], np.float32))
    assert chosen(turning, sought(path=(2.5, 0.0, 0.0))) == {1}


def test_a_damaged_table_or_network_is_named(tmp_path):
    with pytest.raises(ModelError, match="figures"):
        Figures.shipped(tmp_path)
    with pytest.raises(ModelError, match="dance network"):
        MotionNet(tmp_path)
    (tmp_path / "manifest.toml").write_text("format = 99\n")
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="format"):
        MotionNet(tmp_path)


def test_the_show_needs_no_torch():
    code = "import sys; from livedance.dance.network import NetworkDance; NetworkDance().initial_state(1, 0); "
    code += "assert 'torch' not in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
