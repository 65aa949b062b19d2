"""The matte that VJs key with."""

import numpy as np
import pytest

from livedance.errors import ConfigError
from livedance.render.bench import swaying
from livedance.render.look import DrawContext
from livedance.render.silhouette import Silhouette


def draw(look=None, n=1, **kwargs):
    context = DrawContext(**{"width_px": 640, "height_px": 360, "background": "none", **kwargs})
    return (look or Silhouette()).draw(swaying(1.1, n), context)


def test_matte_is_clean():
    size = {"width_px": 1280, "height_px": 720}
    image = draw(**size)
    alpha = image[..., 3]
    assert (image[..., :3] == 255).all()
    assert (alpha == 255).sum() > 3 * ((alpha > 0) & (alpha < 255)).sum() > 0
    assert alpha[:, :120].max() == 0
    lit = draw(background="black", **size)
    assert np.array_equal(lit[..., 0], alpha) and (lit[..., 3] == 255).all()


def test_body_has_volume():
    share = (draw()[..., 3] > 127).mean()
    assert 0.04 < share < 0.12


def test_softness_widens_the_edge():
    def edge(softness_px):
        alpha = draw(Silhouette(softness_px=softness_px))[..., 3]
        return int(((alpha > 0) & (alpha < 255)).sum())

    assert edge(0.0) < edge(1.5) < edge(6.0)


def test_outline_surrounds_the_body_in_colour():
    image = draw(Silhouette(outline_px=8.0, softness_px=0.0))
    plain = draw(Silhouette(softness_px=0.0))
    ring = (image[..., 3] > 200) & (plain[..., 3] == 0)
    assert ring.sum() > 1000
    assert np.abs(image[ring][:, :3].astype(int) - [255, 216, 24]).max() < 40
    solid = plain[..., 3] == 255
    assert (image[solid][:, :3] == 255).all()


def test_palette_colours_the_body():
    assert not np.array_equal(draw(palette=1)[0, 0, :3], draw()[0, 0, :3])


@pytest.mark.parametrize("option", ["softness_px", "outline_px"])
def test_bad_options_are_named(option):
    with pytest.raises(ConfigError, match=option):
        Silhouette(**{option: -1.0})
