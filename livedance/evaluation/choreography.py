"""Is that somebody dancing to this track? Long nights, hand-set energies, hits, style changes and groups, measured.

The product's brain dances offline; its committed windows are laid out in beat time, which costs a twentieth of the time
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
from livedance.evaluation.choreography_set import in_a_row, load, mixed

DJ_SET: Final = "own_djset_122_128"
OWN_TRACKER: Final = "livedance"
ENERGY_MINUTES: Final = 3.0
LOAD_MINUTES: Final = 2.0
N_HITS: Final = 24

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    minutes: float = 20.0
    seed: int = 1
    tracker: str = EXACT
    folder: Path | None = None
    """Music with its beats; None: the demo tracks."""
    parts: tuple[str, ...] = ()
    """Names of `PARTS`; empty: all."""
    dancers: int = 4
    style_rounds: int = 12
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Configuration beside the tracker."""

    def __post_init__(self) -> None:
        for part in self.parts:
            if part not in PARTS:
                raise ConfigError(f"there is no part '{part}'{near(part, PARTS)} There are: {', '.join(PARTS)}")


def run(plan: Plan, tell: Tell = lambda line: None) -> Outcome:
    """Measure everything that `plan` names, each part after the other; `tell` hears which."""
    tell("held-out motion")
    going = _Run(plan, nights.held_out())
    for name, (title, measure) in PARTS.items():
        if name in plan.parts or not plan.parts:
            tell(title)
            measure(going)
    return going.outcome()


class _Run:
    """One run and what it has measured so far."""

    def __init__(self, plan: Plan, held_out: Figures) -> None:
        self._plan, self._held_out = plan, held_out
        self._alone = configs.merge(plan.settings, UNDIRECTED)
        self._pieces = load(plan.folder)
        self._ours: Figures = {}
        self._sets: dict[str, Figures] = {}
        self._styles: dict[str, Figures] = {}
        self._pairs: Pairs = {}
        self._changes: list[Change] = []

    def outcome(self) -> Outcome:
        """Return everything measured."""
        plan = self._plan
        return Outcome(
            settings={**asdict(plan), "folder": plan.folder.name if plan.folder else "the demo tracks"},
            ours=self._ours,
            other_sets=self._sets,
            held_out=self._held_out,
            styles=self._styles,
            pairs=self._pairs,
            changes=self._changes,
        )

    def night(self) -> None:
        """Dance through the mixed set, as the product does by itself."""
        plan = self._plan
        music = mixed(self._pieces, plan.minutes, plan.seed)
        danced = dance(Night(music=music, seed=plan.seed, tracker=plan.tracker, settings=plan.settings))
        self._ours |= nights.night(danced)
        self._styles = nights.by_style(danced)

    def djset(self) -> None:
        """Dance through the DJ set, with its beats told and with those that are heard."""
        music = in_a_row(DJ_SET, load(names=(DJ_SET,)))
        for title, tracker in ((DJ_SET, EXACT), (f"{DJ_SET}, own tracker", OWN_TRACKER)):
            night = Night(music=music, seed=self._plan.seed, tracker=tracker, settings=self._plan.settings)
            self._sets[title] = nights.night(dance(night))

    def energy(self) -> None:
        """Dance the same music at hand-set energies."""
        plan = self._plan
        music = mixed(self._pieces, ENERGY_MINUTES, plan.seed)
        self._ours |= trials.energies(music, plan.seed, plan.tracker, self._alone)

    def hits(self) -> None:
        """Hit at all phases of the beat."""
        self._ours |= trials.hits(self._plan.seed, N_HITS, self._alone)

    def styles(self) -> None:
        """Change from every style to every other, by hand."""
        plan = self._plan
        self._pairs = trials.style_pairs(anchor.library().styles, plan.seed, plan.style_rounds, self._alone)
        ratios = [pair.value for pair in self._pairs.values()]
        self._ours["worst_pair_seam"] = Figure(value=max(ratios), n=len(ratios))
        self._ours["mean_pair_seam"] = Figure(value=float(np.mean(ratios)), n=len(ratios))

    def group(self) -> None:
        """Change formations by hand; dance as a couple."""
        found, self._changes = trials.formations(self._plan.seed, self._plan.dancers, self._alone)
        self._ours |= found | trials.couples(self._plan.seed, self._alone)

    def load(self) -> None:
        """Take the processor time of one dancer and of several."""
        plan = self._plan
        music = mixed(self._pieces, LOAD_MINUTES, plan.seed)
        self._ours |= {f"cpu_{n}": trials.load_of(music, plan.seed, n, self._alone) for n in (1, plan.dancers)}


PARTS: Final[Mapping[str, tuple[str, Callable[[_Run], None]]]] = {
    "night": ("a mixed set", _Run.night),
    "djset": ("the DJ set", _Run.djset),
    "energy": ("hand-set energies", _Run.energy),
    "hits": ("hits", _Run.hits),
    "styles": ("pairs of styles", _Run.styles),
    "group": ("formations and couples", _Run.group),
    "load": ("load", _Run.load),
}
"""Parts by name: what is said about them, and how they are measured."""
