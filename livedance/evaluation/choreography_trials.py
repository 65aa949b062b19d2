"""Trials: hand-set energies, hits, changes of style, formations, couples, load; each dances what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livedance.dance.arrangement import FORMATIONS
from livedance.dance.direction import PhraseNote
from livedance.evaluation import choreography_accents as accents
from livedance.evaluation import choreography_body as bodies
from livedance.evaluation import choreography_group as group
from livedance.evaluation.accents import joint_speed, smooth
from livedance.evaluation.choreography_dance import Danced, Night, dance
from livedance.evaluation.choreography_figure import Figure, Figures, Pairs, Settings, of_values, with_dance
from livedance.evaluation.choreography_set import Music, clicks
from livedance.evaluation.choreography_track import FPS, shown
from livedance.messages import Command

Array = NDArray[np.floating]

CLICK_BPM: Final = 120.0
BEAT_S: Final = 60.0 / CLICK_BPM
COUPLE, COUPLE_STYLE, COUPLE_S = "couple", "salsa", 90.0
STYLE_BEATS: Final = 12
"""How long each style is danced where pairs of styles are measured."""
HIT_AT_S: Final = 9.0
HIT_WITHIN_S: Final = 0.6
"""The hit's fastest moment is looked for so long after the command ..."""
HIT_STOP_S: Final = 0.35
"""... and its stop so long after that."""
SEEN_M: Final = 0.02
"""A dance that differs by more in the mean of its joints has visibly answered."""
FORMATION_AT_S, FORMATION_S = 20.3, 36.0
ENERGIES: Final = (0.0, 0.5, 1.0)


def energies(music: Music, seed: int, tracker: str, settings: Settings) -> Figures:
    """Return joint speed at hand-set energies."""
    out = {}
    for energy in ENERGIES:
        danced = dance(Night(music=music, seed=seed, tracker=tracker, settings=settings, controls={"energy": energy}))
        rows = [bodies.shape(part) for part in danced.tracks[0].stretches(30.0)]
        out[f"speed_at_{energy:g}"] = of_values([row.body.speed_m_per_s for row in rows])
        out[f"hips_at_{energy:g}"] = of_values([row.hips_m_per_s for row in rows])
    least = max(out["speed_at_0"].value, 1e-6)
    out["half_over_least"] = Figure(value=out["speed_at_0.5"].value / least)
    out["full_over_least"] = Figure(value=out["speed_at_1"].value / least)
    return out


def hits(seed: int, n: int, settings: Settings) -> Figures:
    """Return how a hit comes and settles: `n` hits at all phases of the beat, each beside the dance without it."""
    music = clicks(CLICK_BPM, HIT_AT_S + 3.0)
    settle, answer, peak = [], [], []
    for i in range(n):
        t_s = HIT_AT_S + (i % 8) / 8 * BEAT_S
        acts = [(t_s, Command(op="hit"))]
        plain, hit = (
            shown(dance(Night(music=music, seed=seed + i, acts=wanted, settings=settings)).tracks[0])
            for wanted in ([], acts)
        )
        first = int(np.searchsorted(hit.t_s, t_s))
        apart = np.linalg.norm(hit.positions_m - plain.positions_m, axis=-1).mean(axis=1)[first:]
        speed = smooth(joint_speed(hit.positions_m, FPS), accents.SMOOTH_S * FPS)
        top = first + int(speed[first : first + round(HIT_WITHIN_S * FPS)].argmax())
        stop = top + int(speed[top : top + round(HIT_STOP_S * FPS)].argmin())
        answer.append(1e3 * float(np.argmax(apart > SEEN_M)) / FPS if (apart > SEEN_M).any() else np.nan)
        settle.append(1e3 * accents.settling_s(speed, stop))
        peak.append(1e3 * float(hit.t_s[top] - t_s))
    return {"hit_settle_ms": of_values(settle), "hit_answer_ms": of_values(answer), "hit_peak_ms": of_values(peak)}


