"""What is cut from a take: dead ends, walking up, lost feet, still beats."""

import numpy as np

from livedance import skeleton
from livedance.training import trim
from tests.unit.training import raw_clips


def positions(n=200, seed=0):
    return skeleton.forward_kinematics(*raw_clips.dance(n=n, seed=seed))


def test_dead_ends_are_cut():
    track = positions(300)
    still = np.concatenate([np.repeat(track[:1], 90, axis=0), track, np.repeat(track[-1:], 60, axis=0)])
    first, last = trim.lively_span([still], 30.0)
    assert 65 <= first <= 92
    assert 385 <= last <= 415


def test_the_part_with_a_lost_foot_is_cut_for_both():
    leader, follower = positions(seed=1), positions(seed=2)
    floors = [t[:, skeleton.CONTACT_JOINTS, 1].min() for t in (leader, follower)]
    follower[50:55, skeleton.CONTACT_JOINTS[1], 1] = floors[1] - 0.3
    assert trim.sound_span([leader], floors[:1], 0, 200) == (0, 200)
    assert trim.sound_span([leader, follower], floors, 0, 200) == (55, 200)


def test_walking_up_to_the_partner_is_cut():
    leader, follower = positions(seed=1), positions(seed=2)
    away = np.interp(np.arange(200), [0, 60, 150, 199], [3.0, 0.7, 0.7, 2.5])
    follower[..., 0] += away[:, None]
    first, last = trim.together_span(leader, follower, 0, 200)
    apart = np.linalg.norm((leader[:, 0] - follower[:, 0])[:, [0, 2]], axis=-1)
    assert 30 < first < 60 and 150 < last < 199
    assert apart[first] < trim.TOGETHER_M < apart[first - 1]


def waits(beats):
    return np.array([c == "s" for c in beats])


def test_still_beats_at_the_ends_are_cut_and_inside_ones_kept():
    assert trim.lively_beats(waits("sss..ss....s")) == (3, 11)
    assert trim.lively_beats(waits("s.ss.....s.s")) == (4, 9)  # a lone move between still beats is no beginning


def test_a_clip_that_only_stands_is_left_alone():
    assert trim.lively_beats(waits("sssss")) == (0, 5)


def beats_of(stills, n=12):
    """Joints at quarter beats that all move along, but for the beats that are named."""
    step = np.repeat([0.0 if k in stills else 0.1 for k in range(n)], 4)
    x = np.concatenate([[0.0], np.cumsum(step)])
    joints = np.repeat(skeleton.forward_kinematics(*skeleton.rest_pose())[None], len(x), axis=0)
    joints[..., 0] += x[:, None]
    return joints, np.arange(len(x)) / 8.0


def test_ends_are_cut_by_what_the_body_does():
    joints, seconds = beats_of({0, 1, 6, 11})
    assert trim.dance_beats([joints], seconds) == (2, 11)


def test_the_way_up_from_the_floor_is_kept():
    joints, seconds = beats_of({10, 11})
    joints[8 * 4 : 10 * 4 + 2, :, 1] -= 0.8
    assert trim.dance_beats([joints], seconds) == (0, 12)


def test_a_couple_dances_while_one_moves():
    leader, seconds = beats_of({0, 1, 2, 10, 11})
    follower, _ = beats_of({0, 8, 9, 10, 11})
    assert trim.dance_beats([leader, follower], seconds) == (1, 10)
