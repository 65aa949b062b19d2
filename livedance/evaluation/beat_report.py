"""The report of `livedance eval beat`: every tracker on every group and category, goals, and what is not reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from livedance.evaluation import beat_suite, report
from livedance.evaluation.beat_aggregate import Figure, Goal, badness, best, figure, is_reached, select
from livedance.evaluation.beat_anchors import NAMES as ANCHORS
from livedance.evaluation.beat_eval import Outcome, Row
from livedance.evaluation.beat_goals import GOALS, NEVER_BELOW
from livedance.evaluation.beat_peers import BARE
from livedance.evaluation.beat_scores import NAMES as MEASURES

COLUMNS: Final = {
    "f": "F", "cmlt": "CMLt", "amlt": "AMLt", "lock": "lock %", "lock_any": "any octave %",
    "phase_median_ms": "phase median ms", "phase_p95_ms": "p95 ms", "bias_ms": "bias ms",
    "time_to_lock_s": "lock after s", "relock_s": "re-lock s", "drift_ms": "drift ms", "after_break": "4 after break %",
    "downbeat_f": "downbeat F", "drop_recall": "drops %", "false_drops": "false / 10 min", "phrase_f": "phrase F",
    "section": "section %", "cpu": "core", "worst_cpu_ms": "worst ms", "worst_ms": "worst wall ms",
}  # fmt: skip
NON_MUSIC_COLUMNS: Final = {"confidence": "confidence", "invented": "beats / min"}
PERCENT: Final = frozenset({"lock", "lock_any", "after_break", "drop_recall", "section"})
BY_CATEGORY: Final = ("f", "lock_any")
"""Measures that get a table by category."""
TIE: Final = 0.005
"""Smaller differences of F and lock are none."""


def write(outcome: Outcome, out: Path, picture: str | None) -> None:
    """Write `out`.json and `out`.md; `picture` is the file name of the plots beside them."""
    plan = outcome.plan
    data = {
        "plan": {"tracker": plan.tracker, "groups": _groups(outcome.rows), "items": plan.n_items, "seed": plan.seed},
        "audio_s": outcome.audio_s,
        "wall_s": outcome.wall_s,
        "goals": goal_table(outcome),
        "not_reached": not_reached(outcome),
        "figures": _figures(outcome),
        "items": [_item(row) for row in outcome.rows],
    }
    explanation = _EXPLANATION.format(
        ours=plan.tracker, bare=BARE.strip(), items=len({(r.group, r.item) for r in outcome.rows}),
        reused=_REUSED if plan.reuse_peers else "", minutes=outcome.audio_s / 60.0, wall=outcome.wall_s / 60.0,
    )  # fmt: skip
    report.write(out, "The beat", explanation, data, tables(outcome, picture))


def tables(outcome: Outcome, picture: str | None = None) -> list[str]:
    """Return the Markdown of the report, part by part."""
    parts = ["## Goals\n", goals_markdown(outcome), "\nNot reached:\n", _bullets(not_reached(outcome))]
    for group in _groups(outcome.rows):
        columns = NON_MUSIC_COLUMNS if group == beat_suite.NON_MUSIC else COLUMNS
        parts += [
            f"\n## All trackers, {group} ({_count(outcome.rows, group)} items)\n",
            _by_tracker(outcome, group, columns),
        ]
    for group in _groups(outcome.rows):
        if group == beat_suite.NON_MUSIC:
            parts += [f"\n## By category, {group}: beats a minute\n", _by(outcome, group, "category", "invented")]
            continue
        for measure in BY_CATEGORY:
            parts += [f"\n## By category, {group}: {COLUMNS[measure]}\n", _by(outcome, group, "category", measure)]
    if any(row.genre for row in outcome.rows if row.category == "steady"):
        parts += ["\n## By genre, steady items: F\n", _by(outcome, beat_suite.SYNTHETIC, "genre", "f", "steady")]
    if picture is not None:
        parts += [f"\n## Phase over time\n\n![phase error at every true beat, by category]({picture})\n"]
    return parts


def goal_table(outcome: Outcome) -> list[dict[str, Any]]:
    """Return every goal with ours, the best peer and their ratio."""
    ours, peers = outcome.plan.tracker, _peers(outcome)
    lines = []
    for goal in GOALS:
        found = select(outcome.rows, ours, goal.measure, goal.groups, goal.category)
        name, peer = best(outcome.rows, peers, goal.measure, goal.groups, goal.category)
        lines.append(
            {
                "goal": goal.text,
                "bound": goal.bound,
                "ours": found,
                "peer": name,
                "peer_value": peer.value,
                "ratio": found.value / peer.value if peer.value else math.nan,
                "reached": is_reached(found.value, goal) if found.items else None,
            }
        )
    return lines


def summary(outcome: Outcome) -> dict[str, Any]:
    """Return goals and what is not reached, for a program to read."""
    table: dict[str, Any] = report.plain({"goals": goal_table(outcome), "not_reached": not_reached(outcome)})
    return table


def goals_markdown(outcome: Outcome) -> str:
    """Return the table of goals."""
    rows = []
    for goal, line in zip(GOALS, goal_table(outcome), strict=True):
        found: Figure = line["ours"]
        word = {True: "yes", False: "**no**", None: "not measured"}[line["reached"]]
        spread = f"{_number(found.low)} – {_number(found.high)}" if found.items else "–"
        peer = f"{_number(line['peer_value'])} ({line['peer']})" if line["peer"] else "–"
        rows.append([goal.text, _bound(goal), _number(found.value), spread, found.items, peer, line["ratio"], word])
    return report.table(["measure", "goal", "ours", "95 %", "items", "best peer", "ours / peer", "reached"], rows)


def not_reached(outcome: Outcome) -> list[str]:
    """Return one sentence for every goal that is not met, with the categories that miss it, and for lost categories."""
    said = []
    for goal in GOALS:
        found = select(outcome.rows, outcome.plan.tracker, goal.measure, goal.groups, goal.category)
        if not found.items or is_reached(found.value, goal):
            continue
        worst = _worst_categories(outcome, goal)
        said.append(f"{goal.text}: {_number(found.value)}, goal {_bound(goal)}{worst}.")
    return said + _lost_categories(outcome)


def _worst_categories(outcome: Outcome, goal: Goal) -> str:
    """Return the categories that miss the goal, the worst first."""
    if goal.category is not None:
        return ""
    missed = []
    for group in goal.groups:
        for category in _values(outcome.rows, group, "category"):
            found = select(outcome.rows, outcome.plan.tracker, goal.measure, (group,), category)
            if found.items and not is_reached(found.value, goal):
                missed.append((badness(found.value, goal.measure), f"{category} {_number(found.value)}"))
    return "; " + ", ".join(text for _, text in sorted(missed, reverse=True)) if missed else ""


def _lost_categories(outcome: Outcome) -> list[str]:
    said = []
    for group in _groups(outcome.rows):
        if group == beat_suite.NON_MUSIC or NEVER_BELOW not in outcome.peers:
            continue
        for measure in BY_CATEGORY:
            for category in _values(outcome.rows, group, "category"):
                ours = select(outcome.rows, outcome.plan.tracker, measure, (group,), category).value
                other = select(outcome.rows, NEVER_BELOW, measure, (group,), category).value
                if ours < other - TIE:
                    said.append(
                        f"{COLUMNS[measure]} on {group}, {category}: {_shown(ours, measure)}, "
                        f"{NEVER_BELOW} {_shown(other, measure)}."
                    )
    return said


def _by_tracker(outcome: Outcome, group: str, columns: dict[str, str]) -> str:
    rows = []
    for tracker in outcome.peers:
        found = [select(outcome.rows, tracker, measure, (group,)) for measure in columns]
        if any(f.items for f in found):
            rows.append([tracker, *(_shown(f.value, m) for f, m in zip(found, columns, strict=True))])
    return report.table(["tracker", *columns.values()], rows)


def _by(outcome: Outcome, group: str, key: str, measure: str, category: str | None = None) -> str:
    """Return one measure by tracker and category or genre."""
    kept = [r for r in outcome.rows if r.group == group and (category is None or r.category == category)]
    values = _values(kept, group, key)
    rows = []
    for tracker in outcome.peers:
        of = [r for r in kept if r.tracker == tracker]
        cells = [figure((getattr(r.scores, measure) for r in of if getattr(r, key) == v), measure) for v in values]
        if any(f.items for f in cells):
            rows.append([tracker, *(_shown(f.value, measure) for f in cells)])
    return report.table(["tracker", *values], rows)


def _figures(outcome: Outcome) -> dict[str, Any]:
    """Return all figures: group -> category ("all" first) -> tracker -> measure."""
    out: dict[str, Any] = {}
    for group in _groups(outcome.rows):
        for category in (None, *_values(outcome.rows, group, "category")):
            cell = out.setdefault(group, {}).setdefault(category or "all", {})
            for tracker in outcome.peers:
                found = {m: select(outcome.rows, tracker, m, (group,), category) for m in MEASURES}
                cell[tracker] = {m: f for m, f in found.items() if f.items}
    return out


def _item(row: Row) -> dict[str, Any]:
    scores = {m: getattr(row.scores, m) for m in MEASURES if math.isfinite(getattr(row.scores, m))}
    about = {"item": row.item, "group": row.group, "category": row.category, "genre": row.genre}
    return {**about, "tracker": row.tracker, **scores}


def _peers(outcome: Outcome) -> list[str]:
    """Return the trackers that are not ours and no anchors."""
    ours = {outcome.plan.tracker, outcome.plan.tracker + BARE, *ANCHORS}
    products = {name + BARE for name in outcome.plan.also} | set(outcome.plan.also)
    return [name for name in outcome.peers if name not in ours | products]


def _groups(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.group for row in rows))


def _values(rows: Sequence[Row], group: str, key: str) -> list[str]:
    return list(dict.fromkeys(getattr(row, key) for row in rows if row.group == group))


def _count(rows: Sequence[Row], group: str) -> int:
    return len({row.item for row in rows if row.group == group})


def _bound(goal: Goal) -> str:
    return f"{'≥' if badness(1.0, goal.measure) < 0.0 else '≤'} {goal.bound:g}"


def _shown(value: float, measure: str) -> str:
    return _number(100.0 * value) if measure in PERCENT else _number(value)


def _number(value: float) -> str:
    """Return a number with about three digits."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    return (
        f"{value:.0f}"
        if size >= 100
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2f}"
        if size >= 0.1
        else f"{value:.3f}"
    )


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines or ["nothing: every measured goal is met."]) + "\n"