def style_pairs(styles: Sequence[str], seed: int, rounds: int, settings: Settings) -> Pairs:
    """Return the seam ratio of every change of style by hand, with its 90 % interval, over `rounds` of all of them."""
    here: dict[tuple[str, str], list[float]] = {}
    around: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds):
        order = [*tour(styles, turn)]
        music = clicks(CLICK_BPM, BEAT_S * STYLE_BEATS * (len(order) + 1))
        wishes = [(BEAT_S * STYLE_BEATS * i, style) for i, style in enumerate(order)]
        acts = [(t, Command(op="set", args={"style": style})) for t, style in wishes]
        danced = dance(Night(music=music, seed=seed + turn, acts=acts, settings=settings))
        pairs, beats = changes_of(danced, wishes)
        for pair, a, b in zip(pairs, *bodies.seams(danced.tracks[0], beats), strict=True):
            here.setdefault(pair, []).append(a)
            around.setdefault(pair, []).append(b)
    out = {}
    for pair, found in here.items():
        seam, usual = np.array(found), np.array(around[pair])
        low, high = bodies.ratio_bounds(seam, usual)
        out[pair] = Figure(value=bodies.ratio(seam, usual), low=low, high=high, n=len(found))
    return out


def tour(styles: Sequence[str], turn: int) -> Iterator[str]:
    """Yield styles so that each follows each other one once (Hierholzer's way through the complete graph)."""
    names = [*styles[turn % len(styles) :], *styles[: turn % len(styles)]]
    left = {a: [b for b in names if b != a] for a in names}
    stack, path = [names[0]], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            path.append(stack.pop())
    yield from reversed(path)


def formations(seed: int, dancers: int, settings: Settings) -> tuple[Figures, list[group.Change]]:
    """Return distances of a group, and how it takes up each formation from unison."""
    music = clicks(CLICK_BPM, FORMATION_S)
    settings = with_dance(settings, dancers=dancers, formation=FORMATIONS[0])
    changes, apart = [], []
    for to in FORMATIONS[1:]:
        if to != COUPLE:
            acts = [(FORMATION_AT_S, Command(op="set", args={"formation": to}))]
            night = Night(music=music, seed=seed, acts=acts, settings=settings)
            danced = dance(night)
            with group.nobody_gives_way():
                going = dance(night)
            with group.nobody_moves():
                plain = dance(night)
            downbeats = plain.log.beat[plain.log.count % 4 == 0]
            wished_at = float(np.interp(FORMATION_AT_S, plain.tracks[0].t_s, plain.tracks[0].beats))
            changes.append(group.change(danced.tracks, going.tracks, plain.tracks, to, wished_at, downbeats))
            apart.append(group.apart(danced.tracks))
    everywhere = np.concatenate(apart)
    return {
        "group_least_m": Figure(value=float(everywhere.min()), n=len(changes)),
        "group_near": Figure(value=100.0 * float((everywhere < group.NEAR_M).mean()), n=len(changes)),
        "arrive_on_one": of_values([found.on_one for found in changes]),
        "arrive_beats": of_values([found.beats for found in changes]),
        "change_skate": of_values([100.0 * found.skate for found in changes]),
    }, changes


def couples(seed: int, settings: Settings) -> Figures:
    """Return how far two partners dance from each other; nothing where couples cannot be danced."""
    if COUPLE not in FORMATIONS:
        return {}
    settings = with_dance(settings, dancers=2, formation=COUPLE, style=COUPLE_STYLE)
    danced = dance(Night(music=clicks(CLICK_BPM, COUPLE_S), seed=seed, settings=settings))
    apart = group.apart(danced.tracks)
    low, middle, high = np.percentile(apart, (10, 50, 90))
    return {"couple_m": Figure(value=float(middle), low=float(low), high=float(high), n=2)}


def load_of(music: Music, seed: int, dancers: int, settings: Settings) -> Figure:
    """Return the share of one core, in percent, that making windows takes with so many different dancers."""
    danced = dance(
        Night(music=music, seed=seed, settings=with_dance(settings, dancers=dancers, formation="individuals"))
    )
    return Figure(value=100.0 * danced.window_share)


def changes_of(danced: Danced, wishes: Sequence[tuple[float, str]]) -> tuple[list[tuple[str, str]], Array]:
    """Return (pairs of styles, dance beats at which the second began)."""
    track = danced.tracks[0]
    notes = danced.notes_of(0)
    pairs, beats = [], []
    for (_, before), (t_s, after) in pairwise(wishes):
        wished_at = float(np.interp(t_s, track.t_s, track.beats))
        start = _start_of(after, wished_at, notes)
        if start is not None:
            pairs.append((before, after))
            beats.append(start)
    return pairs, np.array(beats)


def _start_of(style: str, wished_at: float, notes: Sequence[PhraseNote]) -> float | None:
    starts = [n.beat for n in notes if n.style == style and wished_at - 0.6 <= n.beat < wished_at + STYLE_BEATS - 1]
    return min(starts, default=None)
