"""`livedance eval beat`: every tracker hears every item; rows of scores, phases for the plots, the report."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance import registry
from livedance.errors import ConfigError
from livedance.evaluation import beat_anchors, beat_aubio, beat_folder, beat_suite
from livedance.evaluation.beat_aubio import AubioPeer
from livedance.evaluation.beat_hearing import Peer
from livedance.evaluation.beat_kept import KeptPeer
from livedance.evaluation.beat_peers import RegistryPeer
from livedance.evaluation.beat_process import hosted
from livedance.evaluation.beat_scores import Scores, at_beats, score
from livedance.evaluation.beat_suite import Heard, Item

F64 = NDArray[np.float64]

GROUPS: Final = (beat_suite.SYNTHETIC, beat_suite.NON_MUSIC, beat_suite.LMMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured."""

    tracker: str = "livedance"
    also: tuple[str, ...] = ("aubio",)
    """Other trackers of the registry."""
    with_peers: bool = True
    reuse_peers: bool = False
    """Whether peers need not hear again what they heard in an earlier run."""
    peer_python: Path | None = None
    """An interpreter that can import further peers."""
    groups: tuple[str, ...] = (beat_suite.SYNTHETIC, beat_suite.NON_MUSIC)
    folders: tuple[Path, ...] = ()
    n_items: int = 4
    """Of each synthetic category."""
    seed: int = 0
    cache: Path | None = None
    model: Path | None = None
    """A model other than the one in `models/`."""
    fold_models: Mapping[str, Path] = field(default_factory=dict)
    """Artist -> model that never heard that artist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tracker on one item."""

    item: str
    group: str
    category: str
    genre: str
    tracker: str
    scores: Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Phase errors of one tracker at the true beats of one item, for the plots."""

    group: str
    category: str
    tracker: str
    beat_s: F64
    error_s: F64


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that was measured."""

    plan: Plan
    peers: tuple[str, ...]
    """Names in the order of the tables: ours first, anchors last."""
    rows: tuple[Row, ...]
    phases: tuple[Phases, ...]
    audio_s: float
    wall_s: float


def run(plan: Plan, progress: Callable[[str], None] = lambda line: None) -> Outcome:
    """Measure everything of `plan`; `progress` hears one line an item."""
    items, peers = items_of(plan), peers_of(plan)
    folds = {artist: _ours(plan, model) for artist, model in plan.fold_models.items()}
    rows: list[Row] = []
    phases: list[Phases] = []
    begin, audio_s = time.monotonic(), 0.0
    for number, item in enumerate(items):
        heard = item.load()
        gc.collect()
        gc.freeze()  # as on stage (process.py): the longest call is not that of an old heap being searched
        audio_s += heard.truth.duration_s
        listeners = [folds.get(item.fold, peers[0]), *peers[1:]]
        found_rows, found_phases = measure(item, heard, listeners)
        rows += found_rows
        phases += found_phases
        progress(f"{number + 1}/{len(items)} {item.group}: {item.name}  {_in_short(found_rows[0].scores)}")
    names = tuple(dict.fromkeys(row.tracker for row in rows if row.tracker not in beat_anchors.NAMES))
    return Outcome(
        plan=plan, peers=(*names, *beat_anchors.NAMES), rows=tuple(rows), phases=tuple(phases), audio_s=audio_s,
        wall_s=time.monotonic() - begin,
    )  # fmt: skip


def _in_short(scores: Scores) -> str:
    if np.isfinite(scores.f):
        return f"F {scores.f:.2f}, lock {scores.lock_any:.2f}"
    return f"{scores.invented:.1f} beats a minute"


def measure(item: Item, heard: Heard, peers: Sequence[Peer]) -> tuple[list[Row], list[Phases]]:
    """Return the rows and phases of all peers and anchors on one item."""
    takes = [take for peer in peers for take in peer.listen(heard.audio)]
    takes += beat_anchors.takes(heard.truth, item.name)
    about = {"group": item.group, "category": item.category}
    rows = [
        Row(item=item.name, genre=heard.truth.genre, tracker=t.tracker, scores=score(t, heard.truth), **about)
        for t in takes
    ]
    phases = []
    if len(heard.truth.beat_s):
        for take in takes:
            found = at_beats(take, heard.truth.beat_s)
            phases.append(Phases(tracker=take.tracker, beat_s=found.beat_s, error_s=found.error_s, **about))
    return rows, phases


def items_of(plan: Plan) -> list[Item]:
    """Return what is listened to; raises `ConfigError` for an unknown group."""
    unknown = [group for group in plan.groups if group not in GROUPS]
    if unknown:
        raise ConfigError(f"there is no group '{unknown[0]}' of items. There are: {', '.join(GROUPS)}")
    items: list[Item] = []
    if beat_suite.SYNTHETIC in plan.groups:
        items += beat_suite.synthetic(plan.n_items, plan.seed, plan.cache)
    if beat_suite.NON_MUSIC in plan.groups:
        items += beat_suite.non_music(plan.seed)
    if beat_suite.LMMS in plan.groups:
        from livedance.evaluation import beat_lmms  # it needs scipy

        items += beat_lmms.items(plan.cache, plan.fold_models)
    for folder in plan.folders:
        items += beat_folder.items(folder)
    if not items:
        raise ConfigError("nothing to listen to: give a group or a folder")
    return items


def peers_of(plan: Plan) -> list[Peer]:
    """Return the tracker that is measured, then the others that are there."""
    ours = [_ours(plan, plan.model), *(RegistryPeer(name) for name in plan.also if name != plan.tracker)]
    peers: list[Peer] = []
    if plan.with_peers and AubioPeer.is_there():
        peers += [AubioPeer(), AubioPeer(*beat_aubio.BEST)]
    if plan.with_peers and plan.peer_python is not None:
        peers += hosted(plan.peer_python)
    return [*ours, *(KeptPeer(peer, plan.cache) if plan.reuse_peers else peer for peer in peers)]


def _ours(plan: Plan, model: Path | None) -> RegistryPeer:
    registry.find_target("tracker", plan.tracker)
    return RegistryPeer(plan.tracker, {} if model is None else {"model": model})
