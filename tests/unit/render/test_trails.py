"""Trails live in beat time."""

import numpy as np
import pytest

from livedance.render.trails import Echoes, Ribbons


def tip(t):
    return np.array([[[np.sin(3 * t), np.cos(3 * t), 0.0], [t, 0.0, 0.0]]])


def filled(fps, bpm=120.0, seconds=2.0, length=1.0):
    ribbons = Ribbons(length)
    for i in range(int(seconds * fps) + 1):
        t = i / fps
        ribbons.add(t * bpm / 60, t, tip(t))
    return ribbons.sample()


def test_same_ribbon_at_any_frame_rate():
    slow, fast = filled(60), filled(240)
    assert np.array_equal(slow[1], fast[1])
    assert np.abs(slow[0] - fast[0]).max() < 0.002


def test_ribbon_is_as_long_as_asked_in_beats():
    points, fresh = filled(60, bpm=120, length=1.0)
    assert fresh[-1] == 1.0 and fresh[0] == pytest.approx(0.0, abs=0.05)
    assert points[-1, 0, 1, 0] - points[0, 0, 1, 0] == pytest.approx(0.5, abs=0.03)


def test_cut_step_back_and_another_number_start_anew():
    ribbons = Ribbons(1.0)
    for i in range(30):
        ribbons.add(i / 30, i / 60, tip(i / 60))
    ribbons.add(1.0, 0.5, tip(0.5) + 5.0)
    assert len(ribbons.sample()[1]) == 0
    ribbons.add(1.1, 0.55, tip(0.55) + 5.0)
    assert len(ribbons.sample()[1]) > 1
    ribbons.add(0.5, 0.6, tip(0.6) + 5.0)
    assert len(ribbons.sample()[1]) == 0
    ribbons.add(0.6, 0.65, np.zeros((2, 2, 3)))
    assert len(ribbons.sample()[1]) == 0


def test_standing_beat_keeps_nothing_for_ever():
    ribbons = Ribbons(1.0)
    for i in range(1000):
        ribbons.add(3.0, i / 60, tip(0.0))
    assert len(ribbons.sample()[1]) <= 2


def test_echoes_come_on_parts_of_the_beat_and_fade():
    echoes, mask = Echoes(1.0, per_beat=4), np.ones((4, 4), np.uint8)
    taken = []
    for i in range(121):
        beat = i / 30
        if echoes.due(beat):
            echoes.add(beat, i / 60, mask)
            taken.append(beat)
    assert np.allclose(np.array(taken) * 4, np.round(np.array(taken) * 4), atol=4 / 30)
    assert len(taken) == 16
    strengths = [s for _, s in echoes.fading(4.0, 2.0, (4, 4))]
    assert len(strengths) == 4 and strengths == sorted(strengths)
    assert echoes.fading(4.0, 2.0, (8, 8)) == []
    assert echoes.fading(5.5, 2.75, (4, 4)) == []
    assert not echoes.due(0.0)
    assert echoes.fading(0.0, 2.0, (4, 4)) == []
