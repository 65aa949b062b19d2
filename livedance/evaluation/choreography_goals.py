"""What a choreographed dance shall reach, by the names of the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from livedance.evaluation.choreography_figure import Figure, Figures

FIRST_LIFT: Final = 0.73
FIRST_R: Final = 0.80
"""What the motion graph alone reached with exact beats (docs/results/dance.md, mean of all tracks and seeds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line of the table."""

    name: str
    """Of the figure."""
    text: str
    low: float = -np.inf
    high: float = np.inf
    over: float | None = None
    """Instead of `high`: so much more than held-out motion."""
    over_name: str = ""
    """The goal is the figure over this one of held-out motion."""


GOALS: Final = (
    Goal(name="half_over_least", text="joint speed at energy 0.5 over that at 0", low=2.0),
    Goal(name="full_over_least", text="joint speed at energy 1 over that at 0", low=3.0),
    Goal(name="speed_at_1", text="joint speed at energy 1, m/s", low=0.9),
    Goal(name="variation", text="variation of accent strength within an eight", low=0.35),
    Goal(name="first_over_rest", text="accent on 1 over the strongest other count", low=1.0),
    Goal(name="off_or_held", text="strong accents on half-beats or held, %", low=15.0, high=35.0),
    Goal(name="spread_ms", text="spread of the times at which body parts stop, ms", low=40.0),
    Goal(name="hit_settle_ms", text="a hit settles within, ms", low=80.0, high=150.0),
    Goal(name="hit_answer_ms", text="a hit is seen after, ms", high=250.0),
    Goal(name="bas_lift", text="BAS lift", low=FIRST_LIFT),
    Goal(name="phase_r", text="R", low=FIRST_R),
    Goal(name="jerk", text="jerk over held-out motion's", low=0.8, high=1.25, over_name="jerk"),
    Goal(name="jerk", text="jerk over the whole library's", low=0.8, high=1.25, over_name="library_jerk"),
    Goal(name="jerk_for_speed", text="jerk over the library's at the same speed", low=0.8, high=1.25),
    Goal(name="window_seam", text="seams of windows over held-out motion's", high=1.2, over_name="window_seam"),
    Goal(name="phrase_seam", text="seams of phrases", high=1.2),
    Goal(name="worst_pair_seam", text="seams of style changes, worst pair", high=1.2),
    Goal(name="skate", text="frames with a sliding foot, %", over=2.0),
    Goal(name="change_skate", text="the same while a formation changes, %", over=2.0),
    Goal(name="front", text="beats with the chest within 60° of the audience, %", low=80.0),
    Goal(name="back_beats", text="longest run of beats with the back turned", high=4.0),
    Goal(name="landed_front", text="turns that land to the front, %", low=80.0),
    Goal(name="landed_on_one", text="turns that land on a downbeat, %", low=60.0),
    Goal(name="wrist_deep", text="frames with a wrist deeper than 2 cm, %", high=0.5),
    Goal(name="head_club", text="head range of g1_* phrases over CMU's clips", low=0.7, high=1.3, over_name="head_cmu"),
    Goal(name="foot_club", text="foot pitch of g1_* phrases over CMU's clips", low=0.7, high=1.3, over_name="foot_cmu"),
    Goal(name="jolts", text="jolts an hour (faster than any dancer of the library)", high=0.0),
    Goal(name="freezes", text="freezes an hour", high=0.0),
    Goal(name="repeats", text="phrases that return within 5 min unasked", high=0.0),
    Goal(name="used", text="library phrases of the styles that were danced, %", low=80.0),
    Goal(name="most_over_fair", text="most used phrase over its fair share", high=3.0),
    Goal(name="couple_m", text="partners of a couple apart, median, m", low=0.7, high=0.9),
    Goal(name="group_least_m", text="dancers apart, least, m", low=0.9),
    Goal(name="arrive_on_one", text="arrivals of formations on a downbeat, share", low=0.8),
    Goal(name="cpu_4", text="four dancers, % of one core", high=10.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A goal against what was measured."""

    goal: Goal
    bound: str
    ours: Figure | None
    """As measured, or over held-out motion where the goal is a ratio."""
    held_out: Figure | None
    reached: bool | None
    """None: not measured."""


def verdicts(ours: Figures, held_out: Figures) -> list[Verdict]:
    """Return every goal with what was measured."""
    return [_verdict(goal, ours, held_out) for goal in GOALS]


def not_reached(found: list[Verdict]) -> list[str]:
    """Return one line for every goal that was measured and missed."""
    return [
        f"{v.goal.text}: {v.ours.value:.3g}, goal {v.bound}" for v in found if v.reached is False and v.ours is not None
    ]


def _verdict(goal: Goal, ours: Mapping[str, Figure], held_out: Mapping[str, Figure]) -> Verdict:
    figure, anchor = ours.get(goal.name), held_out.get(goal.over_name or goal.name)
    low, high = goal.low, goal.high
    if goal.over is not None:
        high = anchor.value + goal.over if anchor is not None else np.nan
    if goal.over_name and figure is not None and anchor is not None:
        of = anchor.value
        figure = Figure(value=figure.value / of, low=figure.low / of, high=figure.high / of, n=figure.n)
    known = figure is not None and np.isfinite(figure.value)
    return Verdict(
        goal=goal,
        bound=_bound(low, high),
        ours=figure if known else None,
        held_out=anchor,
        reached=bool(low <= figure.value <= high) if figure is not None and known else None,
    )


def _bound(low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f"{low:g} … {high:g}"
    if np.isfinite(low) or np.isfinite(high):
        return f"≥ {low:g}" if np.isfinite(low) else f"≤ {high:.3g}"
    return "as held-out motion"
