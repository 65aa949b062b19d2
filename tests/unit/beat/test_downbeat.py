from __future__ import annotations

import numpy as np

from livedance.beat.downbeat import DownbeatVote


def hear(vote: DownbeatVote, first: int, n_beats: int, low: list[float], mid: list[float]) -> None:
    """Beats with the given strengths by beat of the bar (index 0 = beat count divisible by four)."""
    for beat in range(first, first + n_beats):
        for phase in np.arange(-0.5, 0.5, 0.05):
            here = abs(phase) < 0.03
            vote.step(beat + float(phase), low[beat % 4] * here, mid[beat % 4] * here)


def test_counts_from_where_the_sound_began() -> None:
    vote = DownbeatVote()
    vote.begin(2.9)
    hear(vote, 3, 40, [1.0] * 4, [1.0] * 4)
    assert vote.one % 4 == 3


def test_kick_without_snare_takes_the_one_after_some_bars() -> None:
    vote = DownbeatVote()
    vote.begin(1.0)
    hear(vote, 1, 12, [1.0, 0.0, 0.3, 0.0], [0.0, 1.0, 0.0, 1.0])
    assert vote.one % 4 == 1
    hear(vote, 13, 24, [1.0, 0.0, 0.3, 0.0], [0.0, 1.0, 0.0, 1.0])
    assert vote.one % 4 == 0


def test_a_tie_moves_nothing() -> None:
    vote = DownbeatVote()
    vote.begin(2.0)
    hear(vote, 2, 60, [1.0] * 4, [0.0, 1.0, 0.0, 1.0])
    assert vote.one % 4 == 2
