"""Palettes differ, wrap round, and vary from dancer to dancer."""

import numpy as np

from livedance.render import palettes


def test_enough_and_different():
    assert len(palettes.PALETTES) >= 6
    assert len({p.name for p in palettes.PALETTES}) == len({(p.left, p.right) for p in palettes.PALETTES}) >= 6


def test_any_number_picks_one():
    count = len(palettes.PALETTES)
    assert palettes.pick(count + 2) is palettes.pick(2) is palettes.pick(2 - count)


def test_neighbouring_dancers_differ():
    for palette in palettes.PALETTES:
        looks = [palettes.for_dancer(palette, n) for n in range(4)]
        assert looks[0] == looks[3] == palette
        assert looks[0].left != looks[1].left != looks[2].left != looks[0].left


def test_colours_are_bgr_and_stay_in_range():
    assert palettes.pick(0).left == (255.0, 216.0, 24.0)
    assert palettes.scaled((200.0, 100.0, 0.0), 2.0) == (255.0, 200.0, 0.0)
    assert np.allclose(palettes.mix((0.0, 0.0, 0.0), (100.0, 50.0, 10.0), 0.5), (50.0, 25.0, 5.0))
