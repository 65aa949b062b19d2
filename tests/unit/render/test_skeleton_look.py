"""OpenPose colours where OpenPose puts them."""

import numpy as np
import pytest

from livedance import skeleton
from livedance.errors import ConfigError
from livedance.render.bench import swaying
from livedance.render.camera import Camera
from livedance.render.look import DrawContext
from livedance.render.skeleton_look import COLOURS_RGB, LIMBS, SkeletonLook


def test_limbs_are_the_papers():
    names = skeleton.OPENPOSE_18
    named = {(names[a], names[b]) for a, b in LIMBS}
    assert len(LIMBS) == 17 and ("neck", "r_shoulder") in named and ("l_knee", "l_ankle") in named
    assert ("nose", "r_eye") in named and ("l_eye", "l_ear") in named


def test_wrists_and_ankles_have_their_colours():
    pose = swaying(0.4)
    image = SkeletonLook().draw(pose, DrawContext(width_px=1280, height_px=720))
    pixels, _ = Camera().view(pose, 1280, 720).project(pose.joint_positions_m)
    for name in ("r_wrist", "l_wrist", "r_ankle", "l_ankle"):
        x, y = np.rint(pixels[0, skeleton.INDEX[name]]).astype(int)
        assert tuple(int(v) for v in image[y, x, 2::-1]) == COLOURS_RGB[skeleton.OPENPOSE_18.index(name)]


def test_bad_width_is_named():
    with pytest.raises(ConfigError, match="limb_m"):
        SkeletonLook(limb_m=0)
