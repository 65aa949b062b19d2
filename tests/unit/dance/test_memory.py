from __future__ import annotations

from functools import cache

import numpy as np

from livedance.dance import memory, transitions
from livedance.dance.library import MotionLibrary


@cache
def table() -> transitions.Entries:
    return transitions.build(MotionLibrary.shipped())


def row_of(clip: int, beat: int, *, mirrored: bool = False) -> int:
    at = (table().clip == clip) & (table().beat == beat) & (table().mirrored == mirrored)
    return int(np.flatnonzero(at)[0])


def test_nothing_was_danced_before_the_first_phrase() -> None:
    rows = np.arange(50)
    here, other = memory.EMPTY.since(table(), rows, 100.0, 8)
    assert min(here.min(), other.min()) > 1e8
    assert memory.EMPTY.shown(table(), rows, 8).max() == 0.0
    assert not memory.EMPTY.goes_on(table(), rows).any()


def test_a_phrase_is_remembered_beat_by_beat_on_its_side() -> None:
    long = next(i for i, clip in enumerate(MotionLibrary.shipped().clips) if clip.n_beats > 40)
    used = memory.EMPTY.after(table(), row_of(long, 10), dance_beat=100.0, beats=8)
    rows = np.array([row_of(long, beat) for beat in (2, 3, 17, 18)])
    here, other = used.since(table(), rows, 108.0, 8)
    assert here.tolist()[1:3] == [8.0, 8.0]
    assert min(here[0], here[3]) > 1e8
    assert other.min() > 1e8
    mirrored = np.array([row_of(long, 10, mirrored=True)])
    assert used.since(table(), mirrored, 108.0, 8)[1][0] == 8.0
    assert used.clip_since(table(), rows[:1], 108.0)[0] == 8.0
    assert used.shown(table(), rows[1:2], 8)[0] == 1 / 8


def test_it_knows_what_goes_on_and_for_how_long() -> None:
    long = next(i for i, clip in enumerate(MotionLibrary.shipped().clips) if clip.n_beats > 40)
    used = memory.EMPTY
    for k in range(3):
        used = used.after(table(), row_of(long, 4 + 8 * k), dance_beat=8.0 * k, beats=8)
    assert used.run == 3
    rows = np.array([row_of(long, 28), row_of(long, 29), row_of(long, 28, mirrored=True)])
    assert used.goes_on(table(), rows).tolist() == [True, False, False]
    assert used.after(table(), row_of(long, 4), dance_beat=24.0, beats=8).run == 1
