import numpy as np

from livedance import skeleton
from livedance.training import contacts

FPS = 30.0


def standing(n=120):
    root, q = skeleton.rest_pose()
    pose = skeleton.forward_kinematics(root, q)
    return np.repeat(pose[None], n, axis=0)


def test_standing_feet_touch_all_the_time():
    assert (contacts.contacts(standing(), FPS) == 1).all()


def test_a_lifted_foot_lets_go_heel_and_toe_apart():
    p = standing()
    heel, toe = skeleton.CONTACT_JOINTS[0], skeleton.CONTACT_JOINTS[1]
    p[40:70, heel, 1] += 0.12
    p[50:60, toe, 1] += 0.10
    touch = contacts.contacts(p, FPS)
    assert (touch[42:68, 0] == 0).all() and (touch[:39, 0] == 1).all()
    assert (touch[52:58, 1] == 0).all() and (touch[41:48, 1] == 1).all()
    assert (touch[:, 2:] == 1).all()


def test_a_fast_low_foot_is_no_contact_and_a_slow_slide_is():
    p = standing()
    toe = skeleton.CONTACT_JOINTS[3]
    p[60:, toe, 0] += np.minimum(np.arange(60), 30) / FPS * 1.2
    touch = contacts.contacts(p, FPS)
    assert (touch[63:85, 3] == 0).all()
    p = standing()
    p[:, toe, 0] += np.arange(120) / FPS * 0.2
    assert (contacts.contacts(p, FPS)[:, 3] == 1).all()


def test_a_contact_does_not_break_for_less_than_the_shortest_time():
    p = standing()
    p[50, skeleton.CONTACT_JOINTS[1], 1] += 0.09
    assert (contacts.contacts(p, FPS, contacts.Thresholds(shortest_s=0.2))[:, 1] == 1).all()
    assert (contacts.contacts(p, FPS, contacts.Thresholds(shortest_s=0.0))[:, 1] == 0).any()


def test_floor_is_where_the_feet_stand():
    p = standing()
    p[..., 1] += 0.073
    p[30:50, :, 1] += 0.3
    assert abs(contacts.floor_height(p) - 0.073) < 0.002


def test_a_jump_flies_and_a_rise_to_the_toes_does_not():
    jump = standing()
    t = np.arange(15) / FPS
    jump[50:65, :, 1] += (0.5 * 9.81 * t * (t[-1] - t))[:, None]
    assert contacts.airborne(jump, FPS)[53:62].all()
    rise = standing()
    rise[40:80, :, 1] += (0.06 + 0.0 * np.arange(40))[:, None]
    assert not contacts.airborne(rise, FPS).any()


def test_runs_are_half_open():
    assert contacts.runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert contacts.runs(np.zeros(3, dtype=bool)) == []
