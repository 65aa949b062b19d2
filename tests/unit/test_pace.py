"""A slow look gives up rate, then size, and gets them back only when that will last."""

import pytest

from livedance import pace
from livedance.pace import LEVELS, Pace


def run(screen, seconds, cost_s, start_s=0.0):
    """Draw for a while; `cost_s(side)` says how long a picture takes. Returns the time and the changes of level."""
    now, changes = start_s, []
    while now < start_s + seconds:
        before = screen.level
        work = cost_s(screen.size((1000, 1000))[0] / 1000)
        screen.took(work, now + work)
        now += max(work, screen.period_s)
        if screen.level != before:
            changes.append((now, before, screen.level))
    return now, changes


def test_a_quick_look_keeps_everything():
    screen = Pace(60.0)
    _, changes = run(screen, 30.0, lambda side: 0.010)
    assert changes == [] and screen.period_s == pytest.approx(1 / 60) and screen.size((1280, 720)) == (1280, 720)


@pytest.mark.parametrize(
    ("full_s", "level"), [(0.016, 1), (0.027, 1), (0.035, 2), (0.060, 3), (0.150, 4), (0.190, 5), (9.0, 5)]
)
def test_a_slow_look_settles_where_it_keeps_up(full_s, level):
    screen = Pace(60.0)
    run(screen, 60.0, lambda side: full_s * side**2)
    assert screen.level == level
    if level < len(LEVELS) - 1:
        assert full_s * LEVELS[level][1] ** 2 <= screen.period_s


def test_it_does_not_swing_between_two_levels():
    screen = Pace(60.0)
    # Just too slow for the full rate, quick at half: the better level looks tempting again and again.
    _, changes = run(screen, 600.0, lambda side: 0.0150)
    assert len(changes) == 1
    # Size saves less than it should here: each try was too early, so they become rare.
    screen = Pace(60.0)
    _, changes = run(screen, 600.0, lambda side: 0.0295 if side == 1.0 else 0.009)
    assert len(changes) < 24 and changes[-1][0] - changes[-3][0] > pace.CALM_S * 10


def test_one_stall_changes_nothing_and_a_burden_that_passes_is_forgotten():
    screen = Pace(60.0)
    now, _ = run(screen, 5.0, lambda side: 0.004)
    screen.took(0.9, now + 0.9)
    now, changes = run(screen, 5.0, lambda side: 0.004, now + 0.9)
    assert changes == []
    now, _ = run(screen, 10.0, lambda side: 0.040, now)
    assert screen.level > 0
    run(screen, 120.0, lambda side: 0.004, now)
    assert screen.level == 0


def test_pictures_never_become_too_small():
    screen = Pace(60.0)
    run(screen, 30.0, lambda side: 9.0)
    assert min(screen.size((20, 20))) >= pace.SIDE
