"""Is that somebody dancing to this track? Long nights, hand-set energies, hits, style changes and groups, measured.

The product's brain dances offline; its committed windows are laid out in beat time, which costs a sixtieth of the time
that the music takes. Every figure stands beside that of held-out motion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance import config as configs
from livedance.errors import ConfigError, near
from livedance.evaluation import choreography_anchor as anchor
from livedance.evaluation import choreography_night as nights
from livedance.evaluation import choreography_trials as trials
from livedance.evaluation.choreography_dance import EXACT, UNDIRECTED, Night, dance
from livedance.evaluation.choreography_figure import Figure, Figures, Pairs
from livedance.evaluation.choreography_group import Change
from livedance.evaluation.choreography_report import Outcome
from livedance.evaluation.choreography_set import Piece, in_a_row, load, mixed

PARTS: Final = ("night", "djset", "energy", "hits", "styles", "group", "load")
DJ_SET: Final = "own_djset_122_128"
ENERGY_MINUTES: Final = 3.0
LOAD_MINUTES: Final = 2.0
N_HITS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    minutes: float = 20.0
    seed: int = 1
    tracker: str = EXACT
    folder: Path | None = None
    parts: tuple[str, ...] = PARTS
    dancers: int = 4
    style_rounds: int = 12
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Configuration beside the tracker."""

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise ConfigError(f"there is no part '{part}'{near(part, PARTS)} There are: {', '.join(PARTS)}")


def run(plan: Plan, tell: Callable[[str], None] = lambda line: None) -> Outcome:
    """Measure everything that `plan` names."""
    pieces = load(plan.folder)
    tell("held-out motion")
    held_out = nights.held_out()
    ours: Figures = {}
    other_sets: dict[str, Figures] = {}
    styles: dict[str, Figures] = {}
    if "night" in plan.parts:
        tell(f"a mixed set of {plan.minutes:g} minutes")
        danced = dance(_night(plan, pieces))
        ours |= nights.night(danced)
        styles = nights.by_style(danced)
    if "djset" in plan.parts:
        tell(f"the DJ set {DJ_SET}")
        for title, tracker in ((DJ_SET, EXACT), (f"{DJ_SET}, own tracker", "livedance")):
            music = in_a_row(DJ_SET, load(names=(DJ_SET,)))
            other_sets[title] = nights.night(
                dance(Night(music=music, seed=plan.seed, tracker=tracker, settings=plan.settings))
            )
    alone = configs.merge(plan.settings, UNDIRECTED)
    if "energy" in plan.parts:
        tell("hand-set energies")
        ours |= trials.energies(mixed(pieces, ENERGY_MINUTES, plan.seed), plan.seed, plan.tracker, alone)
    if "hits" in plan.parts:
        tell("hits")
        ours |= trials.hits(plan.seed, N_HITS, alone)
    pairs: Pairs = {}
    if "styles" in plan.parts:
        tell("pairs of styles")
        pairs = trials.style_pairs(anchor.library().styles, plan.seed, plan.style_rounds, alone)
        ratios = [pair.value for pair in pairs.values()]
        ours["worst_pair_seam"] = Figure(value=max(ratios), n=len(pairs))
        ours["mean_pair_seam"] = Figure(value=float(np.mean(ratios)), n=len(pairs))
    changes: list[Change] = []
    if "group" in plan.parts:
        tell(f"formations of {plan.dancers}, couples")
        found, changes = trials.formations(plan.seed, plan.dancers, alone)
        ours |= found | trials.couples(plan.seed, alone)
    if "load" in plan.parts:
        tell("load")
        music = mixed(pieces, LOAD_MINUTES, plan.seed)
        ours |= {f"cpu_{n}": trials.load_of(music, plan.seed, n, alone) for n in (1, plan.dancers)}
    settings = {**asdict(plan), "folder": plan.folder.name if plan.folder else "the demo tracks"}
    return Outcome(
        settings=settings,
        ours=ours,
        other_sets=other_sets,
        held_out=held_out,
        styles=styles,
        pairs=pairs,
        changes=changes,
    )


def _night(plan: Plan, pieces: list[Piece]) -> Night:
    music = mixed(pieces, plan.minutes, plan.seed)
    return Night(music=music, seed=plan.seed, tracker=plan.tracker, settings=plan.settings)
