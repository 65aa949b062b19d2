import numpy as np

from livedance import skeleton
from livedance.training.paper import camera


def rest() -> np.ndarray:
    return skeleton.forward_kinematics(*skeleton.rest_pose())


def named(numbers: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(skeleton.OPENPOSE_18, numbers.reshape(18, 2), strict=True))


def test_a_standing_dancer_faces_the_camera_and_fills_the_picture():
    points = named(camera.project(rest()))
    assert points["l_wrist"][0] > 0.2 > -0.2 > points["r_wrist"][0]  # the dancer's left is the picture's right
    assert points["nose"][1] < points["neck"][1] < points["l_hip"][1] < points["l_ankle"][1] < 1.0
    assert points["nose"][1] > -1.0


def test_who_comes_nearer_is_larger_and_nobody_is_centred():
    far, near = (camera.project(rest() + np.array([0.0, 0.0, z])) for z in (-1.0, 1.0))
    size = [np.ptp(x.reshape(18, 2), axis=0) for x in (far, near)]
    assert (size[1] > 1.3 * size[0]).all()
    aside = camera.project(rest() + np.array([0.5, 0.0, 0.0]))
    assert np.allclose(
        (aside - camera.project(rest())).reshape(18, 2)[:, 0].mean(), 0.5 / camera.HALF_PICTURE_M[0], atol=0.01
    )


def test_a_mirror_image_is_the_projection_of_the_mirrored_body():
    rng = np.random.default_rng(0)
    root, turned = rng.normal(size=3), rng.normal(size=(23, 4))
    turned /= np.linalg.norm(turned, axis=-1, keepdims=True)
    there = camera.project(skeleton.forward_kinematics(*skeleton.mirror(root, turned)))
    here = camera.mirrored(camera.project(skeleton.forward_kinematics(root, turned)))
    assert np.allclose(there, here, atol=1e-9)
    assert np.allclose(camera.mirrored(here), camera.mirrored(there))
