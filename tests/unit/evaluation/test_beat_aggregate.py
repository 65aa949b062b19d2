"""Means over items, their spread, and goals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from livedance.evaluation.beat_aggregate import Goal, best, figure, is_reached, select
from livedance.evaluation.beat_scores import Scores

NAN = float("nan")


@dataclass(frozen=True)
class Line:
    tracker: str
    group: str
    category: str
    scores: Scores


ROWS = [
    Line("a", "synthetic", "cut", Scores(f=0.8, bias_ms=-6.0)),
    Line("a", "synthetic", "mix", Scores(f=1.0, bias_ms=2.0)),
    Line("a", "tracks", "mix", Scores(f=0.0)),
    Line("b", "synthetic", "cut", Scores(f=0.95, bias_ms=4.0)),
]


def test_a_figure_is_the_mean_of_what_was_measured_with_its_interval() -> None:
    values = [*np.random.default_rng(2).normal(0.5, 0.1, 100), NAN]
    found = figure(values, "f")
    assert found.items == 100 and found.value == pytest.approx(np.nanmean(values))
    assert found.value - found.low == pytest.approx(0.0196, abs=0.005)
    assert found.high - found.value == pytest.approx(0.0196, abs=0.005)


def test_medians_and_maxima_are_taken_where_they_belong() -> None:
    assert figure([1.0, 2.0, 90.0], "phase_median_ms").value == 2.0
    assert figure([1.0, 2.0, 90.0], "worst_ms").value == 90.0


def test_nothing_measured_is_no_figure_and_no_goal_reached() -> None:
    found = figure([NAN], "f")
    assert found.items == 0 and np.isnan(found.value)
    assert not is_reached(NAN, Goal(measure="f", groups=(), bound=0.0, text=""))


def test_rows_are_chosen_by_tracker_group_and_category() -> None:
    assert select(ROWS, "a", "f", ("synthetic",)).value == pytest.approx(0.9)
    assert select(ROWS, "a", "f", ("synthetic", "tracks")).value == pytest.approx(0.6)
    assert select(ROWS, "a", "f", ("synthetic",), "cut").value == pytest.approx(0.8)


def test_the_best_is_high_for_shares_low_for_errors_and_small_for_bias() -> None:
    assert best(ROWS, ["a", "b"], "f", ("synthetic",))[0] == "b"
    assert best(ROWS, ["a", "b"], "bias_ms", ("synthetic",))[0] == "a"  # -2 against 4
    assert best(ROWS, ["c"], "f", ("synthetic",))[0] == ""


@pytest.mark.parametrize(
    ("measure", "bound", "good", "bad"),
    [("f", 0.95, 0.95, 0.94), ("drift_ms", 20.0, 19.0, 21.0), ("bias_ms", 4.0, -3.9, -4.1), ("cpu", 0.03, 0.03, 0.04)],
)
def test_goals_know_their_direction(measure: str, bound: float, good: float, bad: float) -> None:
    goal = Goal(measure=measure, groups=(), bound=bound, text="")
    assert is_reached(good, goal) and not is_reached(bad, goal)
