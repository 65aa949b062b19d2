"""Blackout is quick, total, and no strobe."""

import itertools

import numpy as np
import pytest

from livedance.render.blackout import MAX_FADE_MS, Blackout

IMAGE = np.full((4, 6, 4), 200, np.uint8)


def test_light_passes_untouched():
    assert Blackout().apply(IMAGE, 0.0, False) is IMAGE


@pytest.mark.parametrize("fade_ms", [0.0, 60.0, 100.0, 5000.0])
def test_dark_within_a_tenth_of_a_second_alpha_too(fade_ms):
    black = Blackout()
    black.apply(IMAGE, 0.0, False)
    seen = [int(black.apply(IMAGE, t, True, fade_ms).max()) for t in np.arange(0.0, MAX_FADE_MS / 1000 + 1e-3, 0.005)]
    assert seen[-1] == 0
    assert all(a >= b for a, b in itertools.pairwise(seen))
    if fade_ms >= 60:
        assert any(0 < v < 200 for v in seen)


def test_starts_dark_when_asked_for():
    assert not Blackout().apply(IMAGE, 0.0, True).any()


def test_comes_back():
    black = Blackout()
    black.apply(IMAGE, 0.0, True)
    for t in (0.5, 0.55, 0.7):
        out = black.apply(IMAGE, t, False)
    assert out is IMAGE


def test_hammering_the_key_is_no_strobe_but_always_darkens():
    black = Blackout()
    lit = 0
    was_dark = True
    for i in range(120):
        wanted = (i // 3) % 2 == 0
        out = black.apply(IMAGE, 10.0 + i / 60, wanted, 0.0)
        dark = not out.any()
        assert dark or not wanted or black.gain > 0
        lit += was_dark and not dark
        was_dark = dark
    assert lit <= 6
    assert not black.apply(IMAGE, 12.2, True, 0.0).any()
