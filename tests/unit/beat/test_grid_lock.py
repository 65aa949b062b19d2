"""The lock alone, without aubio: what it gives up, what it keeps, and when."""

from __future__ import annotations

from itertools import pairwise

import pytest

from livedance.beat.grid import Grid
from livedance.beat.grid_lock import GridLock
from livedance.beat.onset import OnsetMeter
from livedance.messages import F32
from tests.unit.beat.beat_sounds import broken_beat, clicks, four_on_the_floor, hops


def follow(audio: F32, wrong: Grid, *, after_s: float = 3.0) -> list[tuple[float, GridLock, float]]:
    """Seat the lock on `wrong` at `after_s`, as if it had been found; return (time, lock, tempo) hop by hop."""
    meter = OnsetMeter()
    lock, heard = GridLock(meter.past), []
    lock.begin(0.0)
    for hop in hops(audio):
        meter.step(hop.samples)
        if hop.t_s >= after_s and (not heard or heard[-1][0] < after_s):
            lock.grid = lock.fitted = wrong
            lock.locked_s = hop.t_s
        lock.step(hop.t_s, None)
        heard.append((hop.t_s, lock, lock.grid.tempo_bpm if lock.grid else 0.0))
    return heard


def test_a_dotted_tempo_is_given_up_even_late_and_once() -> None:
    heard = follow(clicks(120.0, 24.0), Grid(beat_s=0.25, period_s=60.0 / 180.0), after_s=10.0)
    tempi = [tempo for t_s, _, tempo in heard if t_s > 10.1]
    assert tempi[0] == pytest.approx(180.0)
    assert tempi[-1] == pytest.approx(120.0, rel=0.01)
    assert sum(abs(a - b) > 10.0 for a, b in pairwise(tempi)) == 1


def test_an_octave_that_can_be_danced_stays() -> None:
    heard = follow(broken_beat(174.0, 24.0), Grid(beat_s=0.25, period_s=60.0 / 174.0), after_s=9.0)
    assert all(tempo == pytest.approx(174.0, rel=0.01) for t_s, _, tempo in heard if t_s > 9.1)


def test_a_grid_between_the_halves_is_moved_onto_them() -> None:
    heard = follow(four_on_the_floor(124.0, 16.0), Grid(beat_s=0.25 + 15.0 / 124.0, period_s=60.0 / 124.0))
    lock = heard[-1][1]
    assert lock.grid is not None
    off = (lock.grid.position(0.25) + 0.5) % 1.0 - 0.5
    assert abs(off) < 0.08


def test_a_beginning_forgets_what_was_before_but_not_the_newest_onset() -> None:
    meter = OnsetMeter()
    lock = GridLock(meter.past)
    meter.past[:] = 0.5
    lock.begin(4.0)
    assert lock.sound_s == 4.0
    assert (meter.past[:-1] == 0.0).all()
    assert (meter.past[-1] == 0.5).all()