_REUSED: Final = " Peers' takes, and their cost, may be those of an earlier run on the same audio."
_EXPLANATION: Final = """\
`livedance eval beat`: {items} items, {minutes:.0f} min of audio, measured in {wall:.0f} min. Every tracker is fed 512
samples at 44,100 Hz at a time and may not look ahead. `{ours}` is what `livedance beats` says (through the beat clock,
what the show dances to); `{ours} {bare}` is the same tracker before the clock. Trackers that only announce beats are
read as a simple client reads them: phase = time since the last beat / period. Peers are called as they come;
`chance` knows the tempo and guesses a phase, `metronome` was told the first beats and never alters.

- **F, CMLt, AMLt** (mir_eval; F within ±70 ms, the first 5 s left out): a beat counts at the later of its claimed time
  and the time it was announced. Scoring starts with the first rhythm and ends 8 s after the last;
  beats that nobody can know are left out (a cut into a break, a fader moved in a break).
- **lock**: share of true beats at which the phase known at that time is within 50 ms and the tempo within 4 %; "any
  octave": also at double or half tempo. **Phase error** at each true beat, as known then, of the tracker's own beat
  (a tracker at half tempo is half a beat off every other time); unknown = half a beat. **Bias**: median of the signed
  error at locked beats, positive = late.
- **Lock after**: from the first beat to the start of the first lock (any octave) that holds 2 s; **re-lock** the same
  after every cut, change of tune and end of a ramp, counted from where a rhythm is heard; a wait without end counts
  until the next change or the end.
- **Drift**: error at the last beat of a break, 4 s or more without rhythm; **4 after break**: share of the first four
  beats after it within 50 ms.
- **Drops**: share of true drops with a change to "drop" within one beat; **phrase F** within one beat; both, and
  sections, only where the music's form is known. Only `{ours}` knows them.
- **Core**: processor time of the tracker's calls / time of the audio; **worst**: longest call, by processor time and by
  the wall clock, which other work on the machine lengthens; what was there before an item is out of the garbage
  collector's sight, as on stage.{reused}

Means over items (phase median: median over items), 95 % intervals by bootstrap over items. All figures by group,
category and item are in the JSON file. Synthetic items come from held-out seeds, kits and presets of our own generator;
training never hears them. Groups called machine-estimated hold another tracker's beats and count for no goal.
"""
