from __future__ import annotations

from dataclasses import replace

import pytest

from livedance.beat.bars import Bars, choose_ratio


@pytest.mark.parametrize(
    ("ratio", "bpm", "expected"),
    [
        (1.0, 141.0, 0.5), (1.0, 139.0, 1.0), (0.5, 131.0, 0.5), (0.5, 129.0, 1.0),
        (1.0, 69.0, 2.0), (1.0, 71.0, 1.0), (2.0, 74.0, 2.0), (2.0, 76.0, 1.0),
    ],
)  # fmt: skip
def test_ratio_thresholds(ratio: float, bpm: float, expected: float) -> None:
    assert choose_ratio(ratio, bpm) == expected


def test_bars_and_phrases_are_counted() -> None:
    bars = Bars().passed(36.5, 0.02, 120.0)
    assert (bars.start, bars.next_start, bars.index, bars.phrase_bar) == (36, 40, 9, 1)


def test_ratio_changes_at_the_line_and_old_and_new_agree_there() -> None:
    before = Bars(start=4, next_start=8)
    assert before.passed(7.9, 0.02, 160.0).ratio == 1.0
    after = before.passed(7.99, 0.02, 160.0)
    assert after.ratio == 0.5
    assert after.offset + after.ratio * 8 == before.offset + before.ratio * 8


def test_one_by_hand_takes_the_nearest_beat() -> None:
    early = Bars(start=4, next_start=8).one_at(5.3)
    assert (early.start, early.phrase_bar) == (5, 0)
    late = Bars(start=4, next_start=8).one_at(5.7)
    assert (late.start, late.next_start) == (4, 6)
    assert late.passed(6.0, 0.02, 120.0).phrase_bar == 0


def test_odd_one_at_half_time_asks_for_half_a_dance_beat() -> None:
    bars = Bars(start=8, next_start=12, ratio=0.5, offset=0.0)
    assert bars.off_the_one() == 0.0
    assert bars.one_at(9.1).off_the_one() == 0.5


def test_tracker_moves_the_bar_only_after_some_time_and_never_against_a_hand() -> None:
    bars = Bars(start=4, next_start=8)
    assert bars.heard_one(9, 5.5, 1.0).start == 4
    assert bars.heard_one(9, 5.5, 1.0).heard_one(9, 5.6, 1.1).start == 5
    assert bars.one_at(5.1).heard_one(10, 5.5, 100.0).start == 5


def test_drop_begins_a_phrase_at_the_nearest_line() -> None:
    bars = Bars(start=16, next_start=20, phrase_bar=4)
    assert bars.phrase_at(16.4).phrase_bar == 0
    assert bars.phrase_at(19.6).passed(20.0, 0.02, 120.0).phrase_bar == 0


def test_a_heard_phrase_moves_the_count_inside_the_same_bar_only() -> None:
    bars = Bars(start=8, next_start=12, index=2, phrase_bar=2)
    assert bars.heard_phrase(5, 0.5, 10.0).phrase_bar == 5
    assert bars.heard_phrase(5, 0.05, 8.2).phrase_bar == 2
    assert bars.heard_phrase(5, 0.5, 11.9).phrase_bar == 2
    assert replace(bars, by_hand=True).heard_phrase(5, 0.5, 10.0).phrase_bar == 2
