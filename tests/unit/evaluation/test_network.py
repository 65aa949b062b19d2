"""What the network's dance is measured with, on motion whose answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from livedance import skeleton
from livedance.dance import clip_sampler
from livedance.dance.library import MotionLibrary
from livedance.evaluation import generator_dances as dances
from livedance.evaluation import network, network_pictures
from livedance.evaluation.generator_dances import Dance


def a_dance(joints: np.ndarray, bpm: float = 120.0) -> Dance:
    return Dance(name="x", style="club", bpm=bpm, joints_m=joints, step_ms=np.zeros(0))


@pytest.fixture(scope="module")
def real() -> Dance:
    return dances.of_clip("real", MotionLibrary.shipped().clip("g1_J_Dance5_Hype"))


def test_phrases_do_not_depend_on_place_and_facing(real):
    yaw = 0.9
    cos, sin = np.cos(yaw), np.sin(yaw)
    turned = real.joints_m.copy()
    turned[..., 0] = cos * real.joints_m[..., 0] + sin * real.joints_m[..., 2] + 3.0
    turned[..., 2] = cos * real.joints_m[..., 2] - sin * real.joints_m[..., 0]
    here, there = dances.phrases(real, 4, 4), dances.phrases(a_dance(turned, real.bpm), 4, 4)
    assert here.shape[1:] == (64, 23, 3)
    assert np.abs(here - there).max() < 1e-9
    assert np.abs(clip_sampler.facing(here[:, 0])).max() < 1e-9


def test_seams_that_jump_are_seen_where_windows_meet(real):
    joints = real.joints_m.copy()
    assert network._seam([real]) < 2.0
    for seam in range(16, len(joints), 16):
        joints[seam:, :, 0] += 0.05
    assert network._seam([a_dance(joints)]) > 5.0
    shifted = real.joints_m.copy()
    for seam in range(24, len(joints), 16):
        shifted[seam:, :, 0] += 0.05
    assert network._seam([a_dance(shifted)]) < 0.5


def test_measures_know_the_real_from_the_shuffled_and_the_still(real):
    other = dances.of_clip("other", MotionLibrary.shipped().clip("g1_J_Dance17_Shuffle"))
    measure = network._Measure([real], [real, other])
    same = measure.row("real", [real], 0)
    assert same.jerk == pytest.approx(1.0)
    assert same.distance == 0.0
    assert same.diversity == pytest.approx(1.0)
    assert same.nearest_cm < 0.1, "its own phrases are among those of the training clips"
    mixed, still = (measure.row("x", [make(real)], 0) for make in (dances.shuffled, dances.still))
    assert mixed.jerk > 3.0 and mixed.seam > 3.0
    assert still.speed < 1e-9 and still.distance > same.distance
    assert still.diversity < 0.1


def test_a_generator_is_danced_and_timed():
    rows = [
        dances.dance("graph", network.GENERATORS["motion-graph"], "club", bpm=120.0, n_beats=16, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert rows[0].joints_m.shape == (16 * 16, skeleton.N_JOINTS, 3)
    assert np.array_equal(rows[0].joints_m, rows[1].joints_m)
    assert not np.array_equal(rows[0].joints_m, rows[2].joints_m)
    assert len(rows[0].step_ms) == 16 and rows[0].step_ms.min() > 0.0


def test_the_report_and_a_strip_are_written(real, tmp_path):
    row = network._Measure([real], [real]).row("real, held-out", [real], 0)
    network.write_report([row], [network.lasting(real)], 16, 120.0, [1], tmp_path / "network")
    found = json.loads((tmp_path / "network.json").read_text())["rows"][0]
    assert found["name"] == "real, held-out" and found["jerk"] == 1.0
    text = (tmp_path / "network.md").read_text()
    assert "real, held-out" in text and "A long dance" in text
    image = network_pictures.strip(real.joints_m[:4])
    assert image.shape == (network_pictures.SIZE[1], 4 * network_pictures.SIZE[0], 3)
    assert len(np.unique(image)) > 10


def test_a_dance_that_slows_down_or_turns_away_is_seen(real):
    slower = real.joints_m.copy()
    slower[len(slower) // 2 :] = slower[len(slower) // 2]
    assert network.lasting(a_dance(slower)).speed_change < 0.1
    assert network.lasting(real).refused == 0
    away = real.joints_m * np.array([-1.0, 1.0, -1.0])
    assert network.lasting(a_dance(away)).back > 0.7 > 0.3 > network.lasting(real).back


def test_goals_are_those_of_the_network(real):
    measure = network._Measure([real], [real])
    names = [*network.GENERATORS, network.HELD_OUT, network.TRAIN]
    rows = [measure.row(name, [dances.shuffled(real) if name == "network" else real], 0) for name in names]
    reached = {goal: answer for goal, _, answer in network.goals(rows)}
    assert reached["jerk 0.8–1.25 × held-out"] == "**no**"
    assert reached["seam ≤ 1.2"] == "**no**"
    reached = {goal: answer for goal, _, answer in network.goals([measure.row(name, [real], 0) for name in names])}
    assert reached["jerk 0.8–1.25 × held-out"] == "yes"
    assert reached["distance ≤ 1.5 × floor"] == "yes"
    assert reached["diversity over the graph's"] == "**no**"
