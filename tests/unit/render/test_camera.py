"""The camera frames without jumping and projects what a lens would."""

import dataclasses
import itertools

import numpy as np
import pytest

from livedance import config, rotations, skeleton
from livedance.control.ops import VOCABULARY
from livedance.errors import ConfigError
from livedance.messages import Controls, PoseFrame
from livedance.render import camera
from livedance.render.bench import swaying
from livedance.render.camera import PRESETS, Camera, Moved

SIZES = [(1280, 720), (1920, 1080), (720, 1280), (2560, 720)]


def standing(x_m=0.0, z_m=0.0, t_s=0.0, n=1, gap_m=1.2):
    root, rotation = skeleton.rest_pose()
    roots = np.array([root + np.array([x_m + gap_m * (i - (n - 1) / 2), 0, z_m]) for i in range(n)]).reshape(-1, 3)
    turns = np.repeat(rotation[None], n, axis=0)
    return PoseFrame(
        t_s=t_s,
        beat_position=2 * t_s,
        dance_position=2 * t_s,
        root_position_m=roots,
        joint_rotations_wxyz=turns,
        joint_positions_m=skeleton.forward_kinematics(roots, turns),
        origin=np.zeros(n),
        hands=np.zeros((n, 2)),
        foot_contact=np.ones((n, 4)),
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("preset", ["front", "low", "orbit"])
def test_one_dancer_fills_three_quarters_of_the_height(size, preset):
    view = Camera().view(standing(), *size, preset)
    crown = np.array([0.0, skeleton.STATURE_M, 0.0])
    pixels, _ = view.project(np.stack([np.zeros(3), crown]))
    share = (pixels[0, 1] - pixels[1, 1]) / size[1]
    assert 0.75 <= share <= 0.90
    assert pixels[0, 1] < size[1] and pixels[1, 1] > 0
    assert np.allclose(pixels[:, 0], size[0] / 2)


@pytest.mark.parametrize("size", [(1280, 720), (2560, 720)])
def test_raised_and_spread_hands_and_feet_stay_in_the_picture(size):
    view = Camera().view(standing(), *size)
    reach = 0.285 + 0.25 + 0.17
    points = np.array([[0.18, 1.44 + reach, 0], [0.18 + reach, 1.44, 0.0], [-0.18 - reach, 1.44, 0.0], [0.1, 0.0, 0.3]])
    pixels, _ = view.project(points)
    assert (pixels >= 0).all() and (pixels <= size).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n", [2, 3, 6])
def test_many_dancers_all_stay_in_the_picture(size, n):
    pose = standing(n=n)
    pixels, _ = Camera().view(pose, *size).project(pose.joint_positions_m)
    assert (pixels >= 0).all() and (pixels <= size).all()


def test_audience_sees_the_dancers_left_on_the_right():
    pose = standing()
    pixels, _ = Camera().view(pose, 1280, 720).project(pose.joint_positions_m)
    assert pixels[0, skeleton.INDEX["l_wrist"], 0] > pixels[0, skeleton.INDEX["r_wrist"], 0]


def test_nearer_is_larger_and_walls_stay_upright():
    view = Camera().view(standing(), 1280, 720, "low")
    pixels, depth = view.project(np.array([[0.5, 0, 0], [0.5, 2, 0], [0.5, 0, 1.0], [0.5, 2, 1.0]]))
    assert pixels[0, 0] == pytest.approx(pixels[1, 0]) and pixels[2, 0] == pytest.approx(pixels[3, 0])
    assert pixels[2, 1] - pixels[3, 1] > pixels[0, 1] - pixels[1, 1]
    assert depth[2] < depth[0]


def test_a_turned_camera_keeps_the_dancer_in_the_middle():
    pose = standing(x_m=1.0, z_m=-0.5)
    pixels, _ = Camera().view(pose, 1280, 720, "close").project(pose.root_position_m)
    assert pixels[0, 0] == pytest.approx(640.0)


@pytest.mark.parametrize("size", SIZES)
def test_follow_is_slow_and_smooth_and_arrives(size):
    watcher = Camera()
    place = []
    for i in range(360):
        x = 0.0 if i < 30 else 1.0
        view = watcher.view(standing(x_m=x, t_s=i / 60), *size)
        place.append(view.framing.x_m)
    steps = np.diff(place)
    assert place[29] == 0.0 and place[-1] == pytest.approx(1.0, abs=0.01)
    assert steps.min() >= -1e-9 and steps.max() < 0.045
    assert np.abs(np.diff(steps)).max() < 0.012


def test_follow_does_not_depend_on_the_frame_rate():
    ends = []
    for fps in (30, 60, 144):
        watcher = Camera()
        for i in range(2 * fps + 1):
            t = i / fps
            view = watcher.view(standing(x_m=0.0 if t < 0.5 else 0.8, t_s=t), 1280, 720)
        ends.append(view.framing.x_m)
    assert max(ends) - min(ends) < 0.02


def test_cuts_seat_at_once():
    watcher = Camera()
    watcher.view(standing(), 1280, 720)
    assert watcher.view(standing(x_m=2, t_s=0.02), 1280, 720, "low").framing.x_m == pytest.approx(2.0)
    assert watcher.view(standing(x_m=1, t_s=0.04), 1280, 720, "low").framing.x_m > 1.5
    watcher.reset()
    assert watcher.view(standing(x_m=1, t_s=0.06), 1280, 720, "low").framing.x_m == pytest.approx(1.0)
    assert watcher.view(standing(x_m=0, t_s=0.0), 1280, 720, "low").framing.x_m == pytest.approx(0.0)


def test_dance_does_not_shake_the_picture():
    watcher = Camera()
    views = [watcher.view(swaying(i / 60), 1280, 720).framing for i in range(240)]
    steps = [abs(b.x_m - a.x_m) for a, b in itertools.pairwise(views)]
    assert max(steps) < 0.004


def test_people_move_the_camera():
    def seen(point, **move):
        view = Camera().view(standing(), 1280, 720, "front", Moved(**move))
        pixels, depth = view.project(np.array(point, dtype=float))
        return pixels, view.pixels_per_m(depth)

    still, scale = seen([0, 1, 0])
    _, smaller = seen([0, 1, 0], away_m=2.0)
    assert smaller / scale == pytest.approx(6.5 / 8.5)
    aside, _ = seen([0, 1, 0], x_m=0.5, y_m=0.25)
    assert aside - still == pytest.approx([-0.5 * scale, 0.25 * scale])
    round_, _ = seen([0, 1, 1], yaw_rad=np.pi / 2)
    assert round_[0] == pytest.approx(640 - scale), "what was in front is now at the left"
    lens, _ = seen([0, PRESETS["front"].height_m, 0], away_m=-3.0)
    assert lens == pytest.approx(seen([0, PRESETS["front"].height_m, 0])[0]), "nearer, the horizon stays"


def test_controls_move_the_camera():
    controls = Controls(camera_yaw_deg=90.0, camera_dist_m=1.0, camera_x_m=2.0, camera_y_m=3.0)
    assert Moved.by(controls) == Moved(yaw_rad=np.pi / 2, away_m=1.0, x_m=2.0, y_m=3.0)
    assert Moved.by(Controls()) == Moved()


def test_odd_points_stay_finite():
    view = Camera().view(standing(), 1280, 720)
    pixels, depth = view.project(np.array([[np.nan, 0, 0], [np.inf, 1, 1], [0, 0, 50.0], [1e9, -1e9, 1e9]]))
    assert np.isfinite(pixels).all() and (depth >= camera.NEAR_M).all()
    assert np.abs(pixels).max() <= camera.FAR_PX


def test_names():
    assert tuple(camera.PRESETS) == VOCABULARY["camera"]
    assert [config.check({"look": {"camera": name}}).look.camera for name in camera.PRESETS] == list(camera.PRESETS)
    with pytest.raises(ConfigError, match=r"no camera 'frnt'.*did you mean 'front'"):
        camera.find_preset("frnt")


def test_close_and_wide_show_less_and_more():
    heights = {name: Camera().view(standing(), 1280, 720, name).framing.height_m for name in ("close", "front", "wide")}
    assert heights["close"] < heights["front"] < heights["wide"]


def test_orbit_walks_round_with_the_beat():
    early, late = (Camera().view(standing(t_s=t), 1280, 720, "orbit").yaw_rad for t in (1.0, 2.0))
    assert 0.1 < late - early < 0.5


def test_presets_are_the_choices_that_people_have():
    from livedance.control.ops import VOCABULARY

    assert tuple(camera.PRESETS) == VOCABULARY["camera"]


def reaching(t_s, hand=(0.0, 0.0, 1.0), up_m=0.0, foot=0.0):
    """Somebody who raises a hand over half a second, jumps or steps towards the lens."""
    root, turned = skeleton.rest_pose()
    turned = turned.copy()
    share = min(1.0, max(0.0, 2.0 * t_s))
    turned[skeleton.INDEX["l_shoulder"]] = rotations.from_rotvec(np.array(hand) * 0.5 * np.pi * share)
    turned[skeleton.INDEX["r_hip"]] = rotations.from_rotvec(np.array([-foot * share, 0.0, 0.0]))
    roots = (root + np.array([0.0, up_m * share, 0.0]))[None]
    pose = standing(t_s=t_s)
    return dataclasses.replace(
        pose, root_position_m=roots, joint_rotations_wxyz=turned[None],
        joint_positions_m=skeleton.forward_kinematics(roots, turned[None]),
    )  # fmt: skip


@pytest.mark.parametrize("preset", ["front", "orbit", "wide", "low"])
@pytest.mark.parametrize("move", [{"up_m": 0.35}, {"foot": 0.9, "hand": (0.0, -1.0, 0.0)}, {"hand": (0.0, 0.0, 1.0)}])
def test_hands_and_feet_stay_in_the_picture_and_the_picture_does_not_jump(preset, move):
    watcher, heights = Camera(), []
    for i in range(120):
        pose = reaching(i / 60 - 0.5, **move)
        view = watcher.view(pose, 1280, 720, preset)
        heights.append(view.framing.height_m)
        pixels, _ = view.project(camera.tips(pose.joint_positions_m))
        assert (pixels >= -0.5).all() and (pixels <= [1280.5, 720.5]).all()
    assert np.abs(np.diff(heights)).max() < 0.05
    assert heights[-1] < 1.35 * heights[0]


def test_a_close_up_shows_the_upper_body_of_one_and_all_of_several():
    one = Camera().view(standing(), 1280, 720, "close")
    top, _ = one.project(np.array([0.0, skeleton.STATURE_M + 0.05, 0.0]))
    hips, _ = one.project(standing().root_position_m[0])
    assert 0 < top[1] < 150 and 400 < hips[1] < 720
    pose = standing(n=3)
    pixels, _ = Camera().view(pose, 1280, 720, "close").project(pose.joint_positions_m[:, skeleton.INDEX["head"]])
    assert (pixels > 0).all() and (pixels < (1280, 720)).all()


def test_who_joins_is_in_the_picture_at_once_and_nobody_is_cut_when_one_leaves():
    watcher = Camera()
    watcher.view(standing(), 1280, 720)
    pose = standing(n=3, gap_m=2.0, t_s=0.02)
    view = watcher.view(pose, 1280, 720)
    pixels, _ = view.project(pose.joint_positions_m)
    assert (pixels >= 0).all() and (pixels <= (1280, 720)).all()
    after = watcher.view(standing(t_s=0.04), 1280, 720)
    assert after.framing.height_m == pytest.approx(view.framing.height_m, rel=0.01)


def test_the_picture_pushes_in_over_eight_bars_and_out_again():
    def height(beat):
        pose = dataclasses.replace(standing(), dance_position=beat, t_s=0.0)
        return Camera().view(pose, 1280, 720).framing.height_m

    assert height(32.0) == pytest.approx(0.95 * height(0.0), rel=1e-3) and height(64.0) == pytest.approx(height(0.0))
    assert all(abs(height(b + 1) - height(b)) < 0.01 for b in np.arange(0.0, 64.0))
