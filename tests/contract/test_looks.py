"""What every look of the registry promises."""

import numpy as np
import pytest

from livedance import registry, skeleton
from livedance.errors import ConfigError
from livedance.messages import Levels, PoseFrame
from livedance.render.bench import swaying
from livedance.render.look import DrawContext

LOOKS = registry.names("look")
SIZES = [(1280, 720), (1920, 1080), (540, 960), (1920, 540), (16, 16), (641, 359)]
drawn = pytest.mark.parametrize("name", [n for n in LOOKS if n != "none"])
every = pytest.mark.parametrize("name", LOOKS)


def context(size=(640, 360), **kwargs):
    return DrawContext(width_px=size[0], height_px=size[1], levels=Levels(energy=0.7, bass=0.6), **kwargs)


def odd_pose(kind):
    pose = swaying(1.0, 2)
    roots = np.array(pose.root_position_m)
    turns = np.array(pose.joint_rotations_wxyz)
    if kind == "zero":
        turns[:] = 0.0
    elif kind == "nan":
        turns[0] = np.nan
        roots[1] = np.inf
    elif kind == "far":
        roots[:] = [[500.0, -40.0, 300.0], [0.0, 0.9, 6.4]]
    with np.errstate(all="ignore"):
        positions = skeleton.forward_kinematics(roots, turns)
    beat = np.nan if kind == "nan" else -3.25
    return PoseFrame(
        t_s=1.0, beat_position=beat, dance_position=beat, root_position_m=roots, joint_rotations_wxyz=turns,
        joint_positions_m=positions, origin=pose.origin, hands=np.full((2, 2), 9), foot_contact=pose.foot_contact,
    )  # fmt: skip


@every
@pytest.mark.parametrize(
    ("size", "background"),
    [((1920, 1080), "stage"), *((size, b) for size in SIZES if size[1] < 1000 for b in ("none", "black", "stage"))],
)
def test_shape_and_type(name, size, background):
    image = registry.build("look", name).draw(swaying(0.3), context(size, background=background))
    assert image.shape == (size[1], size[0], 4) and image.dtype == np.uint8
    if background != "none":
        assert (image[..., 3] == 255).all()


@drawn
@pytest.mark.parametrize("size", SIZES[:4])
def test_figure_is_there_and_most_of_it_in_the_middle(name, size):
    image = registry.build("look", name).draw(swaying(0.3), context(size, background="none"))
    alpha = image[..., 3]
    rows = np.flatnonzero((alpha > 160).any(axis=1))
    assert 0.6 < (rows[-1] - rows[0]) / size[1] <= 1.0
    columns = np.flatnonzero((alpha > 160).any(axis=0))
    assert columns[0] < size[0] / 2 < columns[-1]
    assert alpha[0, 0] == alpha[0, -1] == alpha[-1, 0] == 0


@drawn
def test_alpha_is_straight(name):
    """Over black, a picture with alpha is the picture on black: colour is not dimmed by alpha twice."""
    black = registry.build("look", name).draw(swaying(0.3), context(background="black")).astype(np.float64)
    clear = registry.build("look", name).draw(swaying(0.3), context(background="none")).astype(np.float64)
    over_black = clear[..., :3] * clear[..., 3:] / 255.0
    assert np.abs(over_black - black[..., :3]).max() <= 12
    assert np.abs(over_black - black[..., :3]).mean() < 0.3
    soft = (clear[..., 3] > 40) & (clear[..., 3] < 200)
    assert soft.any() and clear[..., :3].max(axis=2)[soft].mean() > clear[..., 3][soft].mean()


@drawn
def test_edges_are_smooth(name):
    alpha = registry.build("look", name).draw(swaying(0.3), context(background="none"))[..., 3]
    assert ((alpha > 20) & (alpha < 235)).sum() > 200


@every
def test_same_poses_same_pictures(name):
    one, two = registry.build("look", name), registry.build("look", name)
    for i in range(12):
        a = one.draw(swaying(i / 30), context(background="stage"))
        b = two.draw(swaying(i / 30), context(background="stage"))
        assert np.array_equal(a, b)


@drawn
def test_pictures_are_not_reused(name):
    look = registry.build("look", name)
    first = look.draw(swaying(0.0), context())
    kept = first.copy()
    look.draw(swaying(0.5), context())
    assert np.array_equal(first, kept)


@drawn
def test_follows_the_pose(name):
    look = registry.build("look", name)
    a = look.draw(swaying(0.0), context()).astype(int)
    b = look.draw(swaying(0.5), context()).astype(int)
    assert np.abs(a - b).max() > 100


@every
@pytest.mark.parametrize("dancers", range(7))
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_any_number_of_dancers(name, dancers, size):
    look = registry.build("look", name)
    for t in (0.0, 0.1, 0.3):
        image = look.draw(swaying(t, dancers), context(size, background="none"))
    assert (name == "none" or dancers == 0) == (not image[..., 3].any())


@every
@pytest.mark.parametrize("background", ["none", "stage"])
@pytest.mark.parametrize("kind", ["zero", "nan", "far", "fine"])
def test_odd_poses_are_drawn_or_left_out_but_never_raise(name, kind, background):
    look = registry.build("look", name)
    look.draw(swaying(0.9, 2), context(background=background))
    assert look.draw(odd_pose(kind), context(background=background)).shape == (360, 640, 4)
    look.draw(swaying(1.1, 1), context(background=background))


@every
def test_changes_while_it_runs(name):
    look = registry.build("look", name)
    for i, (camera, palette, size) in enumerate(
        (
            ("front", 0, (640, 360)),
            ("low", 5, (640, 360)),
            ("orbit", -1, (360, 640)),
            ("close", 2, (640, 360)),
            ("wide", 3, (640, 360)),
            ("front", 99, (320, 180)),
        )
    ):
        pose = swaying(0.1 * i, 1 + i % 2)
        image = look.draw(pose, context(size, camera=camera, palette=palette, background="stage"))
        assert image.shape[:2] == size[::-1]
    look.reset()
    look.draw(swaying(0.0), context())


@every
def test_wrong_names_and_sizes_are_one_sentence(name):
    look = registry.build("look", name)
    with pytest.raises(ConfigError, match=r"no background 'blck'.*did you mean 'black'"):
        look.draw(swaying(0.0), context(background="blck"))
    with pytest.raises(ConfigError, match="4x4"):
        look.draw(swaying(0.0), context((4, 4)))
