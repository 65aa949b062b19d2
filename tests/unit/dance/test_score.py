"""Which window wins, how runs are joined, and what lies between samples."""

import numpy as np
import pytest

from livedance import rotations, skeleton
from livedance.dance.score import Score
from livedance.evaluation.golden import window
from livedance.messages import Origin


def score(*windows):
    made = Score()
    for w in windows:
        made.add(w)
    return made


def test_the_highest_plan_wins_from_its_start_whatever_the_order_of_arrival():
    low, high = window(0.5, 1), window(1.5, 2)
    for made in (score(low, high), score(high, low)):
        assert made.sample(0, 1.49).plan == 1
        assert made.sample(0, 1.5).plan == 2
        assert made.sample(0, 2.6).plan == 2


def test_spans_are_half_open():
    made = score(window(0.5, 1))
    assert made.covers(0, 0.5)
    assert not made.covers(0, 0.499)
    assert made.covers(0, 2.4999)
    assert not made.covers(0, 2.5)
    assert made.sample(0, 2.5) is None
    assert made.end(0) == 2.5
    assert made.end(1) is None


def test_an_older_plan_comes_back_where_the_newer_one_ends():
    made = score(window(0.5, 1), window(1.0, 2, samples=8))
    assert [made.sample(0, p).plan for p in (0.9, 1.2, 1.6)] == [1, 2, 1]
    assert made.end(0) == made.track(0).runs[-1].end == 2.5
    assert len(made.track(0).runs) == 2  # the newer one continues the older one; coming back is a jump


def test_windows_that_continue_are_one_run_and_others_are_not():
    assert len(score(window(0.5, 1), window(1.5, 2)).track(0).runs) == 1
    assert len(score(window(0.5, 1), window(1.5, 2, seam_samples=4)).track(0).runs) == 2
    assert len(score(window(0.5, 1), window(1.5, 2, origin=Origin.IDLE)).track(0).runs) == 2
    assert len(score(window(0.5, 1), window(3.5, 2)).track(0).runs) == 2
    assert len(score(window(0.5, 1), window(1.53, 2)).track(0).runs) == 2


def test_a_window_sent_twice_counts_once():
    made = score(window(0.5, 1))
    assert not made.add(window(0.5, 1, phase=2.0))
    assert len(made.windows()) == 1


def test_samples_are_met_exactly_and_a_seam_is_as_smooth_as_the_rest():
    windows = [window(0.5, 1), window(1.5, 2), window(2.5, 3)]
    made = score(*windows)
    for i in (0, 7, 15):
        found = made.sample(0, 1.5 + i / 16)
        assert np.allclose(found.body.root_position_m, windows[1].root_position_m[i], atol=1e-12)
        turn = rotations.align_signs(found.body.joint_rotations_wxyz, windows[1].joint_rotations_wxyz[i])
        assert np.allclose(turn, windows[1].joint_rotations_wxyz[i], atol=1e-12)
    positions = np.arange(1.0, 3.0, 1 / 160)
    roots = np.array([made.sample(0, p).body.root_position_m for p in positions])
    bends = np.abs(np.diff(roots, 2, axis=0)).max(axis=1)
    at_seams = np.abs(positions[1:-1, None] - [1.5, 2.5]).min(axis=1) < 0.02
    assert bends[at_seams].max() < 1.5 * bends[~at_seams].max()


def test_the_root_is_a_catmull_rom_spline():
    w = window(0.5, 1)
    p = w.root_position_m[3:7]
    half = score(w).sample(0, 0.5 + 4.5 / 16).body.root_position_m
    assert np.allclose(half, (-p[0] + 9 * p[1] + 9 * p[2] - p[3]) / 16, atol=1e-12)


def test_a_standing_foot_moves_straight_between_samples_and_bones_keep_their_length():
    w = window(0.5, 1)
    made = score(w)
    places = skeleton.forward_kinematics(w.root_position_m, w.joint_rotations_wxyz)
    ankle = skeleton.INDEX["l_ankle"]
    i = 3  # beat 0.5 + 3/16 lies in an even beat: the left foot stands, the right one does not
    assert w.foot_contact[i].tolist() == [1, 1, 0, 0]
    for s in (0.25, 0.5, 0.8):
        body = made.sample(0, 0.5 + (i + s) / 16).body
        joints = skeleton.forward_kinematics(body.root_position_m, body.joint_rotations_wxyz)
        line = places[i, ankle] + s * (places[i + 1, ankle] - places[i, ankle])
        toe = skeleton.INDEX["l_toe"]
        toe_line = places[i, toe] + s * (places[i + 1, toe] - places[i, toe])
        assert np.allclose((joints[ankle] - line) + (joints[toe] - toe_line), 0, atol=1e-4)
        assert np.allclose(np.linalg.norm(body.joint_rotations_wxyz, axis=-1), 1, atol=1e-9)


def test_trim_forgets_what_ended_twelve_beats_ago_and_nothing_else():
    made = score(*(window(0.5 + k, k) for k in range(20)))
    made.trim(15.0)
    assert min(w.beat_end for w in made.windows()) == 3.5
    assert made.covers(0, 1.5)
    assert not made.covers(0, 1.49)
    assert made.sample(0, 15.0).plan == 14


def test_a_flood_of_windows_stays_bounded():
    made = Score()
    for k in range(80):
        made.add(window(0.5 + k, k, samples=2))
    assert [w.plan for w in made.windows()] == list(range(16, 80))


def test_dancers_do_not_mix():
    made = score(window(0.5, 1), window(0.5, 9, dancer=1))
    assert made.sample(0, 1.0).plan == 1
    assert made.sample(1, 1.0).plan == 9
    assert [w.dancer for w in made.windows()] == [0, 1]
    made.clear()
    assert made.windows() == []


@pytest.mark.parametrize("position", [0.5, 1.99, 2.45, 2.4999])
def test_the_last_sixteenth_goes_on_instead_of_stopping(position):
    made = score(window(0.5, 1))
    a, b = made.sample(0, position).body, made.sample(0, position + 1e-5).body
    assert np.abs(b.root_position_m - a.root_position_m).max() > 0
