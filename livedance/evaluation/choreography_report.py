"""The report of the choreography: goals, every figure beside held-out motion, pairs of styles, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance.evaluation import choreography_goals as goals
from livedance.evaluation import report
from livedance.evaluation.choreography_figure import Figure, Figures
from livedance.evaluation.choreography_group import Change

NOT_IN_TABLE: Final = ("accent_",)
BY_STYLE: Final = (
    "seconds", "speed", "jerk", "skate", "jolts", "freezes", "front", "back_beats", "wrist_deep", "bas_lift", "phase_r",
    "variation", "off_or_held", "spread_ms", "window_seam",
)  # fmt: skip

ARRIVALS: Final = """
An arrival is where the way to the new place ends: where hips and both feet come to stay at one distance from the same
dance with the same wish, in which nobody is sent anywhere (both danced without giving way, which is no way). Until
2026-11-22 20:00 UTC the ruler was wrong in two things. It held the dance against one in which no formation was wished
at all: dancers who do not move alike keep nearer to their places, so the two went on to differ after the way had ended,
until the next phrase (ways of 15 beats in reports before). And it looked at the hips alone, which are there up to a
beat before the last foot of a short way comes down.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that one run measured."""

    settings: Mapping[str, Any]
    ours: Figures
    """Of the long set and of the parts."""
    other_sets: Mapping[str, Figures]
    """By name of the music."""
    held_out: Figures
    styles: Mapping[str, Figures] = field(default_factory=dict)
    """Of the long set, by the style that was danced."""
    pairs: Mapping[tuple[str, str], Figure] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    pictures: Sequence[tuple[str, str]] = ()
    """(title, file name beside the report)"""
    proof: str = ""
    """Markdown of a judged round of blind pairs."""


def write(outcome: Outcome, out: Path | None) -> None:
    """Write `out`.json and `out`.md."""
    found = goals.verdicts(outcome.ours, outcome.held_out)
    tables = ["## Goals\n", goals_table(found), "\n## Every figure\n", _figures(outcome), "\n## The eight\n"]
    tables.append(_eight(outcome))
    if outcome.styles:
        tables += ["\n## By style\n", _styles(outcome)]
    if outcome.pairs:
        tables += ["\n## Seams from style (row) to style (column)\n", _pairs(outcome.pairs)]
    if outcome.changes:
        tables += ["\n## Formations\n", _changes(outcome.changes), ARRIVALS]
    if outcome.proof:
        tables += ["\n## Blind pairs\n", outcome.proof]
    if outcome.pictures:
        tables += ["\n## Pictures\n", *[f"{title}\n\n![{title}]({name})\n" for title, name in outcome.pictures]]
    data = {
        "settings": dict(outcome.settings),
        "goals": [
            {"goal": v.goal.text, "bound": v.bound, "ours": v.ours, "held_out": v.held_out, "reached": v.reached}
            for v in found
        ],
        "ours": outcome.ours,
        "sets": dict(outcome.other_sets),
        "held_out": outcome.held_out,
        "styles": dict(outcome.styles),
        "style_pairs": {f"{a} > {b}": figure for (a, b), figure in outcome.pairs.items()},
        "formation_changes": list(outcome.changes),
    }
    report.write(out, "The choreography", _EXPLANATION.format(**outcome.settings), data, tables)


def goals_table(found: Sequence[goals.Verdict]) -> str:
    """Return the table of goals."""
    rows = []
    for v in found:
        word = {True: "yes", False: "**no**", None: "not measured"}[v.reached]
        rows.append([v.goal.text, v.bound, *_cells(v.ours), v.held_out.value if v.held_out else None, word])
    return report.table(["what", "goal", "ours", "p10 – p90", "n", "held-out", "reached"], rows)


def _figures(outcome: Outcome) -> str:
    names = [name for name in outcome.ours if not name.startswith(NOT_IN_TABLE)]
    sets = list(outcome.other_sets)
    rows = []
    for name in names:
        others = [_value(outcome.other_sets[s].get(name)) for s in sets]
        rows.append([name, *_cells(outcome.ours[name]), *others, *_cells(outcome.held_out.get(name))[:2]])
    return report.table(["figure", "ours", "p10 – p90", "n", *sets, "held-out", "p10 – p90"], rows)


def _eight(outcome: Outcome) -> str:
    rows = [
        [title, *(_value(figures.get(f"accent_{count}")) for count in range(1, 9))]
        for title, figures in (("long set", outcome.ours), *outcome.other_sets.items())
        if "accent_1" in figures
    ]
    head = ["accent strength by count, over the mean", *(str(count) for count in range(1, 9))]
    return report.table(head, rows)


def _styles(outcome: Outcome) -> str:
    rows = [
        [style, *(_value(figures.get(name)) for name in BY_STYLE)]
        for style, figures in (*outcome.styles.items(), ("held-out", outcome.held_out))
    ]
    return report.table(["style", *BY_STYLE], rows)


def _pairs(pairs: Mapping[tuple[str, str], Figure]) -> str:
    styles = sorted({style for pair in pairs for style in pair})
    rows = [[a, *(_value(pairs.get((a, b))) for b in styles)] for a in styles]
    over = sum(figure.value > 1.2 for figure in pairs.values())
    surely = sum(figure.low > 1.2 for figure in pairs.values())
    values = [figure.value for figure in pairs.values()]
    n = min(figure.n for figure in pairs.values())
    return report.table(["", *styles], rows) + (
        f"\n{over} of {len(pairs)} pairs are over 1.2, {surely} of them with their whole 90 % interval; "
        f"mean {np.mean(values):.2f}, greatest {max(values):.2f}; "
        f"at least {n} changes a pair.\n"
    )


def _changes(changes: Sequence[Change]) -> str:
    rows = [[c.to, c.moved, c.moved_m, c.beats, c.on_one, c.least_m, 100 * c.skate] for c in changes]
    return report.table(
        ["to", "dancers moved", "by m", "beats", "arrived on a downbeat", "least apart m", "skate %"], rows
    )


def _cells(figure: Figure | None) -> list[Any]:
    if figure is None:
        return [None, None, None]
    spread = f"{figure.low:.3g} – {figure.high:.3g}" if np.isfinite(figure.low + figure.high) else None
    return [figure.value, spread, figure.n]


def _value(figure: Figure | None) -> float | None:
    return None if figure is None else figure.value


_EXPLANATION: Final = """\
`livedance eval choreography`: the product's brain on a virtual clock, {minutes:g} minutes of a mixed set (seed {seed},
{tracker}), its committed windows in beat time read at 60 frames a second. Spreads are over stretches of a minute.
Held-out: clips that nothing was trained on, each at its own constant tempo, by the same rulers; their bars are not
known. How each figure is taken: `livedance/evaluation/choreography_*.py`.

An accent's strength is the speed lost in the half-beat before its stop. Strong accents are the upper half. Jerk at a
seam is held against jerk at the same phase of the beats around it, where no seam is; that of windows against jerk
elsewhere, because there is one in every beat.
"""
