"""What the kill report reads from received frames."""

import numpy as np
import pytest

from livedance.evaluation.kills import seen


def frames(gap_s=0.0, jump_m=0.0):
    """60 frames a second for 20 s, hips at 0.3 m/s; at 10 s a gap and a jump."""
    stamps = np.arange(0.0, 20.0, 1 / 60)
    x = 0.3 * stamps + np.where(stamps > 10.5, jump_m, 0.0)
    kept = (stamps < 10.2) | (stamps >= 10.2 + gap_s)
    return stamps[kept], np.stack([x, np.ones_like(x), np.zeros_like(x)], axis=-1)[kept]


def test_a_clean_kill_is_clean():
    (kill,) = seen(*frames(), [(10.0, 1.2)])
    assert kill.gap_s == pytest.approx(1 / 60, abs=1e-6) and kill.back_s == 1.2
    assert kill.speed == pytest.approx(0.3, abs=0.01) and kill.usual_speed == pytest.approx(0.3, abs=0.01)


def test_gap_and_jump_are_seen_and_do_not_colour_the_usual():
    (kill,) = seen(*frames(gap_s=0.2, jump_m=0.5), [(10.0, 1.2)])
    assert kill.gap_s > 0.19 and kill.usual_gap_s < 0.02
    assert kill.speed > 20.0 and kill.usual_speed < 0.31
