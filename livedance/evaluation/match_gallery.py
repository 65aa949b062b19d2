"""Retrieval: whether a window's own partner is nearer than 31 others, eight of them of its own take, out of phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.errors import ConfigError
from livedance.evaluation.match_features import STEPS_PER_BEAT, WINDOW

Array = NDArray[np.floating]
Ints = NDArray[np.intp]

GALLERY: Final = 32
SAME_TAKE: Final = 8
LEAST_OFF: Final = 2
"""Eighths of a beat by which a wrong phase is wrong, at least."""
QUERY_STRIDE: Final = 5
"""Steps between queries: every phase of the beat comes."""
N_BOOTSTRAP: Final = 1_000
INTERVAL: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """All windows of some dances and their music in the common space."""

    motion: Array
    """(N, D) unit vectors."""
    music: Array
    """(N, D) of the same windows."""
    take: Ints
    """(N,) number of the dance with its piece of music."""
    group: Ints
    """(N,) number of the take, the same for partners and for all pieces on its beats: no distractors for each other."""
    start: Ints
    """(N,) where the window begins, in eighths of a beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of queries with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What retrieval found in one space."""

    queries: int
    to_music_r1: Share
    """From dance to music: the partner is the first of 32."""
    to_music_r5: Share
    to_dance_r1: Share
    to_dance_r5: Share
    r1: Share
    """Both directions."""
    phase: Share
    """Of both directions: the partner is nearer than the eight of its own take, whose phase is wrong..."""
    takes: Share
    """... and nearer than the 23 of other takes."""
    matched: float
    """Mean distance (1 - cosine) of partners..."""
    mismatched: float
    """... and of the others in their galleries."""


def chance(k: int, size: int = GALLERY) -> float:
    """Return the share of queries whose partner is among the first `k` of `size` by luck."""
    return k / size


def retrieve(space: Space, seed: int, partner: Ints | None = None) -> Found:
    """Ask every `QUERY_STRIDE`-th window for its partner in a gallery of its own.

    Args:
        space: what is searched; needs enough windows of the same take and of others for galleries of 32.
        seed: of the galleries.
        partner: (N,) whose music goes for the partner's of each window; itself if not given. For controls.

    Raises `ConfigError` when there is too little dance for a gallery.
    """
    rng = np.random.default_rng(seed)
    queries = np.flatnonzero(space.start % QUERY_STRIDE == 0)
    right = np.arange(len(space.start)) if partner is None else partner
    to_music = np.stack([_similar(space, i, int(right[i]), rng, ask_music=False) for i in queries.tolist()])
    to_dance = np.stack([_similar(space, i, int(right[i]), rng, ask_music=True) for i in queries.tolist()])
    firsts = [(_among(similar, 1), _among(similar, 5)) for similar in (to_music, to_dance)]
    blocks = space.group[queries] * 10_000 + space.start[queries] // WINDOW
    (music_1, music_5), (dance_1, dance_5) = firsts
    own, others = list(range(1 + SAME_TAKE)), [0, *range(1 + SAME_TAKE, GALLERY)]
    phase, takes = (0.5 * (_among(to_music[:, c], 1) + _among(to_dance[:, c], 1)) for c in (own, others))
    return Found(
        queries=len(queries),
        to_music_r1=share(music_1, blocks),
        to_music_r5=share(music_5, blocks),
        to_dance_r1=share(dance_1, blocks),
        to_dance_r5=share(dance_5, blocks),
        r1=share(0.5 * (music_1 + dance_1), blocks),
        phase=share(phase, blocks),
        takes=share(takes, blocks),
        matched=float(1.0 - to_music[:, 0].mean()),
        mismatched=float(1.0 - to_music[:, 1:].mean()),
    )


def rotated(space: Space, seed: int) -> Ints:
    """Return for each window another one of the same dance, at any time: the music turned under it."""
    rng = np.random.default_rng((seed, 1))
    out = np.empty(len(space.take), np.intp)
    for take in np.unique(space.take):
        there = np.flatnonzero(space.take == take)
        out[there] = rng.choice(there, len(there))
    return out


def of_others(space: Space, seed: int) -> Ints:
    """Return for each window one of another take."""
    rng = np.random.default_rng((seed, 2))
    out = np.empty(len(space.take), np.intp)
    for group in np.unique(space.group):
        here, elsewhere = space.group == group, np.flatnonzero(space.group != group)
        out[here] = rng.choice(elsewhere, int(here.sum()))
    return out


def beat_alone(space: Space) -> Space:
    """Return the same windows as seen by who knows the phase of the beat exactly, and nothing else."""
    around = 2.0 * np.pi * (space.start % STEPS_PER_BEAT) / STEPS_PER_BEAT
    circle = np.stack([np.cos(around), np.sin(around)], axis=1)
    return replace(space, motion=circle, music=circle)


def share(hits: Array, blocks: Ints) -> Share:
    """Return the mean of `hits` (Q,) and its interval; queries of one block are drawn together.

    A block is eight beats of a take with all its pieces of music, and of the partner.
    """
    rng = np.random.default_rng(0)
    _, index = np.unique(blocks, return_inverse=True)
    sums, counts = np.bincount(index, hits), np.bincount(index)
    drawn = rng.integers(len(sums), size=(N_BOOTSTRAP, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, INTERVAL)
    return Share(value=float(hits.mean()), low=float(low), high=float(high))


def _similar(space: Space, query: int, partner: int, rng: np.random.Generator, *, ask_music: bool) -> Array:
    """Return the cosines (32,) of the asking side with its partner, first, and with the others of its gallery."""
    about = query if ask_music else partner  # distractors are chosen around what is looked for
    others = np.concatenate([_wrong_phase(space, about, rng), _elsewhere(space, about, rng)])
    if ask_music:
        return np.asarray(space.motion[[query, *others]] @ space.music[partner])
    return np.asarray(space.music[[partner, *others]] @ space.motion[query])


def _wrong_phase(space: Space, about: int, rng: np.random.Generator) -> Ints:
    there = np.flatnonzero(space.take == space.take[about])
    off = (space.start[there] - space.start[about]) % STEPS_PER_BEAT
    return _some(there[(off >= LEAST_OFF) & (off <= STEPS_PER_BEAT - LEAST_OFF)], SAME_TAKE, rng)


def _elsewhere(space: Space, about: int, rng: np.random.Generator) -> Ints:
    return _some(np.flatnonzero(space.group != space.group[about]), GALLERY - 1 - SAME_TAKE, rng)


def _some(choice: Ints, n: int, rng: np.random.Generator) -> Ints:
    if len(choice) < n:
        raise ConfigError(f"a gallery needs {n} windows more of this kind, there are {len(choice)}: give longer dances")
    return rng.choice(choice, n, replace=False)


def _among(similar: Array, k: int) -> Array:
    """Return for rows (Q, n) how likely the first column is among the `k` greatest; equals are in any order."""
    own, others = similar[:, :1], similar[:, 1:]
    above = (others > own).sum(axis=1)
    equal = (others == own).sum(axis=1) + 1
    return np.asarray(np.clip((k - above) / equal, 0.0, 1.0))


def joined(spaces: Sequence[Space]) -> Space:
    """Return several dances in one space; numbers of takes and groups must differ already."""
    return Space(
        motion=np.concatenate([s.motion for s in spaces]),
        music=np.concatenate([s.music for s in spaces]),
        take=np.concatenate([s.take for s in spaces]),
        group=np.concatenate([s.group for s in spaces]),
        start=np.concatenate([s.start for s in spaces]),
    )
